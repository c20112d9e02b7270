"""Changes to aliases, each with its lines in the history. To be called within a transaction."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from chatapp.catalog.changes import note
from chatapp.catalog.models import Alias, FormerName
from chatapp.catalog.portraits import Portrait, differences, portrait


def record(alias: Alias, before: Portrait | None, by: User) -> list[str]:
    """After an alias was saved: keep its name of before, let it be the only default, write and return the lines.

    `before` is what `portrait` told before the change; None: it is new.
    """
    alias.former_names.filter(name=alias.name).delete()
    if before is not None and before.fields["name"] != alias.name:
        FormerName.objects.get_or_create(name=before.fields["name"], defaults={"alias": alias})
    if alias.default:
        _take_default_from_others(alias, by)
    lines = ["made this alias"] if before is None else differences(before, portrait(alias))
    for line in lines:
        note(line, by=by, alias=alias)
    return lines


def remove(alias: Alias, by: User) -> None:
    """Delete it with its routes, former names and history, and tell so in the history of the providers it led to.

    Conversations that chose it stay, without an alias.
    """
    for route in alias.routes.select_related("provider"):
        note(f"deleted the alias {alias}, which led to {route.upstream_model}", by=by, provider=route.provider)
    alias.delete()


def move(alias: Alias, place: int, by: User) -> bool:
    """Put it at this place, counted from 0, of the team's order; False if it stands there already."""
    order = list(Alias.objects.select_for_update())
    before = order.index(alias)
    order.insert(place, order.pop(before))
    _number(order)
    if order.index(alias) == before:
        return False
    note(f"moved it to place {order.index(alias) + 1} of {len(order)}", by=by, alias=alias)
    return True


def last_place() -> int:
    """The order of an alias that comes after all others."""
    last = Alias.objects.order_by("-order").first()
    return last.order + 1 if last else 1


def _number(order: Iterable[Alias]) -> None:
    renumbered = []
    for place, alias in enumerate(order, start=1):
        if alias.order != place:
            alias.order = place
            renumbered.append(alias)
    Alias.objects.bulk_update(renumbered, ["order"])


def _take_default_from_others(alias: Alias, by: User) -> None:
    for other in Alias.objects.filter(default=True).exclude(pk=alias.pk):
        Alias.objects.filter(pk=other.pk).update(default=False)
        note(f"gave the default to {alias.name}", by=by, alias=other)
