"""What the tests of the rules share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def office(admin: User, signed_in: Callable[[User], Client]) -> Client:
    """The browser of an administrator."""
    return signed_in(admin)
