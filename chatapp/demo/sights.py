"""Pictures seen: each is looked at by a short-lived process (`pictures.py`) and put into words."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatapp.demo.prose import fill

LOOK_SECONDS = 15.0
MOST_MEGAPIXELS = 40  # as in pictures.py, which cannot be imported here without Pillow
PROGRAM = Path(__file__).with_name("pictures.py")
DATA_URL = re.compile(r"data:[\w.+/-]*(?:;[\w.+=-]+)*;base64,", re.IGNORECASE)

CHINESE_COLOURS = {
    "black": "黑",
    "white": "白",
    "grey": "灰",
    "red": "红",
    "orange": "橙",
    "brown": "棕",
    "yellow": "黄",
    "green": "绿",
    "teal": "青",
    "blue": "蓝",
    "purple": "紫",
    "pink": "粉",
}


@dataclass(frozen=True)
class Sight:
    """One picture: kind is seen, too_large, unreadable, address (not data) or unseen (the look failed).

    Size is that of the file in bytes, width and height in pixels, colours are (English name, percent).
    """

    kind: str
    size: int = 0
    format: str = ""
    width: int = 0
    height: int = 0
    colours: tuple[tuple[str, int], ...] = ()


async def look_at(addresses: Sequence[str], seats: asyncio.Semaphore) -> list[Sight]:
    """Look at data URLs, in order; nothing is fetched from anywhere. Each look takes one of the seats."""
    return [await _look(address, seats) for address in addresses]


async def _look(address: str, seats: asyncio.Semaphore) -> Sight:
    head = DATA_URL.match(address[:200])
    if not head:
        return Sight("unreadable" if address[:5].lower() == "data:" else "address")
    try:
        data = base64.b64decode(address[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        return Sight("unreadable", len(address) - head.end())
    async with seats:
        found = await _run_program(data)
    colours = tuple((name, percent) for name, percent in found.pop("colours", ()))
    return Sight(size=len(data), colours=colours, **found)


async def _run_program(data: bytes) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            output, _ = await process.communicate(data)
        found: dict[str, Any] = json.loads(output)
    except (TimeoutError, ValueError):
        return {"kind": "unseen"}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return found


def describe(sights: Sequence[Sight], phrases: dict[str, str], language: str) -> str:
    """A section of Markdown with one item for each picture."""
    items = [_sentence(sight, phrases, language) for sight in sights]
    if len(items) == 1:
        body = items[0][:1].upper() + items[0][1:]
    else:
        body = "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))
    return "\n\n".join([phrases["sights"], body, phrases["sights_source"]])


def _sentence(sight: Sight, phrases: dict[str, str], language: str) -> str:
    return fill(
        phrases[sight.kind],
        format=f"**{sight.format}**",
        width=f"{sight.width:,}",
        height=f"{sight.height:,}",
        size=_size(sight.size),
        bytes=f"{sight.size:,}",
        limit=str(MOST_MEGAPIXELS),
        colours=_colours(sight, phrases, language),
    )


def _colours(sight: Sight, phrases: dict[str, str], language: str) -> str:
    names = CHINESE_COLOURS if language == "zh" else {}
    shares = [
        fill(phrases["colour"], name=names.get(name, name), share=str(percent)) for name, percent in sight.colours
    ]
    return ("、" if language == "zh" else ", ").join(shares)


def _size(size: int) -> str:
    """In bytes, kB or MB, powers of ten."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
