"""What is shown of a text that was found: the surroundings of what was asked for, which is marked."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chatapp.search.query import Phrase
from chatapp.search.tokens import clusters, fold, pieces

SHOWN_CHARACTERS = 220
BEFORE_CHARACTERS = 60
# No word is cut at an end, unless it is longer than this.
WORD_CHARACTERS = 20

_LINE_MARKS = r"^[ \t]*(?:`{3,}.*|~{3,}.*|#{1,6}[ \t]|>[ \t]?|[-*+][ \t])+"
_MARKDOWN = re.compile(rf"{_LINE_MARKS}|\*\*|`+", re.MULTILINE)
_BLANKS = re.compile(r"\s+")
# Stands where a mark of Markdown was: the places of everything else stay as they are. No text has one.
_GONE = "\0"

# Where a phrase stands in a text: its first character, the one after its last, and which of the phrases it is.
Match = tuple[int, int, int]


class _Line:
    """A line of a text, and the way from places in its folded form to places in the text."""

    def __init__(self, raw: str, offset: int) -> None:
        self.raw, self.offset = raw, offset
        self._starts: list[int] = []
        self._ends: list[int] = []

    def start(self, at: int) -> int:
        return self.offset + (at if self.raw.isascii() else self._mapped()[0][at])

    def end(self, at: int) -> int:
        return self.offset + (at if self.raw.isascii() else self._mapped()[1][at - 1])

    def _mapped(self) -> tuple[list[int], list[int]]:
        if not self._starts:
            for start, end in clusters(self.raw):
                width = _folded_width(self.raw[start:end])
                self._starts += [start] * width
                self._ends += [end] * width
        return self._starts, self._ends


@lru_cache(8192)
def _folded_width(cluster: str) -> int:
    return len(fold(cluster))


def matches(text: str, phrases: Sequence[Phrase]) -> Iterator[Match]:
    """Where the phrases stand in the text, from its beginning."""
    recent: deque[tuple[str, _Line, int, int]] = deque(maxlen=max((len(one.tokens) for one in phrases), default=1))
    offset = 0
    for raw in text.split("\n"):
        line = _Line(raw, offset)
        for token, start, end in pieces(fold(raw)):
            recent.append((token, line, start, end))
            for which, phrase in enumerate(phrases):
                if _ends_with(recent, phrase):
                    _, first_line, first, _ = recent[-len(phrase.tokens)]
                    yield first_line.start(first), line.end(start + 1 if phrase.open else end), which
        offset += len(raw) + 1


def _ends_with(recent: deque[tuple[str, _Line, int, int]], phrase: Phrase) -> bool:
    *before, last = phrase.tokens
    token = recent[-1][0]
    if token != last and not (phrase.open and token.startswith(last)):
        return False
    if len(recent) <= len(before):
        return False
    return all(recent[at - len(phrase.tokens)][0] == wanted for at, wanted in enumerate(before))


def snippet(text: str, phrases: Sequence[Phrase]) -> SafeString:
    """About 200 characters around the place where most of the phrases are, with these marked."""
    start, end = _window(text, phrases)
    shown = _MARKDOWN.sub(lambda mark: _GONE * len(mark[0]), text[start:end]).strip(_GONE + " \n\t")
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    return format_html("{}{}{}", head, _marked(shown, phrases), tail)


def marked(title: str, phrases: Sequence[Phrase]) -> SafeString:
    """The whole title, with the phrases marked."""
    return _marked(title, phrases)


def _window(text: str, phrases: Sequence[Phrase]) -> tuple[int, int]:
    found: list[Match] = []
    missing = set(range(len(phrases)))
    for match in matches(text, phrases):
        found.append(match)
        missing.discard(match[2])
        if not missing:
            break
    # The first of the best.
    middle = max(found, key=lambda match: _company(match, found), default=(0, 0, 0))[0]
    start = _word_start(text, max(0, middle - BEFORE_CHARACTERS))
    return start, _word_end(text, start + SHOWN_CHARACTERS)


def _company(match: Match, found: Iterable[Match]) -> int:
    """How many of the phrases can be seen together with this match."""
    reach = match[0] + SHOWN_CHARACTERS - BEFORE_CHARACTERS
    return len({which for start, end, which in found if match[0] <= start and end <= reach})


def _word_start(text: str, at: int) -> int:
    blank = _BLANKS.search(text, at, at + WORD_CHARACTERS) if at else None
    return blank.end() if blank else at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    nearby = text[max(0, at - WORD_CHARACTERS) : at]
    blank = max(nearby.rfind(" "), nearby.rfind("\n"))
    return at if blank < 0 else at - len(nearby) + blank


def _marked(shown: str, phrases: Sequence[Phrase]) -> SafeString:
    parts: list[str] = []
    done = 0
    for start, end in _joined(shown, matches(shown, phrases)):
        parts += [_plain(shown[done:start]), format_html("<mark>{}</mark>", _plain(shown[start:end]))]
        done = end
    parts.append(_plain(shown[done:]))
    return format_html_join("", "{}", ((part,) for part in parts))


def _joined(shown: str, found: Iterable[Match]) -> list[tuple[int, int]]:
    """Matches that overlap, or have nothing but blanks between them, as one."""
    joined: list[tuple[int, int]] = []
    for start, end, _ in sorted(found):
        if joined and not shown[joined[-1][1] : start].strip():
            first, last = joined.pop()
            start, end = first, max(last, end)
        joined.append((start, end))
    return joined


def _plain(part: str) -> str:
    return _BLANKS.sub(" ", part.replace(_GONE, ""))
