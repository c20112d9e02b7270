"""How much is in chats that go: numbers alone, never a title or a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Sum

from chatapp.conversations.models import ConversationQuerySet, Message
from chatapp.images.pruning import shown_only_in
from chatapp.retention.models import Rule
from chatapp.retention.rules import condition, removable

# A page shows so many members by name, those with the most chats first.
MEMBERS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Tally:
    """What goes: `image_bytes` is the size of the images as they are stored, without their smaller versions."""

    chats: int = 0
    messages: int = 0
    images: int = 0
    image_bytes: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.chats + other.chats,
            self.messages + other.messages,
            self.images + other.images,
            self.image_bytes + other.image_bytes,
        )

    def __str__(self) -> str:
        return (
            f"{self.chats:,} chat{'s' * (self.chats != 1)}, {self.messages:,} message{'s' * (self.messages != 1)}, "
            f"{self.images:,} image{'s' * (self.images != 1)} ({self.image_bytes:,} bytes)"
        )


@dataclass(frozen=True, slots=True)
class Share:
    """One member's part, with the last uses of the chats that were left alone longest and shortest."""

    name: str
    chats: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go now. `more` members are left out of `shares`."""

    tally: Tally
    shares: Sequence[Share]
    more: int
    oldest: datetime | None
    newest: datetime | None


def tally_of(doomed: ConversationQuerySet) -> Tally:
    """Three queries."""
    return _tally(doomed, doomed.count())


def preview_of(doomed: ConversationQuerySet) -> Preview:
    """Three queries, however much there is."""
    grouped: Any = doomed.order_by().values("owner_id", "owner__name")
    found = grouped.annotate(chats=Count("pk"), oldest=Min("active_at"), newest=Max("active_at"))
    shares = [
        Share(row["owner__name"], row["chats"], row["oldest"], row["newest"])
        for row in found.order_by("-chats", "owner__name", "owner_id")
    ]
    return Preview(
        tally=_tally(doomed, sum(share.chats for share in shares)),
        shares=shares[:MEMBERS_SHOWN],
        more=len(shares[MEMBERS_SHOWN:]),
        oldest=min((share.oldest for share in shares), default=None),
        newest=max((share.newest for share in shares), default=None),
    )


def chats_by_rule(rules: Sequence[Rule], now: datetime) -> dict[int, int]:
    """How many chats each rule names now, on or off; one query for all of them."""
    wanted = {f"rule_{rule.pk}": Count("pk", filter=condition(rule, now)) for rule in rules}
    counted = removable().aggregate(**wanted) if wanted else {}
    return {rule.pk: counted[f"rule_{rule.pk}"] for rule in rules}


def _tally(doomed: ConversationQuerySet, chats: int) -> Tally:
    images = shown_only_in(doomed).aggregate(count=Count("pk"), bytes=Sum("bytes"))
    messages = Message.objects.filter(conversation__in=doomed.values("pk")).count()
    return Tally(chats, messages, images["count"], images["bytes"] or 0)
