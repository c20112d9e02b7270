"""Every change to a conversation: one transaction, then a broadcast, then a run is started or stopped."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404, QueryDict
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.access import alias_named, aliases_for, default_alias
from chatapp.catalog.models import Alias
from chatapp.conversations import fragments, refusals
from chatapp.conversations.forms import InstructionsForm
from chatapp.conversations.models import KEPT_AFTER_DELETE, Conversation, Message, Status
from chatapp.conversations.tree import Tree
from chatapp.conversations.words import clean, first_words
from chatapp.database import in_order, written
from chatapp.generation import hub, keeper, runs
from chatapp.images.models import Attachment, Image

# Conversations that a member makes get an id of the member's own: a repeated first send finds the first one.
_NAMESPACE = uuid.UUID("6f1d6d1e-5a0c-4d5a-9a55-3f6f0c1f2a10")


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


async def post(user: User, conversation_id: uuid.UUID | None, draft: Draft) -> Done:
    """Write a question and its queued answer, and start making it. Raises Refused or Http404."""
    if conversation_id is not None:
        await keeper.sweep(conversation_id)
    _refuse_while_draining()
    return await _carry_out(await written(_post, user, conversation_id, draft))


async def go_on(user: User, message_id: int) -> Done:
    """Continue an answer that was cut: the same message grows. Raises Refused or Http404."""
    _refuse_while_draining()
    return await _carry_out(await written(_go_on, user, message_id))


async def retry(user: User, message_id: int) -> Done:
    """Answer again: an empty failure is made anew in place, anything else gets a sibling."""
    _refuse_while_draining()
    return await _carry_out(await written(_retry, user, message_id))


async def stop(user: User, message_id: int) -> uuid.UUID:
    """Stop an answer, however often this is asked; returns its conversation's id. Raises Http404."""
    message = await in_order(_visible_message, user, message_id)
    if not runs.stop(message.pk):
        await keeper.sweep(message.conversation_id)
    return message.conversation_id


async def show(user: User, message_id: int) -> Done:
    """Open the branch that leads through this message."""
    return await _carry_out(await written(_show, user, message_id))


async def rename(user: User, conversation_id: uuid.UUID, title: str) -> Done:
    return await _carry_out(await written(_rename, user, conversation_id, title))


async def instruct(user: User, conversation_id: uuid.UUID, sent: QueryDict) -> InstructionsForm | None:
    """Set instructions and parameters, for the next answer on; the form with what is wrong, if anything is."""
    return await written(_instruct, user, conversation_id, sent)


async def delete(user: User, conversation_id: uuid.UUID) -> Done:
    """Take the conversation away at once; `restore` brings it back for a while."""
    change, running = await written(_delete, user, conversation_id)
    for message_id in running:
        runs.stop(message_id)
    return await _carry_out(change)


async def restore(user: User, conversation_id: uuid.UUID) -> Done:
    return await _carry_out(await written(_restore, user, conversation_id))


async def _carry_out(change: Change) -> Done:
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


def _refuse_while_draining() -> None:
    if runs.draining():
        raise refusals.Restarting


def _own(user: User, conversation_id: uuid.UUID) -> Conversation:
    """The person's own conversation, locked: call it inside the transaction of the change."""
    conversation = Conversation.objects.visible_to(user).locked(conversation_id)
    if conversation is None:
        raise Http404
    return conversation


def _visible_message(user: User, message_id: int) -> Message:
    message = Message.objects.visible_to(user).filter(pk=message_id).first()
    if message is None:
        raise Http404
    return message


def _own_message(user: User, message_id: int) -> Message:
    """A message of the person's own, with its conversation locked."""
    message = _visible_message(user, message_id)
    message.conversation = _own(user, message.conversation_id)
    return message


def _post(user: User, conversation_id: uuid.UUID | None, draft: Draft) -> Change:
    text = clean(draft.text).strip()
    try:
        with transaction.atomic():
            return _write_post(user, conversation_id, draft, text)
    except IntegrityError:
        # Two sends met in the database: either ours was first, or another answer was.
        with transaction.atomic():
            return _write_post(user, conversation_id, draft, text)


def _write_post(user: User, conversation_id: uuid.UUID | None, draft: Draft, text: str) -> Change:
    conversation = _own(user, conversation_id) if conversation_id else _first_or_new(user, draft)
    earlier = conversation.messages.filter(client_id=draft.client_id).first()
    if earlier is not None:
        return _repeated(conversation, earlier)
    alias, images = _checked(user, draft, text), _attached(user, draft)
    if conversation.messages.running().exists():
        raise refusals.AnswerRunning
    now = timezone.now()
    conversation.alias, conversation.think, conversation.active_at = alias, draft.think, now
    conversation.title = conversation.title or first_words(text) or _named_after(images)
    revision = conversation.next_revision()
    if conversation._state.adding:
        conversation.save(force_insert=True)
    question = Message.objects.create(
        conversation=conversation,
        parent_id=conversation.leaf_id,
        author=user,
        role=Message.Role.USER,
        client_id=draft.client_id,
        text=text,
        revision=revision,
    )
    Attachment.objects.bulk_create(
        Attachment(message=question, image=image, position=position) for position, image in enumerate(images)
    )
    answer = _queued(conversation, question, alias.name, draft.think, revision)
    return Change(conversation, [question.pk, answer.pk], start=answer.pk)


def _first_or_new(user: User, draft: Draft) -> Conversation:
    pk = uuid.uuid5(_NAMESPACE, f"{user.pk}:{draft.client_id}")
    return Conversation.objects.visible_to(user).locked(pk) or Conversation(pk=pk, owner=user, active_at=timezone.now())


def _named_after(images: Sequence[Image]) -> str:
    return next((words for image in images if (words := first_words(image.alt or image.name))), "Images")


def _attached(user: User, draft: Draft) -> list[Image]:
    """The images to send, in their order; each is the person's own and in no message yet."""
    limit = settings.PARLEY_IMAGES_PER_MESSAGE
    if len(draft.images) > limit:
        raise refusals.TooManyImages(len(draft.images), limit)
    found = Image.objects.unsent_by(user).in_bulk(draft.images)
    if len(found) < len(draft.images):
        raise refusals.ImageGone
    return [found[pk] for pk in draft.images]


def _checked(user: User, draft: Draft, text: str) -> Alias:
    if not text and not draft.images:
        raise refusals.EmptyMessage
    if len(text) > refusals.MESSAGE_CHARACTERS:
        raise refusals.MessageTooLong(len(text))
    alias = alias_named(user, draft.alias)
    if alias is None:
        raise refusals.UnknownAlias if aliases_for(user).exists() else refusals.NoAlias
    return alias


def _queued(conversation: Conversation, question: Message, alias_name: str, think: bool, revision: int) -> Message:
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


def _repeated(conversation: Conversation, question: Message) -> Change:
    """The rows that the first send made: a repeat is a silent success."""
    answers = question.children.order_by("pk").values_list("pk", flat=True)
    return Change(conversation, [question.pk, *answers[:1]], side=False)


def _go_on(user: User, message_id: int) -> Change:
    with transaction.atomic():
        message = _own_message(user, message_id)
        conversation = message.conversation
        loose = message.error == "length" or message.status in (Status.INTERRUPTED, Status.STOPPED)
        if message.role != Message.Role.ASSISTANT or not loose or not message.text:
            raise refusals.NothingToContinue
        return _queue_again(user, conversation, message)


def _retry(user: User, message_id: int) -> Change:
    with transaction.atomic():
        message = _own_message(user, message_id)
        conversation, question = message.conversation, message.parent
        if question is None or message.running:
            raise refusals.AnswerRunning if message.running else refusals.NothingToContinue
        if not message.text:
            return _queue_again(user, conversation, message)
        if conversation.messages.running().exists():
            raise refusals.AnswerRunning
        alias = _usable_alias(user, message)
        answer = _queued(conversation, question, alias.name, message.think, conversation.next_revision())
        return Change(conversation, [answer.pk], start=answer.pk, branch=True)


def _queue_again(user: User, conversation: Conversation, message: Message) -> Change:
    """The same row is made (on). Swapped only from the settled state that was looked at."""
    if conversation.messages.running().exists():
        raise refusals.AnswerRunning
    before = message.status
    message.alias_name = _usable_alias(user, message).name
    message.status, message.error, message.retry_after = Status.QUEUED, "", None
    message.heartbeat_at, message.revision = timezone.now(), conversation.next_revision()
    conversation.save()
    swapped = Message.objects.filter(pk=message.pk, status=before).update(
        status=message.status,
        error="",
        retry_after=None,
        alias_name=message.alias_name,
        heartbeat_at=message.heartbeat_at,
        revision=message.revision,
    )
    if not swapped:
        raise refusals.AnswerRunning
    return Change(conversation, [message.pk], start=message.pk)


def _usable_alias(user: User, message: Message) -> Alias:
    alias = alias_named(user, message.alias_name) or default_alias(user)
    if alias is None:
        raise refusals.NoAlias
    return alias


def _show(user: User, message_id: int) -> Change:
    with transaction.atomic():
        message = _own_message(user, message_id)
        conversation, tree = message.conversation, Tree(message.conversation)
        conversation.leaf_id = tree.newest_leaf(message.pk)
        branch = tree.path_to(conversation.leaf_id)
        shown = branch[branch.index(message.pk) :]
        # Pages that missed this ask for rows with a higher revision: the branch's rows must be among them.
        conversation.messages.filter(pk__in=shown).update(revision=conversation.next_revision())
        conversation.save()
    return Change(conversation, shown, branch=True, side=False)


def _rename(user: User, conversation_id: uuid.UUID, title: str) -> Change:
    title = " ".join(clean(title).split())
    if not 0 < len(title) <= refusals.TITLE_CHARACTERS:
        raise refusals.BadTitle
    with transaction.atomic():
        conversation = _own(user, conversation_id)
        conversation.title, conversation.titled_by = title, Conversation.TitledBy.MEMBER
        conversation.save(update_fields=["title", "titled_by"])
    return Change(conversation)


@transaction.atomic
def _instruct(user: User, conversation_id: uuid.UUID, sent: QueryDict) -> InstructionsForm | None:
    conversation = _own(user, conversation_id)
    form = InstructionsForm(sent, instance=conversation, alias=conversation.alias)
    if not form.is_valid():
        return form
    conversation.save(update_fields=list(form.fields))
    return None


def _delete(user: User, conversation_id: uuid.UUID) -> tuple[Change, list[int]]:
    with transaction.atomic():
        conversation = _own(user, conversation_id)
        conversation.deleted_at = timezone.now()
        conversation.save(update_fields=["deleted_at"])
    running = conversation.messages.running().values_list("pk", flat=True)
    return Change(conversation), list(running)


def _restore(user: User, conversation_id: uuid.UUID) -> Change:
    since = timezone.now() - KEPT_AFTER_DELETE
    with transaction.atomic():
        conversation = Conversation.objects.filter(owner=user, deleted_at__gt=since).locked(conversation_id)
        if conversation is None:
            raise Http404
        conversation.deleted_at = None
        conversation.save(update_fields=["deleted_at"])
    return Change(conversation)
