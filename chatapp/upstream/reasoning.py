"""What a model wrote → (reasoning, answer), for upstreams that leave `<think>` tags in the content."""

from __future__ import annotations

import re
from enum import Enum, auto

OPEN, CLOSE = "<think>", "</think>"
# Blanks that are held back because a tag may follow; more is text.
MOST_BLANKS = 200

# Where a template would put it: at the end of a line.
_CLOSE_AT_LINE_END = re.compile(r"</think>[ \t]*(?=[\r\n])")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


class _At(Enum):
    START = auto()  # nothing but blanks and perhaps a piece of a tag
    THOUGHT = auto()
    GAP = auto()  # after the closing tag, before the first word
    WATCHED = auto()  # the answer, as it seems: a lone closing tag may still turn it into reasoning
    ANSWER = auto()


class Splitter:
    """Splits content that arrives in pieces cut anywhere.

    Tags count at the very start of the content; quoted later they are text. `opened` says that the upstream's
    template writes the opening tag, so that the content starts inside the thought. Where nobody says so, a lone
    closing tag at the end of a line, outside code, does: `moved` is true from then on, and all text given out before
    was reasoning. Leading line ends of both parts go, but not those of an answer that `continues` another.
    """

    def __init__(self, *, opened: bool = False, continues: bool = False) -> None:
        self.moved = False
        self._at = _At.START
        self._held = ""
        self._opened = opened
        self._continues = continues
        self._reasoned = False
        self._given: list[str] = []

    def feed(self, content: str) -> tuple[str, str]:
        """→ (reasoning, answer) as far as this piece settles them."""
        if self._at is _At.ANSWER:
            return "", content
        content, self._held = self._held + content, ""
        if self._at is _At.START:
            return self._start(content)
        if self._at is _At.THOUGHT:
            return self._thought(content)
        if self._at is _At.WATCHED:
            return self._watched(content)
        return "", self._first_word(content)

    def close(self) -> tuple[str, str]:
        """What was held back because it could have become a tag."""
        held, self._held = self._held, ""
        if self._at is _At.THOUGHT:
            return self.reason(held), ""
        return "", held.lstrip("\r\n") if self._at is _At.START else held

    def reason(self, reasoning: str) -> str:
        """Trims reasoning that came in a field of its own, too; the content needs no watching then."""
        if not self._reasoned:
            reasoning = reasoning.lstrip("\r\n")
            self._reasoned = bool(reasoning)
        return reasoning

    def _start(self, content: str) -> tuple[str, str]:
        begun = content.lstrip()
        if begun.startswith(OPEN):
            self._at = _At.THOUGHT
            return self._thought(begun[len(OPEN) :])
        if begun.startswith(CLOSE):
            self._at = _At.GAP
            return "", self._first_word(begun[len(CLOSE) :])
        if len(content) <= MOST_BLANKS and (OPEN.startswith(begun) or CLOSE.startswith(begun)):
            self._held = content
            return "", ""
        if self._reasoned:
            self._at = _At.GAP
            return "", self._first_word(content)
        if self._opened:
            self._at = _At.THOUGHT
            return self._thought(content)
        self._at = _At.WATCHED
        return self._watched(content if self._continues else content.lstrip("\r\n"))

    def _thought(self, content: str) -> tuple[str, str]:
        thought, tag, answer = content.partition(CLOSE)
        if tag:
            self._at = _At.GAP
            return self.reason(thought), self._first_word(answer)
        cut = _begun_tag(content)
        self._held = content[cut:]
        return self.reason(content[:cut]), ""

    def _first_word(self, content: str) -> str:
        answer = content.lstrip("\r\n")
        if answer:
            self._at = _At.ANSWER
        return answer

    def _watched(self, content: str) -> tuple[str, str]:
        if self._reasoned:
            self._at = _At.ANSWER
            return "", content
        if "<" not in content:
            self._given.append(content)
            return "", content
        for tag in _CLOSE_AT_LINE_END.finditer(content):
            before = "".join(self._given) + content[: tag.start()]
            if not before.endswith("`") and len(_FENCE.findall(before)) % 2 == 0:
                self.moved = True
                self._given.clear()
                self._at = _At.GAP
                return content[: tag.start()], self._first_word(content[tag.end() :])
        cut = _begun_tag(content)
        self._held = content[cut:]
        self._given.append(content[:cut])
        return "", content[:cut]


def _begun_tag(content: str) -> int:
    """Where a closing tag at the end begins, unfinished or perhaps at the end of its line; else the length."""
    at = content.rfind("<")
    tail = content[at:] if at >= 0 else ""
    if CLOSE.startswith(tail) or (tail.rstrip(" \t") == CLOSE and len(tail) <= MOST_BLANKS):
        return len(content) - len(tail)
    return len(content)
