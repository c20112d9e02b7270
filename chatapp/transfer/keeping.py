"""Images of an import: through the same workers as any upload. One that is no image becomes a note in its message."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from accounts.models import User
from chatapp.images import files
from chatapp.images.models import ALT_CHARACTERS, Image
from chatapp.images.storing import one_line, shown_name, unbroken
from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.press import press

logger = logging.getLogger("parley.transfer")

# When the workers have too much to do, an import waits for its images so often and so long.
TRIES, PAUSE_SECONDS = 60, 0.5


async def kept(owner: User, folder: Path, pictures: Sequence[dict[str, str]]) -> list[Image | None]:
    """Store these contents; rows that are not written yet, None for what is no image or has no room."""
    found: list[Image | None] = []
    try:
        for picture in pictures:
            found.append(await _kept(owner, folder / picture["digest"], picture))
    except BaseException:
        await discard(found)
        raise
    return found


async def discard(images: Sequence[Image | None]) -> None:
    """Remove the files of rows that will not be written."""
    names = [name for image in images if image for name in (image.stored, image.thumbnail)]
    await unbroken(asyncio.to_thread(files.discard, names))


async def _kept(owner: User, source: Path, picture: dict[str, str]) -> Image | None:
    image = Image(owner=owner, name=shown_name(picture["name"]), alt=one_line(picture["alt"])[:ALT_CHARACTERS].strip())
    folder = await unbroken(asyncio.to_thread(files.new_folder))
    try:
        await _clean(image, source, folder / "full", folder / "small")
        await unbroken(asyncio.to_thread(_save, image, folder))
    except ImageRefused as refused:
        logger.info("an image of an import was not taken: %s", refused.code)
        return None
    except Exception:
        # A full disk, a storage that is away: the words are imported all the same.
        logger.exception("an image of an import could not be stored")
        return None
    finally:
        await unbroken(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
    return image


async def _clean(image: Image, source: Path, full: Path, small: Path) -> None:
    """Raises ImageRefused."""
    limits = {"bytes": settings.PARLEY_IMAGE_BYTES, "pixels": settings.PARLEY_IMAGE_PIXELS}
    for left in range(TRIES - 1, -1, -1):
        try:
            cleaned = await press.clean(source, full, small, **limits)
            break
        except ImageRefused as refused:
            if refused.code != "busy" or not left:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    for field in ("media_type", "width", "height", "bytes", "animated", "thumbnail_width", "thumbnail_height"):
        setattr(image, field, getattr(cleaned, field))


def _save(image: Image, folder: Path) -> None:
    image.stored = files.save(files.name_of(image.pk, "full", image.media_type), folder / "full")
    try:
        image.thumbnail = files.save(files.name_of(image.pk, "small", "image/webp"), folder / "small")
    except BaseException:
        files.discard([image.stored])
        raise
