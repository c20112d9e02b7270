"""Answers to have opinions about."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Message, Status


def answer_of(owner: User, **fields: Any) -> Message:
    """A finished answer in a chat of this person."""
    made = Conversation.objects.create(owner=owner, title="A secret title", active_at=timezone.now())
    question = made.messages.create(role=Message.Role.USER, author=owner, text="secret question")
    settled = {"text": "secret answer", "alias_name": "demo", "status": Status.DONE}
    answer = made.messages.create(role=Message.Role.ASSISTANT, parent=question, **(settled | fields))
    made.leaf = answer
    made.save(update_fields=["leaf"])
    return answer
