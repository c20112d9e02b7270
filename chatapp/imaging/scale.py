"""The size in which an upstream gets a picture."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image

from chatapp.imaging.clean import header, reading
from chatapp.imaging.colour import Picture, in_srgb
from chatapp.imaging.encoding import encoded
from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.kinds import HEAD_BYTES, READERS, found, lossless
from chatapp.imaging.results import Scaled

# Qwen-VL's processors, and others made after them, fail on a shorter edge or a narrower strip.
SHORTEST_EDGE = 28
NARROWEST = 1 / 180
# Our own files: whatever came in was within the instance's limit then.
MOST_PIXELS = 400_000_000


def scale(source: Path, to: Path, pixels: int) -> Scaled:
    """Write this picture with at most so many pixels; never enlarged, but for a margin on strips too narrow for models.

    Alpha is laid on a ground. Raises ImageRefused where the file is damaged, OSError where there is no room.
    """
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = found(head)
    if kind not in READERS:
        raise ImageRefused("not-an-image", found=kind)
    with reading(kind), header(source, kind, MOST_PIXELS) as opened:
        size, canvas = fitted(opened.size, pixels)
        # A large JPEG comes out of its decoder smaller, and three times as fast.
        opened.draft(None, size)
        picture = in_srgb(opened)
    picture = _on_canvas(picture.resized(size).flattened(), canvas)
    media_type, data = encoded(picture, exact=lossless(head))
    to.write_bytes(data)
    return Scaled(media_type, *picture.size, len(data))


def fitted(size: tuple[int, int], pixels: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The size of the picture and that of what it is laid on, which has at most so many pixels."""
    made = _shrunk(size, min(1.0, math.sqrt(pixels / (size[0] * size[1]))))
    least = _least_edge(made)
    # A strip is only as long as its canvas has pixels for.
    while min(made) < least and max(made) * least > pixels:
        made = _shrunk(size, min(max(made) - 1, pixels // least) / max(size))
        least = _least_edge(made)
    return made, (max(made[0], least), max(made[1], least))


def _shrunk(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, int(size[0] * factor)), max(1, int(size[1] * factor))


def _least_edge(made: tuple[int, int]) -> int:
    return max(SHORTEST_EDGE, math.ceil(max(made) * NARROWEST))


def _on_canvas(picture: Picture, size: tuple[int, int]) -> Picture:
    if picture.size == size:
        return picture
    canvas = Image.new("RGB", size, "white")
    canvas.paste(picture.colour, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return Picture(canvas)
