"""Loaded rows → HTML. One partial per thing, used by page, answer to a post and socket alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from chatapp.conversations.models import Conversation, Message
from chatapp.conversations.notices import Notice, notice_for, unseen_images
from chatapp.conversations.tree import Tree, Versions
from chatapp.images.models import Attachment
from chatapp.rendering.markdown import RENDERER_VERSION, render

if TYPE_CHECKING:
    from chatapp.generation.frames import Snapshot, Wait


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a page shows it."""

    m: Message
    number: int
    last: bool
    versions: Versions | None
    body: SafeString
    tail: SafeString
    live: int | None
    reasoning: str
    reasoning_html: SafeString
    thought_label: str
    thinking_seconds: int
    wait: Wait | None
    notice: Notice | None

    @property
    def images(self) -> list[Attachment]:
        return list(self.m.attachments.all())

    @property
    def by_you(self) -> bool:
        return self.m.role == Message.Role.USER

    @property
    def who(self) -> str:
        if not self.by_you:
            return self.m.alias_name
        return self.m.author.name if self.m.author else ""

    @property
    def via(self) -> str:
        """What the name alone does not tell: another model than the one before, or a stand-in for it."""
        m = self.m
        if m.repointed:
            return f"now {m.shown_model}"
        return f"by {m.shown_model or 'a stand-in'}" if m.fallback else ""

    @property
    def unseen(self) -> str:
        """Which images the model was not shown, and why."""
        return unseen_images(self.m.unseen, self.m.alias_name)

    @property
    def status(self) -> str:
        return self.m.status

    @property
    def thinking_now(self) -> bool:
        return self.m.running and bool(self.reasoning) and not self.thought_label

    @property
    def foot(self) -> str:
        """Tokens, time to the first word and speed, as far as they are known."""
        m = self.m
        parts = [m.shown_model] if m.shown_model and m.shown_model != m.alias_name else []
        if m.tokens_in is not None and m.tokens_out is not None:
            parts.append(f"{m.tokens_in:,} in, {m.tokens_out:,} out")
        if m.first_word_seconds is not None:
            parts.append(f"first word {m.first_word_seconds:.1f} s")
            writing = (m.answer_seconds or 0) - m.first_word_seconds
            if m.tokens_out and writing > 0.5:
                parts.append(f"{m.tokens_out / writing:.0f} tok/s")
        return " · ".join(parts)


def rows(
    conversation: Conversation,
    live: Mapping[int, Snapshot] | None = None,
    *,
    only: Collection[int] | None = None,
    after: int = -1,
) -> list[Row]:
    """The open branch, or those of its messages that are in `only` or of a later revision than `after`.

    `live` has the state of what this process is making. A fixed number of queries.
    """
    tree = Tree(conversation)
    branch = tree.path_to(conversation.leaf_id)
    wanted = conversation.messages.filter(pk__in=branch if only is None else only, revision__gt=after)
    attached = Prefetch("attachments", Attachment.objects.select_related("image"))
    found = {message.pk: message for message in wanted.select_related("author").prefetch_related(attached)}
    made = []
    for number, pk in enumerate(branch, start=1):
        if message := found.get(pk):
            message.conversation = conversation
            state = live.get(pk) if live and message.running else None
            made.append(_row(message, number, number == len(branch), tree.versions(pk), state))
    return made


def _row(message: Message, number: int, last: bool, sibling: Versions | None, state: Snapshot | None) -> Row:
    seconds = state.reasoning_seconds if state else message.reasoning_seconds
    return Row(
        m=message,
        number=number,
        last=last,
        versions=sibling,
        body=_trusted(state.closed if state else _body(message)),
        tail=_trusted(state.tail if state else ""),
        live=state.n if state else _unknown_state(message),
        reasoning=state.reasoning if state else message.reasoning if message.running else "",
        reasoning_html=_trusted("" if message.running else _reasoning(message)),
        thought_label="" if seconds is None else thought_label(seconds),
        thinking_seconds=state.thinking_seconds if state else 0,
        wait=state.wait if state else None,
        notice=notice_for(message, last),
    )


def _unknown_state(message: Message) -> int | None:
    """The live number of a row that is not rendered from a run's state; None for one that is settled.

    Frames start from nothing at 0. Where there is text already, no frame may follow this row: it asks for a snapshot.
    """
    if not message.running:
        return None
    return -1 if message.text or message.reasoning else 0


def _body(message: Message) -> str:
    if message.role == Message.Role.USER:
        return ""
    current = message.html_version == RENDERER_VERSION and not message.running
    return message.html if current else render(message.text)


def _reasoning(message: Message) -> str:
    current = message.html_version == RENDERER_VERSION
    return message.reasoning_html if current else render(message.reasoning)


def _trusted(html: str) -> SafeString:
    """Only what rendering has cleaned comes through here."""
    return mark_safe(html)  # noqa: S308


def thought_label(seconds: float) -> str:
    if seconds < 1:
        return "Thought for a moment"
    minutes, rest = divmod(round(seconds), 60)
    return f"Thought for {minutes} min {rest} s" if minutes else f"Thought for {rest} s"


def message_html(row: Row) -> str:
    return render_to_string("conversation/_message.html", {"row": row})


def row_frames(
    conversation: Conversation, *, only: Collection[int] | None = None, after: int = -1
) -> list[dict[str, Any]]:
    """The frames that put these messages of the open branch into every page, oldest first."""
    return [
        {"t": "row", "m": row.m.pk, "rev": row.m.revision, "html": message_html(row)}
        for row in rows(conversation, only=only, after=after)
    ]


def branch_frame(conversation: Conversation) -> dict[str, Any]:
    """Tells pages which messages are on the open branch; they let go of all others."""
    return {"t": "branch", "ids": Tree(conversation).path_to(conversation.leaf_id)}


def waiting_in(conversation: Conversation) -> dict[str, Any]:
    """What the partial of the queue shows."""
    attached = Prefetch("attachments", Attachment.objects.select_related("image"))
    waiting = conversation.messages.waiting().prefetch_related(attached)
    return {"conversation": conversation, "queue": [(m, [*m.attachments.all()]) for m in waiting]}


def queue_frame(conversation: Conversation) -> dict[str, Any]:
    """The messages that wait, as they stand now."""
    return {"t": "queue", "html": render_to_string("conversation/_waiting.html", waiting_in(conversation))}


def side_frame(conversation: Conversation, *, answering: bool) -> dict[str, Any]:
    """The conversation's line in its owner's sidebars; empty once it is deleted."""
    context = {"c": conversation, "current": False, "answering": answering}
    gone = conversation.deleted_at is not None
    html = "" if gone else render_to_string("conversation/_sidebar_item.html", context)
    return {"t": "side", "c": str(conversation.pk), "html": html, "title": conversation.title}
