"""A zip file that is written from front to end, and handed on while it grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

# The format counts years from here, and seconds in twos.
_FIRST_YEAR, _LAST_YEAR = 1980, 2107


class _Outlet:
    """What was written and not yet taken. It cannot be sought, so zipfile writes sizes after the contents."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.waiting = 0

    def write(self, data: bytes) -> int:
        self.parts.append(data)
        self.waiting += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is held open."""


class Archive:
    """Add files, take the bytes that are ready in between; close, and take the rest."""

    def __init__(self) -> None:
        self._outlet = _Outlet()
        self._zip = ZipFile(self._outlet, "w")

    @property
    def waiting(self) -> int:
        """How many bytes are ready."""
        return self._outlet.waiting

    def take(self) -> bytes:
        parts, self._outlet.parts, self._outlet.waiting = self._outlet.parts, [], 0
        return b"".join(parts)

    @contextmanager
    def file(self, name: str, when: datetime, *, packed: bool = True) -> Iterator[IO[bytes]]:
        """A file to write into; one at a time. What is packed already is only stored."""
        year = min(max(when.year, _FIRST_YEAR), _LAST_YEAR)
        info = ZipInfo(name, (year, when.month, when.day, when.hour, when.minute, when.second))
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        with self._zip.open(info, "w") as file:
            yield file

    def close(self) -> None:
        self._zip.close()
