"""A temporary chat that a member wants to keep after all."""

from __future__ import annotations

import uuid

from django.db import transaction

from accounts.models import User
from chatapp.conversations.changes import Done, carry_out, own
from chatapp.database import written
from chatapp.generation.telling import Change
from chatapp.search.index import put_conversation


async def keep(user: User, conversation_id: uuid.UUID) -> Done:
    """Make it an ordinary chat: listed, found and kept like any other. Raises Http404."""
    return await carry_out(user, await written(_keep, user, conversation_id))


@transaction.atomic
def _keep(user: User, conversation_id: uuid.UUID) -> Change:
    conversation = own(user, conversation_id)
    if conversation.temporary:
        conversation.temporary = False
        conversation.save(update_fields=["temporary"])
        put_conversation(conversation)
    return Change(conversation)
