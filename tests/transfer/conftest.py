"""A storage that each test throws away, and a way to bring a file along and see what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from accounts.models import User
from chatapp.transfer import importing
from chatapp.transfer.models import Import

BringIn = Callable[[User, bytes], Awaitable[Import]]


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """The data directory, with the storage "images" in it."""
    where = {"location": tmp_path / "images", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    images = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": where}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = settings.STORAGES | {"images": images}
    return tmp_path


@pytest.fixture
def bring_in(folder: Path, transactional_db: None) -> BringIn:
    """Import this file for this person, to its end."""

    async def brought(user: User, content: bytes) -> Import:
        job = await importing.begin(user, SimpleUploadedFile("chats.json", content))
        return await ended(job)

    return brought


async def ended(job: Import) -> Import:
    """The import's row when it is over; nothing of its file is left then."""
    async with asyncio.timeout(60):
        while (job := await Import.objects.aget(pk=job.pk)).ended_at is None:
            await asyncio.sleep(0.01)
    return job
