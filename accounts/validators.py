"""What a new password must be, beyond Django's own rules."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.limits import PASSWORD_CHARACTERS
from accounts.models import User


class MaximumLengthValidator:
    """Refuses what would only keep the hasher busy."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > PASSWORD_CHARACTERS:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return f"At most {PASSWORD_CHARACTERS:,} characters."
