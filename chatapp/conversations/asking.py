"""The two rows that begin an answer: the question in its place, and the answer that waits to be made."""

from __future__ import annotations

from django.utils import timezone

from chatapp.conversations.models import Conversation, Message, Status


def place(question: Message, conversation: Conversation, parent_id: int | None) -> None:
    """Put a question into the tree, with a new revision. The conversation is locked, and may be new."""
    question.conversation, question.parent_id = conversation, parent_id
    question.status, question.revision = Status.SENT, conversation.next_revision()
    if conversation._state.adding:
        conversation.save(force_insert=True)
    question.save()


def queued(conversation: Conversation, question: Message, alias_name: str, think: bool) -> Message:
    """A new answer that waits to be made, of the conversation's revision; its branch is the open one now."""
    answer = Message.objects.create(
        conversation=conversation,
        parent=question,
        role=Message.Role.ASSISTANT,
        status=Status.QUEUED,
        alias_name=alias_name,
        think=think,
        heartbeat_at=timezone.now(),
        revision=conversation.revision,
    )
    conversation.leaf = answer
    conversation.save()
    return answer
