"""Changes to providers, each with its lines in the history. To be called within a transaction."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from chatapp.catalog.changes import note
from chatapp.catalog.forms import ProviderForm
from chatapp.catalog.models import Alias, Provider, Route


def keep(form: ProviderForm, by: User) -> Provider:
    """Save a valid form."""
    provider = form.save()
    record(provider, form.lines, by)
    return provider


def record(provider: Provider, lines: Iterable[str], by: User) -> None:
    for line in lines:
        note(line, by=by, provider=provider)


def remove(provider: Provider, by: User) -> None:
    """Delete it with its routes, and tell so in the history of every alias that had one of them."""
    for alias, models in models_by_alias(provider).items():
        note(f"deleted the provider {provider.name}, and with it the route to {', '.join(models)}", by=by, alias=alias)
    provider.delete()


def models_by_alias(provider: Provider) -> dict[Alias, list[str]]:
    """The aliases with a route to this provider, in the team's order, and to which of its models; one query."""
    found: dict[Alias, list[str]] = {}
    for route in routes_to(provider):
        found.setdefault(route.alias, []).append(route.upstream_model)
    return found


def routes_to(provider: Provider) -> Iterable[Route]:
    """Its routes with their aliases, in the aliases' order."""
    return Route.objects.filter(provider=provider).select_related("alias").order_by("alias__order", "alias__name", "pk")
