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
from chatapp.conversations.models import Conversation, Message, Status
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

    `branch`: another branch is open now. `side`: the conversation's line in the sidebars changed too.
    """

    conversation: Conversation
    rows: Sequence[int] = ()
    start: int | None = None
    branch: bool = False
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
    message = Message.objects.visible_to(user).filter(pk=message_id).first()
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

    `kept` is a message whose images may be sent again. Raises Refused. The conversation is locked, and may be new.
    """
    earlier = conversation.messages.filter(client_id=draft.client_id).first()
    if earlier is not None:
        return _repeated(conversation, earlier)
    text = clean(draft.text).strip()
    alias, images = _checked(user, draft, text), _attached(user, draft, kept)
    if conversation.messages.running().exists():
        raise refusals.AnswerRunning
    conversation.alias, conversation.think, conversation.active_at = alias, draft.think, timezone.now()
    conversation.title = conversation.title or first_words(text) or _named_after(images)
    revision = conversation.next_revision()
    if conversation._state.adding:
        conversation.save(force_insert=True)
    question = Message.objects.create(
        conversation=conversation,
        parent_id=parent_id,
        author=user,
        role=Message.Role.USER,
        client_id=draft.client_id,
        text=text,
        revision=revision,
    )
    Attachment.objects.bulk_create(
        Attachment(message=question, image=image, position=position) for position, image in enumerate(images)
    )
    answer = queued(conversation, question, alias.name, draft.think, revision)
    return Change(conversation, [question.pk, answer.pk], start=answer.pk)


def _repeated(conversation: Conversation, question: Message) -> Change:
    """The rows that the first send made: a repeat is a silent success."""
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


def queued(conversation: Conversation, question: Message, alias_name: str, think: bool, revision: int) -> Message:
    """A new answer that waits to be made; its branch is the open one now."""
    answer = Message.objects.create(
        conversation=conversation,
        parent=question,
        role=Message.Role.ASSISTANT,
        status=Status.QUEUED,
        alias_name=alias_name,
        think=think,
        heartbeat_at=timezone.now(),
        revision=revision,
    )
    conversation.leaf = answer
    conversation.save()
    return answer


def usable_alias(user: User, name: str) -> Alias:
    """The alias of this name, or the person's default where that is gone. Raises NoAlias."""
    alias = alias_named(user, name) or default_alias(user)
    if alias is None:
        raise refusals.NoAlias
    return alias
