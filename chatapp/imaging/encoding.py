"""Pictures into files that hold nothing but the picture."""

from __future__ import annotations

import io

from PIL import Image

from chatapp.imaging.colour import Picture

# Keeps a photo of 12 megapixels in 3 MB; a higher one only costs.
JPEG_QUALITY = 88
WEBP_QUALITY = 88
THUMBNAIL_QUALITY = 80
# A PNG with more bytes to the pixel holds a photo, which JPEG keeps in a tenth; small ones may stay as they are.
PNG_BYTES_PER_PIXEL = 1.0
PNG_SMALL_PIXELS = 500_000
JPEG_LONGEST_EDGE = 65_500
WEBP_LONGEST_EDGE = 16_383
# Tried instead of the whole, which may take ten seconds: so many squares each way, of so many pixels an edge.
SAMPLES, SAMPLE_EDGE = 4, 96


def encoded(picture: Picture, *, exact: bool) -> tuple[str, bytes]:
    """Media type and bytes. PNG for what is exact or has alpha, unless it would be large; then JPEG, or WebP for alpha.

    Encoded in memory, as Pillow hides why a write to a file failed.
    """
    if max(picture.size) > (WEBP_LONGEST_EDGE if picture.alpha else JPEG_LONGEST_EDGE):
        return "image/png", _saved(picture, "PNG")
    if (exact or picture.alpha) and _fits_png(picture):
        return "image/png", _saved(picture, "PNG")
    if picture.alpha:
        return "image/webp", _saved(picture, "WEBP", quality=WEBP_QUALITY, method=2)
    return "image/jpeg", _saved(picture, "JPEG", quality=JPEG_QUALITY)


def _fits_png(picture: Picture) -> bool:
    width, height = picture.size
    if width * height <= PNG_SMALL_PIXELS:
        return True
    sample = Image.new("RGB", (SAMPLES * SAMPLE_EDGE, SAMPLES * SAMPLE_EDGE))
    for column in range(SAMPLES):
        for row in range(SAMPLES):
            left, top = (width - SAMPLE_EDGE) * column // SAMPLES, (height - SAMPLE_EDGE) * row // SAMPLES
            square = picture.colour.crop((left, top, left + SAMPLE_EDGE, top + SAMPLE_EDGE))
            sample.paste(square, (column * SAMPLE_EDGE, row * SAMPLE_EDGE))
    return len(_saved(Picture(sample), "PNG")) <= PNG_BYTES_PER_PIXEL * sample.width * sample.height


def encoded_small(picture: Picture) -> bytes:
    """A thumbnail, in WebP: small, with alpha, and every browser shows it."""
    return _saved(picture, "WEBP", quality=THUMBNAIL_QUALITY, method=4)


def _saved(picture: Picture, format: str, **options: int) -> bytes:
    file = io.BytesIO()
    picture.whole.save(file, format, **options)
    return file.getvalue()
