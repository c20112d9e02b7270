"""A viewer of an answer that is on its way: does with the operations what the browser does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from chatapp.rendering.live import Live, Op
from chatapp.rendering.writer import CARET

OPEN = re.compile(r"<(li|div|tr)\b[^>]*\bdata-open\b[^>]*>")
LONG_ENOUGH_SECONDS = 1_000


class Clock:
    """Time that passes only when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Viewer:
    """What a browser shows. It is strict: an operation that would find no place to go is an error."""

    def __init__(self) -> None:
        self.closed = self.tail = ""
        self.sent: list[Op] = []

    def get(self, ops: list[Op]) -> None:
        self.sent += ops
        for kind, arg in ops:
            if kind == "block":
                self.closed, self.tail = self.closed + arg, ""
            elif kind == "tail":
                self.tail = arg
            elif kind == "text":
                assert self.tail.count(CARET) == 1
                self.tail = self.tail.replace(CARET, escape(arg, quote=False) + CARET)
            else:
                self._replace_open(arg)

    def _replace_open(self, html: str) -> None:
        (found,) = OPEN.finditer(self.tail)
        depth = 0
        for tag in re.finditer(rf"<(/?){found[1]}\b[^>]*>\n?", self.tail[found.start() :]):
            depth += -1 if tag[1] else 1
            if depth == 0:
                end = found.start() + tag.end()
                self.tail = self.tail[: found.start()] + html + self.tail[end:]
                return
        raise AssertionError("the open element has no end")


def watch(text: str, cuts: list[tuple[int, bool]], already: str = "") -> Iterator[tuple[Live, Viewer]]:
    """The state after each flush and, last, after the end. Enough time passes between two flushes."""
    clock = Clock()
    live, viewer = Live(already, clock), Viewer()
    viewer.closed, viewer.tail = live.closed, live.tail()
    at = turn = 0
    while at < len(text):
        step, flush = cuts[turn % len(cuts)]
        live.feed(text[at : at + step])
        at, turn = at + step, turn + 1
        if flush:
            clock.now += LONG_ENOUGH_SECONDS
            viewer.get(live.flush())
            yield live, viewer
    viewer.get(live.finish())
    yield live, viewer


def watched_to_the_end(text: str, cuts: list[tuple[int, bool]], already: str = "") -> tuple[Live, Viewer]:
    *_, last = watch(text, cuts, already)
    return last
