"""How every change to a conversation goes: one transaction, then a broadcast, then a run is started or stopped."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.access import alias_named, aliases_for, default_alias
from chatapp.catalog.models import Alias
from chatapp.conversations import fragments, refusals
from chatapp.conversations.asking import place, queued
from chatapp.conversations.models import RUNNING, Conversation, Message, Status
from chatapp.conversations.words import clean, first_words
from chatapp.database import in_order
from chatapp.generation import hub, keeper, runs
from chatapp.images.models import Attachment, Image


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member sends: `client_id` names the message, so that a repeat makes nothing new."""

    client_id: uuid.UUID
    text: str
    alias: str
    think: bool
    images: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is committed: which rows of the conversation are new, and which answer is to be started.

    `branch`: another branch is open now. `queue`: other messages wait now. `side`: the conversation's line in the
    sidebars changed too.
    """

    conversation: Conversation
    rows: Sequence[int] = ()
    start: int | None = None
    branch: bool = False
    queue: bool = False
    side: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """What the person who asked gets: the conversation and the HTML of its new rows."""

    conversation: Conversation
    html: str


async def carry_out(change: Change) -> Done:
    """Start the answer, and tell every page what is committed. The HTML is made when the writing is over."""
    conversation = change.conversation
    if change.start is not None:
        keeper.ensure_running()
        runs.start(change.start)
    frames, side = await in_order(_frames, change)
    for frame in frames:
        hub.publish(hub.conversation_topic(conversation.pk), frame)
    if change.side:
        hub.publish(hub.member_topic(conversation.owner_id), side)
    return Done(conversation, "".join(frame.get("html", "") for frame in frames))


def _frames(change: Change) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    conversation = change.conversation
    frames = fragments.row_frames(conversation, only=change.rows) if change.rows else []
    if change.branch:
        frames.insert(0, fragments.branch_frame(conversation))
    if change.queue:
        frames.append(fragments.queue_frame(conversation))
    answering = change.start is not None or conversation.messages.running().exists()
    return frames, fragments.side_frame(conversation, answering=answering)


def refuse_while_draining() -> None:
    if runs.draining():
        raise refusals.Restarting


def own(user: User, conversation_id: uuid.UUID) -> Conversation:
    """The person's own conversation, locked: call it inside the transaction of the change. Raises Http404."""
    conversation = Conversation.objects.visible_to(user).locked(conversation_id)
    if conversation is None:
        raise Http404
    return conversation


def visible_message(user: User, message_id: int) -> Message:
    """A message in the tree of a conversation that the person may open. Raises Http404."""
    message = Message.objects.visible_to(user).placed().filter(pk=message_id).first()
    if message is None:
        raise Http404
    return message


def own_message(user: User, message_id: int) -> Message:
    """A message of the person's own, with its conversation locked. Raises Http404."""
    message = visible_message(user, message_id)
    message.conversation = own(user, message.conversation_id)
    return message


def ask(user: User, conversation: Conversation, parent_id: int | None, draft: Draft, kept: Message | None) -> Change:
    """Write a question under this parent, and its queued answer, once: a repeat finds the first one.

    While an answer is being made the question waits; a branch next to `kept`, a message whose images may be sent again,
    is refused then. Raises Refused. The conversation is locked, and may be new.
    """
    earlier = conversation.messages.filter(client_id=draft.client_id).first()
    if earlier is not None:
        return _repeated(conversation, earlier)
    text = clean(draft.text).strip()
    alias, images = _checked(user, draft, text), _attached(user, draft, kept)
    busy = set(conversation.messages.filter(status__in=[*RUNNING, Status.WAITING]).values_list("status", flat=True))
    question = Message(author=user, role=Message.Role.USER, client_id=draft.client_id, text=text)
    if busy and kept is None:
        return _wait(conversation, question, alias, draft, images)
    if busy & {*RUNNING}:
        raise refusals.AnswerRunning
    conversation.alias, conversation.think, conversation.active_at = alias, draft.think, timezone.now()
    conversation.title = conversation.title or first_words(text) or _named_after(images)
    place(question, conversation, parent_id)
    _attach(question, images)
    answer = queued(conversation, question, alias.name, draft.think)
    return Change(conversation, [question.pk, answer.pk], start=answer.pk)


def _wait(conversation: Conversation, question: Message, alias: Alias, draft: Draft, images: Sequence[Image]) -> Change:
    if conversation.messages.waiting().count() >= refusals.MOST_WAITING:
        raise refusals.QueueFull
    question.conversation, question.status = conversation, Status.WAITING
    question.alias_name, question.think = alias.name, draft.think
    question.revision, conversation.paused = conversation.next_revision(), False
    question.save()
    _attach(question, images)
    conversation.save(update_fields=["revision", "paused"])
    return Change(conversation, queue=True, side=False)


def _attach(question: Message, images: Sequence[Image]) -> None:
    Attachment.objects.bulk_create(
        Attachment(message=question, image=image, position=position) for position, image in enumerate(images)
    )


def _repeated(conversation: Conversation, question: Message) -> Change:
    """What the first send made: a repeat is a silent success."""
    if question.status == Status.WAITING:
        return Change(conversation, queue=True, side=False)
    answers = question.children.order_by("pk").values_list("pk", flat=True)
    return Change(conversation, [question.pk, *answers[:1]], side=False)


def _checked(user: User, draft: Draft, text: str) -> Alias:
    if not text and not draft.images:
        raise refusals.EmptyMessage
    if len(text) > refusals.MESSAGE_CHARACTERS:
        raise refusals.MessageTooLong(len(text))
    alias = alias_named(user, draft.alias)
    if alias is None:
        raise refusals.UnknownAlias if aliases_for(user).exists() else refusals.NoAlias
    return alias


def _attached(user: User, draft: Draft, kept: Message | None) -> list[Image]:
    """The images to send, in their order; each is the person's own and in no message yet, or in `kept`."""
    limit = settings.PARLEY_IMAGES_PER_MESSAGE
    if len(draft.images) > limit:
        raise refusals.TooManyImages(len(draft.images), limit)
    found = Image.objects.unsent_by(user).in_bulk(draft.images)
    if kept is not None:
        found |= Image.objects.filter(attachments__message=kept).in_bulk(draft.images)
    if len(found) < len(draft.images):
        raise refusals.ImageGone
    return [found[pk] for pk in draft.images]


def _named_after(images: Sequence[Image]) -> str:
    return next((words for image in images if (words := first_words(image.alt or image.name))), "Images")


def usable_alias(user: User, name: str) -> Alias:
    """The alias of this name, or the person's default where that is gone. Raises NoAlias."""
    alias = alias_named(user, name) or default_alias(user)
    if alias is None:
        raise refusals.NoAlias
    return alias
