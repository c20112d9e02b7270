"""Messages that wait for the end of an answer: they go out in their order, one after each answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chatapp.catalog.access import alias_named
from chatapp.conversations import fragments
from chatapp.conversations.asking import place, queued
from chatapp.conversations.models import Conversation, Message
from chatapp.database import at_once, in_order, written
from chatapp.generation import hub, runs

_look: asyncio.Event | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A conversation whose queue has moved; `answer` is to be made unless its alias was gone."""

    conversation: Conversation
    rows: tuple[int, ...]
    answer: int | None


async def watch(seconds: float) -> None:
    """Send what can be sent whenever an answer ends, and every so often in case another process ended one."""
    global _look
    _look = asyncio.Event()
    runs.when_one_ends(look)
    while True:
        _look.clear()
        await send_waiting()
        try:
            async with asyncio.timeout(seconds):
                await _look.wait()
        except TimeoutError:
            continue


def look() -> None:
    """Have the watch of this process look now."""
    if _look is not None:
        _look.set()


async def send_waiting() -> None:
    """In every conversation where nothing is being answered, send what waits longest."""
    if runs.draining():
        return
    for conversation_id in await at_once(_idle):
        sent = await written(_send_next, conversation_id)
        if sent is not None:
            await _tell(sent)


def _idle() -> list[UUID]:
    running = Message.objects.running().filter(conversation=OuterRef("conversation"))
    waiting = Message.objects.waiting().filter(~Exists(running), conversation__deleted_at=None)
    return list(waiting.filter(conversation__paused=False).order_by().values_list("conversation", flat=True).distinct())


@transaction.atomic
def _send_next(conversation_id: UUID) -> Sent | None:
    conversation = Conversation.objects.filter(deleted_at=None, paused=False).locked(conversation_id)
    if conversation is None or conversation.messages.running().exists():
        return None
    question = conversation.messages.waiting().first()
    if question is None:
        return None
    alias = alias_named(conversation.owner, question.alias_name)
    if alias is None:
        conversation.paused = True
        conversation.next_revision()
        conversation.save(update_fields=["paused", "revision"])
        return Sent(conversation, (), None)
    conversation.alias, conversation.think, conversation.active_at = alias, question.think, timezone.now()
    place(question, conversation, conversation.leaf_id)
    answer = queued(conversation, question, alias.name, question.think)
    return Sent(conversation, (question.pk, answer.pk), answer.pk)


async def _tell(sent: Sent) -> None:
    if sent.answer is not None:
        runs.start(sent.answer)
    conversation = sent.conversation
    for frame in await in_order(_frames, sent):
        hub.publish(hub.conversation_topic(conversation.pk), frame)
    if sent.answer is not None:
        side = await in_order(_side, conversation)
        hub.publish(hub.member_topic(conversation.owner_id), side)


def _frames(sent: Sent) -> list[dict[str, object]]:
    rows = fragments.row_frames(sent.conversation, only=sent.rows) if sent.rows else []
    return [*rows, fragments.queue_frame(sent.conversation)]


def _side(conversation: Conversation) -> dict[str, object]:
    return fragments.side_frame(conversation, answering=True)
