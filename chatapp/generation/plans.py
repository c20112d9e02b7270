"""What to ask, and whom: a queued answer read from the database as one request to an upstream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from chatapp.catalog.access import first_route, may_use
from chatapp.catalog.models import Alias
from chatapp.catalog.secrets import SecretLost
from chatapp.conversations.models import Message, Status
from chatapp.conversations.tree import path_to
from chatapp.upstream.client import ChatRequest, Target
from chatapp.upstream.client import Message as Turn
from chatapp.upstream.errors import AliasGone, KeyWrong

CONTINUE = (
    "Continue exactly where your last answer stopped. Do not repeat anything, do not comment on this, "
    "just write the next characters."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A claimed answer: the row as it stands, where to ask, what to say."""

    message: Message
    target: Target
    request: ChatRequest


def claim(message_id: int) -> Plan | None:
    """Take a queued answer for this process; None if somebody else did, or it was stopped meanwhile.

    Raises AliasGone when its alias leads nowhere any more.
    """
    claimed = Message.objects.filter(pk=message_id, status=Status.QUEUED).update(
        status=Status.STREAMING, heartbeat_at=timezone.now()
    )
    if not claimed:
        return None
    message = Message.objects.select_related("conversation__owner").get(pk=message_id)
    target, alias = target_for(message)
    turns = history(message)
    think = message.think if alias.thinking != Alias.Thinking.NONE else None
    return Plan(message, target, ChatRequest(messages=turns, think=think, continues=bool(message.text)))


def target_for(message: Message) -> tuple[Target, Alias]:
    """Where this answer's alias leads today, if its conversation's owner may use it."""
    alias = Alias.objects.filter(name=message.alias_name).first()
    if alias is None or not may_use(message.conversation.owner, alias):
        raise AliasGone
    route = first_route(alias)
    if route is None:
        raise AliasGone
    provider = route.provider
    try:
        key = provider.key
    except SecretLost as lost:
        raise KeyWrong(str(lost)) from lost
    return Target(provider.wire_dialect, provider.base_url, key, route.upstream_model), alias


def history(answer: Message) -> Sequence[Turn]:
    """The turns that lead to this answer; an answer that has text already is asked to go on."""
    turns: list[Turn] = [
        {"role": turn.role, "content": turn.text} for turn in path_to(answer) if turn.text and turn.pk != answer.pk
    ]
    if answer.text:
        turns += [{"role": "assistant", "content": answer.text}, {"role": "user", "content": CONTINUE}]
    return turns
