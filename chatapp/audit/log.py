"""Writing the log of access. Call it inside the transaction of the change."""

from __future__ import annotations

from accounts.models import User
from chatapp.audit.models import Entry
from chatapp.conversations.models import Conversation

ABOUT_CHARACTERS = 200


def note(what: str, *, by: User | None, conversation: Conversation | None, about: str = "", reason: str = "") -> None:
    """Keep that this happened; `what` is one of Entry.What. Without a conversation it concerns all of them."""
    Entry.objects.create(
        what=what,
        by=by,
        conversation=conversation,
        owner_id=conversation.owner_id if conversation else None,
        about=about[:ABOUT_CHARACTERS],
        reason=reason,
    )
