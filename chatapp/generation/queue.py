"""Messages that wait for the end of an answer: they go out in their order, one after each answer."""

from __future__ import annotations

import asyncio
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chatapp.catalog.access import alias_named
from chatapp.conversations.asking import Order, place, queue_answers
from chatapp.conversations.models import Conversation, Message
from chatapp.conversations.tree import Tree
from chatapp.database import at_once, written
from chatapp.generation import runs
from chatapp.generation.telling import Change, tell

_look: asyncio.Event | None = None


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
        change = await written(_send_next, conversation_id)
        if change is not None:
            for message_id in change.start:
                runs.start(message_id)
            await tell(change)
            if not change.start:
                # What waits behind it may go out now.
                look()


def _idle() -> list[UUID]:
    running = Message.objects.running().filter(conversation=OuterRef("conversation"))
    waiting = Message.objects.waiting().filter(~Exists(running), conversation__deleted_at=None)
    return list(waiting.filter(conversation__paused=False).order_by().values_list("conversation", flat=True).distinct())


@transaction.atomic
def _send_next(conversation_id: UUID) -> Change | None:
    conversation = Conversation.objects.filter(deleted_at=None, paused=False).locked(conversation_id)
    if conversation is None or conversation.messages.running().exists():
        return None
    question = conversation.messages.waiting().select_related("author", "parent__parent").first()
    if question is None or _undecided(question):
        return None
    author = question.author
    if author is None or not author.is_active or not conversation.may_be_written_by(author.pk):
        return _taken_back(conversation, question)
    alias = alias_named(author, question.alias_name)
    if alias is None:
        # The page says so, and which model may answer instead.
        conversation.paused = True
        conversation.next_revision()
        conversation.save(update_fields=["paused", "revision"])
        return Change(conversation, queue=True, side=False)
    conversation.alias, conversation.think, conversation.active_at = alias, question.think, timezone.now()
    conversation.archived_at = None
    after = conversation.leaf_id if question.parent_id is None else Tree(conversation).newest_leaf(question.parent_id)
    place(question, conversation, after)
    order = Order(alias.name, question.think)
    begun = queue_answers(conversation, question, [order], question.author_id, waited=True)
    return Change(conversation, begun.rows, start=begun.answers, branch=begun.branch, queue=True)


def _taken_back(conversation: Conversation, question: Message) -> Change:
    """Who was removed, or may only read by now, has nothing said in their name."""
    question.delete()
    conversation.next_revision()
    conversation.save(update_fields=["revision"])
    return Change(conversation, queue=True, side=False)


def _undecided(question: Message) -> bool:
    """It waits for one of several answers to be kept."""
    answer = question.parent
    return answer is not None and answer.parent is not None and answer.parent.compared
