"""What the tests of shares have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from chatapp.conversations.models import Conversation
from chatapp.sharing.guesses import guesses
from tests.live.conftest import demo, own_server, server, shared_server
from tests.sharing.talk import allow, talk

__all__ = ["demo", "own_server", "server", "shared_server"]


@pytest.fixture(autouse=True)
def nobody_has_guessed() -> None:
    """The tests come from one address, and look at many wrong ones."""
    guesses.forget()


@pytest.fixture
async def tasks_end() -> AsyncIterator[None]:
    """What sockets have started goes with them."""
    before = asyncio.all_tasks()
    yield
    ours = {task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()}
    for task in ours:
        task.cancel()
    await asyncio.gather(*ours, return_exceptions=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """The data directory, with the storage "images" in it."""
    images = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "images"}}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = settings.STORAGES | {"images": images}
    return tmp_path


@pytest.fixture
def chat(ann: User) -> Conversation:
    """Ann's, where links are allowed."""
    allow()
    return talk(ann)


@pytest.fixture
def owner(ann: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ann)
