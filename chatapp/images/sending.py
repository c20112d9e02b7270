"""An image as an upstream gets it: scaled to the alias's limit once, then the same bytes in every turn."""

from __future__ import annotations

import asyncio
import base64
import logging
import shutil
import uuid
from collections import OrderedDict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from chatapp.database import in_order, written
from chatapp.images import files
from chatapp.images.models import Image, Rendition
from chatapp.images.storing import unbroken
from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.press import press

# Data URLs of the conversations that are going on, in memory.
MOST_CHARACTERS = 16_000_000
# When the workers have too much to do, an answer waits for its images so often and so long.
TRIES, PAUSE_SECONDS = 20, 0.5
# How often it is written down that a rendition is still in use.
NOTED_EVERY = timedelta(days=1)

logger = logging.getLogger("parley.images")

_Key = tuple[uuid.UUID, int]


class Unreadable(Exception):
    """The file is gone or damaged."""


async def part(image: Image, pixels: int) -> dict[str, Any]:
    """The image as a part of a message, with at most so many pixels. Raises Unreadable."""
    key = (image.pk, pixels)
    url = _kept.get(key)
    if url is None:
        making = _making.get(key)
        if making is None or making.get_loop() is not asyncio.get_running_loop():
            making = _making[key] = asyncio.create_task(_made(image, pixels))
            making.add_done_callback(lambda done: _forget(key, done))
        # Several answers may wait for it, and any of them may be stopped.
        url = await asyncio.shield(making)
        _kept.keep(key, url)
    return {"type": "image_url", "image_url": {"url": url}}


class _Kept:
    """The data URLs that were used last, up to so many characters in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._urls: OrderedDict[_Key, str] = OrderedDict()
        self._characters = 0

    def get(self, key: _Key) -> str | None:
        if key in self._urls:
            self._urls.move_to_end(key)
        return self._urls.get(key)

    def keep(self, key: _Key, url: str) -> None:
        if key not in self._urls:
            self._urls[key] = url
            self._characters += len(url)
        while self._characters > self._most:
            _, oldest = self._urls.popitem(last=False)
            self._characters -= len(oldest)


_kept = _Kept(MOST_CHARACTERS)
_making: dict[_Key, asyncio.Task[str]] = {}


def _forget(key: _Key, done: asyncio.Task[str]) -> None:
    if _making.get(key) is done:
        del _making[key]
    if not done.cancelled():
        # Whoever waited has it; nobody may have waited to the end.
        done.exception()


async def _made(image: Image, pixels: int) -> str:
    try:
        rendition = await in_order(_found, image, pixels)
        data = await _content(rendition) if rendition else None
        if rendition is None or data is None:
            rendition = await _scaled(image, pixels)
            data = await asyncio.to_thread(_read, rendition.stored)
    except Exception as error:
        # A storage far away fails in ways of its own; the answer goes on without this image.
        logger.warning("image %s cannot be sent: %s", image.pk, type(error).__name__)
        raise Unreadable(str(image.pk)) from error
    return f"data:{rendition.media_type};base64,{base64.b64encode(data).decode()}"


async def _content(rendition: Rendition) -> bytes | None:
    """The bytes of a rendition; None where its file is gone, and then its row too."""
    try:
        return await asyncio.to_thread(_read, rendition.stored)
    except FileNotFoundError:
        await written(rendition.delete)
        return None


def _found(image: Image, pixels: int) -> Rendition | None:
    rendition = Rendition.objects.filter(image=image, pixels=pixels).first()
    if rendition is not None and timezone.now() - rendition.used_at > NOTED_EVERY:
        Rendition.objects.filter(pk=rendition.pk).update(used_at=timezone.now())
    return rendition


async def _scaled(image: Image, pixels: int) -> Rendition:
    """Make this size and keep it. Raises ImageRefused or OSError."""
    folder = await unbroken(asyncio.to_thread(files.new_folder))
    try:
        await unbroken(asyncio.to_thread(_fetch, image.stored, folder / "full"))
        rendition = Rendition(image=image, pixels=pixels)
        rendition.media_type, rendition.bytes = await _pressed(folder, pixels)
        name = files.name_of(image.pk, str(pixels), rendition.media_type)
        rendition.stored = await unbroken(asyncio.to_thread(files.save, name, folder / "scaled"))
        return await _inserted(rendition)
    finally:
        await unbroken(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


async def _pressed(folder: Path, pixels: int) -> tuple[str, int]:
    """Media type and bytes of folder/scaled."""
    for _ in range(TRIES - 1):
        try:
            scaled = await press.scale(folder / "full", folder / "scaled", pixels=pixels)
            return scaled.media_type, scaled.bytes
        except ImageRefused as refused:
            if refused.code != "busy":
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    scaled = await press.scale(folder / "full", folder / "scaled", pixels=pixels)
    return scaled.media_type, scaled.bytes


async def _inserted(rendition: Rendition) -> Rendition:
    """The row; that of another process, if that was first, or none at all when the image was deleted meanwhile."""
    try:
        await written(rendition.save, force_insert=True)
    except IntegrityError:
        await asyncio.to_thread(files.discard, [rendition.stored])
        found = await in_order(_found, rendition.image, rendition.pixels)
        if found is None:
            raise FileNotFoundError(rendition.stored) from None
        return found
    return rendition


def _fetch(name: str, to: Path) -> None:
    with files.storage().open(name) as source, to.open("xb") as target:
        shutil.copyfileobj(source, target)


def _read(name: str) -> bytes:
    with files.storage().open(name) as file:
        content: bytes = file.read()
    return content
