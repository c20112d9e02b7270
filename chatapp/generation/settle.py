"""The end of an answer: one compare-and-swap, then everybody is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone

from chatapp.catalog.models import Alias, Route
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.database import in_order, written
from chatapp.generation.plans import Plan, Way
from chatapp.generation.telling import Change, tell
from chatapp.rendering.live import Live
from chatapp.rendering.markdown import RENDERER_VERSION, render
from chatapp.search import index
from chatapp.upstream.client import Outcome
from chatapp.upstream.errors import UpstreamError

# Kept in Message.error beside the upstream's codes.
LENGTH = "length"
ODD_FINISH = "odd-finish"
CRASHED = "crashed"
NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Ending:
    """Why an answer ended. `error` is a code of upstream.errors or one of the words above."""

    status: Status
    error: str = ""
    retry_after: int | None = None
    outcome: Outcome | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> Ending:
        if outcome.finish == "length":
            return cls(Status.DONE, LENGTH, outcome=outcome)
        known = outcome.finish in ("stop", "tool_calls")
        return cls(Status.DONE, outcome=outcome) if known else cls(Status.INTERRUPTED, ODD_FINISH, outcome=outcome)

    @classmethod
    def failed(cls, error: UpstreamError) -> Ending:
        return cls(Status.FAILED, error.code, retry_after=error.retry_after)


@dataclass(frozen=True, slots=True)
class Made:
    """What a run has made: the last frame's number, the whole text and the times, in seconds."""

    n: int = 0
    live: Live = field(default_factory=Live)
    reasoning: str = ""
    reasoning_seconds: float | None = None
    first_word_seconds: float | None = None
    answer_seconds: float | None = None
    plan: Plan | None = None
    way: Way | None = None
    fallback: bool = False
    unseen: Mapping[str, int] = field(default_factory=dict)

    def by(self, outcome: Outcome | None) -> dict[str, object]:
        """What made it, for the row, and what members may see of that."""
        plan, way = self.plan, self.way
        if plan is None:
            return {}
        read: dict[str, object] = {"context_from_id": plan.context_from, "unseen": dict(self.unseen)}
        if way is None:
            return read
        asked, answered = way.target.model, outcome.model if outcome else ""
        ref_model = (answered if answered != asked else "") or way.ref_model
        shown = (ref_model or asked) if plan.shows_target else ""
        return read | {
            # Empty if an administrator removed it meanwhile.
            "route": Subquery(Route.objects.filter(pk=way.route_id).values("pk")),
            "upstream_model": asked,
            "ref_model": ref_model[:NAME_CHARACTERS],
            "shown_model": shown[:NAME_CHARACTERS],
            "repointed": bool(shown and plan.before and shown != plan.before),
            "fallback": self.fallback,
        }


async def settle(message_id: int, ending: Ending, made: Made) -> None:
    """Write the end of a claimed answer and tell its viewers. Does nothing if it was settled already."""
    message = await written(_write, message_id, ending, made)
    if message is not None:
        # Where definitions reach backwards the browser must take the new body.
        await announce(message, keep=None if made.live.needs_render else made.n)


def _write(message_id: int, ending: Ending, made: Made) -> Message | None:
    status = ending.status
    if status == Status.FAILED and made.live.text:
        status = Status.INTERRUPTED
    outcome = ending.outcome
    if made.plan and outcome and outcome.thought and made.plan.request.think is False:
        Alias.objects.filter(name=made.plan.message.alias_name).update(thought_unasked_at=timezone.now())
    return swap(
        message_id,
        text=made.live.text,
        html=made.live.html(),
        reasoning=made.reasoning,
        status=status,
        error=ending.error,
        retry_after=ending.retry_after,
        reasoning_seconds=made.reasoning_seconds,
        first_word_seconds=made.first_word_seconds,
        answer_seconds=made.answer_seconds,
        tokens_in=outcome.tokens_in if outcome else None,
        tokens_out=outcome.tokens_out if outcome else None,
        **made.by(outcome),
    )


def swap(message_id: int, *, text: str, reasoning: str, html: str, **changes: object) -> Message | None:
    """Settle a streaming row; None if it is not streaming any more."""
    reasoning_html = render(reasoning) if reasoning else ""
    with transaction.atomic():
        message = Message.objects.get(pk=message_id)
        conversation = Conversation.objects.all().locked(message.conversation_id)
        if conversation is None:
            return None
        conversation.paused = changes["status"] in (Status.FAILED, Status.INTERRUPTED)
        message.conversation = conversation
        changed = Message.objects.filter(pk=message_id, status=Status.STREAMING).update(
            text=text,
            html=html,
            reasoning=reasoning,
            reasoning_html=reasoning_html,
            html_version=RENDERER_VERSION,
            revision=conversation.next_revision(),
            **changes,
        )
        if changed:
            message.text = text
            index.put([message])
            conversation.save(update_fields=["revision", "paused"])
    return message if changed else None


async def announce(message: Message, keep: int | None = None) -> None:
    """Tell the conversation's pages about this row, and its owner's sidebars how it is with it now."""
    conversation = message.conversation
    queue = conversation.paused and await in_order(conversation.messages.waiting().exists)
    await tell(Change(conversation, [message.pk], queue=queue, keep=keep))
