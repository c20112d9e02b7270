"""A member's conversations as the sidebar has them: what is pinned, the folders, then the days, newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.dateparse import parse_datetime

from accounts.models import User
from chatapp.conversations.models import Conversation, Folder, Message, Participation
from chatapp.generation.hub import told
from chatapp.sharing.models import Link
from chatapp.unread.marks import unread_by, unread_mentions

PAGE = 50
# Of what is pinned and of each open folder, before a link to all of it.
SHOWN = 50
# A page that shows more than this asks for its list again and gets this much of it.
MOST_LINES = 500
# What a line shows; the rest of a conversation may be long.
COLUMNS = ("title", "active_at", "pinned_at", "folder_id")
# In a cookie of the browser: the ids of the folders that stand open, with dots between them; so many of them do.
OPEN_FOLDERS = "folders"
MOST_OPEN = 100


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after a line: by time, and by id where several have the same time."""

    at: datetime
    pk: UUID

    @classmethod
    def of(cls, conversation: Conversation) -> Cursor:
        return cls(conversation.active_at, conversation.pk)

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor as an address has it; None if it is none."""
        at, _, pk = text.partition("_")
        try:
            moment, named = parse_datetime(at), UUID(pk)
            if moment is None or timezone.is_naive(moment):
                return None
            return cls(moment.astimezone(UTC), named)
        except (ValueError, OverflowError):
            return None

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.pk.hex}"

    def rest_of(self, found: QuerySet[Conversation]) -> QuerySet[Conversation]:
        """What comes after this place. The first condition alone lets the index begin there."""
        same_moment = Q(active_at=self.at, pk__lt=self.pk)
        return found.filter(Q(active_at__lte=self.at), Q(active_at__lt=self.at) | same_moment)


@dataclass(slots=True)
class Group:
    label: str
    items: list[Conversation] = field(default_factory=list)


@dataclass(slots=True)
class Drawer:
    """A folder; its lines only while it is open, the first `SHOWN` of `count`."""

    folder: Folder
    count: int
    open: bool
    items: list[Conversation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sidebar:
    """`older` is the cursor that the next page of the days starts from, if there is one."""

    groups: list[Group]
    older: Cursor | None
    pinned: Sequence[Conversation] = ()
    more_pinned: bool = False
    folders: Sequence[Drawer] = ()
    shared: Sequence[Conversation] = ()
    more_shared: bool = False
    # What the member's pages had been told when this was read.
    told: str = ""
    # How often the member is named in what they have not read; and whether the open conversation has anything new.
    mentions: int = 0
    new_here: bool = False


def listed(user: User) -> QuerySet[Conversation]:
    """The conversations that a member's lists show: neither deleted nor archived nor temporary."""
    return Conversation.objects.owned_by(user).filter(archived_at=None, temporary=False)


def sidebar_for(
    user: User, request: HttpRequest, lines: int = PAGE, opened: UUID | None = None, told_before: str = ""
) -> dict[str, object]:
    """What the sidebar of a member's page shows, with so many lines of the days; six queries.

    One more for whoever is named in something new, and one where the open conversation has something new.
    """
    return {"sidebar": sidebar(user, request, lines, opened, told_before)}


def sidebar(
    user: User, request: HttpRequest, lines: int = PAGE, opened: UUID | None = None, told_before: str = ""
) -> Sidebar:
    """The whole sidebar by the reader's clock, with those folders open that the browser keeps open.

    A page that has read other things before says what had been told then.
    """
    told_before = told_before or told(user.pk)
    drawers = _drawers(user, request.COOKIES.get(OPEN_FOLDERS, ""))
    kept = _kept(user, [drawer.folder.pk for drawer in drawers if drawer.open])
    pinned = [conversation for conversation in kept if conversation.pinned_at]
    for drawer in drawers:
        inside = [one for one in kept if not one.pinned_at and one.folder_id == drawer.folder.pk]
        drawer.items = inside[:SHOWN]
    shared = list(others_chats(user).only(*COLUMNS)[: SHOWN + 1])
    loose, older = _page(_loose(user), max(PAGE, min(lines, MOST_LINES)))
    mentions = unread_mentions(user.pk)
    new = _put_marks(user, [*kept, *shared, *loose], {opened} if opened else set())
    return Sidebar(
        _grouped(loose, zone_of(request)),
        older,
        pinned[:SHOWN],
        len(pinned) > SHOWN,
        drawers,
        shared[:SHOWN],
        len(shared) > SHOWN,
        told_before,
        sum(mentions.values()),
        opened in mentions or (opened in new and Conversation.objects.visible_to(user).filter(pk=opened).exists()),
    )


def older_for(user: User, request: HttpRequest, before: Cursor) -> dict[str, object]:
    """The next page of the days; two queries."""
    loose, older = _page(before.rest_of(_loose(user)), PAGE)
    _put_marks(user, loose)
    return {"sidebar": Sidebar(_grouped(loose, zone_of(request)), older)}


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The reader's time zone, which the page keeps in a cookie."""
    try:
        return ZoneInfo(request.COOKIES.get("zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def in_folder(folder_id: int) -> int:
    """How many lines a folder has: what is pinned stands with the pins."""
    found = Conversation.objects.filter(folder=folder_id, pinned_at=None)
    return found.filter(deleted_at=None, archived_at=None, temporary=False).count()


def folders_of(user: User) -> list[tuple[Folder, int]]:
    """A member's folders in their order, each with the number of its lines."""
    inside = Q(
        conversations__pinned_at=None,
        conversations__deleted_at=None,
        conversations__archived_at=None,
        conversations__temporary=False,
    )
    # Grouping drops the model's own order.
    found = user.folders.annotate(count=Count("conversations", filter=inside)).order_by("order", "pk")
    return [(folder, folder.count) for folder in found]


def _drawers(user: User, open_ones: str) -> list[Drawer]:
    wanted = set(open_ones.split(".")[:MOST_OPEN])
    return [Drawer(folder, count, str(folder.pk) in wanted) for folder, count in folders_of(user)]


def _kept(user: User, folders: Collection[int]) -> list[Conversation]:
    """What is pinned, the newest pin first, and what is in these folders; of each a little more than is shown."""
    found = listed(user).only(*COLUMNS).filter(Q(pinned_at__isnull=False) | Q(folder__in=folders))
    group = Case(When(pinned_at__isnull=False, then=None), default=F("folder_id"))
    order = [F("pinned_at").desc(), F("active_at").desc(), F("pk").desc()]
    place = Window(RowNumber(), partition_by=[group], order_by=order)
    ordered = found.annotate(place=place).filter(place__lte=SHOWN + 1).order_by("-pinned_at", "-active_at", "-pk")
    return list(ordered)


def others_chats(user: User) -> QuerySet[Conversation]:
    """Other people's conversations that this member was invited to; what was used last comes first."""
    return Conversation.objects.shared_with(user).filter(temporary=False).order_by("-active_at", "-pk")


def _loose(user: User) -> QuerySet[Conversation]:
    """What stands under its day."""
    return listed(user).only(*COLUMNS).filter(pinned_at=None, folder=None).order_by("-active_at", "-pk")


def _page(found: QuerySet[Conversation], lines: int) -> tuple[list[Conversation], Cursor | None]:
    page = list(found[: lines + 1])
    return page[:lines], Cursor.of(page[lines - 1]) if len(page) > lines else None


def _put_marks(user: User, lines: Collection[Conversation], others: Collection[UUID] = ()) -> set[UUID]:
    """Say of each line what stands beside its title; which of these and of the others have something new.

    One query for all lists: to put it into each of them costs more than the lists themselves.
    """
    running = Message.objects.running().filter(conversation=OuterRef("pk"))
    guests = Participation.objects.filter(conversation=OuterRef("pk"), left=False)
    links = Link.objects.working().filter(conversation=OuterRef("pk"))
    marks = {"answering": Exists(running), "with_members": Exists(guests), "by_link": Exists(links)}
    found = Conversation.objects.filter(pk__in={line.pk for line in lines}.union(others))
    rows = found.annotate(**marks, unread=unread_by(user.pk)).values("pk", *marks, "unread")
    by_pk = {row.pop("pk"): row for row in rows}
    for line in lines:
        vars(line).update(by_pk.get(line.pk, {}))
    return {pk for pk, row in by_pk.items() if row["unread"]}


def _grouped(page: Iterable[Conversation], zone: ZoneInfo) -> list[Group]:
    today = timezone.now().astimezone(zone).date()
    groups: list[Group] = []
    for conversation in page:
        label = _label(conversation.active_at.astimezone(zone).date(), today)
        if not groups or groups[-1].label != label:
            groups.append(Group(label))
        groups[-1].items.append(conversation)
    return groups


def _label(day: date, today: date) -> str:
    if day >= today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if day > today - timedelta(days=7):
        return "Previous 7 days"
    return format_date(day, "F Y")
