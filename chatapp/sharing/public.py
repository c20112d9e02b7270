"""Records → the rows of a page that anybody may read. They have the names that the product's partials ask for, and
lack whatever a link must not show: a partial that asks for that gets nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import xor
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe

from chatapp.conversations.fragments import thought_label
from chatapp.conversations.models import RUNNING, Status
from chatapp.conversations.notices import Notice
from chatapp.generation.frames import Snapshot as LiveState
from chatapp.images.models import Attachment, Image
from chatapp.rendering.markdown import RENDERER_VERSION, render
from chatapp.sharing.models import Link
from chatapp.sharing.taking import Branch, Record, branch_of, records

_UNFINISHED = Notice("", "unplug", "This answer was not finished.", "")


@dataclass(frozen=True, slots=True)
class Words:
    """The message of a turn. `pk` is its place on the page, `revision` tells two states of it apart."""

    pk: int
    text: str
    created_at: datetime
    revision: str


@dataclass(frozen=True, slots=True)
class Shot:
    """An image, by its place among those of the link."""

    url: str
    number: int
    alt: str
    width: int
    height: int
    small_width: int
    small_height: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as a shared page shows it; see fragments.Row."""

    m: Words
    number: int
    after: int | None
    since: datetime | None
    by_you: bool
    who: str
    status: str
    beside: tuple[int, int] | None
    images: Sequence[Shot]
    withheld: bool
    body: SafeString
    tail: SafeString
    live: int | None
    reasoning: str
    reasoning_html: SafeString
    thought_label: str
    thinking_seconds: int
    notice: Notice | None
    shared: bool = True

    @property
    def new_day(self) -> bool:
        return self.since is not None and timezone.localdate(self.since) != timezone.localdate(self.m.created_at)

    @property
    def this_year(self) -> bool:
        return timezone.localdate(self.m.created_at).year == timezone.localdate().year

    @property
    def thinking_now(self) -> bool:
        return self.live is not None and bool(self.reasoning) and not self.thought_label


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link shows now; `taken_at` of a frozen one."""

    title: str
    turns: list[Turn]
    taken_at: datetime | None

    @property
    def running(self) -> bool:
        return any(turn.live is not None for turn in self.turns)

    @property
    def count(self) -> int:
        return self.turns[-1].number if self.turns else 0


def shown_by(link: Link, token: str, live: Mapping[int, LiveState]) -> Shared:
    """What stands behind this link; `live` has the state of what this process is making. A fixed number of queries."""
    if link.live:
        return Shared(link.conversation.title, turns_of(link, token, branch_of(link), live), None)
    snapshot = link.snapshot
    rows = list(enumerate(snapshot.messages, start=1))
    pictures = _pictures(link, token, [UUID(one) for _, record in rows for one in record["images"]])
    turns = [_turn(link, at, record, _time_before(rows, at), pictures, f"{snapshot.taken_at}") for at, record in rows]
    return Shared(snapshot.title, turns, snapshot.taken_at)


def turns_of(
    link: Link, token: str, branch: Branch, live: Mapping[int, LiveState], only: Collection[int] | None = None
) -> list[Turn]:
    """The turns of a live link's branch, or those of the messages in `only`."""
    keys = keys_of(link, branch)
    places = {pk: at for at, pk in enumerate(branch.ids, start=1)}
    wanted = branch.ids if only is None else only
    before = {branch.ids[places[pk] - 2] for pk in wanted if places[pk] > 1}
    times = dict(link.conversation.messages.filter(pk__in=before).values_list("pk", "created_at"))
    pictures = _pictures(link, token, images_of(link, branch))
    made = []
    for pk, record in records(link, branch, wanted):
        at = places[pk]
        since = times.get(branch.ids[at - 2]) if at > 1 and not record["beside"] else None
        made.append(_turn(link, at, record, since, pictures, keys[at - 1], live.get(pk)))
    return made


def keys_of(link: Link, branch: Branch) -> list[str]:
    """A word for each turn that changes when what is shown of it does, and tells nothing else. One query."""
    revisions = dict(link.conversation.messages.filter(pk__in=branch.ids).values_list("pk", "revision"))
    terms = f"{link.pk} {link.with_names} {link.with_images} {link.shows_reasoning}"
    return [
        salted_hmac("sharing.turn", f"{terms} {pk} {revisions.get(pk)} {branch.beside.get(pk)}").hexdigest()[:12]
        for pk in branch.ids
    ]


def sum_of(keys: Iterable[str]) -> int:
    """One number that stands for all these words, which are as good as random: it is another one if one of them is."""
    return reduce(xor, (int(key[:8], 16) for key in keys), 0)


def images_of(link: Link, branch: Branch | None = None) -> list[UUID]:
    """The images that the link shows, in the order of the page."""
    if not link.with_images:
        return []
    if not link.live:
        return [UUID(one) for record in link.snapshot.messages for one in record["images"]]
    branch = branch or branch_of(link)
    places = {pk: at for at, pk in enumerate(branch.ids)}
    found = Attachment.objects.filter(message__in=branch.ids).order_by("position")
    rows = sorted(found.values_list("message_id", "image_id"), key=lambda row: places[row[0]])
    return [image for _, image in rows]


def image(link: Link, number: int) -> Image | None:
    """The image at this place, as long as it is in the conversation."""
    wanted = images_of(link)
    if not 0 < number <= len(wanted):
        return None
    return _attached(link).filter(pk=wanted[number - 1]).first()


def turn_html(turn: Turn) -> str:
    return render_to_string("conversation/_message.html", {"row": turn})


def _attached(link: Link) -> models.QuerySet[Image]:
    """The images of the conversation, and no others."""
    inside = Attachment.objects.filter(image=OuterRef("pk"), message__conversation=link.conversation_id)
    return Image.objects.filter(Exists(inside))


def _pictures(link: Link, token: str, wanted: Sequence[UUID]) -> dict[str, Shot]:
    found = _attached(link).in_bulk(set(wanted)) if wanted else {}
    return {
        str(pk): Shot(
            url=f"/s/{token}/image/{at}/",
            number=at,
            alt=found[pk].alt,
            width=found[pk].width,
            height=found[pk].height,
            small_width=found[pk].thumbnail_width,
            small_height=found[pk].thumbnail_height,
        )
        for at, pk in enumerate(wanted, start=1)
        if pk in found
    }


def _time_before(rows: Sequence[tuple[int, Record]], at: int) -> datetime | None:
    record = rows[at - 2][1] if at > 1 and not rows[at - 1][1]["beside"] else None
    return datetime.fromisoformat(record["at"]) if record else None


def _turn(
    link: Link,
    at: int,
    record: Record,
    since: datetime | None,
    pictures: Mapping[str, Shot],
    key: str,
    state: LiveState | None = None,
) -> Turn:
    question, running = record["question"], record["status"] in RUNNING
    state = state if running else None
    thought = record if link.shows_reasoning else {}
    seconds = state.reasoning_seconds if state else thought.get("seconds")
    reasoning = (state.reasoning if state else thought.get("reasoning", "")) if running and link.shows_reasoning else ""
    beside = record["beside"]
    return Turn(
        m=Words(at, record["text"] if question else "", datetime.fromisoformat(record["at"]), key),
        number=record["number"],
        after=at - 1 if at > 1 else None,
        since=since,
        by_you=question,
        who=record["name"],
        status=record["status"],
        beside=tuple(beside) if beside else None,
        images=_named(pictures, record["images"]),
        withheld=record["withheld"],
        body=mark_safe("" if question else state.closed if state else html_of(record, running=running)),  # noqa: S308
        tail=mark_safe(state.tail if state else ""),  # noqa: S308
        live=_number(record, state) if running else None,
        reasoning=reasoning,
        reasoning_html=mark_safe("" if running else reasoning_html_of(thought)),  # noqa: S308
        thought_label=thought_label(seconds) if seconds is not None and link.shows_reasoning else "",
        thinking_seconds=state.thinking_seconds if state and link.shows_reasoning else 0,
        notice=None if question or running or _finished(record) else _UNFINISHED,
    )


def _named(pictures: Mapping[str, Shot], wanted: Iterable[str]) -> list[Shot]:
    return [pictures[one] for one in wanted if one in pictures]


def _number(record: Record, state: LiveState | None) -> int:
    """The live number: frames may follow a row that is rendered from a run's state, or has nothing yet."""
    if state is None:
        return -1 if record["text"] or record.get("reasoning") else 0
    return state.n


def html_of(record: Record, *, running: bool = False) -> str:
    if running or record.get("version") != RENDERER_VERSION:
        return render(record["text"])
    html: str = record["html"]
    return html


def reasoning_html_of(thought: Record) -> str:
    if not thought.get("reasoning"):
        return ""
    current = thought.get("version") == RENDERER_VERSION
    html: str = thought["reasoning_html"] if current else render(thought["reasoning"])
    return html


def _finished(record: Record) -> bool:
    return record["status"] in (Status.DONE, Status.SENT) and not record["cut"]
