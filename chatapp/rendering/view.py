"""The open tail as a viewer has it, and the operations that bring a viewer there.

("block", html)  append to the closed part, and empty the tail
("tail", html)   replace the content of the tail
("open", html)   replace the element with the attribute data-open inside the tail; html holds one such element again
("text", text)   insert plain text before the caret, an element of class "caret" inside the tail
"""

from __future__ import annotations

from html import escape
from typing import Literal

from chatapp.rendering.writer import CARET

Op = tuple[Literal["block", "tail", "open", "text"], str]


class View:
    """What the operations so far add up to: head, finished children, the open element and foot."""

    def __init__(self) -> None:
        self._head = self._open = self._foot = ""
        self._children: list[str] = []
        self._texts: list[str] = []

    def html(self) -> str:
        before, caret, after = self._open.partition(CARET)
        # Without quotes to escape it is what a browser would write for a text node.
        texts = escape("".join(self._texts), quote=False)
        return self._head + "".join(self._children) + before + texts + caret + after + self._foot

    def show(self, html: str) -> list[Op]:
        """Replace everything by a tail without children."""
        return self.show_children("", "", html, "")

    def show_children(self, head: str, children: str, open_child: str, foot: str) -> list[Op]:
        """Replace everything by a container with finished children and an open one."""
        before = self.html()
        self._head, self._children, self._foot = head, [children], foot
        self._open, self._texts = open_child, []
        html = self.html()
        return [("tail", html)] if html != before else []

    def grow(self, children: str, open_child: str) -> list[Op]:
        """Put newly finished children and a new open child in the place of the open child."""
        if not children and not self._texts and open_child == self._open:
            return []
        self._children.append(children)
        self._open, self._texts = open_child, []
        return [("open", children + open_child)]

    def append(self, text: str) -> list[Op]:
        self._texts.append(text)
        return [("text", text)]

    def clear(self) -> None:
        self._head = self._open = self._foot = ""
        self._children, self._texts = [], []
