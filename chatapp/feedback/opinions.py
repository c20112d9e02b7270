"""What a member thinks of an answer: said, commented on, taken back. Nobody else's page changes by it."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.template.loader import render_to_string

from accounts.models import User
from chatapp.conversations import refusals
from chatapp.conversations.models import RUNNING, Conversation, Feedback, Message
from chatapp.conversations.words import clean
from chatapp.database import in_order, written
from chatapp.generation import hub

COMMENT_CHARACTERS = 2000


class CommentTooLong(refusals.Refused):
    def __init__(self, characters: int) -> None:
        self.sentence = f"The comment has {characters:,} characters; the limit is {COMMENT_CHARACTERS:,}."


async def opinion_of(user: User, message_id: int) -> tuple[Message, Feedback | None]:
    """An answer, and what this member thinks of it. Raises Http404."""
    return await in_order(_opinion_of, user, message_id)


async def judge(user: User, message_id: int, good: bool | None) -> tuple[Message, Feedback | None]:
    """Call an answer good or not, however often; None takes that back. Raises Http404."""
    message, opinion = await written(_judge, user, message_id, good)
    _tell(user, message, opinion)
    return message, opinion


async def comment(user: User, message_id: int, text: str, *, send: bool) -> tuple[Message, Feedback]:
    """Say more about an opinion; `send` shows it to the administrators. Raises CommentTooLong or Http404."""
    message, opinion = await written(_comment, user, message_id, text, send)
    _tell(user, message, opinion)
    return message, opinion


def _tell(user: User, message: Message, opinion: Feedback | None) -> None:
    """The member's other pages."""
    good = opinion.good if opinion else None
    said = render_to_string("feedback/_said.html", {"opinion": opinion})
    frame = {"t": "opinion", "m": message.pk, "good": good, "said": said}
    hub.publish(hub.conversation_topic(message.conversation_id), frame, to=user.pk)


def _opinion_of(user: User, message_id: int) -> tuple[Message, Feedback | None]:
    answers = Message.objects.visible_to(user).filter(role=Message.Role.ASSISTANT).exclude(status__in=RUNNING)
    message = answers.filter(pk=message_id).first()
    if message is None:
        raise Http404
    return message, message.feedback.filter(member=user).first()


def _locked(user: User, message_id: int) -> tuple[Message, Feedback | None]:
    """The same for a change: the chat stays there until the transaction ends. Raises Http404."""
    message, _ = _opinion_of(user, message_id)
    if Conversation.objects.visible_to(user).locked(message.conversation_id) is None:
        raise Http404
    return message, message.feedback.filter(member=user).first()


@transaction.atomic
def _judge(user: User, message_id: int, good: bool | None) -> tuple[Message, Feedback | None]:
    message, before = _locked(user, message_id)
    if before is not None and before.good == good:
        return message, before
    kept = before.comment if before else ""
    if before is not None:
        before.delete()
    if good is None:
        return message, None
    # What was sent belonged to the other opinion: it is sent again only if the member says so.
    return message, Feedback.objects.create(message=message, member=user, good=good, comment=kept)


@transaction.atomic
def _comment(user: User, message_id: int, text: str, send: bool) -> tuple[Message, Feedback]:
    text = clean(text).strip()
    if len(text) > COMMENT_CHARACTERS:
        raise CommentTooLong(len(text))
    message, opinion = _locked(user, message_id)
    if opinion is None:
        raise Http404
    opinion.comment, opinion.sent = text, send and bool(text)
    opinion.save(update_fields=["comment", "sent"])
    return message, opinion
