"""What a member does to the messages of a conversation: ask, edit, continue, answer again, stop, show, fork."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from chatapp.conversations import refusals
from chatapp.conversations.asking import queued
from chatapp.conversations.changes import (
    Change,
    Done,
    Draft,
    ask,
    carry_out,
    own,
    own_message,
    refuse_while_draining,
    usable_alias,
    visible_message,
)
from chatapp.conversations.copies import copy_branch
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.tree import Tree
from chatapp.conversations.waiting import own_waiting, reword
from chatapp.database import in_order, written
from chatapp.generation import keeper, runs

# Conversations that a member makes get an id of the member's own: a repeated first send finds the first one.
_NAMESPACE = uuid.UUID("6f1d6d1e-5a0c-4d5a-9a55-3f6f0c1f2a10")


async def post(user: User, conversation_id: uuid.UUID | None, draft: Draft) -> Done:
    """Write a question and its queued answer, and start making it. Raises Refused or Http404."""
    if conversation_id is not None:
        await keeper.sweep(conversation_id)
    refuse_while_draining()
    return await carry_out(await written(_twice, _post, user, conversation_id, draft))


async def edit(user: User, message_id: int, draft: Draft) -> Done:
    """Ask a question in other words: a branch of its own, next to the first. Raises Refused or Http404."""
    refuse_while_draining()
    return await carry_out(await written(_twice, _edit, user, message_id, draft))


async def go_on(user: User, message_id: int) -> Done:
    """Continue an answer that was cut: the same message grows. Raises Refused or Http404."""
    refuse_while_draining()
    return await carry_out(await written(_go_on, user, message_id))


async def retry(user: User, message_id: int, chosen: tuple[str, bool] | None) -> Done:
    """Answer again: an empty failure is made anew in place, anything else gets a sibling.

    `chosen` is the alias and whether it thinks, where these are not those of the answer before.
    """
    refuse_while_draining()
    return await carry_out(await written(_retry, user, message_id, chosen))


async def stop(user: User, message_id: int) -> uuid.UUID:
    """Stop an answer, however often this is asked; returns its conversation's id. Raises Http404."""
    message = await in_order(visible_message, user, message_id)
    if not runs.stop(message.pk):
        await keeper.sweep(message.conversation_id)
    return message.conversation_id


async def show(user: User, message_id: int) -> Done:
    """Open the branch that leads through this message."""
    return await carry_out(await written(_show, user, message_id))


async def fork(user: User, message_id: int) -> Done:
    """A conversation of its own with the branch up to this message. Raises AnswerRunning or Http404."""
    return await carry_out(await written(_fork, user, message_id))


def _twice(write: Callable[..., Change], *given: object) -> Change:
    """Two sends can meet in the database: either ours was first, or another answer was, and the second look tells."""
    try:
        with transaction.atomic():
            return write(*given)
    except IntegrityError:
        with transaction.atomic():
            return write(*given)


def _post(user: User, conversation_id: uuid.UUID | None, draft: Draft) -> Change:
    conversation = own(user, conversation_id) if conversation_id else _first_or_new(user, draft)
    return ask(user, conversation, conversation.leaf_id, draft, kept=None)


def _first_or_new(user: User, draft: Draft) -> Conversation:
    pk = uuid.uuid5(_NAMESPACE, f"{user.pk}:{draft.client_id}")
    return Conversation.objects.visible_to(user).locked(pk) or Conversation(pk=pk, owner=user, active_at=timezone.now())


def _edit(user: User, message_id: int, draft: Draft) -> Change:
    if waiting := own_waiting(user, message_id):
        return reword(waiting, draft)
    message = own_message(user, message_id)
    if message.role != Message.Role.USER:
        raise refusals.NothingToEdit
    return replace(ask(user, message.conversation, message.parent_id, draft, kept=message), branch=True)


def _go_on(user: User, message_id: int) -> Change:
    with transaction.atomic():
        message = own_message(user, message_id)
        loose = message.error == "length" or message.status in (Status.INTERRUPTED, Status.STOPPED)
        if message.role != Message.Role.ASSISTANT or not loose or not message.text:
            raise refusals.NothingToContinue
        return _queue_again(user, message)


def _retry(user: User, message_id: int, chosen: tuple[str, bool] | None) -> Change:
    with transaction.atomic():
        message = own_message(user, message_id)
        conversation, question = message.conversation, message.parent
        if question is None or message.running:
            raise refusals.AnswerRunning if message.running else refusals.NothingToContinue
        if chosen is not None:
            message.alias_name, message.think = chosen
        if not message.text:
            return _queue_again(user, message)
        if conversation.messages.running().exists():
            raise refusals.AnswerRunning
        alias = usable_alias(user, message.alias_name)
        conversation.next_revision()
        answer = queued(conversation, question, alias.name, message.think)
        return Change(conversation, [answer.pk], start=answer.pk, branch=True)


def _queue_again(user: User, message: Message) -> Change:
    """The same row is made (on). Swapped only from the settled state that was looked at."""
    conversation = message.conversation
    if conversation.messages.running().exists():
        raise refusals.AnswerRunning
    before = message.status
    message.alias_name = usable_alias(user, message.alias_name).name
    message.status, message.error, message.retry_after = Status.QUEUED, "", None
    message.heartbeat_at, message.revision = timezone.now(), conversation.next_revision()
    conversation.save()
    swapped = Message.objects.filter(pk=message.pk, status=before).update(
        status=message.status,
        error="",
        retry_after=None,
        alias_name=message.alias_name,
        think=message.think,
        heartbeat_at=message.heartbeat_at,
        revision=message.revision,
    )
    if not swapped:
        raise refusals.AnswerRunning
    return Change(conversation, [message.pk], start=message.pk)


def _show(user: User, message_id: int) -> Change:
    with transaction.atomic():
        message = own_message(user, message_id)
        conversation, tree = message.conversation, Tree(message.conversation)
        conversation.leaf_id = tree.newest_leaf(message.pk)
        branch = tree.path_to(conversation.leaf_id)
        shown = branch[branch.index(message.pk) :]
        # Pages that missed this ask for rows with a higher revision: the branch's rows must be among them.
        conversation.messages.filter(pk__in=shown).update(revision=conversation.next_revision())
        conversation.save()
    return Change(conversation, shown, branch=True, side=False)


@transaction.atomic
def _fork(user: User, message_id: int) -> Change:
    made = Conversation(owner=user, active_at=timezone.now())
    copy_branch(visible_message(user, message_id), made)
    return Change(made)
