"""People, and the counts and the token that guard their door."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

# Django's fields take type parameters for the checker alone.
if TYPE_CHECKING:
    _EmailField = models.EmailField[str, str]
    _CharField = models.CharField[str, str]
else:
    _EmailField = models.EmailField
    _CharField = models.CharField

# Characters that end a line or turn the direction of the text beside them.
_UNPRINTED = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


class LowerCaseEmailField(_EmailField):
    """Stored and looked up in lower case, through every door."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.strip().lower() if isinstance(value, str) else value


class PersonNameField(_CharField):
    """One line of plain text that cannot reorder what stands beside it."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return tidy_name(value) if isinstance(value, str) else value


def tidy_name(name: str) -> str:
    kept = (
        " " if unicodedata.category(character) in _UNPRINTED else character
        for character in name
        if unicodedata.bidirectional(character) not in _TURNING
    )
    return " ".join("".join(kept).split())


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Without a password nobody can sign in by one."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def administrators(self) -> models.QuerySet[User]:
        """Those who can open every page of the administration today."""
        return self.filter(is_active=True, is_staff=True, is_superuser=True)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of the team; the e-mail address is the user name."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = LowerCaseEmailField("email", unique=True)
    name = PersonNameField(max_length=80)
    is_active = models.BooleanField(
        "active", default=True, help_text="Untick to end this account at once; its conversations stay."
    )
    is_staff = models.BooleanField("may enter the administration", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    # Part of what every session is signed with: counting it up ends them all.
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = "member"

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def short_name(self) -> str:
        """The first word of the name."""
        return self.name.partition(" ")[0] or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters: of the first and the last word of the name."""
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in dict.fromkeys([words[0], words[-1]])).upper()

    def get_session_auth_hash(self) -> str:
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes) -> str:
        signed = f"{self.sessions_ended}:{self.password}"
        return str(salted_hmac("accounts.session", signed, secret=secret, algorithm="sha256").hexdigest())


class AttemptCount(models.Model):
    """Attempts to sign in under one key of the throttle, forgotten at `until`."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.until:%Y-%m-%d %H:%M:%S}"


class SetupToken(models.Model):
    """The digest of the one link that may still make the first administrator."""

    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.digest[:8]}…"
