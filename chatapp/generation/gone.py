"""Chats that this server has removed for good: their owners' pages learn of it at once, others by the watch."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.generation import hub
from chatapp.retention.removing import Gone


def tell(gone: Sequence[Gone]) -> None:
    """Take these chats out of every list, and tell the pages in which one is open. Event loop only."""
    for one in gone:
        removed = Conversation(pk=one.conversation_id, deleted_at=timezone.now())
        hub.tell_member(one.owner_id, fragments.side_frame(removed, answering=False))
