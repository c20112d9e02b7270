"""An upload becomes an image: looked at in a worker, stored, and then a row. Or nothing of it is left behind."""

from __future__ import annotations

import asyncio
import logging
import shutil
import unicodedata
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from chatapp.database import in_order, written
from chatapp.images import files
from chatapp.images.models import ALT_CHARACTERS, NAME_CHARACTERS, Image, files_of
from chatapp.images.refusals import NoRoom, NotKept, QuotaReached, TooManyUnsent
from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.press import press

logger = logging.getLogger("parley.images")

# Of one member: ten messages' worth of the usual limit.
MOST_UNSENT = 100

T = TypeVar("T")
# Writes the file as it came to this path.
Bring = Callable[[Path], Awaitable[None]]


async def store(user: User, upload: UploadedFile[bytes], name: str) -> Image:
    """Keep an upload as an unsent image. Raises ImageRefused or NotKept; nothing is left then, nor when cancelled."""
    if upload.size is not None and upload.size > settings.PARLEY_IMAGE_BYTES:
        raise ImageRefused("too-big", bytes=upload.size, limit=settings.PARLEY_IMAGE_BYTES)

    async def bring(to: Path) -> None:
        await unbroken(asyncio.to_thread(_copy, upload, to))

    try:
        return await keep(user, name, bring)
    finally:
        # Django closes it, and so deletes it, with the response; a request that is cancelled has none.
        await unbroken(asyncio.to_thread(upload.close))


async def keep(user: User, name: str, bring: Bring) -> Image:
    """Keep what `bring` writes as an unsent image. Raises ImageRefused or NotKept, as `store`."""
    await in_order(_check_room, user)
    try:
        folder = await unbroken(asyncio.to_thread(files.new_folder))
        try:
            await bring(folder / "given")
            return await _kept(user, name, folder)
        finally:
            await unbroken(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
    except (ImageRefused, NotKept):
        raise
    except Exception as error:
        # A full disk, a storage that is away: whatever it is, a member can do nothing about it.
        logger.exception("an image could not be stored")
        raise NoRoom from error


async def remove(user: User, pk: uuid.UUID) -> bool:
    """Remove an image that is in no message; False where the person has none of this id."""
    names = await written(_delete_unsent, user, pk)
    if names is None:
        return False
    await unbroken(asyncio.to_thread(files.discard, names))
    return True


async def describe(user: User, pk: uuid.UUID, alt: str) -> bool:
    """Set the alternative text of an unsent image; False where the person has none of this id."""
    mine = Image.objects.unsent_by(user).filter(pk=pk)
    return bool(await written(mine.update, alt=one_line(alt)[:ALT_CHARACTERS].strip()))


def shown_name(name: str) -> str:
    """The name of a member's file, fit to be shown: one line, nothing that turns text around, its end kept."""
    name = one_line(name.replace("\\", "/").rpartition("/")[2])
    if len(name) > NAME_CHARACTERS:
        stem, dot, suffix = name.rpartition(".")
        end = dot + suffix if stem and len(suffix) <= 8 else ""
        name = name[: NAME_CHARACTERS - len(end) - 1] + "…" + end
    return name or "image"


def one_line(text: str) -> str:
    """Without characters that are not seen, which reorder text or cut strings, and with single blanks."""
    seen = (" " if unicodedata.category(one)[0] == "C" else one for one in text)
    return " ".join("".join(seen).split())


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Await this to its end even when cancelled meanwhile: threads cannot be, and would work on in what is cleared."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _copy(upload: UploadedFile[bytes], to: Path) -> None:
    with to.open("xb") as file:
        for chunk in upload.chunks():
            file.write(chunk)


async def _kept(user: User, name: str, folder: Path) -> Image:
    image = Image(owner=user, name=shown_name(name))
    full, small = folder / "full", folder / "small"
    limits = {"bytes": settings.PARLEY_IMAGE_BYTES, "pixels": settings.PARLEY_IMAGE_PIXELS}
    cleaned = await press.clean(folder / "given", full, small, **limits)
    for field in ("media_type", "width", "height", "bytes", "animated", "thumbnail_width", "thumbnail_height"):
        setattr(image, field, getattr(cleaned, field))
    writing = asyncio.ensure_future(_write(user, image, full, small))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        if writing.exception() is None:
            await remove(user, image.pk)
        raise
    return image


async def _write(user: User, image: Image, full: Path, small: Path) -> None:
    """Files first: a row without files would be seen, files without a row are only orphans."""
    image.stored = files.name_of(image.pk, "full", image.media_type)
    image.thumbnail = files.name_of(image.pk, "small", "image/webp")
    try:
        image.stored = await asyncio.to_thread(files.save, image.stored, full)
        image.thumbnail = await asyncio.to_thread(files.save, image.thumbnail, small)
        await written(_insert, user, image)
    except BaseException:
        await asyncio.to_thread(files.discard, [image.stored, image.thumbnail])
        raise


def _insert(user: User, image: Image) -> None:
    with transaction.atomic():
        # Again, as several uploads may have passed the first look together.
        _check_room(user, image.bytes)
        image.save(force_insert=True)


def _check_room(user: User, more: int = 0) -> None:
    """Raise QuotaReached or TooManyUnsent unless the person may have so many bytes more."""
    used = user.images.aggregate(all=Sum("bytes"))["all"] or 0
    if used + more > settings.PARLEY_IMAGE_QUOTA:
        raise QuotaReached(used + more, settings.PARLEY_IMAGE_QUOTA)
    if Image.objects.unsent_by(user).count() >= MOST_UNSENT:
        raise TooManyUnsent(MOST_UNSENT)


def _delete_unsent(user: User, pk: uuid.UUID) -> list[str] | None:
    """Delete the row; returns the names of the files that go with it, None where the person has none of this id."""
    with transaction.atomic():
        image = Image.objects.unsent_by(user).filter(pk=pk).first()
        if image is None:
            return None
        names = files_of([image])
        image.delete()
        return names
