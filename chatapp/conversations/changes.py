"""How every change to a conversation goes: one transaction, then a broadcast, then a run is started or stopped."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.access import alias_named, aliases_for, named_or_default
from chatapp.catalog.models import Alias
from chatapp.conversations import refusals
from chatapp.conversations.asking import Order, place, queue_answers
from chatapp.conversations.models import RUNNING, Conversation, Message, Status
from chatapp.conversations.words import clean, first_words
from chatapp.generation import keeper, runs
from chatapp.generation.telling import Change, tell
from chatapp.images.models import Attachment, Image
from chatapp.search import index


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member sends: `client_id` names the message, so that a repeat makes nothing new."""

    client_id: uuid.UUID
    text: str
    alias: str
    think: bool
    images: Sequence[uuid.UUID] = ()
    # Other aliases whose answers are to stand beside the first one's.
    others: Sequence[str] = ()
    # Of a new conversation: it is not kept.
    temporary: bool = False
    # Of a new conversation: the prompt that gives it instructions and parameters.
    prompt: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What the person who asked gets: the conversation and the HTML of its new rows."""

    conversation: Conversation
    html: str


async def carry_out(user: User, change: Change) -> Done:
    """Start the answers, and tell every page what is committed. The HTML is made when the writing is over."""
    if change.start:
        keeper.ensure_running()
    for message_id in change.start:
        runs.start(message_id)
    return Done(change.conversation, await tell(change, user.pk))


def refuse_while_draining() -> None:
    if runs.draining():
        raise refusals.Restarting


def own(user: User, conversation_id: uuid.UUID) -> Conversation:
    """The person's own conversation, locked: call it inside the transaction of the change. Raises Http404."""
    conversation = Conversation.objects.owned_by(user).locked(conversation_id)
    if conversation is None:
        raise Http404
    return conversation


def writable(user: User, conversation_id: uuid.UUID) -> Conversation:
    """A conversation that the person may write in, locked: call it inside the transaction of the change.

    Raises Http404, or ReadOnly where the person may read it.
    """
    conversation = Conversation.objects.open_to(user).locked(conversation_id)
    if conversation is None:
        readable = Conversation.objects.visible_to(user).filter(pk=conversation_id).exists()
        raise refusals.ReadOnly if readable else Http404
    return conversation


def visible_message(user: User, message_id: int) -> Message:
    """A message in the tree of a conversation that the person may open. Raises Http404."""
    message = Message.objects.visible_to(user).placed().filter(pk=message_id).first()
    if message is None:
        raise Http404
    return message


def writable_message(user: User, message_id: int) -> Message:
    """A message of a conversation that the person may write in, which is locked. Raises Http404 or ReadOnly."""
    message = visible_message(user, message_id)
    message.conversation = writable(user, message.conversation_id)
    return message


def ask(user: User, conversation: Conversation, parent_id: int | None, draft: Draft, kept: Message | None) -> Change:
    """Write a question under this parent, and its queued answers, once: a repeat finds the first ones.

    While an answer is being made the question waits; a branch next to `kept`, a message whose images may be sent again,
    is refused then. Raises Refused. The conversation is locked, and may be new.
    """
    earlier = conversation.messages.filter(client_id=draft.client_id).first()
    if earlier is not None:
        return _repeated(conversation, earlier)
    text = clean(draft.text).strip()
    aliases, images = _checked(user, draft, text), _attached(user, draft, kept)
    orders = [Order(alias.name, draft.think) for alias in aliases]
    busy = set(conversation.messages.filter(status__in=[*RUNNING, Status.WAITING]).values_list("status", flat=True))
    question = Message(author=user, role=Message.Role.USER, client_id=draft.client_id, text=text)
    question.compared = len(orders) > 1
    if busy and kept is None and len(orders) == 1:
        question.parent_id = parent_id
        return _wait(conversation, question, orders[0], images)
    if busy & {*RUNNING}:
        raise refusals.AnswerRunning
    if parent_id and conversation.messages.filter(pk=parent_id, parent__compared=True).exists():
        raise refusals.KeepOneFirst
    conversation.alias, conversation.think, conversation.active_at = aliases[0], draft.think, timezone.now()
    conversation.archived_at = None
    untitled = not conversation.title
    conversation.title = conversation.title or first_words(text) or _named_after(images)
    place(question, conversation, parent_id)
    if untitled:
        index.put_title(conversation)
    _attach(question, images)
    begun = queue_answers(conversation, question, orders, user.pk)
    return Change(conversation, begun.rows, start=begun.answers, branch=begun.branch)


def _wait(conversation: Conversation, question: Message, order: Order, images: Sequence[Image]) -> Change:
    if conversation.messages.waiting().count() >= refusals.MOST_WAITING:
        raise refusals.QueueFull
    question.conversation, question.status = conversation, Status.WAITING
    question.alias_name, question.think = order.alias_name, order.think
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
    return Change(conversation, [question.pk, *(answers if question.compared else answers[:1])], side=False)


def _checked(user: User, draft: Draft, text: str) -> list[Alias]:
    """The aliases that are to answer, the first one's answer as the beginning of the branch."""
    if not text and not draft.images:
        raise refusals.EmptyMessage
    if len(text) > refusals.MESSAGE_CHARACTERS:
        raise refusals.MessageTooLong(len(text))
    aliases = []
    for name in dict.fromkeys([draft.alias, *draft.others]):
        alias = alias_named(user, name)
        if alias is None:
            raise refusals.UnknownAlias if aliases_for(user).exists() else refusals.NoAlias
        aliases.append(alias)
    if len(aliases) > refusals.MOST_COMPARED:
        raise refusals.TooManyCompared
    return aliases


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
    alias = named_or_default(user, name)
    if alias is None:
        raise refusals.NoAlias
    return alias
