"""A conversation that was read, whatever it was read from: what the server gets to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatapp.transfer.limits import CONVERSATION_CHARACTERS, MESSAGES
from chatapp.transfer.reading.values import Unreadable


@dataclass(slots=True)
class Node:
    """A message. `id` counts from 1 and `parent` is smaller; `images` are numbers of the tree's pictures.

    `more` holds the columns of the row that only some messages have.
    """

    id: int
    parent: int | None
    role: str
    text: str
    created_at: datetime | None = None
    reasoning: str = ""
    alias: str = ""
    images: list[int] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Tree:
    """`source` names the conversation where it came from. `pictures` are digests of their content, with what is said
    of them. `left_out` counts, by its words, what was not taken.
    """

    source: str
    title: str
    nodes: list[Node] = field(default_factory=list)
    open: int | None = None
    head: dict[str, Any] = field(default_factory=dict)
    pictures: list[dict[str, str]] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def add(self, parent: int | None, role: str, text: str) -> Node:
        """The next message. Raises Unreadable where there are too many."""
        if len(self.nodes) >= MESSAGES:
            raise Unreadable(f"It has more than {MESSAGES:,} messages.")
        node = Node(len(self.nodes) + 1, parent, role, text)
        self.nodes.append(node)
        return node

    def leave_out(self, what: str) -> None:
        self.left_out[what] = self.left_out.get(what, 0) + 1

    def check(self) -> None:
        """Raise Unreadable where this is no conversation, or more than one may be."""
        if not self.nodes:
            raise Unreadable("There is no message in it.")
        if sum(len(node.text) + len(node.reasoning) for node in self.nodes) > CONVERSATION_CHARACTERS:
            raise Unreadable(f"Its messages have more than {CONVERSATION_CHARACTERS:,} characters.")
