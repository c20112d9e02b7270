"""What the tests of the administration's pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from accounts.models import User
from tests.catalog.model_server import ModelServer, model_server


@pytest.fixture
def office(admin: User, signed_in: Callable[[User], Client]) -> Client:
    """The browser of an administrator."""
    return signed_in(admin)


@pytest.fixture
def upstream() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running
