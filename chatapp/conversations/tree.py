"""Ways through a conversation's tree of messages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from chatapp.conversations.models import Conversation, Message


@dataclass(frozen=True, slots=True)
class Versions:
    """A message among its siblings: the index counts from 1."""

    index: int
    count: int
    previous_id: int | None
    next_id: int | None


class Tree:
    """The shape of a conversation without its texts. One query."""

    def __init__(self, conversation: Conversation) -> None:
        found = conversation.messages.placed().order_by("pk").values_list("pk", "parent_id", "compared")
        self.parents: dict[int, int | None] = {}
        self._children: defaultdict[int | None, list[int]] = defaultdict(list)
        self._compared: set[int | None] = set()
        for pk, parent, compared in found:
            self.parents[pk] = parent
            self._children[parent].append(pk)
            if compared:
                self._compared.add(pk)

    def path_to(self, pk: int | None) -> list[int]:
        """The ids from the root to this message, both included."""
        ids: list[int] = []
        while pk is not None:
            ids.append(pk)
            pk = self.parents[pk]
        return ids[::-1]

    def branch(self, leaf: int | None) -> list[int]:
        """What a page shows of the branch up to this message: answers that are compared at its end, all of them."""
        return [*self.path_to(leaf)[:-1], *(self.beside(leaf) or [leaf])] if leaf is not None else []

    def beside(self, pk: int) -> list[int]:
        """The answers that this one is compared with, itself among them; empty where none is to be kept."""
        question = self.parents[pk]
        return self._children[question] if question in self._compared else []

    def under(self, pk: int) -> set[int]:
        """This message and all that follow it, in whatever branch."""
        found, after = set(), [pk]
        while after:
            found.add(one := after.pop())
            after += self._children.get(one, ())
        return found

    def newest_leaf(self, pk: int) -> int:
        """The end of the newest branch through this message."""
        while pk in self._children:
            pk = self._children[pk][-1]
        return pk

    def versions(self, pk: int) -> Versions | None:
        """Which of its siblings this message is; None if it has none."""
        group = self._children[self.parents[pk]]
        if len(group) == 1:
            return None
        at = group.index(pk)
        return Versions(
            index=at + 1,
            count=len(group),
            previous_id=group[at - 1] if at else None,
            next_id=group[at + 1] if at + 1 < len(group) else None,
        )


def path_to(leaf: Message) -> list[Message]:
    """The messages from the root to this one, both included."""
    ids = Tree(leaf.conversation).path_to(leaf.pk)
    found = leaf.conversation.messages.in_bulk(ids)
    return [found[pk] for pk in ids]
