"""The catalogue for members: what each alias that they may use can do, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chatapp.catalog.access import aliases_for, default_of
from chatapp.catalog.figures import cost, price, short_tokens, typical_cost
from chatapp.catalog.models import Alias, Route
from chatapp.catalog.pages.alias_rows import Listed, listed_models
from chatapp.catalog.pages.door import Request
from chatapp.conversations.sidebar import sidebar_for

ROUTES_NAMED = 2
_THINKS = {Alias.Thinking.OPTIONAL: "Yes", Alias.Thinking.ALWAYS: "Always"}
_FILTERS: dict[str, tuple[str, Callable[[Alias], bool]]] = {
    "": ("All", lambda alias: True),
    "images": ("Reads images", lambda alias: alias.vision),
    "thinks": ("Thinks", lambda alias: alias.thinking != Alias.Thinking.NONE),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table. `target` only where an administrator shows it."""

    alias: Alias
    target: str
    context: str
    price_in: str
    price_out: str
    thinks: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What a typical answer costs; `width` in hundredths of the dearest one."""

    name: str
    cost: str
    width: int


@require_safe
def models(request: Request) -> HttpResponse:
    """Everything that this person may use; ?show= narrows the table."""
    aliases = list(aliases_for(request.user).prefetch_related(Prefetch("routes", _open_routes())))
    shown = request.GET.get("show", "")
    wanted = _FILTERS.get(shown, _FILTERS[""])[1]
    listed = listed_models(route for alias in aliases if alias.shows_target for route in alias.routes.all())
    context = {
        "place": "models",
        "entries": [_entry(alias, listed) for alias in aliases if wanted(alias)],
        "any": bool(aliases),
        "default": default_of(aliases),
        "filters": [(name, label, name == shown) for name, (label, _) in _FILTERS.items()],
        "bars": bars(aliases),
    }
    return render(request, "catalogue/models.html", context | sidebar_for(request.user, request))


def bars(aliases: Sequence[Alias]) -> list[Bar]:
    """The dearest first; those whose prices nobody gave are left out."""
    costs = [(alias, typical_cost(alias.price_in, alias.price_out)) for alias in aliases]
    known = sorted(((alias, dollars) for alias, dollars in costs if dollars is not None), key=lambda one: -one[1])
    most = known[0][1] if known else Decimal(0)
    return [Bar(alias.name, cost(dollars), round(100 * dollars / most) if most else 0) for alias, dollars in known]


def _entry(alias: Alias, listed: Listed) -> Entry:
    return Entry(
        alias=alias,
        target=_target(alias, listed) if alias.shows_target else "",
        context=short_tokens(alias.context_tokens) if alias.context_tokens else "",
        price_in=price(alias.price_in),
        price_out=price(alias.price_out),
        thinks=_THINKS.get(Alias.Thinking(alias.thinking), ""),
    )


def _target(alias: Alias, listed: Listed) -> str:
    """The first model with its provider, then other providers: "intern-s1-pro at Intern, then Cluster A"."""
    routes = list(alias.routes.all())
    model = listed.get((routes[0].provider_id, routes[0].upstream_model))
    stands_for = f" ({model.ref_model})" if model and model.ref_model not in ("", routes[0].upstream_model) else ""
    providers = list(dict.fromkeys(route.provider.name for route in routes))
    first = f"{routes[0].upstream_model}{stands_for} at {providers[0]}"
    return ", then ".join([first, *providers[1:ROUTES_NAMED]])


def _open_routes() -> QuerySet[Route]:
    return Route.objects.filter(enabled=True, provider__enabled=True).select_related("provider")
