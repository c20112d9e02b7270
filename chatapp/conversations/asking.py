"""The rows that begin an answer: the question in its place, and the answers that wait to be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from chatapp.catalog.access import alias_named, named_or_default
from chatapp.catalog.models import Alias
from chatapp.conversations.branches import grow
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.search import index
from chatapp.unread.marks import keep_mentions


@dataclass(frozen=True, slots=True)
class Order:
    """An answer to be made: by which alias, and whether it thinks first."""

    alias_name: str
    think: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """The answers that wait to be made, the rows that pages need, and whether another branch is the newest now."""

    answers: list[int]
    rows: list[int]
    branch: bool


def place(question: Message, conversation: Conversation, parent_id: int | None) -> None:
    """Put a question into the tree, with a new revision. The conversation is locked, and may be new."""
    question.conversation, question.parent_id = conversation, parent_id
    question.status, question.revision = Status.SENT, conversation.next_revision()
    if conversation._state.adding:
        conversation.save(force_insert=True)
    question.save()
    index.put([question])
    keep_mentions(question)


def model_gone(question: Message) -> bool:
    """Whether a question waits for a model that its author may not use any more."""
    return question.author is not None and alias_named(question.author, question.alias_name) is None


def model_instead(question: Message, conversation: Conversation) -> Alias | None:
    """Which one may answer then: the conversation's present one, or its author's default."""
    name = conversation.alias.name if conversation.alias else ""
    return named_or_default(question.author, name) if question.author else None


def queue_answers(
    conversation: Conversation,
    question: Message,
    orders: Sequence[Order],
    member_id: int | None,
    *,
    again: bool = False,
    waited: bool = False,
) -> Begun:
    """Write an answer that waits to be made for each order, of the conversation's revision, and save the conversation.

    The member is who asked; `again` where the question stood there before. One that `waited` takes nobody along who
    reads something else by now, not even its author.
    Several stand side by side until a member keeps one; the first one's branch is the newest now.
    """
    answers = [
        Message.objects.create(
            conversation=conversation,
            parent=question,
            role=Message.Role.ASSISTANT,
            status=Status.QUEUED,
            alias_name=order.alias_name,
            think=order.think,
            lane=lane,
            author_id=member_id,
            heartbeat_at=timezone.now(),
            revision=conversation.revision,
        )
        for lane, order in enumerate(orders)
    ]
    moved = grow(conversation, answers, None if waited else member_id, again=again)
    conversation.save()
    made = [answer.pk for answer in answers]
    return Begun(made, [question.pk, *made, *(moved or [])], branch=moved is not None)
