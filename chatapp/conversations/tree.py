"""Ways through a conversation's tree of messages."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.conversations.models import Conversation, Message

# What a page, a path or a branch switch needs to know of a message, without its text.
_SHAPE = ("pk", "parent_id")


@dataclass(frozen=True, slots=True)
class Versions:
    """A message among its siblings: the index counts from 1."""

    index: int
    count: int
    previous_id: int | None
    next_id: int | None


def ids_to(leaf: Message) -> list[int]:
    """The ids from the root to this message, both included."""
    parents = dict(leaf.conversation.messages.values_list(*_SHAPE))
    ids: list[int] = []
    step: int | None = leaf.pk
    while step is not None:
        ids.append(step)
        step = parents[step]
    return ids[::-1]


def path_to(leaf: Message) -> list[Message]:
    """The messages from the root to this one, both included."""
    ids = ids_to(leaf)
    found = leaf.conversation.messages.in_bulk(ids)
    return [found[pk] for pk in ids]


def open_branch(conversation: Conversation) -> list[int]:
    """The ids of the branch that the conversation shows."""
    return ids_to(conversation.leaf) if conversation.leaf else []


def versions(conversation: Conversation) -> dict[int, Versions]:
    """For every message that has siblings: which of them it is."""
    siblings: dict[int | None, list[int]] = {}
    for pk, parent in conversation.messages.order_by("pk").values_list(*_SHAPE):
        siblings.setdefault(parent, []).append(pk)
    return {
        pk: Versions(
            index=at + 1,
            count=len(group),
            previous_id=group[at - 1] if at else None,
            next_id=group[at + 1] if at + 1 < len(group) else None,
        )
        for group in siblings.values()
        if len(group) > 1
        for at, pk in enumerate(group)
    }


def newest_leaf(message: Message) -> Message:
    """The end of the newest branch through this message."""
    children: dict[int | None, int] = {}
    for pk, parent in message.conversation.messages.order_by("pk").values_list(*_SHAPE):
        children[parent] = pk
    pk = message.pk
    while pk in children:
        pk = children[pk]
    return message.conversation.messages.get(pk=pk)
