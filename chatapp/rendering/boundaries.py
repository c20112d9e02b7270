"""What can be decided about a text that is not complete: where blocks surely begin and end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.token import Token

from chatapp.rendering.grammar import is_closed_fence, top_level
from chatapp.rendering.limits import MAX_HELD_CHARS

# An unfinished line of these may still become a heading, a rule, an item, a fence, a delimiter row ...
ONLY_MARKS = re.compile(r"[\s\-+*_=~`#|:$\\\[\]\d.)^>!]*")
HALF_TASK = re.compile(r"[\s>]*(?:[-+*]|\d{1,9}[.)])[ \t]+\[[xX]\]?")
OPENS_FENCE = re.compile(r"[\s>*+\-\d.)]*(?:```|~~~)")
# After a blank line only this can go on with the block before it, unless that is a fence.
MAYBE_ITEM = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?:[ \t]|\Z)|\d{1,9}\Z")
ENDED_BY_BLANK_LINE = frozenset({"paragraph_open", "table_open", "blockquote_open"})


def complete(source: str) -> int:
    """Where the unfinished last line begins."""
    return source.rfind("\n") + 1


def line_start(source: str, line: int) -> int:
    at = 0
    for _ in range(line):
        at = source.find("\n", at) + 1
        if not at:
            return len(source)
    return at


def must_wait(line: str) -> bool:
    """Whether nobody can tell yet what this unfinished line will be, so that showing it would make the page jump."""
    if len(line) > MAX_HELD_CHARS:
        return False
    return bool(ONLY_MARKS.fullmatch(line) or HALF_TASK.fullmatch(line) or OPENS_FENCE.match(line))


def starts_block(source: str, at: int) -> bool:
    """Whether the unfinished line that begins here surely starts a block: it follows a blank line and is no item.

    Not so inside a fence: that must be ruled out by parsing.
    """
    if not at or at == len(source) or source[at] in " \t":
        return False
    before = source[source.rfind("\n", 0, at - 1) + 1 : at]
    return not before.strip(" \t\n") and not MAYBE_ITEM.match(source, at)


def finished_blocks(tokens: list[Token], source: str) -> tuple[int, list[Sequence[Token]]]:
    """The blocks that no further text can change, and where in the source the rest begins.

    The tokens are those of `source`, which consists of complete lines, but for a last one that `starts_block`.
    """
    blocks = top_level(tokens)
    if not blocks:
        return 0, []
    begin, end = blocks[-1][0].map or (0, 0)
    if _is_final(blocks[-1], source, line_start(source, end)):
        return line_start(source, end), blocks
    return line_start(source, begin), blocks[:-1]


def _is_final(last_block: Sequence[Token], source: str, end: int) -> bool:
    """Whether the last block, which ends here, can take in no further line."""
    if not source.endswith("\n"):
        return False
    first = last_block[0]
    if source[end:].strip(" \t\n"):
        # Definitions follow: the parser went on.
        return True
    if first.type == "heading_open":
        # A line with a pipe may still become the head of a table; one that is underlined has had its chance.
        return first.markup in "-=" or "|" not in last_block[1].content
    if first.type == "fence":
        return is_closed_fence(first)
    return first.type in ("hr", "math_block") or (first.type in ENDED_BY_BLANK_LINE and end < len(source))
