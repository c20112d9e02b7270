"""Where the caret stands, and which text can be put there as it is.

Rendering the tail anew for each delta costs as much as the tail is long. Most text has no effect on what stands
before it: then it is enough to append it. Each leaf knows the text that surely has none.
"""

from __future__ import annotations

import re
from typing import Protocol

# A line that begins so cannot end a paragraph, whatever follows on it.
SAFE_START = r"(?=[^\W\d_]|[^\x00-\x7f]|\d{1,9}[:,;/'\"!?])"
# Characters without a meaning of their own in the middle of a line.
INERT = r"[0-9A-Za-z\x80-\U0010ffff.,:;!?'\"()/%+=@-]"
ONE_LINE = re.compile(rf"((?:[ ]*+{INERT}++)*+)[ ]*")
LINES = re.compile(rf"((?:(?:[ ]?\n{SAFE_START}|[ ]*+){INERT}++)*+)[ ]*(?:\n\d{{0,9}})?")
SOURCE_LINES = re.compile(rf"((?:[^\n]++|\n{SAFE_START})*+)(?:\n\d{{0,9}})?")
TEX_LINES = re.compile(r"((?:[^$\n\\]++|\\[^\]\n]|\n[ ]*+(?=[^\s$]))*+)(?:\n[ ]*|\\)?")
LINE = re.compile(r"[^\n]*\n|[^\n]+")
ENDS_INERT = re.compile(rf"{INERT}\Z")

# Text to append and the number of source characters that it stands for; None: the tail must be rendered anew.
Taken = tuple[str, int] | None


class Leaf(Protocol):
    def take(self, held: str) -> Taken:
        """How much of the source that is not shown yet can be appended as it is."""


class Nowhere:
    """No caret, or a place where any text may change what is shown."""

    def take(self, held: str) -> Taken:
        return None


class Rows:
    """Below a table: nothing is shown before its line is complete."""

    def take(self, held: str) -> Taken:
        return None if "\n" in held else ("", 0)


class Anything:
    """Text that is shown as it is for good."""

    def take(self, held: str) -> Taken:
        return held, len(held)


class Pattern:
    """Text of which one pattern tells what is harmless; what it leaves at the end waits for more."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def take(self, held: str) -> Taken:
        match = self._pattern.fullmatch(held)
        return (match[1], len(match[1])) if match else None


class Prose:
    """The end of a paragraph or heading."""

    def __init__(self, content: str, *, heading: bool) -> None:
        self._pattern = ONE_LINE if heading else LINES
        self._last = content[-1:]
        word = content[max(content.rfind(" "), content.rfind("\n")) + 1 :]
        # An address or an entity may go on with any character.
        self._in_word = "://" in word or "&" in word
        self._link_may_close = "](" in content

    def take(self, held: str) -> Taken:
        match = self._pattern.fullmatch(held)
        if not match:
            return None
        text = match[1]
        if text and not self._harmless(text):
            return None
        if text:
            self._last, self._in_word = text[-1], False
        return text, len(text)

    def _harmless(self, text: str) -> bool:
        if text[0] in " \n":
            joined = self._last != "\\"
        else:
            joined = not self._in_word and ENDS_INERT.match(self._last) is not None
        if not joined or "//" in self._last + text:
            return False
        return not (self._link_may_close and ")" in text)


class Code:
    """The end of an open code block.

    `indent`: blanks to take from each line. `fence`: the marks that close it at this length or longer, "" for indented
    code. `nested`: a line with fewer blanks ends it.
    """

    def __init__(self, shown: str, indent: int, fence: str, *, nested: bool) -> None:
        self._at_start = not shown or shown.endswith("\n")
        self._indent, self._nested = indent, nested
        mark = re.escape(fence[:1])
        self._closer = re.compile(rf"[ ]*{mark}{{{len(fence)},}}[ \t]*") if fence else None
        self._half_closer = re.compile(rf"[ ]*{mark}*[ \t]*") if fence else re.compile("[ ]*")

    def take(self, held: str) -> Taken:
        shown, used, at_start = [], 0, self._at_start
        for line in LINE.findall(held):
            if at_start:
                if not line.endswith("\n") and self._half_closer.fullmatch(line):
                    break
                body = self._line(line)
                if body is None:
                    return None
                shown.append(body)
            else:
                shown.append(line)
            used += len(line)
            at_start = line.endswith("\n")
        self._at_start = at_start
        return "".join(shown), used

    def _line(self, line: str) -> str | None:
        """The line as code; None if it ends the block."""
        bare = line.rstrip("\n")
        if self._closer and self._closer.fullmatch(bare):
            return None
        blanks = min(len(line) - len(line.lstrip(" ")), self._indent)
        if self._nested and blanks < self._indent and bare.strip(" "):
            return None
        return line[blanks:]
