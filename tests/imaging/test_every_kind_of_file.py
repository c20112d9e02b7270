"""One table: what comes in, and what becomes of it. Every file goes through a worker, as in the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.press import Press
from tests.imaging import files
from tests.imaging.files import BLUE, GREEN, HEIGHT, RED, WHITE, WIDTH, corners_as, frames
from tests.imaging.metadata import strange_parts

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
LIMITS = {"bytes": 20_000_000, "pixels": 50_000_000}
ALL = (RED, GREEN, BLUE, WHITE)
GREY = tuple((light, light, light) for light in (79, 125, 42, 250))
HOLE = (None, GREEN, BLUE, WHITE)
TOLERANCE = 24
EDGE = 480


@dataclass(frozen=True)
class Kept:
    """The stored file; `corners` are the colours in its quarters, None for a hole."""

    media_type: str
    size: tuple[int, int] = (WIDTH, HEIGHT)
    corners: tuple[tuple[int, int, int] | None, ...] | None = ALL
    animated: bool = False


@dataclass(frozen=True)
class Refused:
    """`named` is in the sentence."""

    code: str
    named: str


def not_an_image(found: str) -> Refused:
    return Refused("not-an-image", found)


def too_many(megapixels: str) -> Refused:
    return Refused("too-many-pixels", f"{megapixels} megapixels; the limit is 50.")


BROKEN = Refused("broken", "damaged or incomplete")

TABLE: dict[str, tuple[Callable[[], bytes], Kept | Refused]] = {
    # Good.
    "jpeg": (lambda: corners_as("JPEG", quality=95), Kept(JPEG)),
    "jpeg, progressive": (lambda: corners_as("JPEG", quality=95, progressive=True), Kept(JPEG)),
    "jpeg, grey": (lambda: files.saved(files.corners().convert("L"), "JPEG"), Kept(JPEG, corners=GREY)),
    "jpeg, cmyk": (files.cmyk, Kept(JPEG)),
    "png": (lambda: corners_as("PNG"), Kept(PNG)),
    "png with a hole": (lambda: files.saved(files.with_hole(), "PNG"), Kept(PNG, corners=HOLE)),
    "png, grey with a hole": (
        lambda: files.saved(files.with_hole("LA"), "PNG"),
        Kept(PNG, corners=(None, *GREY[1:])),
    ),
    "png, palette": (files.palette, Kept(PNG)),
    "png, palette with a hole": (files.palette_with_hole, Kept(PNG, corners=HOLE)),
    "png, colour with a hole by key": (lambda: corners_as("PNG", transparency=RED), Kept(PNG, corners=HOLE)),
    "png, 1 bit": (
        lambda: files.saved(files.corners().convert("L").point(lambda v: 255 * (v > 100)).convert("1"), "PNG"),
        Kept(PNG, corners=((0, 0, 0), (255, 255, 255), (0, 0, 0), (255, 255, 255))),
    ),
    "png, 16 bits grey": (files.grey_16_bits, Kept(PNG, corners=((64,) * 3, (191,) * 3, (64,) * 3, (191,) * 3))),
    "png, 16 bits colour": (files.rgb_16_bits, Kept(PNG)),
    "webp": (lambda: corners_as("WEBP", quality=95), Kept(JPEG)),
    "webp, lossless": (lambda: corners_as("WEBP", lossless=True), Kept(PNG)),
    "webp with a hole": (lambda: files.saved(files.with_hole(), "WEBP"), Kept(PNG, corners=HOLE)),
    "gif": (lambda: corners_as("GIF"), Kept(PNG)),
    "gif with a hole": (files.gif_with_hole, Kept(PNG, corners=HOLE)),
    "heic": (lambda: corners_as("HEIF", quality=95), Kept(JPEG)),
    "heic with a hole": (lambda: files.saved(files.with_hole(), "HEIF", quality=95), Kept(PNG, corners=HOLE)),
    "avif": (lambda: corners_as("AVIF", quality=95), Kept(JPEG)),
    "avif with a hole": (lambda: files.saved(files.with_hole(), "AVIF", quality=95), Kept(PNG, corners=HOLE)),
    # Animations: the first frame.
    "gif, animated": (lambda: frames("GIF"), Kept(PNG, animated=True)),
    "webp, animated": (lambda: frames("WEBP", quality=95), Kept(JPEG, animated=True)),
    "png, animated": (lambda: frames("PNG"), Kept(PNG, animated=True)),
    "avif, animated": (lambda: frames("AVIF", quality=95), Kept(JPEG, animated=True)),
    "gif of 5,000 frames": (files.gif_of_many_frames, Kept(PNG, (2_000, 2_000), corners=None, animated=True)),
    "png of 3,000 frames": (files.apng_of_many_frames, Kept(PNG, animated=True)),
    "jpeg of two pictures": (files.multi_picture, Kept(JPEG)),
    # Upright, and without a word about whom, where and with what.
    **{f"jpeg, turned {n}": (partial(files.turned, n), Kept(JPEG)) for n in range(1, 9)},
    "jpeg, turned 9": (lambda: files.turned(9), Kept(JPEG)),
    "png, turned 6": (lambda: files.turned(6, "PNG"), Kept(PNG)),
    "webp, turned 6": (lambda: files.turned(6, "WEBP"), Kept(JPEG)),
    "avif, turned 6": (lambda: files.turned(6, "AVIF"), Kept(JPEG)),
    **{f"heic, turned {n}": (partial(files.turned, n, "HEIF"), Kept(JPEG)) for n in range(2, 9)},
    "jpeg with a place in exif and xmp": (lambda: files.with_all_metadata("JPEG"), Kept(JPEG)),
    "png with a place in exif and texts": (files.png_with_texts, Kept(PNG)),
    "webp with a place in exif and xmp": (lambda: files.with_all_metadata("WEBP"), Kept(JPEG)),
    "heic with a place in exif and xmp": (lambda: files.with_all_metadata("HEIF"), Kept(JPEG)),
    "avif with a place in exif and xmp": (lambda: files.with_all_metadata("AVIF"), Kept(JPEG)),
    "jpeg with damaged exif": (lambda: corners_as("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff SECRET"), Kept(JPEG)),
    "png with another profile": (
        lambda: corners_as("PNG", icc_profile=files.swapped_profile()),
        Kept(PNG, corners=(GREEN, RED, BLUE, WHITE)),
    ),
    "jpeg with a damaged profile": (lambda: corners_as("JPEG", quality=95, icc_profile=b"SECRET"), Kept(JPEG)),
    "cmyk with a profile for rgb": (
        lambda: files.saved(files.corners().convert("CMYK"), "JPEG", icc_profile=files.srgb_profile()),
        Kept(JPEG),
    ),
    # More than one thing at once.
    "gif that is a script": (files.gif_that_is_a_script, Kept(PNG, (10_799, HEIGHT), corners=None)),
    "gif with a script in a comment": (files.gif_with_comment, Kept(PNG)),
    "jpeg with a page after its end": (lambda: corners_as("JPEG", quality=95) + files.SCRIPT, Kept(JPEG)),
    "png with an archive after its end": (lambda: files.with_zip(corners_as("PNG")), Kept(PNG)),
    "webp with an archive after its end": (lambda: files.with_zip(corners_as("WEBP", quality=95)), Kept(JPEG)),
    # Of odd sizes.
    "one pixel": (lambda: files.saved(Image.new("RGB", (1, 1)), "PNG"), Kept(PNG, (1, 1), None)),
    "a thread": (lambda: files.saved(Image.new("RGB", (20_000, 1)), "PNG"), Kept(PNG, (20_000, 1), None)),
    "too long for jpeg": (
        lambda: files.saved(Image.effect_noise((65_535, 40), 90).convert("RGB"), "PNG"),
        Kept(PNG, (65_535, 40), None),
    ),
    "too long for webp": (
        lambda: files.saved(Image.merge("RGBA", [Image.effect_noise((17_000, 40), 90)] * 4), "PNG"),
        Kept(PNG, (17_000, 40), None),
    ),
    "a photo with alpha": (
        lambda: files.saved(Image.merge("RGBA", [Image.effect_noise((1_000, 800), 90)] * 4), "PNG"),
        Kept(WEBP, (1_000, 800), None),
    ),
    "a photo in a png": (
        lambda: files.saved(Image.effect_noise((1_000, 800), 90).convert("RGB"), "PNG"),
        Kept(JPEG, (1_000, 800), None),
    ),
    # Damaged.
    "jpeg, cut": (lambda: corners_as("JPEG")[:-200], BROKEN),
    "jpeg, only its start": (lambda: corners_as("JPEG")[:20], BROKEN),
    "png, cut": (lambda: corners_as("PNG")[:-30], BROKEN),
    "png with a wrong checksum": (files.damaged_checksum, BROKEN),
    "gif, cut": (lambda: corners_as("GIF")[:-40], BROKEN),
    "webp, cut": (lambda: corners_as("WEBP")[:-40], BROKEN),
    "heic, cut": (lambda: corners_as("HEIF")[:-40], BROKEN),
    "avif, cut": (lambda: corners_as("AVIF")[:-40], BROKEN),
    # Bombs.
    "png of 177 megapixels": (files.pixel_bomb, too_many("176.9")),
    "png that claims 65,535 × 65,535": (lambda: files.png_that_claims(65_535, 65_535), too_many("4,294.8")),
    "jpeg that claims 65,500 × 65,500": (lambda: files.jpeg_that_claims(65_500, 65_500), too_many("4,290.2")),
    "gif that claims 65,535 × 65,535": (lambda: files.gif_that_claims(65_535, 65_535), too_many("4,294.8")),
    "webp that claims 16,384 × 16,384": (lambda: files.webp_that_claims(16_384, 16_384), too_many("268.4")),
    "heic that claims 30,000 × 30,000": (lambda: files.boxed_that_claims("HEIF", 30_000, 30_000), BROKEN),
    "avif that claims 16,000 × 16,000": (lambda: files.boxed_that_claims("AVIF", 16_000, 16_000), too_many("256")),
    "png with 200 MB in zTXt": (lambda: files.hidden_in(b"zTXt"), BROKEN),
    "png with 200 MB in iTXt": (lambda: files.hidden_in(b"iTXt"), BROKEN),
    "png with 200 MB in iCCP": (lambda: files.hidden_in(b"iCCP"), BROKEN),
    "jpeg of 100 MB": (files.hundred_megabytes, Refused("too-big", "100 MB; the limit is 20 MB.")),
    # No images, or none that are taken.
    "bmp": (lambda: corners_as("BMP"), not_an_image("a BMP image")),
    "tiff": (lambda: corners_as("TIFF"), not_an_image("a TIFF image")),
    "ico": (lambda: corners_as("ICO"), not_an_image("an icon")),
    "jpeg 2000": (lambda: corners_as("JPEG2000"), not_an_image("a JPEG 2000 image")),
    "postscript": (files.postscript, not_an_image("a PostScript file")),
    **{
        name: (partial(files.OTHERS.__getitem__, name), not_an_image(found))
        for name, found in {
            "svg": "an SVG drawing",
            "svg-after-xml": "an SVG drawing",
            "svg-in-utf-16": "an SVG drawing",
            "svg-with-prefix": "an SVG drawing",
            "svg-zipped": "a compressed file",
            "html": "a web page",
            "html-fragment": "a web page",
            "pdf": "a PDF",
            "zip": "a ZIP archive",
            "text": "text",
            "text-cut-in-a-character": "text",
            "video": "a video",
            "matroska": "a video",
            "program": "a program",
            "jpeg-xl": "a JPEG XL image",
            "noise": "a file that is not an image",
            "nothing": "an empty file",
        }.items()
    },
}


@pytest_asyncio.fixture(scope="module")
async def press() -> AsyncIterator[Press]:
    made = Press()
    yield made
    made.close()


@pytest.mark.parametrize("name", TABLE)
async def test_what_becomes_of_a_file(name: str, press: Press, tmp_path: Path) -> None:
    make, expected = TABLE[name]
    given, full, small = tmp_path / "given", tmp_path / "full", tmp_path / "small"
    await asyncio.to_thread(given.write_bytes, make())
    if isinstance(expected, Refused):
        with pytest.raises(ImageRefused) as refused:
            await press.clean(given, full, small, **LIMITS)
        assert refused.value.code == expected.code
        assert expected.named in refused.value.sentence
        assert not full.exists()
        assert not small.exists()
        return
    cleaned = await press.clean(given, full, small, **LIMITS)
    assert (cleaned.media_type, cleaned.animated) == (expected.media_type, expected.animated)
    assert (cleaned.width, cleaned.height) == expected.size
    assert cleaned.bytes == full.stat().st_size
    check_picture(full, expected.media_type, expected.size, expected.corners)
    check_picture(small, WEBP, (cleaned.thumbnail_width, cleaned.thumbnail_height), expected.corners)
    assert max(cleaned.thumbnail_width, cleaned.thumbnail_height) == min(EDGE, max(expected.size))


def check_picture(
    path: Path, media_type: str, size: tuple[int, int], corners: tuple[tuple[int, int, int] | None, ...] | None
) -> None:
    assert strange_parts(path.read_bytes()) == []
    with Image.open(path) as picture:
        assert (picture.get_format_mimetype(), picture.size) == (media_type, size)
        assert getattr(picture, "n_frames", 1) == 1
        for seen, expected in zip(quarters(picture.convert("RGBA")), corners or (), strict=False):
            assert alike(seen, expected), (seen, expected)


def quarters(picture: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters."""
    width, height = picture.size
    at = [(width // 4, height // 4), (3 * width // 4, height // 4)]
    at += [(x, 3 * height // 4) for x, _ in at]
    return [pixel for place in at if isinstance(pixel := picture.getpixel(place), tuple)]


def alike(seen: tuple[int, ...], expected: tuple[int, int, int] | None) -> bool:
    if expected is None:
        return seen[3] == 0
    near = all(abs(one - other) <= TOLERANCE for one, other in zip(seen[:3], expected, strict=True))
    return near and seen[3] == 255


def test_the_table_has_at_least_forty_files() -> None:
    assert len(TABLE) >= 40
