"""Why an image is not taken, in a sentence for the person who chose it. The codes travel between processes."""

from __future__ import annotations

ACCEPTED_IN_WORDS = "JPEG, PNG, WebP, GIF, HEIC and AVIF"

_SENTENCES = {
    "not-an-image": "This is {found}. Images can be {accepted}.",
    "too-big": "The file has {bytes}; the limit is {limit}. Make it smaller and attach it again.",
    "too-many-pixels": "The image has {pixels} megapixels; the limit is {limit}. Make it smaller and attach it again.",
    "broken": "This {kind} file is damaged or incomplete. Open it, save it anew and attach that.",
    "too-slow": "This image takes too long to read. Save it anew or make it smaller, then attach that.",
    "no-worker": "The server cannot read images at the moment. Tell an administrator.",
    "busy": "Too many images are being read at the moment. Try again in some seconds.",
}


class ImageRefused(Exception):
    """`code` is a key of the sentences above; `values` are what they name: bytes and pixels are numbers."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values

    @property
    def sentence(self) -> str:
        shown = {name: _shown(self.code, value) for name, value in self.values.items()}
        return _SENTENCES[self.code].format_map({"accepted": ACCEPTED_IN_WORDS, "kind": "image", **shown})

    def __str__(self) -> str:
        return f"{self.code} {dict(self.values)}"


def _shown(code: str, value: str | int) -> str:
    if isinstance(value, str):
        return value
    return in_bytes(value) if code == "too-big" else in_megapixels(value)


def in_bytes(count: int) -> str:
    """A number of bytes for people: "82 kB", "31.2 MB"."""
    return f"{max(1, round(count / 1e3))} kB" if count < 1e6 else f"{count / 1e6:.1f}".removesuffix(".0") + " MB"


def in_megapixels(count: int) -> str:
    return f"{count / 1e6:,.1f}".removesuffix(".0")
