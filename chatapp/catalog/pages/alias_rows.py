"""What the tables of aliases and routes show, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.formats import date_format

from chatapp.catalog.alias_forms import RouteForm
from chatapp.catalog.failures import in_words
from chatapp.catalog.figures import seconds, short_tokens
from chatapp.catalog.health import State
from chatapp.catalog.models import Alias, Change, Provider, Route, UpstreamModel

CHANGES_SHOWN = 20
SLOW_SECONDS = 5.0
# How long a thought that nobody asked for is news.
UNASKED_FOR = timedelta(days=7)
SPARK_WIDTH, SPARK_HEIGHT = 72, 16

States = Mapping[int, State]
Listed = Mapping[tuple[int, str], UpstreamModel]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that an administrator should look at; `tone` is a class of the design."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A line of an alias's table of routes, and where its list says that it leads."""

    route: Route
    form: RouteForm | None
    gets: str
    tone: str
    health: str
    points: str
    first_word: str
    missing: str

    @property
    def on(self) -> bool:
        return self.route.enabled and self.route.provider.enabled


@dataclass(frozen=True, slots=True)
class AliasRow:
    """A line of the list of aliases."""

    alias: Alias
    routes: Sequence[RouteRow]
    warnings: Sequence[Warned]
    who: str


def aliases_with_routes() -> list[Alias]:
    """All of them with routes, providers and groups, in the team's order; three queries."""
    routes = Prefetch("routes", Route.objects.select_related("provider"))
    return list(Alias.objects.prefetch_related(routes, "groups"))


def listed_models(routes: Iterable[Route]) -> Listed:
    """What the last sync knows about the models that these routes lead to; one query."""
    wanted = list(routes)
    found = UpstreamModel.objects.filter(
        Q(provider__in={route.provider_id for route in wanted})
        & Q(model_id__in={route.upstream_model for route in wanted})
    )
    return {(model.provider_id, model.model_id): model for model in found}


def alias_rows(aliases: Iterable[Alias], states: States, listed: Listed) -> list[AliasRow]:
    made = []
    for alias in aliases:
        rows = route_rows(list(alias.routes.all()), states, listed)
        made.append(AliasRow(alias, rows, warnings_of(alias, rows, states), who_may(alias)))
    return made


def route_rows(
    routes: Sequence[Route], states: States, listed: Listed, forms: Mapping[int, RouteForm] | None = None
) -> list[RouteRow]:
    shares = shares_now(routes, states)
    return [
        _route_row(route, (forms or {}).get(route.pk), shares[route.pk], states[route.pk], listed) for route in routes
    ]


def shares_now(routes: Collection[Route], states: States) -> dict[int, str]:
    """What part of the questions each route gets today: of the healthy ones, those with the lowest number share."""
    on = [route for route in routes if route.enabled and route.provider.enabled]
    healthy = [route for route in on if states[route.pk].circuit == "closed"] or on
    first = min((route.priority for route in healthy), default=0)
    sharing = [route for route in healthy if route.priority == first]
    whole = sum(route.weight for route in sharing)
    told = {route.pk: "Off" for route in routes}
    told |= {route.pk: "Standby" if route in healthy else "Passed over" for route in on}
    return told | {route.pk: f"{100 * route.weight / whole:.0f}%" for route in sharing}


def warnings_of(alias: Alias, rows: Sequence[RouteRow], states: States) -> list[Warned]:
    """Everything that keeps people from its answers, or surprises them with one."""
    found = []
    on = [row for row in rows if row.on]
    if not rows:
        found.append(Warned("bad", "It leads nowhere. Nobody can choose it before it has a route."))
    elif not on:
        found.append(Warned("bad", "All its routes are off. Nobody can choose it."))
    elif all(states[row.route.pk].circuit == "open" for row in on):
        found.append(Warned("bad", "No healthy route: each one failed when it was asked last."))
    found += [Warned("warn", row.missing) for row in on if row.missing]
    seen = alias.thought_unasked_at
    if seen and alias.thinking != Alias.Thinking.ALWAYS and timezone.now() - seen < UNASKED_FOR:
        found.append(Warned("warn", f"It thinks although it is told not to, last on {date_format(seen, 'j F')}."))
    return found


def who_may(alias: Alias) -> str:
    names = sorted(group.name for group in alias.groups.all())
    return ", ".join(names) or "Everyone"


def can(alias: Alias) -> list[str]:
    """What people see of its abilities: "Images", "Thinks", "Tools", "128k"."""
    told = [
        (alias.vision, "Images"),
        (alias.thinking != Alias.Thinking.NONE, "Thinks"),
        (alias.tools, "Tools"),
        (alias.context_tokens, short_tokens(alias.context_tokens or 0)),
    ]
    return [words for has, words in told if has]


def history(alias: Alias) -> list[Change]:
    """The last lines, newest first; one query."""
    return list(alias.changes.select_related("by")[:CHANGES_SHOWN])


def _route_row(route: Route, form: RouteForm | None, gets: str, state: State, listed: Listed) -> RouteRow:
    tone, health = _health(state) if gets != "Off" else ("", "Not checked")
    if not route.provider.enabled:
        health = "Provider is off"
    first_word = seconds(state.first_word_seconds) if state.first_word_seconds is not None else ""
    return RouteRow(route, form, gets, tone, health, _points(state.line), first_word, _missing(route, listed))


def _health(state: State) -> tuple[str, str]:
    """Tone and words for the last hour."""
    if state.circuit == "open":
        return "bad", f"Down: {in_words(state.last_error)}" if state.last_error else "Down"
    asked = state.answers + state.failures
    if not asked:
        return "", "Not asked yet"
    troubles = []
    if state.circuit == "half-open":
        troubles.append("on trial")
    if state.first_word_seconds is not None and state.first_word_seconds > SLOW_SECONDS:
        troubles.append("slow")
    if state.failures:
        troubles.append(f"{max(1, round(100 * state.failures / asked))}% errors")
    words = ", ".join(troubles)
    return ("warn", words[0].upper() + words[1:]) if troubles else ("good", "Healthy")


def _points(line: Sequence[float]) -> str:
    """A polyline's points, slow above quick; nothing for less than two answers."""
    if len(line) < 2:
        return ""
    step, top = SPARK_WIDTH / (len(line) - 1), max(*line, 0.1)
    return " ".join(
        f"{i * step:.1f},{SPARK_HEIGHT - 2 - (SPARK_HEIGHT - 4) * value / top:.1f}" for i, value in enumerate(line)
    )


def _missing(route: Route, listed: Listed) -> str:
    """That the provider's list has no such model; nothing where no list was ever fetched."""
    provider = route.provider
    if provider.synced_at is None or provider.dialect == Provider.Dialect.DEMO:
        return ""
    model = listed.get((provider.pk, route.upstream_model))
    if model is None:
        return f"{provider} does not list {route.upstream_model}."
    if model.gone_at:
        return f"{provider} has not listed {route.upstream_model} since {date_format(model.gone_at, 'j F')}."
    return ""
