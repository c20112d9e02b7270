"""A member's conversations by day, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateformat import format as format_date

from accounts.models import User
from chatapp.conversations.models import RUNNING, Conversation, Message

PAGE = 50


@dataclass(slots=True)
class Group:
    label: str
    items: list[Conversation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sidebar:
    """Groups of one page; `older` is the moment that the next page starts from, if there is one."""

    groups: list[Group]
    older: datetime | None


def sidebar_for(user: User, request: HttpRequest, before: datetime | None = None) -> dict[str, object]:
    """What the sidebar of a member's page shows, by the reader's clock; one query."""
    page = sidebar(user, zone_of(request), before)
    return {"sidebar": page.groups, "older": page.older}


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The reader's time zone, which the page keeps in a cookie."""
    try:
        return ZoneInfo(request.COOKIES.get("zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def sidebar(user: User, zone: ZoneInfo, before: datetime | None = None) -> Sidebar:
    """One page of the sidebar, in one query."""
    running = Message.objects.filter(conversation=OuterRef("pk"), status__in=RUNNING)
    found = Conversation.objects.visible_to(user).annotate(answering=Exists(running)).order_by("-active_at")
    if before is not None:
        found = found.filter(active_at__lt=before)
    page = list(found[: PAGE + 1])
    older = page[PAGE - 1].active_at if len(page) > PAGE else None
    return Sidebar(_grouped(page[:PAGE], timezone.now().astimezone(zone).date(), zone), older)


def _grouped(page: Iterable[Conversation], today: date, zone: ZoneInfo) -> list[Group]:
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
