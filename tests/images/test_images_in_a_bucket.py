"""Images in an S3-compatible bucket, on moto's server; left out where that is not installed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from pytest_django import Settings

from accounts.models import User
from chatapp.images import pruning
from chatapp.images.models import Image
from chatapp.images.pruning import prune
from chatapp.images.sending import part
from chatapp.settings import read_image_storage
from tests.images.browser import Browser, send
from tests.live.server import free_port

INSTALLED = all(find_spec(name) for name in ("storages", "boto3", "moto", "flask"))
with_s3 = pytest.mark.skipif(not INSTALLED, reason="django-storages, boto3 or moto[s3,server] is not installed")
BUCKET = "parley-images"


@pytest_asyncio.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch, settings: Settings, folder: Path) -> AsyncIterator[Any]:
    """The storage, on a server in a process of its own."""
    port = free_port()
    command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    values = {"BUCKET": BUCKET, "ENDPOINT": f"http://127.0.0.1:{port}", "REGION": "us-east-1", "PREFIX": "team"}
    for name, value in {**values, "ACCESS_KEY": "key", "SECRET_KEY": "secret"}.items():
        monkeypatch.setenv(f"PARLEY_S3_{name}", value)
    settings.STORAGES = settings.STORAGES | {"images": read_image_storage(folder / "images")}
    try:
        await until_it_listens(port)
        storage: Any = storages["images"]
        await sync_to_async(lambda: storage.connection.create_bucket(Bucket=BUCKET))()
        yield storage
    finally:
        process.terminate()
        await process.wait()


async def until_it_listens(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def names_in(storage: Any) -> set[str]:
    return {item.key for item in storage.bucket.objects.all()}


@with_s3
@pytest.mark.django_db(transaction=True)
async def test_an_image_lives_and_dies_in_a_bucket(
    ann: User,
    eve: User,
    bucket: Any,
    browser: Callable[[User | None], Awaitable[Browser]],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tab = await browser(ann)
    image, other = await tab.attach(), await tab.attach()
    kept = {f"team/{name}" for one in (image, other) for name in (one.stored, one.thumbnail)}
    assert await sync_to_async(names_in)(bucket) == kept
    assert not (folder / "images").exists()  # noqa: ASYNC240
    shown = await tab.get(f"/images/{image.pk}/")
    assert shown.status_code == 200
    assert len(shown.body) == image.bytes
    assert (await (await browser(eve)).get(f"/images/{image.pk}/")).status_code == 404
    sent = await part(image, 1_000)
    assert sent["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert len(await sync_to_async(names_in)(bucket)) == 5
    assert (await tab.post(f"/images/{image.pk}/remove/")).status_code == 204
    assert await sync_to_async(names_in)(bucket) == {f"team/{other.stored}", f"team/{other.thumbnail}"}
    await send(ann, other)
    await Image.objects.all().adelete()
    monkeypatch.setattr(pruning, "STRAY_KEPT", timedelta(0))
    assert len((await prune(everywhere=True)).stray) == 2
    assert await sync_to_async(names_in)(bucket) == set()


def test_a_bucket_without_its_packages_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PARLEY_S3_BUCKET", BUCKET)
    monkeypatch.setattr("chatapp.settings.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="requirements-scale.txt"):
        read_image_storage(tmp_path)


def test_without_a_bucket_images_are_files(tmp_path: Path) -> None:
    assert read_image_storage(tmp_path)["BACKEND"] == "django.core.files.storage.FileSystemStorage"
