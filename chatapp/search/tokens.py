"""Text → tokens, the same for what is written and for what is asked.

A word is a run of letters and digits, folded: "Élan" is "elan". Chinese, Japanese and Korean have no words that a
machine sees; a run of their characters becomes pairs that overlap and, at its end, the last character alone:
阳离子 → 阳离, 离子, 子. So a word of two characters is one token, and a longer one is tokens that follow each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

# Kept beside each entry; another version means: index again.
VERSION = 1
# Of one text. Positions in PostgreSQL's tsvector end at 16,383, a whole one at 1 MB, a word's places at 256.
MOST_TOKENS = 16_000
MOST_BYTES = 900_000
MOST_PLACES = 255
TOKEN_CHARACTERS = 64
# What one token takes in a tsvector besides its text, at most.
_OVERHEAD = 8
# Holds the place of a token that has too many already.
HOLE = ""

_CJK = (
    "\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_RUN = re.compile(rf"([{_CJK}]+)|[^\W_{_CJK}]+")
# Accents, and what is not seen at all: soft hyphens, joiners, byte order marks.
_LEFT_OUT = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]")
# Besides marks (category M), what may become one character with the one before: Korean letters, half-width kana marks.
_JOINS = re.compile("[\u1160-\u11ff\u3131-\u318e\ua960-\ua97f\ud7b0-\ud7ff\uff9e-\uffdc]")

# A token, and where it begins and ends in the folded line.
Piece = tuple[str, int, int]


def tokens(text: str) -> list[str]:
    """The tokens of a text in their order, HOLE where one has come too often; as many as both databases take."""
    found: list[str] = []
    places: Counter[str] = Counter()
    size = 0
    for line in text.split("\n"):
        for token, _, _ in pieces(fold(line)):
            size += len(token.encode()) + _OVERHEAD
            if len(found) == MOST_TOKENS or size > MOST_BYTES:
                return found
            places[token] += 1
            found.append(token if places[token] <= MOST_PLACES else HOLE)
    return found


def fold(text: str) -> str:
    """The text without regard to case, accents, width and ligatures."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", _LEFT_OUT.sub("", plain))


def pieces(folded: str) -> Iterator[Piece]:
    """The tokens of folded text, each with its place."""
    for run in _RUN.finditer(folded):
        start, end = run.span()
        if run[1] is None:
            yield folded[start : min(end, start + TOKEN_CHARACTERS)], start, end
        else:
            for at in range(start, end - 1):
                yield folded[at : at + 2], at, at + 2
            yield folded[end - 1], end - 1, end


def is_cjk(token: str) -> bool:
    run = _RUN.match(token)
    return run is not None and run[1] is not None


def clusters(line: str) -> Iterator[tuple[int, int]]:
    """Where a line may be cut so that its parts, folded one by one, are the folded whole."""
    start = 0
    for at in range(1, len(line)):
        character = line[at]
        if character.isascii() or not (unicodedata.category(character)[0] == "M" or _JOINS.match(character)):
            yield start, at
            start = at
    if line:
        yield start, len(line)
