"""A branch of one conversation as the beginning of another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from chatapp.catalog.models import Parameters
from chatapp.conversations import refusals
from chatapp.conversations.models import Conversation, Message
from chatapp.conversations.tree import path_to
from chatapp.images.models import Attachment
from chatapp.search import index

# What a copied message does not take along: it is in another tree, and nobody sends it again under its old name.
_OWN = {"id", "conversation", "parent", "client_id", "revision", "heartbeat_at", "context_from", "compared", "lane"}
_PARAMETERS = [field.name for field in Parameters._meta.get_fields()]


def copy_branch(leaf: Message, made: Conversation) -> None:
    """Fill the new conversation with the messages from the root to this one. Raises AnswerRunning."""
    branch = path_to(leaf)
    if any(message.running for message in branch):
        raise refusals.AnswerRunning
    source = leaf.conversation
    # Instructions are nobody's but the owner's.
    own = ("instructions", "temporary", *_PARAMETERS) if made.owner_id == source.owner_id else ()
    for name in ("title", "titled_by", "alias", "think", *own):
        setattr(made, name, getattr(source, name))
    made.active_at, made.revision = timezone.now(), 1
    made.save(force_insert=True)
    copied = [_copy(message, made) for message in branch]
    insert(copied, [None, *copied[:-1]], [message.created_at for message in branch])
    copies = {message.pk: copy for message, copy in zip(branch, copied, strict=True)}
    Attachment.objects.bulk_create(
        Attachment(message=copies[one.message_id], image_id=one.image_id, position=one.position)
        for one in Attachment.objects.filter(message__in=branch).order_by("pk")
    )
    made.leaf = copied[-1]
    made.save(update_fields=["leaf"])
    index.put_conversation(made)


def insert(rows: Sequence[Message], parents: Sequence[Message | None], times: Sequence[datetime]) -> None:
    """Write new messages, each under its parent among them, and the times that new rows take from the clock otherwise.

    So many queries for each thousand, as others wait for the end of the transaction.
    """
    Message.objects.bulk_create(rows)
    for row, parent, at in zip(rows, parents, times, strict=True):
        row.parent, row.created_at = parent, at
    Message.objects.bulk_update(rows, ["parent", "created_at"], batch_size=200)


def _copy(message: Message, made: Conversation) -> Message:
    taken = [field.attname for field in Message._meta.concrete_fields if field.name not in _OWN]
    return Message(conversation=made, revision=1, **{name: getattr(message, name) for name in taken})
