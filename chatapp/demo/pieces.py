"""Text cut into deltas, at the borders where tokenizers cut: 1 to 6 characters each."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_PIECE = 6
PIECES = re.compile(
    r"\n+|"  # line ends together
    r" ?[^\W\d_\u2e80-\uffff]+|"  # a word of letters, with the blank before it
    r" ?\d{1,5}|"
    r"[\u3400-\u9fff]{1,2}|"  # Chinese characters, one or two at a time
    r" ?[^\w\s\u2e80-\uffff]{1,3}|"  # punctuation and mark-up
    r".",
    re.DOTALL,
)


def pieces_of(text: str) -> Iterator[str]:
    """The deltas of a text, in order; joined they are the text. The same text is always cut alike."""
    for piece in PIECES.finditer(text):
        yield from _shares(piece[0])


def _shares(piece: str) -> list[str]:
    """A long word in nearly equal parts."""
    count = -(-len(piece) // LONGEST_PIECE)
    if count <= 1:
        return [piece]
    size = -(-len(piece) // count)
    return [piece[start : start + size] for start in range(0, len(piece), size)]
