"""Files to attach, made here: good, odd and hostile ones. Whatever must not survive says SECRET somewhere.

The picture in them is `corners`: red, green, blue and white in its four quarters, so that turning it shows.
"""

from __future__ import annotations

import functools
import gzip
import io
import struct
import zipfile
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (250, 250, 250)
WIDTH, HEIGHT = 64, 48
SECRET = b"SECRET"
SCRIPT = b"<script>alert('SECRET')</script>"
PNG_START = b"\x89PNG\r\n\x1a\n"
# EXIF orientations, and what was done to an upright picture so that each of them makes it upright again.
TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def corners(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    made = Image.new("RGB", (width, height), RED)
    made.paste(GREEN, (width // 2, 0, width, height // 2))
    made.paste(BLUE, (0, height // 2, width // 2, height))
    made.paste(WHITE, (width // 2, height // 2, width, height))
    return made


def with_hole(mode: str = "RGBA") -> Image.Image:
    """The upper left quarter is not there."""
    made = corners().convert(mode)
    made.putalpha(Image.new("L", made.size, 255))
    made.paste((0,) * len(mode), (0, 0, WIDTH // 2, HEIGHT // 2))
    return made


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def corners_as(format: str, **options: Any) -> bytes:
    return saved(corners(), format, **options)


def frames(format: str, count: int = 3, **options: Any) -> bytes:
    """An animation: the corners first, then plain frames."""
    more = [Image.new("RGB", (WIDTH, HEIGHT), (n % 250, 90, 140)) for n in range(1, count)]
    return saved(corners(), format, save_all=True, append_images=more, **options)


# Metadata.


def exif(orientation: int = 1) -> Image.Exif:
    """With a place, a camera and words of the owner's."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SECRET camera"
    data[0x9286] = "SECRET comment"
    place = data.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (59.0, 51.0, 30.0), "E", (17.0, 38.0, 0.0)
    place[29] = "SECRET"
    return data


def xmp() -> bytes:
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="59,51.5N" exif:GPSLongitude="17,38.0E" '
        b'exif:UserComment="SECRET"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def turned(orientation: int, format: str = "JPEG") -> bytes:
    """As a camera held another way saves it."""
    done = TURNED.get(orientation)
    picture = corners() if done is None else corners().transpose(done)
    if format == "HEIF":
        # Cameras write boxes for this, and so does the library where it finds EXIF data in the picture.
        picture.info["exif"] = exif(orientation).tobytes()
        return saved(picture, format, quality=95)
    return saved(picture, format, exif=exif(orientation), quality=95)


def with_all_metadata(format: str) -> bytes:
    options: dict[str, Any] = {"exif": exif(), "xmp": xmp(), "icc_profile": srgb_profile()}
    if format == "JPEG":
        options["comment"] = SECRET
    if format == "HEIF":
        options.pop("icc_profile")
    return saved(corners(), format, quality=95, **options)


def png_with_texts() -> bytes:
    plain = b"Comment\0" + SECRET
    packed = b"Description\0\0" + zlib.compress(SECRET)
    international = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp()
    texts = [chunk(b"tEXt", plain), chunk(b"zTXt", packed), chunk(b"iTXt", international)]
    data = saved(corners(), "PNG", exif=exif())
    head, rest = data[:33], data[33:]
    end = rest.index(b"IEND") - 4
    return head + b"".join(texts) + rest[:end] + chunk(b"tEXt", plain) + rest[end:]


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """A profile in which the first channel means green and the second red: what ignores it shows wrong colours."""
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    tags = {b"rXYZ": xyz(green), b"gXYZ": xyz(red), b"bXYZ": xyz(blue), b"wtpt": xyz((0.9642, 1.0, 0.8249))}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), b"curv" + struct.pack(">IIHH", 0, 1, 0x0233, 0))
    at, table, data = 132 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(data), len(value))
        data += value
    head = struct.pack(">I4sI", at + len(data), b"", 0x02400000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


# Odd pixels.


def cmyk() -> bytes:
    return saved(corners().convert("CMYK"), "JPEG", quality=95)


def grey_16_bits() -> bytes:
    """From black at the left to white at the right; read wrongly, nearly all is white."""
    row = struct.pack(f"<{WIDTH}H", *(65535 * x // (WIDTH - 1) for x in range(WIDTH)))
    return saved(Image.frombytes("I;16", (WIDTH, HEIGHT), row * HEIGHT), "PNG")


def rgb_16_bits() -> bytes:
    narrow, row = corners().tobytes(), 3 * WIDTH
    wide = b"".join(b"\0" + bytes(b for b in narrow[at : at + row] for _ in "ab") for at in range(0, len(narrow), row))
    return png(WIDTH, HEIGHT, zlib.compress(wide), depth=16)


def palette(**options: Any) -> bytes:
    return saved(corners().convert("P", palette=Image.Palette.ADAPTIVE, colors=8), "PNG", **options)


def palette_with_hole() -> bytes:
    made = corners().convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    return saved(made, "PNG", transparency=made.getpixel((2, 2)))


def gif_with_hole() -> bytes:
    made = corners().convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    return saved(made, "GIF", transparency=made.getpixel((2, 2)))


# Made by hand.


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, pixels: bytes, *extra: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """With these compressed rows, whatever they are."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG_START + chunk(b"IHDR", head) + b"".join(extra) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@functools.cache
def zeros(count: int) -> bytes:
    """So many zeros, compressed a thousandfold; never all in memory."""
    packer, piece = zlib.compressobj(9), bytes(1_000_000)
    made = b"".join(packer.compress(piece) for _ in range(count // len(piece)))
    return made + packer.compress(bytes(count % len(piece))) + packer.flush()


def pixel_bomb() -> bytes:
    """13,300 × 13,300 pixels of one bit in some 20 kB; Pillow itself lets that many pass."""
    return png(13_300, 13_300, zeros(13_300 * (13_300 // 8 + 2)), depth=1, colour=0)


def hidden_in(name: bytes) -> bytes:
    """200 MB in a chunk of a small picture."""
    starts = {b"zTXt": b"Comment\0\0", b"iCCP": b"profile\0\0", b"iTXt": b"Comment\0\1\0\0\0"}
    return png(8, 8, zlib.compress(bytes(25 * 8)), chunk(name, starts[name] + zeros(200_000_000)))


def png_that_claims(width: int, height: int) -> bytes:
    return png(width, height, zlib.compress(bytes(100)))


def jpeg_that_claims(width: int, height: int) -> bytes:
    data = bytearray(corners_as("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_that_claims(width: int, height: int) -> bytes:
    data = bytearray(corners_as("GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def webp_that_claims(width: int, height: int) -> bytes:
    picture = saved(corners(), "WEBP")[12:]
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas + picture
    return b"RIFF" + struct.pack("<I", len(body)) + body


def boxed_that_claims(format: str, width: int, height: int) -> bytes:
    """HEIC or AVIF, with another size in its properties."""
    data = bytearray(corners_as(format))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


def gif_of_many_frames(count: int = 5_000, edge: int = 2_000) -> bytes:
    one = saved(Image.new("P", (edge, edge)), "GIF")
    start = one.index(b",", 13 + 3 * (2 << (one[10] & 7)))
    return one[:start] + one[start:-1] * count + b";"


def apng_of_many_frames(count: int = 3_000) -> bytes:
    more = [Image.new("RGB", (WIDTH, HEIGHT), (n % 256, n // 256, 0)) for n in range(1, count)]
    return saved(corners(), "PNG", save_all=True, append_images=more)


def gif_that_is_a_script() -> bytes:
    """The width of the canvas, 10,799, reads `/*`, so that the whole is JavaScript too."""
    data = corners_as("GIF")
    return data[:6] + b"/*" + data[8:-1] + b";*/=1;alert('SECRET')//"


def gif_with_comment() -> bytes:
    return corners_as("GIF", comment=SCRIPT)


def with_zip(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("SECRET.txt", SECRET)
    return data + archive.getvalue()


def multi_picture() -> bytes:
    return saved(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT))])


def damaged_checksum() -> bytes:
    data = bytearray(corners_as("PNG"))
    data[30] ^= 0xFF
    return bytes(data)


# No pictures at all, or none that are taken.

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><foreignObject/></svg>'
OTHERS: dict[str, bytes] = {
    "svg": SVG,
    "svg-after-xml": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a > b -->\n'
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY a "b">]>\n' + SVG,
    "svg-in-utf-16": ("\ufeff" + SVG.decode()).encode("utf-16-le"),
    "svg-with-prefix": b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>',
    "svg-zipped": gzip.compress(SVG),
    "html": b"<!doctype html><title>x</title>" + SCRIPT,
    "html-fragment": b"  \n<IMG src=x onerror=alert(1)>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "zip": with_zip(b""),
    "text": "Grüße, 你好\n".encode(),
    "text-cut-in-a-character": ("你" * 2000).encode(),
    "video": struct.pack(">I", 24) + b"ftypisom\0\0\2\0isommp42" + bytes(99),
    "matroska": b"\x1aE\xdf\xa3" + bytes(99),
    "program": b"\x7fELF\2\1\1" + bytes(99),
    "jpeg-xl": b"\xff\x0a" + bytes(99),
    "noise": bytes(range(128, 256)) * 8,
    "nothing": b"",
}


def postscript() -> bytes:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(SECRET) run\n"


def hundred_megabytes() -> bytes:
    return corners_as("JPEG") + bytes(100_000_000)
