"""The first start: a link that works once makes the first administrator."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.urls import reverse

from accounts.limits import SETUP_TOKEN_BYTES
from accounts.models import SetupToken, User

# There is at most one token, however many processes start at once.
_THE_ONE = 1


def is_set_up() -> bool:
    return User.objects.administrators().exists()


def setup_link(base_url: str) -> str | None:
    """A fresh link under this origin, which ends every older one; None once there is an administrator."""
    token = secrets.token_urlsafe(SETUP_TOKEN_BYTES)
    with transaction.atomic():
        if is_set_up():
            SetupToken.objects.all().delete()
            return None
        SetupToken.objects.update_or_create(pk=_THE_ONE, defaults={"digest": _digest(token)})
    return base_url.rstrip("/") + reverse("accounts:setup", args=[token])


def is_open(token: str) -> bool:
    """Whether this token may still make the administrator."""
    return SetupToken.objects.filter(digest=_digest(token)).exists() and not is_set_up()


def make_first_administrator(token: str, *, email: str, name: str, password: str) -> User | None:
    """Spend the token; None when it is wrong or somebody was faster."""
    with transaction.atomic():
        # Of many at once the database lets one delete the row, and that one makes the account.
        spent, _ = SetupToken.objects.filter(digest=_digest(token)).delete()
        if not spent or is_set_up():
            return None
        return User.objects.create_superuser(email=email, name=name, password=password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
