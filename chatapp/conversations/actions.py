"""What a member does to the messages of a conversation: ask, edit, continue, answer again, stop, show, fork."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from chatapp.conversations import refusals
from chatapp.conversations.asking import Order, queue_answers
from chatapp.conversations.branches import choose, open_leaf
from chatapp.conversations.changes import (
    Done,
    Draft,
    ask,
    carry_out,
    refuse_while_draining,
    usable_alias,
    visible_message,
    writable,
    writable_message,
)
from chatapp.conversations.copies import copy_branch
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.tree import Tree
from chatapp.conversations.waiting import reword, waiting_message
from chatapp.database import in_order, written
from chatapp.generation import keeper, queue, runs
from chatapp.generation.telling import Change
from chatapp.prompts.use import furnish

# Conversations that a member makes get an id of the member's own: a repeated first send finds the first one.
_NAMESPACE = uuid.UUID("6f1d6d1e-5a0c-4d5a-9a55-3f6f0c1f2a10")


async def post(user: User, conversation_id: uuid.UUID | None, draft: Draft) -> Done:
    """Write a question and its queued answer, and start making it. Raises Refused or Http404."""
    if conversation_id is not None:
        await keeper.sweep(conversation_id)
    refuse_while_draining()
    return await carry_out(user, await written(_twice, _post, user, conversation_id, draft))


async def edit(user: User, message_id: int, draft: Draft) -> Done:
    """Ask a question in other words: a branch of its own, next to the first. Raises Refused or Http404."""
    refuse_while_draining()
    return await carry_out(user, await written(_twice, _edit, user, message_id, draft))


async def go_on(user: User, message_id: int) -> Done:
    """Continue an answer that was cut: the same message grows. Raises Refused or Http404."""
    refuse_while_draining()
    return await carry_out(user, await written(_go_on, user, message_id))


async def retry(user: User, message_id: int, chosen: tuple[str, bool] | None) -> Done:
    """Answer again: an empty failure is made anew in place, anything else gets a sibling.

    `chosen` is the alias and whether it thinks, where these are not those of the answer before.
    """
    refuse_while_draining()
    return await carry_out(user, await written(_retry, user, message_id, chosen))


async def answer(user: User, message_id: int) -> Done:
    """Answer a question at the end of its branch that has no answer, as in a fork. Raises Refused or Http404."""
    refuse_while_draining()
    return await carry_out(user, await written(_answer, user, message_id))


async def stop(user: User, message_id: int) -> uuid.UUID:
    """Stop an answer, however often this is asked; returns its conversation's id. Raises Http404 or ReadOnly."""
    message = await in_order(_stoppable, user, message_id)
    if not runs.stop(message.pk):
        await keeper.sweep(message.conversation_id)
    return message.conversation_id


async def stop_all(user: User, conversation_id: uuid.UUID) -> None:
    """Stop whatever is answered in a conversation. Raises Http404 or ReadOnly."""
    stopped = [runs.stop(message_id) for message_id in await in_order(_running, user, conversation_id)]
    if not all(stopped):
        await keeper.sweep(conversation_id)


async def keep(user: User, message_id: int) -> Done:
    """Go on from this one of the answers that stand side by side. Raises Refused or Http404."""
    change, others = await written(_keep, user, message_id)
    for other in others:
        runs.stop(other)
    done = await carry_out(user, change)
    queue.look()
    return done


async def show(user: User, message_id: int) -> Done:
    """Open the branch that leads through this message."""
    return await carry_out(user, await written(_show, user, message_id))


async def lead_to(user: User, conversation_id: uuid.UUID, message_id: int) -> None:
    """Open the branch that this message of the conversation is on, unless it is open. Raises Http404."""
    if not await in_order(_is_open, user, conversation_id, message_id):
        await show(user, message_id)


async def fork(user: User, message_id: int) -> Done:
    """A conversation of its own with the branch up to this message. Raises AnswerRunning or Http404."""
    return await carry_out(user, await written(_fork, user, message_id))


def _twice(write: Callable[..., Change], *given: object) -> Change:
    """Two sends can meet in the database: either ours was first, or another answer was, and the second look tells."""
    try:
        with transaction.atomic():
            return write(*given)
    except IntegrityError:
        with transaction.atomic():
            return write(*given)


def _post(user: User, conversation_id: uuid.UUID | None, draft: Draft) -> Change:
    conversation = writable(user, conversation_id) if conversation_id else _first_or_new(user, draft)
    return ask(user, conversation, open_leaf(conversation, user.pk), draft, kept=None)


def _first_or_new(user: User, draft: Draft) -> Conversation:
    pk = uuid.uuid5(_NAMESPACE, f"{user.pk}:{draft.client_id}")
    if present := Conversation.objects.open_to(user).locked(pk):
        return present
    # The first one may have been deleted or passed on since.
    free = not Conversation.objects.filter(pk=pk).exists()
    made = Conversation(
        pk=pk if free else uuid.uuid4(), owner=user, active_at=timezone.now(), temporary=draft.temporary
    )
    return made if draft.prompt is None else furnish(made, user, draft.prompt)


def _edit(user: User, message_id: int, draft: Draft) -> Change:
    if waiting := waiting_message(user, message_id):
        return reword(waiting, draft)
    message = writable_message(user, message_id)
    if message.role != Message.Role.USER:
        raise refusals.NothingToEdit
    return replace(ask(user, message.conversation, message.parent_id, draft, kept=message), branch=True)


def _go_on(user: User, message_id: int) -> Change:
    with transaction.atomic():
        message = writable_message(user, message_id)
        loose = message.error == "length" or message.status in (Status.INTERRUPTED, Status.STOPPED)
        if message.role != Message.Role.ASSISTANT or not loose or not message.text:
            raise refusals.NothingToContinue
        return _queue_again(user, message)


def _retry(user: User, message_id: int, chosen: tuple[str, bool] | None) -> Change:
    with transaction.atomic():
        message = writable_message(user, message_id)
        conversation, question = message.conversation, message.parent
        if question is None or message.running:
            raise refusals.AnswerRunning if message.running else refusals.NothingToContinue
        if chosen is not None:
            message.alias_name, message.think = chosen
        if not message.text:
            return _queue_again(user, message)
        if conversation.messages.running().exists():
            raise refusals.AnswerRunning
        if question.compared:
            raise refusals.KeepOneFirst
        alias = usable_alias(user, message.alias_name)
        conversation.next_revision()
        conversation.active_at = timezone.now()
        begun = queue_answers(conversation, question, [Order(alias.name, message.think)], user.pk, again=True)
        return Change(conversation, begun.rows, start=begun.answers, branch=True)


@transaction.atomic
def _answer(user: User, message_id: int) -> Change:
    """A repeat finds the first one's answer."""
    question = writable_message(user, message_id)
    conversation = question.conversation
    after = list(question.children.placed().order_by("pk").values_list("pk", "role"))
    if after and after[0][1] == Message.Role.ASSISTANT:
        return Change(conversation, [question.pk, after[0][0]], side=False)
    if after or question.role != Message.Role.USER:
        raise refusals.NothingToAnswer
    if conversation.messages.running().exists():
        raise refusals.AnswerRunning
    alias = usable_alias(user, conversation.alias.name if conversation.alias else "")
    # Its row offers this no more.
    question.revision = conversation.next_revision()
    question.save(update_fields=["revision"])
    conversation.active_at = timezone.now()
    begun = queue_answers(conversation, question, [Order(alias.name, conversation.think)], user.pk, again=True)
    return Change(conversation, begun.rows, start=begun.answers, branch=begun.branch)


def _queue_again(user: User, message: Message) -> Change:
    """The same row is made (on). Swapped only from the settled state that was looked at."""
    conversation = message.conversation
    in_the_way = conversation.messages.running()
    if message.parent and message.parent.compared:
        in_the_way = in_the_way.exclude(parent=message.parent)
    if in_the_way.exists():
        raise refusals.AnswerRunning
    before = message.status
    message.alias_name, message.author = usable_alias(user, message.alias_name).name, user
    message.status, message.error, message.retry_after = Status.QUEUED, "", None
    message.heartbeat_at, message.revision = timezone.now(), conversation.next_revision()
    conversation.active_at = message.heartbeat_at
    conversation.save()
    swapped = Message.objects.filter(pk=message.pk, status=before).update(
        status=message.status,
        error="",
        retry_after=None,
        alias_name=message.alias_name,
        think=message.think,
        author=user,
        heartbeat_at=message.heartbeat_at,
        revision=message.revision,
    )
    if not swapped:
        raise refusals.AnswerRunning
    return Change(conversation, [message.pk], start=[message.pk])


def _show(user: User, message_id: int) -> Change:
    with transaction.atomic():
        message = visible_message(user, message_id)
        conversation = Conversation.objects.visible_to(user).locked(message.conversation_id)
        if conversation is None:
            raise Http404
        tree = Tree(conversation)
        leaf = tree.newest_leaf(message.pk)
        choose(conversation, user.pk, leaf)
        branch = tree.branch(leaf)
        shown = branch[branch.index(message.pk) :]
        # Pages that missed this ask for rows with a higher revision: the branch's rows must be among them.
        conversation.messages.filter(pk__in=shown).update(revision=conversation.next_revision())
        conversation.save()
    return Change(conversation, shown, branch=True, side=False)


def _is_open(user: User, conversation_id: uuid.UUID, message_id: int) -> bool:
    message = visible_message(user, message_id)
    if message.conversation_id != conversation_id:
        raise Http404
    conversation = message.conversation
    return message_id in Tree(conversation).branch(open_leaf(conversation, user.pk))


def _running(user: User, conversation_id: uuid.UUID) -> list[int]:
    _look_whether_writable(user, conversation_id)
    return list(Message.objects.running().filter(conversation=conversation_id).values_list("pk", flat=True))


def _stoppable(user: User, message_id: int) -> Message:
    message = visible_message(user, message_id)
    _look_whether_writable(user, message.conversation_id)
    return message


def _look_whether_writable(user: User, conversation_id: uuid.UUID) -> None:
    """A stop writes nothing itself, so it needs no lock. Raises Http404 or ReadOnly."""
    with transaction.atomic():
        writable(user, conversation_id)


@transaction.atomic
def _keep(user: User, message_id: int) -> tuple[Change, list[int]]:
    """The other answers stay as versions; those that are still made are to be stopped."""
    message = writable_message(user, message_id)
    conversation, question = message.conversation, message.parent
    if question is None or not question.compared:
        raise refusals.NothingToKeep
    answers = list(question.children.all())
    conversation.messages.filter(pk__in=[question.pk, *(one.pk for one in answers)]).update(
        revision=conversation.next_revision()
    )
    question.compared = False
    question.save(update_fields=["compared"])
    conversation.messages.waiting().filter(parent__in=answers).update(parent=message)
    conversation.open_branches.filter(leaf__in=answers).delete()
    conversation.leaf, conversation.paused = message, False
    conversation.save()
    others = [one.pk for one in answers if one.running and one.pk != message.pk]
    return Change(conversation, [question.pk, message.pk], branch=True, queue=True, side=False), others


@transaction.atomic
def _fork(user: User, message_id: int) -> Change:
    made = Conversation(owner=user, active_at=timezone.now())
    copy_branch(visible_message(user, message_id), made)
    return Change(made)
