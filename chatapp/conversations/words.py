"""Text that people and models give us: cleaned once, at the door."""

from __future__ import annotations

import re

TITLE_CHARACTERS = 60

# NUL is refused by PostgreSQL, a lone surrogate by every encoder.
_BROKEN = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without what a database or a socket cannot hold."""
    return _BROKEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def first_words(text: str) -> str:
    """One line that fits a list: whole words where there are any, marked when cut."""
    line = " ".join(clean(text).split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[:TITLE_CHARACTERS]
    head, _, _ = cut.rpartition(" ")
    return f"{head if len(head) > TITLE_CHARACTERS // 2 else cut}…"
