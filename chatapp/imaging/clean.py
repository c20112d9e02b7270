"""A file of unknown origin becomes a plain picture: upright, in sRGB, with nothing in it but pixels.

Everything here runs in a process of its own (worker.py), as decoders have bugs.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
from PIL import AvifImagePlugin, Image

from chatapp.imaging.colour import Picture, in_srgb
from chatapp.imaging.encoding import encoded, encoded_small
from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.kinds import HEAD_BYTES, READERS, found, lossless
from chatapp.imaging.results import Cleaned, Limits

THUMBNAIL_EDGE = 480
ANIMATED_KINDS = {"GIF", "PNG", "WebP", "AVIF"}
EXIF_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

pillow_heif.register_heif_opener()
# Cores are for the server; two workers use enough of them.
pillow_heif.options.DECODE_THREADS = 1
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def clean(source: Path, full: Path, small: Path, limits: Limits) -> Cleaned:
    """Write the clean picture and its thumbnail. Raises ImageRefused, or OSError where there is no room for them."""
    kind, exact = checked(source, limits)
    picture, animated = decoded(source, kind, limits.pixels)
    media_type, data = encoded(picture, exact=exact)
    full.write_bytes(data)
    thumbnail = picture.resized(_within(picture.size, THUMBNAIL_EDGE))
    small.write_bytes(encoded_small(thumbnail))
    return Cleaned(media_type, *picture.size, len(data), animated, *thumbnail.size)


def checked(source: Path, limits: Limits) -> tuple[str, bool]:
    """What the file is, and whether its pixels are exact. Raises ImageRefused."""
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = found(head)
    if kind not in READERS:
        raise ImageRefused("not-an-image", found=kind)
    if (size := source.stat().st_size) > limits.bytes:
        raise ImageRefused("too-big", bytes=size, limit=limits.bytes)
    return kind, lossless(head)


def decoded(source: Path, kind: str, most_pixels: int) -> tuple[Picture, bool]:
    """The picture, and whether it is the first of an animation. Raises ImageRefused."""
    with reading(kind), header(source, kind, most_pixels) as opened:
        animated = kind in ANIMATED_KINDS and bool(getattr(opened, "is_animated", False))
        return in_srgb(_upright(opened)), animated


@contextlib.contextmanager
def reading(kind: str) -> Iterator[None]:
    """Decoders raise whatever they like; it comes out as ImageRefused."""
    try:
        yield
    except ImageRefused:
        raise
    except Exception as error:
        raise ImageRefused("broken", kind=kind) from error


def header(source: Path, kind: str, most_pixels: int) -> Image.Image:
    """The picture, not decoded yet. Raises ImageRefused where it has too many pixels, and anything else."""
    # Pillow raises beyond twice its limit. Its reader of WebP takes memory for all pixels before we could ask.
    Image.MAX_IMAGE_PIXELS = most_pixels // 2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(source, formats=(READERS[kind],))
    except Image.DecompressionBombError as error:
        named = re.search(r"\d+", str(error))
        raise ImageRefused("too-many-pixels", pixels=int(named[0]) if named else 0, limit=most_pixels) from None
    pixels = opened.width * opened.height
    if pixels > most_pixels:
        raise ImageRefused("too-many-pixels", pixels=pixels, limit=most_pixels)
    return opened


def _upright(opened: Image.Image) -> Image.Image:
    """Decode, and turn as the EXIF data say."""
    opened.load()
    try:
        orientation = opened.getexif().get(EXIF_ORIENTATION, 1)
    except Exception:
        # Damaged EXIF data are no reason to refuse a picture.
        orientation = 1
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return opened if turn is None else opened.transpose(turn)


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """This size made smaller, not larger, so that its longer edge is at most so long."""
    factor = min(1.0, longest / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
