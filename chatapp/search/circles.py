"""Whose documents a search goes through.

Every document has a token of its owner and one of its conversation, which no text has: so a member's search never
walks through the words of others. What members may open is decided elsewhere and asked again for each hit; a circle
too many costs time, never a secret.
"""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from chatapp.conversations.models import Participation

# From the private use area, of which nothing is a letter.
_OWNER = "\ue000"
_CONVERSATION = "\ue001"


def of_document(owner_id: int, conversation_id: UUID) -> tuple[str, str]:
    return f"{_OWNER}{owner_id}", f"{_CONVERSATION}{conversation_id.hex}"


def of_reader(user: User) -> list[str]:
    """What this person wrote, and the conversations that they were invited to; one query."""
    alone = Participation.objects.filter(member=user)
    with_others = Participation.objects.filter(group__user=user)
    shared = alone.values_list("conversation").union(with_others.values_list("conversation"))
    return [f"{_OWNER}{user.pk}", *(f"{_CONVERSATION}{pk.hex}" for (pk,) in shared)]
