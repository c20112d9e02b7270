"""What asks a provider's server while an administrator waits: test, fetch the list of models, look on this machine.

These views run on the event loop; their database work does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from chatapp.catalog.addresses import origin_of
from chatapp.catalog.forms import ProviderForm
from chatapp.catalog.models import Provider
from chatapp.catalog.pages.door import Request, administrators_only
from chatapp.catalog.pages.providers import models_context, new_page, provider_page
from chatapp.catalog.presets import OTHER, Preset, preset_of, start_of
from chatapp.catalog.secrets import SecretLost
from chatapp.catalog.sync import ID_CHARACTERS, NotSynced, Synced, count, sync, target_of
from chatapp.database import in_order
from chatapp.upstream.client import Target
from chatapp.upstream.errors import UpstreamError
from chatapp.upstream.probe import SENTENCES, Found, Verdict, find_local, probe

UNREADABLE_KEY = "The stored key cannot be read any more. Enter it again."
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a test showed, for `_verdict.html`."""

    good: bool
    fact: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A server that runs on this machine; `provider`: it is connected already."""

    found: Found
    preset: Preset
    port: int
    provider: Provider | None


@administrators_only
@sensitive_post_parameters("new_key")
@never_cache
@require_POST
async def test_new(request: Request) -> HttpResponse:
    """Try what stands in the form of a new provider, before anything is saved."""
    form = ProviderForm(request.POST)
    told = await _told(await in_order(_target_in, form))
    if request.htmx:
        return await in_order(render, request, "administration/_verdict.html", {"verdict": told})
    return await in_order(new_page, request, form, verdict=told)


@administrators_only
@sensitive_post_parameters("new_key")
@never_cache
@require_POST
async def test(request: Request, pk: int) -> HttpResponse:
    """Try what stands in a provider's form, saved or not; with `model`, ask that model of the saved one for a word."""
    form = await in_order(_form_of, request, pk)
    target = await in_order(_target_in, form) if form else await in_order(_saved_target, request, pk)
    told = await _told(target)
    if request.htmx:
        return await in_order(render, request, "administration/_verdict.html", {"verdict": told})
    return await in_order(provider_page, request, pk, form, verdict=told)


@administrators_only
@require_POST
async def fetch_models(request: Request, pk: int) -> HttpResponse:
    """Sync. A list that fails or is empty changes nothing, and the page says so."""
    synced: Synced | None = None
    failure = ""
    try:
        synced = await sync(pk, request.user)
    except Provider.DoesNotExist:
        raise Http404 from None
    except SecretLost:
        failure = UNREADABLE_KEY
    except NotSynced as error:
        failure = error.sentence
    except UpstreamError as error:
        failure = SENTENCES[error.code]
    if request.htmx:
        return await in_order(_models_fragment, request, pk, synced, failure)
    return await in_order(provider_page, request, pk, synced=synced, failure=failure)


@administrators_only
@require_GET
async def local_servers(request: Request) -> HttpResponse:
    """What answers on the usual ports of this machine, and of no other; with `found` in the query only if it does."""
    found = [one for one in await find_local() if urlsplit(one.base_url).hostname in _LOOPBACK]
    offers = await in_order(offers_of, found)
    if "found" in request.GET and not offers:
        return HttpResponse()
    if request.htmx:
        return await in_order(render, request, "administration/_local.html", {"offers": offers, "looked": True})
    form = await in_order(_empty_form)
    return await in_order(new_page, request, form, offers=offers, looked=True)


async def _told(target: Target | Told) -> Told:
    if isinstance(target, Told):
        return target
    return _in_words(await probe(target), target.model)


def _in_words(verdict: Verdict, model: str) -> Told:
    if verdict.code != "works":
        return Told(False, "It does not work.", verdict.sentence)
    seconds = verdict.milliseconds / 1000
    took = f"{seconds:.1f} s" if seconds >= 1 else f"{verdict.milliseconds} ms"
    if model:
        return Told(True, "It answers.", f"{model} had its answer ready after {took}.")
    listed = "" if verdict.models is None else f" and lists {count(verdict.models)}"
    return Told(True, "It works.", f"It answered in {took}{listed}.")


def _form_of(request: Request, pk: int) -> ProviderForm | None:
    """The form that was sent; None if only a model was, to try the provider as it is saved."""
    provider = get_object_or_404(Provider, pk=pk)
    return ProviderForm(request.POST, instance=provider) if "address" in request.POST else None


def _target_in(form: ProviderForm) -> Target | Told:
    """Where a form leads. Only what a call needs has to be right: a name may still be missing."""
    form.full_clean()
    wrong = [str(error) for name in ("address", "new_key", "dialect") for error in form.errors.get(name, [])]
    if wrong:
        return Told(False, "Nothing was asked yet.", " ".join(wrong))
    # Never saved: an instance takes the values, since that is what knows how to read them.
    provider = form.instance
    provider.base_url, provider.dialect = form.cleaned_data["address"], form.cleaned_data["dialect"]
    if form.cleaned_data["new_key"] or form.cleaned_data.get("remove_key"):
        provider.set_key(form.cleaned_data["new_key"])
    return _readable_target(provider)


def _saved_target(request: Request, pk: int) -> Target | Told:
    return _readable_target(get_object_or_404(Provider, pk=pk), request.POST.get("model", "")[:ID_CHARACTERS])


def _readable_target(provider: Provider, model: str = "") -> Target | Told:
    try:
        return target_of(provider, model)
    except SecretLost:
        return Told(False, "Nothing was asked yet.", UNREADABLE_KEY)


def _models_fragment(request: Request, pk: int, synced: Synced | None, failure: str) -> HttpResponse:
    context = models_context(get_object_or_404(Provider, pk=pk))
    outcome = {"synced": synced, "failure": failure, "fragment": True}
    return render(request, "administration/_provider_models.html", {**context, **outcome})


def offers_of(found: list[Found]) -> list[Offer]:
    providers = {_place(provider.base_url): provider for provider in Provider.objects.all()}
    return [
        Offer(one, preset_of(one.dialect), _place(one.base_url) or 80, providers.get(_place(one.base_url)))
        for one in found
    ]


def _place(base_url: str) -> int | None:
    """The port on this machine; None for an address elsewhere."""
    _, host, port = origin_of(base_url)
    return port if host in _LOOPBACK else None


def _empty_form() -> ProviderForm:
    return ProviderForm(initial=start_of(OTHER))
