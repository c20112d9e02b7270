"""What was uploaded, whichever kind of file it is: the conversations in it, one after the other."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from chatapp.transfer.limits import ZIP_BYTES, ZIP_ENTRIES, ZIP_RATIO, ZIP_RATIO_FROM
from chatapp.transfer.reading import arrays, chatgpt, parley
from chatapp.transfer.reading.pictures import Pictures, Pointers
from chatapp.transfer.reading.tree import Tree
from chatapp.transfer.reading.values import Unreadable, items, line, mapping

_CHATGPT = re.compile(r"(?:.*/)?conversations(?:-\d+)?\.json")
_HEAD_BYTES = 400
NOT_OURS = "There is no chat in it that can be read here. Choose a file that Parley or ChatGPT has written."
BROKEN_ZIP = "The zip file is damaged or incomplete."
BOMB = "The zip file unpacks to more than can be true of chats, so it was not opened."

# A conversation, or the title and the reason of one that is not taken.
Found = Tree | tuple[str, str]


def conversations(path: Path, folder: Path, most_bytes: int) -> Iterator[Found]:
    """Read the file; images of at most so many bytes each go to the folder. Raises Unreadable where it has no chat."""
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    if zipped:
        yield from _unpacked(path, folder, most_bytes)
    else:
        pictures = Pictures(folder, most_bytes)
        with path.open(encoding="utf-8", errors="replace", newline="") as text:
            yield from _read(text, pictures, Pointers(pictures))


def _unpacked(path: Path, folder: Path, most_bytes: int) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check(entries)
            pictures = Pictures(folder, most_bytes, archive)
            pointers = Pointers(pictures, archive.namelist())
            wanted = [entry for entry in entries if _holds_chats(archive, entry)]
            if not wanted:
                raise Unreadable(NOT_OURS)
            for entry in wanted:
                yield from _entry(archive, entry, pictures, pointers)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise Unreadable(BROKEN_ZIP) from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    """By the list of contents alone. It may lie, but no more is ever read of an entry than it says there."""
    if len(entries) > ZIP_ENTRIES:
        raise Unreadable(f"The zip file has more than {ZIP_ENTRIES:,} entries.")
    if sum(entry.file_size for entry in entries) > ZIP_BYTES:
        raise Unreadable(BOMB)
    for entry in entries:
        if entry.file_size > max(ZIP_RATIO_FROM, ZIP_RATIO * entry.compress_size):
            raise Unreadable(BOMB)


def _holds_chats(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    if _CHATGPT.fullmatch(entry.filename):
        return True
    if not entry.filename.lower().endswith(".json"):
        return False
    try:
        with archive.open(entry) as file:
            return f'"{parley.FORMAT}"'.encode() in file.read(_HEAD_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        return False


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, pictures: Pictures, pointers: Pointers) -> Iterator[Found]:
    """The conversations of one entry; one that breaks off is told, and the others go on."""
    try:
        with archive.open(entry) as file, io.TextIOWrapper(file, "utf-8", errors="replace", newline="") as text:
            yield from _read(text, pictures, pointers)
    except Unreadable as unreadable:
        yield _name(entry), unreadable.sentence
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        yield _name(entry), "This part of the zip file is damaged, packed in a way of its own, or locked."


def _name(entry: zipfile.ZipInfo) -> str:
    return line(entry.filename.rpartition("/")[2], 200)


def _read(text: IO[str], pictures: Pictures, pointers: Pointers) -> Iterator[Found]:
    ours = False
    for value in arrays.values(text):
        # Some exports of ChatGPT have their list one level down.
        listed = items(mapping(value).get("conversations")) or [value]
        for one in listed:
            if found := _conversation(one, pictures, pointers):
                ours = True
                yield found
    if not ours:
        raise Unreadable(NOT_OURS)


def _conversation(value: Any, pictures: Pictures, pointers: Pointers) -> Found | None:
    """None where this is something else."""
    if isinstance(value, Unreadable):
        return "", value.sentence
    try:
        if parley.is_ours(value):
            return parley.tree_of(value, pictures)
        if chatgpt.is_chatgpt(value):
            return chatgpt.tree_of(value, pointers)
    except Unreadable as unreadable:
        return line(value.get("title"), 200), unreadable.sentence
    return None
