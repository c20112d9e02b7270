"""Every mode and profile that a file may have becomes 8-bit sRGB, with alpha apart."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageCms, ImageStat

_WITH_ALPHA = {"LA": "L", "La": "L", "RGBA": "RGB", "RGBa": "RGB", "PA": "RGB"}
_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N", "I")
# On white, white lettering would be gone; beyond this mean of 0 to 255 the ground is dark.
_LIGHT = 200
_DARK_GROUND = (64, 64, 64)


@dataclass(slots=True)
class Picture:
    """Colours in mode RGB, of the size of `alpha` in mode L, which is None where all is opaque. No metadata."""

    colour: Image.Image
    alpha: Image.Image | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.colour.size

    @property
    def width(self) -> int:
        return self.colour.width

    @property
    def height(self) -> int:
        return self.colour.height

    @property
    def whole(self) -> Image.Image:
        """As one image, in mode RGB or RGBA."""
        if self.alpha is None:
            return self.colour
        whole = self.colour.copy()
        whole.putalpha(self.alpha)
        return whole

    def resized(self, size: tuple[int, int]) -> Picture:
        if size == self.size:
            return self
        if self.alpha is None:
            return Picture(self.colour.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
        # Resizing RGBA as a whole weighs colours by alpha, so that hidden ones do not bleed out.
        whole = self.whole.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        return Picture(whole.convert("RGB"), whole.getchannel("A"))

    def flattened(self) -> Picture:
        """On white, or on grey where what is seen is light itself: models drop alpha and would see hidden colours."""
        if self.alpha is None:
            return self
        seen = self.alpha.point(lambda value: 255 if value > 127 else 0)
        light = bool(seen.getbbox()) and ImageStat.Stat(self.colour.convert("L"), seen).mean[0] > _LIGHT
        ground = Image.new("RGB", self.size, _DARK_GROUND if light else "white")
        ground.paste(self.colour, mask=self.alpha)
        return Picture(ground)


def in_srgb(decoded: Image.Image) -> Picture:
    """From any mode that a reader gives; the profile in the file is applied, if it can be."""
    profile = decoded.info.get("icc_profile")
    colour, alpha = _apart(decoded)
    colour = (_converted(colour, profile) if profile else None) or colour.convert("RGB")
    colour.info = {}
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    return Picture(colour, alpha)


def _apart(decoded: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours in a mode that a profile may speak of (L, RGB, CMYK), and alpha."""
    if decoded.mode in _SIXTEEN_BITS:
        return _eight_bits(decoded), None
    if "transparency" in decoded.info or decoded.mode == "PA":
        decoded = decoded.convert("LA" if decoded.mode in ("1", "L") else "RGBA")
    elif decoded.mode in ("1", "P", "F"):
        decoded = decoded.convert("RGB" if decoded.mode == "P" else "L")
    if decoded.mode in ("La", "RGBa"):
        decoded = decoded.convert(decoded.mode.upper())
    if decoded.mode in _WITH_ALPHA:
        return decoded.convert(_WITH_ALPHA[decoded.mode]), decoded.getchannel("A")
    return decoded, None


def _eight_bits(decoded: Image.Image) -> Image.Image:
    """The upper half of 16 bits; Pillow's own conversion would clip at 255."""
    wide = decoded if decoded.mode == "I" else decoded.convert("I")
    return wide.point(lambda value: value * (1 / 256) + 0).convert("L")


def _converted(colour: Image.Image, profile: bytes) -> Image.Image | None:
    """Through the profile; None where it is damaged or of another colour space than the picture."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        return ImageCms.profileToProfile(colour, own, _srgb(), intent, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.createProfile("sRGB")  # type: ignore[return-value]  # any profile will do
