"""What is committed, told to every page that shows it: each gets the branch that its member has open."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.database import in_order
from chatapp.generation import hub


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is committed: which rows of the conversation are new, and which answers are to be started.

    `branch`: a page may have to show another branch now. `queue`: other messages wait now. `side`: the conversation's
    line in the sidebars changed too. `keep`: the live number at which the text that a page has is the final one.
    """

    conversation: Conversation
    rows: Sequence[int] = ()
    start: Sequence[int] = ()
    branch: bool = False
    queue: bool = False
    side: bool = True
    keep: int | None = None


# One change of a conversation is read and told at a time. Requests read in threads of their own: a branch that was read
# before the next change could otherwise be told after it, and stay.
_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()


async def tell(change: Change, member_id: int | None = None) -> str:
    """Tell the pages of the conversation and the sidebars; returns the HTML of what is new for this member."""
    conversation = change.conversation
    topic = hub.conversation_topic(conversation.pk)
    async with _turns.setdefault(conversation.pk, asyncio.Lock()):
        readers = {*hub.people(topic)} | ({member_id} if member_id is not None else set())
        told, side, members = await in_order(_frames, change, readers)
        for reader, frames in told.items():
            for frame in frames:
                hub.publish(topic, frame, to=reader)
        hub.note(topic, {"t": "changed", "rows": list(change.rows), "keep": change.keep})
        for member in members:
            hub.tell_member(member, side)
    return _html(told[member_id]) if member_id is not None else ""


def _html(frames: Sequence[dict[str, Any]]) -> str:
    return "".join(part.get("html", "") for frame in frames for part in frame.get("rows", [frame]))


def _frames(
    change: Change, readers: Collection[int]
) -> tuple[dict[int, list[dict[str, Any]]], dict[str, Any], set[int]]:
    """What each reader's page is told, what the sidebars are told, and whose these are."""
    conversation = change.conversation
    told = {reader: _frames_for(reader, change) for reader in readers}
    if not change.side:
        return told, {}, set()
    if guests := conversation.guest_ids():
        # Each has it at another place of their list, and may have read it or not.
        return told, fragments.past_frame(conversation), {conversation.owner_id, *guests}
    answering = bool(change.start) or conversation.messages.running().exists()
    return told, fragments.side_frame(conversation, answering=answering), {conversation.owner_id}


def _frames_for(reader: int, change: Change) -> list[dict[str, Any]]:
    conversation = change.conversation
    frames = fragments.row_frames(conversation, reader, only=change.rows) if change.rows else []
    if change.keep is not None:
        frames = [frame | {"keep": change.keep} for frame in frames]
    if change.branch:
        frames = [fragments.branch_frame(conversation, reader, frames)]
    if change.queue:
        frames.append(fragments.queue_frame(conversation, reader))
    return frames
