"""The calls of tools in an answer, put together from their pieces and read however they are quoted."""

from __future__ import annotations

import ast
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatapp.upstream.cleaning import Cleaner
from chatapp.upstream.limits import Limits

NAME_CHARACTERS = 200
# Python's own reader takes five hundred bytes of memory for each character of a long list.
PYTHON_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is None where `written`, what the upstream wrote, is no object in JSON or Python."""

    id: str
    name: str
    arguments: Mapping[str, Any] | None
    written: str


class ToolCalls:
    """Takes the `tool_calls` of deltas and messages in order: whole ones, or an id and a name and then pieces."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: dict[int | None, _Call] = {}
        self._calls: list[_Call] = []
        self._characters = 0

    def __bool__(self) -> bool:
        return bool(self._calls)

    def take(self, pieces: Any) -> bool:
        """False: there is more of it than we keep."""
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict):
                self._take(piece)
        return len(self._calls) <= self._limits.tool_calls and self._characters <= self._limits.answer_characters

    def names(self, text: str) -> bool:
        """Whether a text is but the name of one of the calls: Intern repeats it as the content."""
        return any(call.name == text for call in self._calls)

    def read(self) -> Sequence[ToolCall]:
        return tuple(call.read() for call in self._calls)

    def _take(self, piece: Mapping[str, Any]) -> None:
        function = piece.get("function")
        if not isinstance(function, dict):
            function = {}
        index = piece.get("index")
        key = index if isinstance(index, int) else None
        identity, name = _word(piece.get("id")), _word(function.get("name"))
        call = self._open.get(key)
        # Some number every call 0, or none: another id, or without a number another name, begins another call.
        if call is None or (identity and call.id and identity != call.id) or (key is None and name and call.name):
            call = self._open[key] = _Call()
            self._calls.append(call)
        call.id, call.name = call.id or identity, call.name or name
        self._characters += call.write(function.get("arguments"))


class _Call:
    def __init__(self) -> None:
        self.id = self.name = ""
        self._written: list[str] = []

    def write(self, arguments: Any) -> int:
        """How many characters it was."""
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments)
        if not isinstance(arguments, str):
            return 0
        self._written.append(arguments)
        return len(arguments)

    def read(self) -> ToolCall:
        written = _clean("".join(self._written))
        return ToolCall(self.id, self.name, read_arguments(written), written)


def read_arguments(written: str) -> Mapping[str, Any] | None:
    """An object in JSON, or in Python as Intern quotes it; {} for nothing at all, None for anything else."""
    if not written.strip():
        return {}
    for read in (json.loads, _read_python):
        try:
            arguments = read(written)
            if isinstance(arguments, dict):
                return {str(_fit(name)): _fit(value) for name, value in arguments.items()}
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _read_python(written: str) -> Any:
    if len(written) > PYTHON_CHARACTERS:
        raise ValueError("too long for Python")
    with warnings.catch_warnings():
        # A backslash before a letter that needs none is no concern of ours.
        warnings.simplefilter("ignore")
        return ast.literal_eval(written.strip())


def _fit(value: Any) -> Any:
    """Escapes inside hide what a database and a socket refuse, and Python knows things that JSON does not."""
    if isinstance(value, dict):
        return {str(_fit(name)): _fit(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fit(inner) for inner in value]
    if value is None or (isinstance(value, (int, float)) and math.isfinite(value)):
        return value
    return _clean(str(value))


def _clean(text: str) -> str:
    cleaner = Cleaner()
    return cleaner.clean(text) + cleaner.close()


def _word(value: Any) -> str:
    return _clean(value[:NAME_CHARACTERS]) if isinstance(value, str) else ""
