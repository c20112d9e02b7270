"""What is in a picture: a program of its own, so that Pillow's memory and a hostile file's harm end with it.

It reads one picture from its input and writes one JSON object: {"kind": "seen", "format", "width", "height",
"colours": [[name, percent], …]}, {"kind": "too_large", "width", "height"} or {"kind": "unreadable"}. It is
run by its path, in isolation, and so imports nothing from its neighbours.
"""

from __future__ import annotations

import colorsys
import io
import json
import sys
import warnings
from collections import Counter

from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = 40_000_000
COPY_SIDE = 48  # pixels
MOST_COLOURS = 4
LEAST_PERCENT = 5

BLACK_BELOW, WHITE_ABOVE = 0.16, 0.92  # value
GREY_BELOW = 0.12  # saturation
BROWN_BELOW = 0.66  # value of an orange that looks brown
HUES = ((15, "red"), (42, "orange"), (68, "yellow"), (165, "green"), (195, "teal"), (255, "blue"))
LATE_HUES = ((290, "purple"), (345, "pink"), (361, "red"))  # degrees on the colour circle


def look(data: bytes) -> dict[str, object]:
    """Describe one picture, given as the bytes of its file; see the module's docstring for the result."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return {"kind": "too_large", "width": width, "height": height}
            kind = "WebP" if picture.format == "WEBP" else picture.format
            return {
                "kind": "seen",
                "format": kind,
                "width": width,
                "height": height,
                "colours": _colours(picture),
            }
    except Exception:  # hostile files make Pillow raise errors of nearly every class
        return {"kind": "unreadable"}


def _colours(picture: Image.Image) -> list[tuple[str, int]]:
    """The names of the main colours with their share in percent, largest first."""
    picture.draft("RGB", (COPY_SIDE * 4, COPY_SIDE * 4))
    picture.load()
    plain = picture if picture.mode in ("L", "RGB", "RGBA") else picture.convert("RGBA")
    small = plain.resize((COPY_SIDE, COPY_SIDE), Image.Resampling.BOX).convert("RGBA")
    paper = Image.new("RGBA", small.size, "white")
    raw = Image.alpha_composite(paper, small).convert("RGB").tobytes()
    count = Counter(_name(*raw[start : start + 3]) for start in range(0, len(raw), 3))
    shares = [(name, round(100 * pixels / COPY_SIDE**2)) for name, pixels in count.most_common(MOST_COLOURS)]
    return [share for share in shares if share[1] >= LEAST_PERCENT] or shares[:1]


def _name(red: int, green: int, blue: int) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if value < BLACK_BELOW:
        return "black"
    if saturation < GREY_BELOW:
        return "white" if value > WHITE_ABOVE else "grey"
    name = next(name for end, name in HUES + LATE_HUES if hue * 360 < end)
    return "brown" if name == "orange" and value < BROWN_BELOW else name


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump(look(sys.stdin.buffer.read()), sys.stdout)
