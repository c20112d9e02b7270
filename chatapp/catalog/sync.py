"""The list of a provider's models, fetched and kept: what is new, what is gone, what a name stands for now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.changes import note
from chatapp.catalog.models import Alias, Provider, UpstreamModel
from chatapp.catalog.providers import routes_to
from chatapp.database import in_order, written
from chatapp.upstream.client import Target
from chatapp.upstream.limits import Limits
from chatapp.upstream.models import Listed, list_models

# An administrator waits for it, and every server answers this from memory.
LISTING = Limits(connect=5, silence=20, total=30)
MOST_MODELS = 5000
ID_CHARACTERS = 200
MOST_TOKENS = 2**31 - 1
# Of one line of the history; more than that are counted.
NAMES_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Marked:
    """A model that changed, and the aliases that lead to it. Its name stood for `before` and stands for `now`."""

    model_id: str
    aliases: Sequence[Alias] = ()
    before: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync found. `new` holds also what had gone and is back; `skipped` counts entries that are listed twice,
    whose id cannot be kept, or that come after the first MOST_MODELS.
    """

    listed: int
    skipped: int = 0
    first: bool = False
    new: Sequence[str] = ()
    gone: Sequence[Marked] = ()
    repointed: Sequence[Marked] = ()

    @property
    def changed(self) -> bool:
        return bool(self.new or self.gone or self.repointed)


class NotSynced(Exception):
    """Base: the list stays as it was."""

    sentence = "The list could not be kept."


class NothingListed(NotSynced):
    sentence = "The server answered with an empty list. Nothing was changed: the models of the last list stand."


class Moved(NotSynced):
    sentence = "Somebody changed this provider's address meanwhile. Nothing was changed; fetch the list again."


async def sync(provider_id: int, by: User) -> Synced:
    """Fetch the list and keep it in one transaction.

    Raises NotSynced, UpstreamError, SecretLost, or Provider.DoesNotExist when it was deleted, also meanwhile;
    nothing is changed then.
    """
    target = await in_order(_target, provider_id)
    listed = await list_models(target, LISTING)
    return await written(store, provider_id, target.base_url, listed, by)


def target_of(provider: Provider, model: str = "") -> Target:
    """How to speak to a provider. Raises SecretLost."""
    return Target(provider.wire_dialect, provider.base_url, provider.key, model)


@transaction.atomic
def store(provider_id: int, base_url: str, listed: Sequence[Listed], by: User) -> Synced:
    """Keep the list that the server at `base_url` gave. Raises NotSynced or Provider.DoesNotExist."""
    provider = Provider.objects.select_for_update().get(pk=provider_id)
    if provider.base_url != base_url:
        raise Moved
    kept = _tidy(listed)
    if not kept:
        raise NothingListed
    now = timezone.now()
    known = {model.model_id: model for model in UpstreamModel.objects.filter(provider=provider)}
    gone = [model for model in known.values() if model.gone_at is None and model.model_id not in kept]
    aliases = _aliases_by_model(provider)
    back = [model.model_id for model in known.values() if model.gone_at and model.model_id in kept]
    repointed = _bring_up_to_date(known, kept, aliases)
    new = [*_add(provider, known, kept), *back]
    UpstreamModel.objects.filter(pk__in=[model.pk for model in gone]).update(gone_at=now)
    synced = Synced(
        listed=len(kept),
        skipped=len(listed) - len(kept),
        first=provider.synced_at is None,
        new=new,
        gone=[Marked(model.model_id, aliases.get(model.model_id, ())) for model in gone],
        repointed=repointed,
    )
    _note(provider, synced, by)
    Provider.objects.filter(pk=provider.pk).update(synced_at=now)
    return synced


def _target(provider_id: int) -> Target:
    return target_of(Provider.objects.get(pk=provider_id))


def _tidy(listed: Sequence[Listed]) -> dict[str, Listed]:
    """Each id once, and only what a column holds: a server may list anything."""
    kept: dict[str, Listed] = {}
    for one in listed:
        if one.id and one.id.isprintable() and len(one.id) <= ID_CHARACTERS and len(kept) < MOST_MODELS:
            tokens = one.context_tokens
            fits = tokens is not None and 0 < tokens <= MOST_TOKENS
            ref_model = one.ref_model if one.ref_model.isprintable() else ""
            kept.setdefault(
                one.id, replace(one, ref_model=ref_model[:ID_CHARACTERS], context_tokens=tokens if fits else None)
            )
    return kept


def _aliases_by_model(provider: Provider) -> dict[str, list[Alias]]:
    found: dict[str, list[Alias]] = {}
    for route in routes_to(provider):
        aliases = found.setdefault(route.upstream_model, [])
        if route.alias not in aliases:
            aliases.append(route.alias)
    return found


def _bring_up_to_date(
    known: Mapping[str, UpstreamModel], kept: Mapping[str, Listed], aliases: Mapping[str, Sequence[Alias]]
) -> list[Marked]:
    """Write what changed of the models that were known; those whose name stands for another one now."""
    changed, repointed = [], []
    for model_id, one in kept.items():
        model = known.get(model_id)
        if model is None:
            continue
        # A server that stops telling what a name stands for has not made it stand for something else.
        now = one.ref_model or model.ref_model
        if model.ref_model and now != model.ref_model:
            repointed.append(Marked(model_id, aliases.get(model_id, ()), model.ref_model, now))
        if (model.ref_model, model.context_tokens, model.gone_at) != (now, one.context_tokens, None):
            model.ref_model, model.context_tokens, model.gone_at = now, one.context_tokens, None
            changed.append(model)
    UpstreamModel.objects.bulk_update(changed, ["ref_model", "context_tokens", "gone_at"], batch_size=200)
    return repointed


def _add(provider: Provider, known: Mapping[str, UpstreamModel], kept: Mapping[str, Listed]) -> list[str]:
    """Rows for the ids that were never listed before; those ids."""
    new = [one for model_id, one in kept.items() if model_id not in known]
    UpstreamModel.objects.bulk_create(
        (
            UpstreamModel(
                provider=provider, model_id=one.id, ref_model=one.ref_model, context_tokens=one.context_tokens
            )
            for one in new
        ),
        batch_size=200,
    )
    return [one.id for one in new]


def _note(provider: Provider, synced: Synced, by: User) -> None:
    """One line for the provider; for an alias one of each of its models that went or stands for another one now."""
    if synced.changed:
        note(f"fetched the list of {count(synced.listed)}{_told(synced)}", by=by, provider=provider)
    for model in synced.repointed:
        line = f"{model.model_id}: {model.before} → {model.now}"
        note(f"saw {line}", by=None, provider=provider)
        for alias in model.aliases:
            note(f"saw {line}", by=None, alias=alias)
    for model in synced.gone:
        for alias in model.aliases:
            note(f"saw that {provider.name} lists {model.model_id} no more", by=None, alias=alias)


def _told(synced: Synced) -> str:
    new = "" if synced.first else _named("new", synced.new)
    return new + _named("gone", [model.model_id for model in synced.gone])


def _named(what: str, ids: Sequence[str]) -> str:
    if not ids:
        return ""
    names = ", ".join(ids)
    return f"; {what}: {names}" if len(names) <= NAMES_CHARACTERS else f"; {len(ids):,} {what}"


def count(models: int) -> str:
    return "1 model" if models == 1 else f"{models:,} models"
