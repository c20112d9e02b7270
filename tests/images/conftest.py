"""Members' browsers, and a storage that each test throws away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from django.test import AsyncClient
from pytest_django import Settings

from accounts.models import User
from tests.images.browser import Browser
from tests.live.server import Server


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """The data directory, with the storage "images" in it."""
    where = {"location": tmp_path / "images", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    images = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": where}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = settings.STORAGES | {"images": images}
    return tmp_path


@pytest.fixture
def browser(folder: Path, transactional_db: None) -> Callable[[User | None], Awaitable[Browser]]:
    """A browser in which this person, or nobody, is signed in."""

    async def opened(user: User | None) -> Browser:
        client = AsyncClient()
        if user is not None:
            await client.aforce_login(user)
        return Browser(client)

    return opened


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A real server in a process of its own."""
    own = Server(tmp_path, "http://127.0.0.1:9/v1")
    await own.start()
    try:
        yield own
    finally:
        await own.close()
