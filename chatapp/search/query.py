"""What a member types into the field of the search → what must be in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatapp.search.tokens import fold, is_cjk, pieces

QUERY_CHARACTERS = 200
# All of them must be there; more than these are not looked at.
MOST_PHRASES = 12

# In quotation marks of any keyboard, or up to the next blank or Chinese mark. A quotation may be open while one types.
_PART = re.compile(r'"([^"]*)"?|([^\s"，。、；：！？]+)')
_QUOTES = str.maketrans("“”„«»＂", '""""""')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow each other; one, for a word. `open`: of the last one only the beginning is given."""

    tokens: tuple[str, ...]
    open: bool = False


def phrases_of(query: str) -> list[Phrase]:
    """The words and quotations of a query; none if there is nothing to look for."""
    asked = query[:QUERY_CHARACTERS].translate(_QUOTES)
    found = (_phrase(part[1] or part[2] or "") for part in _PART.finditer(asked))
    return list(dict.fromkeys(phrase for phrase in found if phrase.tokens))[:MOST_PHRASES]


def _phrase(part: str) -> Phrase:
    cut = [(token, start) for token, start, _ in pieces(fold(" ".join(part.split())))]
    tokens = [token for token, _ in cut]
    if not tokens or not is_cjk(tokens[-1]):
        return Phrase(tuple(tokens))
    # The text may go on where the question ends, so the last character alone need not be in it.
    if len(cut) > 1 and is_cjk(tokens[-2]) and cut[-2][1] + 1 == cut[-1][1]:
        return Phrase(tuple(tokens[:-1]))
    return Phrase(tuple(tokens), open=True)
