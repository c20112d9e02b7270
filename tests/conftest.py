"""Three people and a server's worth of aliases. Ann owns, Bob is a team mate, Eve a stranger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from chatapp.catalog.models import Alias, Provider, Route

PASSWORD = "correct horse battery"


def make_member(name: str) -> User:
    return User.objects.create_user(email=f"{name.lower()}@example.org", name=name, password=PASSWORD)


@pytest.fixture
def ann(db: None) -> User:
    return make_member("Ann")


@pytest.fixture
def bob(db: None) -> User:
    return make_member("Bob")


@pytest.fixture
def eve(db: None) -> User:
    return make_member("Eve")


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser(email="admin@example.org", name="Admin", password=PASSWORD)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def open_browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return open_browser


@pytest.fixture
def alias(db: None) -> Alias:
    return make_alias("http://127.0.0.1:9/v1")


def make_alias(base_url: str, name: str = "demo", thinking: str = Alias.Thinking.OPTIONAL) -> Alias:
    """An alias with one route to an upstream at this address."""
    provider, _ = Provider.objects.get_or_create(
        name="Demo", defaults={"dialect": Provider.Dialect.LMDEPLOY, "base_url": base_url}
    )
    made = Alias.objects.create(name=name, thinking=thinking, vision=True, default=True)
    Route.objects.create(alias=made, provider=provider, upstream_model=name)
    return made


@pytest.fixture(autouse=True)
def connections_stay_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels closes the thread's connection after each piece of work; here it is the test's own, in a transaction."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda **kwargs: None)
    monkeypatch.setattr("chatapp.database.close_old_connections", lambda **kwargs: None)


@pytest.fixture(autouse=True)
def writers_wait_in_a_line_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has one event loop, and so one line; each test has a loop of its own."""
    monkeypatch.setattr("chatapp.database._writing", asyncio.Lock())
