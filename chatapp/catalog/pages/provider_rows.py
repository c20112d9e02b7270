"""What the tables of providers and of their models show, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Prefetch, Q

from chatapp.catalog.forms import UNREADABLE, key_state
from chatapp.catalog.models import Alias, Change, Provider, Route, UpstreamModel
from chatapp.catalog.providers import models_by_alias

# Of each, in one cell.
ALIASES_SHOWN = 3
CHANGES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A line of the list of providers."""

    provider: Provider
    key: str
    limits: Sequence[str]
    models: int
    aliases: Sequence[Alias]
    more: int

    @property
    def unreadable(self) -> bool:
        return self.key == UNREADABLE


@dataclass(slots=True)
class ModelRow:
    """A line of the list of a provider's models."""

    model_id: str
    ref_model: str = ""
    context_tokens: int | None = None
    gone_at: datetime | None = None
    # In the last list for the first time; in no list at all, though an alias leads there.
    new: bool = False
    unlisted: bool = False
    # Gone before the last sync.
    past: bool = False
    aliases: list[Alias] = field(default_factory=list)

    @property
    def context(self) -> str:
        return f"{self.context_tokens:,}" if self.context_tokens else ""

    @property
    def missing(self) -> bool:
        return self.unlisted or self.gone_at is not None


def provider_rows() -> list[ProviderRow]:
    """Two queries, however many there are."""
    routes = Route.objects.select_related("alias").order_by("alias__order", "alias__name", "pk")
    providers = Provider.objects.annotate(
        listed=Count("upstream_models", filter=Q(upstream_models__gone_at=None))
    ).prefetch_related(Prefetch("routes", routes))
    return [_provider_row(provider, provider.listed) for provider in providers]


def model_rows(provider: Provider) -> list[ModelRow]:
    """By name, but first those that an alias leads to though they are missing, and last what else the last sync missed.

    What went before that and is used by nobody is left out. Two queries.
    """
    rows = {model.model_id: _model_row(provider, model) for model in provider.upstream_models.all()}
    for alias, models in models_by_alias(provider).items():
        for model_id in dict.fromkeys(models):
            row = rows.setdefault(model_id, ModelRow(model_id, unlisted=provider.synced_at is not None))
            row.aliases.append(alias)
    shown = [row for row in rows.values() if row.aliases or not row.past]
    ordered = sorted(shown, key=lambda row: (row.missing and (-1 if row.aliases else 1), row.model_id))
    if all(row.new for row in ordered if not row.missing):
        # The first list: nothing in it is news.
        for row in ordered:
            row.new = False
    return ordered


def history(provider: Provider) -> list[Change]:
    """The last lines, newest first; one query."""
    return list(provider.changes.select_related("by")[:CHANGES_SHOWN])


def limits_in_words(provider: Provider) -> list[str]:
    told = [
        (provider.requests_per_minute, "a minute"),
        (provider.tokens_per_minute, "tokens a minute"),
        (provider.concurrent, "at once"),
    ]
    return [f"{number:,} {words}" for number, words in told if number]


def _provider_row(provider: Provider, models: int) -> ProviderRow:
    aliases = list(dict.fromkeys(route.alias for route in provider.routes.all()))
    shown = aliases[:ALIASES_SHOWN]
    more = len(aliases) - len(shown)
    return ProviderRow(provider, key_state(provider), limits_in_words(provider), models, shown, more)


def _model_row(provider: Provider, model: UpstreamModel) -> ModelRow:
    new = model.gone_at is None and provider.synced_at is not None and model.first_seen_at >= provider.synced_at
    past = model.gone_at is not None and provider.synced_at is not None and model.gone_at < provider.synced_at
    return ModelRow(model.model_id, model.ref_model, model.context_tokens, model.gone_at, new=new, past=past)
