"""Provider keys at rest: sealed with a key that lives apart from the database."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SecretLost(Exception):
    """What was sealed does not open: the sealing key is another one, or the value was damaged. Final."""

    sentence = "The provider's key is unreadable. An administrator must enter it again."


def seal(text: str) -> str:
    """Encrypt and sign. The result is URL-safe ASCII, different at each call."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises SecretLost."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretLost from None


def _box() -> Fernet:
    # Tied to its purpose, so that another use of the same setting never shares the key.
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"parley: provider keys")
    return Fernet(base64.urlsafe_b64encode(derive.derive(settings.PARLEY_SEALING_KEY.encode())))
