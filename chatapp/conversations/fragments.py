"""Loaded rows → HTML. One partial per thing, used by page, answer to a post and socket alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F, Prefetch
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from chatapp.conversations.asking import model_gone, model_instead
from chatapp.conversations.branches import open_leaf
from chatapp.conversations.models import RUNNING, Conversation, Feedback, Message
from chatapp.conversations.notices import Notice, notice_for, unseen_images
from chatapp.conversations.sidebar import in_folder
from chatapp.conversations.stretches import Place, Stretch, fitting, stretch_of
from chatapp.conversations.tree import Tree, Versions
from chatapp.images.models import Attachment
from chatapp.rendering.markdown import RENDERER_VERSION, render
from chatapp.sharing.models import Link

if TYPE_CHECKING:
    from chatapp.generation.frames import Snapshot, Wait

# A question and the answers that may stand side by side below it.
NEWEST = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a page shows it."""

    m: Message
    number: int
    # The message before it on the branch, and when that one was written.
    after: int | None
    since: datetime | None
    # The reader may write in the conversation.
    writes: bool
    last: bool
    # Its place among answers that stand side by side, and how many these are.
    beside: tuple[int, int] | None
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
    def opinion(self) -> Feedback | None:
        """What the reader thinks of this answer."""
        return next(iter(self.m.feedback.all()), None)

    @property
    def by_you(self) -> bool:
        return self.m.role == Message.Role.USER

    @property
    def new_day(self) -> bool:
        """It begins a day of the branch, by the clock that is set."""
        return self.since is not None and timezone.localdate(self.since) != timezone.localdate(self.m.created_at)

    @property
    def this_year(self) -> bool:
        return timezone.localdate(self.m.created_at).year == timezone.localdate().year

    @property
    def who(self) -> str:
        if not self.by_you:
            return self.m.alias_name
        return self.m.author_name

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


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a branch. `renewed`: messages whose HTML was rendered for it, since another version of the
    renderer had made it; to be kept.
    """

    rows: list[Row]
    stretch: Stretch
    renewed: list[Message]


def rows(
    conversation: Conversation,
    reader_id: int,
    live: Mapping[int, Snapshot] | None = None,
    *,
    only: Collection[int] | None = None,
) -> list[Row]:
    """The branch that this reader has open, or those of its messages in `only`.

    `live` has the state of what this process is making. A fixed number of queries.
    """
    tree = Tree(conversation)
    branch = tree.branch(open_leaf(conversation, reader_id))
    found = _found(conversation, reader_id, branch if only is None else only)
    _renew(found.values())
    return _rows(conversation, reader_id, live, tree, branch, found)


def page_of(conversation: Conversation, reader_id: int, live: Mapping[int, Snapshot], place: Place) -> Shown | None:
    """What a page at this place shows of the branch that this reader has open. None where there is no such place.

    A fixed number of queries, and no text but of what is shown.
    """
    tree = Tree(conversation)
    stretch = stretch_of(conversation, tree.branch(open_leaf(conversation, reader_id)), place)
    if stretch is None:
        return None
    found = _found(conversation, reader_id, stretch.ids)
    renewed = _renew(found.values())
    return Shown(_rows(conversation, reader_id, live, tree, stretch.branch, found), stretch, renewed)


def keep_html(renewed: Iterable[Message]) -> None:
    """Store what was rendered anew, unless a message was settled meanwhile or is being made again. One UPDATE."""
    outdated = Message.objects.exclude(html_version=RENDERER_VERSION).exclude(status__in=RUNNING)
    outdated.bulk_update(renewed, ["html", "reasoning_html", "html_version"])


def _found(conversation: Conversation, reader_id: int, ids: Collection[int]) -> dict[int, Message]:
    wanted = conversation.messages.filter(pk__in=ids).select_related("author")
    attached = Prefetch("attachments", Attachment.objects.select_related("image"))
    opinions = Prefetch("feedback", Feedback.objects.filter(member=reader_id))
    dated = wanted.annotate(since=F("parent__created_at")).prefetch_related(attached, opinions)
    return {message.pk: message for message in dated}


def _renew(messages: Iterable[Message]) -> list[Message]:
    """Render what another version of the renderer has made, or none; returns those messages."""
    renewed = []
    for message in messages:
        current = message.running or message.html_version == RENDERER_VERSION
        if current or message.role == Message.Role.USER or not (message.text or message.reasoning):
            continue
        message.html, message.reasoning_html = render(message.text), render(message.reasoning)
        message.html_version = RENDERER_VERSION
        renewed.append(message)
    return renewed


def _rows(
    conversation: Conversation,
    reader_id: int,
    live: Mapping[int, Snapshot] | None,
    tree: Tree,
    branch: Sequence[int],
    found: Mapping[int, Message],
) -> list[Row]:
    writes = conversation.may_be_written_by(reader_id)
    beside = tree.beside(branch[-1]) if branch else []
    last = len(branch) - max(0, len(beside) - 1)
    made = []
    for number, (before, pk) in enumerate(zip([None, *branch], branch, strict=False), start=1):
        if message := found.get(pk):
            message.conversation = conversation
            state = live.get(pk) if live and message.running else None
            made.append(_row(message, before, min(number, last), number >= last, tree, state, writes=writes))
    return made


def _row(
    message: Message,
    before: int | None,
    number: int,
    last: bool,
    tree: Tree,
    state: Snapshot | None,
    *,
    writes: bool,
) -> Row:
    seconds = state.reasoning_seconds if state else message.reasoning_seconds
    group = tree.beside(message.pk)
    return Row(
        m=message,
        number=number,
        after=before,
        since=None if group else vars(message)["since"],
        writes=writes,
        last=last,
        beside=(group.index(message.pk) + 1, len(group)) if group else None,
        versions=None if group else tree.versions(message.pk),
        body=_trusted(state.closed if state else _body(message)),
        tail=_trusted(state.tail if state else ""),
        live=state.n if state else _unknown_state(message),
        reasoning=state.reasoning if state else message.reasoning if message.running else "",
        reasoning_html=_trusted("" if message.running else message.reasoning_html),
        thought_label="" if seconds is None else thought_label(seconds),
        thinking_seconds=state.thinking_seconds if state else 0,
        wait=state.wait if state else None,
        notice=notice_for(message, last and writes, beside=bool(group)),
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
    # What is being made may have more text than HTML.
    return render(message.text) if message.running else message.html


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
    conversation: Conversation, reader_id: int, *, only: Collection[int] | None = None, after: int = -1
) -> list[dict[str, Any]]:
    """The frames that put these messages of the reader's branch into their pages, oldest first: those in `only`, or
    those of a later revision than `after`.

    Where they are more than a page shows at a time: of `only` the first and the newest ones, as pages load by
    themselves what they lack; instead of all that a page has missed one frame that makes it load itself anew.
    """
    changed = conversation.messages.filter(revision__gt=after).values_list("pk", flat=True) if only is None else only
    branch = Tree(conversation).branch(open_leaf(conversation, reader_id))
    wanted = set(changed)
    ids = [pk for pk in branch if pk in wanted]
    first = fitting(conversation, ids)
    if len(first) < len(ids):
        if only is None:
            return [{"t": "anew"}]
        ids = [*first, *ids[len(first) :][-NEWEST:]]
    return [
        {"t": "row", "m": row.m.pk, "rev": row.m.revision, "html": message_html(row)}
        for row in rows(conversation, reader_id, only=ids)
    ]


def branch_frame(conversation: Conversation, reader_id: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Tells pages which messages are on the reader's branch: they let go of all others, and put these rows in their
    place, in one step, so that no page ever shows neither.
    """
    return {"t": "branch", "ids": Tree(conversation).branch(open_leaf(conversation, reader_id)), "rows": rows}


def waiting_in(conversation: Conversation, reader_id: int) -> dict[str, Any]:
    """What the partial of the queue shows to this reader: all may be changed by the owner, one's own by oneself."""
    attached = Prefetch("attachments", Attachment.objects.select_related("image"))
    waiting = conversation.messages.waiting().select_related("author").annotate(undecided=F("parent__parent__compared"))
    queue = [(m, [*m.attachments.all()]) for m in waiting.prefetch_related(attached)]
    shown = {"conversation": conversation, "queue": queue, "reader_id": reader_id}
    if not queue or not conversation.paused or not model_gone(queue[0][0]):
        return shown
    return shown | {"gone": queue[0][0].alias_name, "instead": model_instead(queue[0][0], conversation)}


def queue_frame(conversation: Conversation, reader_id: int) -> dict[str, Any]:
    """The messages that wait, as they stand now."""
    return {"t": "queue", "html": render_to_string("conversation/_waiting.html", waiting_in(conversation, reader_id))}


def side_frame(conversation: Conversation, *, answering: bool) -> dict[str, Any]:
    """The conversation's line in its owner's sidebars, empty where it is not listed any more; its folder, and how many
    lines that has now. For a conversation that nobody was invited to.
    """
    state, folder = chat_state(conversation), conversation.folder_id
    unlisted = state["gone"] or state["archived"] or conversation.temporary
    html = "" if unlisted else _line(conversation, answering)
    side = {"t": "side", "c": str(conversation.pk), "html": html} | state
    return side | {"folder": [folder, in_folder(folder)] if folder else None}


def _line(conversation: Conversation, answering: bool) -> str:
    by_link = Link.objects.working().filter(conversation=conversation.pk).exists()
    context = {"c": conversation, "current": False, "answering": answering, "by_link": by_link}
    return render_to_string("conversation/_sidebar_item.html", context)


def past_frame(*conversations: Conversation) -> dict[str, Any]:
    """Tells pages to fetch their lists again, and what became of these conversations where one is open."""
    return {"t": "past", "chats": {str(one.pk): chat_state(one) for one in conversations}}


def chat_state(conversation: Conversation) -> dict[str, Any]:
    """What an open page of the conversation must know of it."""
    return {
        "title": conversation.title,
        "gone": conversation.deleted_at is not None,
        "archived": conversation.archived_at is not None,
        "pinned": conversation.pinned_at is not None,
    }
