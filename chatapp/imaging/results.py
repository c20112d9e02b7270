"""What the server and its workers tell each other. The decoders' libraries stay out of the server, so nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the file as it came, and of what it decodes to."""

    bytes: int
    pixels: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What `clean` wrote. Sizes are in pixels and bytes; the thumbnail is WebP."""

    media_type: str
    width: int
    height: int
    bytes: int
    animated: bool
    thumbnail_width: int
    thumbnail_height: int


@dataclass(frozen=True, slots=True)
class Scaled:
    """What `scale` wrote: image/jpeg or image/png, which every upstream reads. Sizes are in pixels and bytes."""

    media_type: str
    width: int
    height: int
    bytes: int
