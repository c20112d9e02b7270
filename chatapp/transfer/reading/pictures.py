"""Images of a file, put aside by the digest of their content. Nobody has looked at what they are yet."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatapp.transfer.limits import IMAGES, IMAGES_BYTES
from chatapp.transfer.reading.tree import Tree
from chatapp.transfer.reading.values import line

NAME_CHARACTERS = 120
ALT_CHARACTERS = 400
_FILE_ID = re.compile(r"file[-_][A-Za-z0-9]{1,100}")


class Pictures:
    """Writes contents into a folder, up to a sum. Every file there is named by us."""

    def __init__(self, folder: Path, most_bytes: int, archive: zipfile.ZipFile | None = None) -> None:
        self._folder, self._most, self._archive = folder, most_bytes, archive
        self._written = 0

    def inside(self, data: Any) -> str:
        """Put aside what this base64 holds; its digest, or "" where it holds none that is taken."""
        if not isinstance(data, str) or len(data) > self._most * 4 // 3 + 4:
            return ""
        try:
            return self._put(base64.b64decode(data, validate=True))
        except (binascii.Error, ValueError):
            return ""

    def entry(self, name: str) -> str:
        """Put aside this file of the zip; its digest, or ""."""
        if self._archive is None:
            return ""
        try:
            info = self._archive.getinfo(name)
            return self._put(self._archive.read(info)) if info.file_size <= self._most else ""
        except (KeyError, OSError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error):
            return ""

    def _put(self, content: bytes) -> str:
        if not content or len(content) > self._most:
            return ""
        digest = hashlib.sha256(content).hexdigest()
        path = self._folder / digest
        if not path.exists():
            if self._written + len(content) > IMAGES_BYTES:
                return ""
            self._written += len(content)
            path.write_bytes(content)
        return digest


def hang(tree: Tree, digest: str, name: str, alt: str) -> int | None:
    """Make it one of the tree's pictures; its number, or None where it is not there or one too many."""
    if not digest or len(tree.pictures) >= IMAGES:
        return None
    tree.pictures.append({"digest": digest, "name": line(name, NAME_CHARACTERS), "alt": line(alt, ALT_CHARACTERS)})
    return len(tree.pictures)


def note(name: str) -> str:
    """What stands in a message in the place of an image that was not taken."""
    return f"[Image not taken: {name}]" if name else "[Image not taken]"


class Pointers:
    """Where ChatGPT's names of files lead: to the entries of its zip whose names begin with them."""

    def __init__(self, pictures: Pictures, names: Iterable[str] = ()) -> None:
        self._pictures = pictures
        self._entries: dict[str, str] = {}
        for name in names:
            if found := _FILE_ID.match(name.rpartition("/")[2]):
                self._entries.setdefault(found[0], name)

    def id_in(self, pointer: str) -> str:
        """The id of a file in "sediment://file_0…" or "file-service://file-A…"; "" where there is none."""
        found = _FILE_ID.match(pointer.rpartition("//")[2])
        return found[0] if found else ""

    def content(self, key: str) -> str:
        """Put aside the file of this id; its digest, or "" where it is not there."""
        return self._pictures.entry(self._entries[key]) if key in self._entries else ""
