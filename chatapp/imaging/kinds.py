"""What a file is, by its first bytes. Names and types that came along are of no account."""

from __future__ import annotations

import re

# How much of a file `found` wants to see.
HEAD_BYTES = 4096

# What is accepted, and the one reader of Pillow that may open it.
READERS = {"JPEG": "JPEG", "PNG": "PNG", "WebP": "WEBP", "GIF": "GIF", "HEIC": "HEIF", "AVIF": "AVIF"}

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"Rar!", "an archive"),
    (b"BM", "a BMP image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"8BPS", "a Photoshop file"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"\0\0\x01\0", "an icon"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\0\0\x01\xba", "a video"),
    (b"FLV\x01", "a video"),
    (b"OggS", "a sound or video"),
    (b"ID3", "a sound"),
    (b"fLaC", "a sound"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
_RIFF = {b"WEBP": "WebP", b"AVI ": "a video", b"WAVE": "a sound"}
# Brands of the file type box, ISO/IEC 23008-12 and the AVIF specification; of several the first that is here decides.
_BRANDS = dict.fromkeys((b"avif", b"avis"), "AVIF") | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIC"
)
_ANY_CODEC = (b"mif1", b"msf1", b"mif2")
_BEFORE_MARKUP = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+svg[^>\[]*(?:\[.*?\])?[^>]*>)*", re.S | re.I)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|script|meta|title|iframe|div|p|a|img|style)\b", re.I)


def found(head: bytes) -> str:
    """A key of READERS, or words for what it is instead: "a PDF", "an SVG drawing", "text"."""
    if not head:
        return "an empty file"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "a file that is not an image")
    if head[4:8] == b"ftyp":
        return _boxed(head)
    return _written(head)


def lossless(head: bytes) -> bool:
    """True where the pixels of the file are exactly those that somebody drew, as in a screenshot."""
    return found(head) in ("PNG", "GIF") or (found(head) == "WebP" and b"VP8L" in head[12:HEAD_BYTES])


def _boxed(head: bytes) -> str:
    """A file of the MPEG-4 family, by its brands: the major one, then the compatible ones."""
    end = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    for brand in brands:
        if brand in _BRANDS:
            return _BRANDS[brand]
    return "HEIC" if any(brand in _ANY_CODEC for brand in brands) else "a video"


def _written(head: bytes) -> str:
    text = _decoded(head)
    if text is None:
        return "a file that is not an image"
    start = text[_BEFORE_MARKUP.match(text).end() :]  # type: ignore[union-attr]  # it matches the empty string
    if re.match(r"<(?:\w+:)?svg\b", start, re.I):
        return "an SVG drawing"
    return "a web page" if _PAGE.match(start) else "text"


def _decoded(head: bytes) -> str | None:
    """The text that these bytes are, the last character of which may be cut; None where they are none."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head[: len(head) & ~1].decode("utf-16", "replace")
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    strange = sum(character == "\ufffd" or (character < " " and character not in "\t\n\r\f") for character in text)
    return text if strange <= 1 else None
