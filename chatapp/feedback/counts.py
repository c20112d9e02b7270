"""What the opinions come to, for administrators: counts, and the comments that members chose to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from chatapp.conversations.models import Feedback

# Comments on one page.
PAGE = 50


@dataclass(frozen=True, slots=True)
class Score:
    """The opinions about one alias and one model behind it, as far as that is shown to members."""

    alias: str
    model: str
    good: int
    bad: int

    @property
    def share(self) -> int:
        """Of a hundred, how many are good."""
        return round(100 * self.good / (self.good + self.bad))


def scores(since: datetime) -> list[Score]:
    """By alias and model; one query. What was deleted with its chat does not count any more."""
    found = (
        Feedback.objects.filter(created_at__gte=since, message__conversation__deleted_at=None)
        .values_list("message__alias_name", "message__shown_model")
        .annotate(up=Count("pk", filter=Q(good=True)), down=Count("pk", filter=Q(good=False)))
        .order_by("message__alias_name", "message__shown_model")
    )
    return [Score(*row) for row in found]


def comments(before: int | None) -> tuple[list[Feedback], int | None]:
    """A page of the comments that were sent, newest first, and the id that the next page starts from; one query."""
    sent = Feedback.objects.filter(sent=True, message__conversation__deleted_at=None).order_by("-pk")
    if before is not None:
        sent = sent.filter(pk__lt=before)
    shown = sent.select_related("member", "message").only(
        "good", "comment", "created_at", "member__name", "message__alias_name", "message__shown_model"
    )
    page = list(shown[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else None
