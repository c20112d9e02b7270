"""What a file holds besides its picture, by its bytes."""

from __future__ import annotations

import struct

# Of a JPEG: quantisation and Huffman tables, the frame, restarts, the scan, and JFIF's own header.
PICTURE_SEGMENTS = {0xDB, 0xC4, 0xC0, 0xC2, 0xDD, 0xDA, 0xE0}
PICTURE_CHUNKS = {b"IHDR", b"IDAT", b"IEND", b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
# Long enough not to come about by chance in megabytes of noise.
TELLING = (b"SECRET", b"Exif\0\0", b"GPSLatitude", b"http://", b"ICC_PROFILE", b"xpacket", b"<script")


def strange_parts(data: bytes) -> list[str]:
    """The parts of a stored file that are no part of the picture; anything after its end is one."""
    found = [telling.decode("latin-1") for telling in TELLING if telling in data]
    if data.startswith(b"\xff\xd8"):
        return found + of_jpeg(data)
    return found + (of_png(data) if data.startswith(b"\x89PNG") else of_webp(data))


def of_jpeg(data: bytes) -> list[str]:
    strange, at = [], 2
    while data[at + 1] != 0xDA:
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if data[at + 1] not in PICTURE_SEGMENTS:
            strange.append(f"segment {data[at + 1]:#x}")
        if data[at + 1] == 0xE0 and data[at + 4 : at + 9] != b"JFIF\0":
            strange.append("another application's segment")
        at += 2 + length
    return strange + ([] if data.index(b"\xff\xd9", at) == len(data) - 2 else ["after the end"])


def of_png(data: bytes) -> list[str]:
    strange, at, name = [], 8, b""
    while name != b"IEND":
        length, name = struct.unpack(">I4s", data[at : at + 8])
        strange += [] if name in PICTURE_CHUNKS else [name.decode("latin-1")]
        at += 12 + length
    return strange + ([] if at == len(data) else ["after the end"])


def of_webp(data: bytes) -> list[str]:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return ["no picture at all"]
    strange, at = [], 12
    while at < len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        strange += [] if name in PICTURE_CHUNKS else [name.decode("latin-1")]
        at += 8 + length + length % 2
    return strange + ([] if struct.unpack("<I", data[4:8])[0] == len(data) - 8 else ["after the end"])
