"""What the page of one alias shows beside its forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone

from chatapp.catalog.alias_forms import Desk
from chatapp.catalog.health import FAILURES, OPEN_SECONDS
from chatapp.catalog.models import Alias, Change, Route
from chatapp.catalog.pages.alias_rows import Listed, States, can, history, listed_models, route_rows, warnings_of
from chatapp.conversations.models import Conversation

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Loaded:
    """One alias, read in a fixed number of queries. `alias` is as it is saved, `desk` holds what was typed."""

    alias: Alias
    routes: list[Route]
    desk: Desk
    listed: Listed
    changes: list[Change]
    chats: int


def load(pk: int, desk: Desk | None) -> Loaded:
    alias = get_object_or_404(Alias, pk=pk)
    shown = desk or Desk(get_object_or_404(Alias, pk=pk))
    used = Conversation.objects.filter(alias=alias, deleted_at=None, active_at__gt=timezone.now() - MONTH)
    routes = list(alias.routes.select_related("provider"))
    return Loaded(
        alias=alias,
        routes=routes,
        desk=shown,
        listed=listed_models(routes),
        changes=history(alias),
        chats=used.count(),
    )


def page_context(loaded: Loaded, states: States) -> dict[str, object]:
    forms = {form.route_id: form for form in loaded.desk.routes}
    rows = route_rows(loaded.routes, states, loaded.listed, forms)
    return {
        "alias": loaded.alias,
        "desk": loaded.desk,
        "rows": rows,
        "warnings": warnings_of(loaded.alias, rows, states),
        "can": can(loaded.alias),
        "changes": loaded.changes,
        "seen": loaded.changes[0].pk if loaded.changes else 0,
        "chats": loaded.chats,
        "failures_in_row": FAILURES,
        "rest_seconds": round(OPEN_SECONDS),
    }
