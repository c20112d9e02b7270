"""A branch of one conversation as the beginning of another."""

from __future__ import annotations

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
    parent: Message | None = None
    for message in branch:
        parent = _copy(message, made, parent)
    made.leaf = parent
    made.save(update_fields=["leaf"])
    index.put_conversation(made)


def _copy(message: Message, made: Conversation, parent: Message | None) -> Message:
    taken = [field.name for field in Message._meta.concrete_fields if field.name not in _OWN]
    values = {name: getattr(message, name) for name in taken}
    copied = Message.objects.create(conversation=made, parent=parent, revision=1, **values)
    Message.objects.filter(pk=copied.pk).update(created_at=message.created_at)
    Attachment.objects.bulk_create(
        Attachment(message=copied, image_id=one.image_id, position=one.position) for one in message.attachments.all()
    )
    return copied
