"""A JSON file that may be long, a conversation at a time: only one of them is ever taken apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from chatapp.transfer.limits import JSON_CHARACTERS, JSON_DEPTH
from chatapp.transfer.reading.values import Unreadable

_READ_CHARACTERS = 1_000_000
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}
_BLANKS = "\ufeff \t\r\n"
# A whole string, or the beginning of one, or a bracket.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{}]', re.S)

TOO_LARGE = "It is larger than what is taken of one chat."
TOO_DEEP = "It is nested deeper than any chat is."
BROKEN = "It is not whole, or not JSON."


def values(file: IO[str]) -> Iterator[Any]:
    """What the file holds: the objects of a list, or the one object. Unreadable stands for one that is not taken.

    Raises Unreadable where the file is no JSON that could hold a chat, or breaks off.
    """
    scan = _Scan(file)
    yield from scan.elements() if scan.opens("[") else iter([scan.whole()])


class _Scan:
    """Finds where values begin and end, without building them: depth is a number here, however deep."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._text = ""
        self._more = True

    def opens(self, bracket: str) -> bool:
        """Whether the file's first character besides blanks is this."""
        self._fill()
        return self._text.lstrip(_BLANKS).startswith(bracket)

    def whole(self) -> Any:
        """The file as one value. Raises Unreadable."""
        while self._more:
            if len(self._text) > JSON_CHARACTERS:
                raise Unreadable(TOO_LARGE)
            self._fill()
        depth = deepest = 0
        for token in _TOKEN.finditer(self._text):
            depth += _step(token[0])
            deepest = max(deepest, depth)
        found = _built(self._text.lstrip(_BLANKS), deepest)
        if isinstance(found, Unreadable):
            raise found
        return found

    def elements(self) -> Iterator[Any]:
        """The objects of a list, one after the other. Raises Unreadable where it breaks off."""
        depth = deepest = at = start = 0
        inside = large = False
        while True:
            token = _TOKEN.search(self._text, at)
            if token is None or token[0] == '"':
                # What is here is seen up to this place; nothing before the object's beginning is needed again.
                seen = len(self._text) if token is None else token.start()
                large = large or (inside and seen - start > JSON_CHARACTERS)
                drop = start if inside and not large else seen
                self._fill(drop)
                at, start = seen - drop, 0
                continue
            at = token.end()
            depth += _step(token[0])
            deepest = max(deepest, depth)
            if not inside and depth == 2 and token[0] == "{":
                inside, large, start, deepest = True, False, token.start(), 2
            elif inside and depth == 1:
                yield Unreadable(TOO_LARGE) if large else _built(self._text[start:at], deepest)
                inside = False
            elif depth <= 0:
                return

    def _fill(self, drop: int = 0) -> None:
        """Let go of what comes before, and read on: more where much is waiting, so that nothing is seen often."""
        kept = self._text[drop:]
        if len(kept) > 2 * JSON_CHARACTERS:
            raise Unreadable(TOO_LARGE)
        read = self._file.read(max(_READ_CHARACTERS, len(kept)))
        if not read and not self._more:
            raise Unreadable(BROKEN)
        self._text, self._more = kept + read, bool(read)


def _step(found: str) -> int:
    """How much deeper it is behind this."""
    return _STEPS.get(found, 0)


def _built(text: str, depth: int) -> Any:
    """The value, or an Unreadable that says why there is none."""
    if depth > JSON_DEPTH:
        return Unreadable(TOO_DEEP)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return Unreadable(BROKEN)
