"""What a member does to messages that wait for the end of an answer: reword one, take one back, send on."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.http import Http404

from accounts.models import User
from chatapp.conversations import refusals
from chatapp.conversations.asking import model_gone, model_instead
from chatapp.conversations.changes import Done, Draft, carry_out, refuse_while_draining, writable
from chatapp.conversations.models import Message
from chatapp.conversations.words import clean
from chatapp.database import written
from chatapp.generation import queue
from chatapp.generation.telling import Change


async def remove(user: User, message_id: int) -> Done:
    """Take a waiting message back. Raises Http404 when it has gone out meanwhile."""
    return await carry_out(user, await written(_remove, user, message_id))


async def send_on(user: User, conversation_id: uuid.UUID) -> Done:
    """Let what waits go out although the last answer failed, or the model is gone: another one answers then."""
    refuse_while_draining()
    done = await carry_out(user, await written(_send_on, user, conversation_id))
    queue.look()
    return done


def waiting_message(user: User, message_id: int) -> Message | None:
    """A waiting message of the person's, or in a conversation of theirs, which is locked; None for any other.

    Raises ReadOnly for who may only read.
    """
    message = Message.objects.visible_to(user).waiting().filter(pk=message_id).first()
    if message is None:
        return None
    message.conversation = writable(user, message.conversation_id)
    # It may have gone out before the lock was ours.
    there = Message.objects.waiting().filter(pk=message_id).exists()
    return message if there and may_change(message, user.pk) else None


def may_change(waiting: Message, member_id: int) -> bool:
    """What waits is its author's and the conversation's owner's."""
    return member_id in (waiting.author_id, waiting.conversation.owner_id)


def reword(message: Message, draft: Draft) -> Change:
    """Change the text of a waiting message. Raises Refused."""
    text = clean(draft.text).strip()
    if not text and not message.attachments.exists():
        raise refusals.EmptyMessage
    if len(text) > refusals.MESSAGE_CHARACTERS:
        raise refusals.MessageTooLong(len(text))
    conversation = message.conversation
    message.text, message.revision = text, conversation.next_revision()
    message.save(update_fields=["text", "revision"])
    conversation.save(update_fields=["revision"])
    return Change(conversation, queue=True, side=False)


@transaction.atomic
def _remove(user: User, message_id: int) -> Change:
    message = waiting_message(user, message_id)
    if message is None:
        raise Http404
    conversation = message.conversation
    message.delete()
    conversation.next_revision()
    conversation.save(update_fields=["revision"])
    return Change(conversation, queue=True, side=False)


@transaction.atomic
def _send_on(user: User, conversation_id: uuid.UUID) -> Change:
    conversation = writable(user, conversation_id)
    conversation.next_revision()
    conversation.paused = False
    conversation.save(update_fields=["revision", "paused"])
    for message in conversation.messages.waiting().select_related("author"):
        if model_gone(message) and (alias := model_instead(message, conversation)):
            message.alias_name = alias.name
            message.save(update_fields=["alias_name"])
    return Change(conversation, queue=True, side=False)
