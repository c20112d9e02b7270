"""The list of providers, and one provider: its form, its models, its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chatapp.catalog.forms import ProviderForm
from chatapp.catalog.models import Change, Provider, Route
from chatapp.catalog.pages.door import Request, administrators_only
from chatapp.catalog.pages.provider_rows import history, model_rows, provider_rows
from chatapp.catalog.presets import OTHER, PRESETS, Preset, start_of
from chatapp.catalog.providers import keep, models_by_alias, remove
from chatapp.catalog.secrets import SecretLost

INVALID = 422
HIGHEST_PORT = 65535
ID_DIGITS = 18
TAKEN = "Provider with this Name already exists."
_page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@administrators_only
@require_safe
def listed(request: Request) -> HttpResponse:
    context = {"place": "providers", "rows": provider_rows(), "presets": PRESETS.values()}
    return render(request, "administration/providers.html", context)


@administrators_only
@sensitive_post_parameters("new_key")
@never_cache
@_page_with_form
def new(request: Request) -> HttpResponse:
    if request.method != "POST":
        preset = _preset(request)
        return new_page(request, ProviderForm(initial=start_of(preset, _port(request))))
    form = ProviderForm(request.POST)
    if made := _saved(form, request.user) or _made_before(form):
        return redirect("catalog:provider", made.pk)
    return new_page(request, form, status=INVALID)


@administrators_only
@sensitive_post_parameters("new_key")
@never_cache
@_page_with_form
def provider(request: Request, pk: int) -> HttpResponse:
    if request.method != "POST":
        return provider_page(request, pk)
    with transaction.atomic():
        # Read within the transaction, so that two who save at once do so one after the other.
        form = ProviderForm(request.POST, instance=get_object_or_404(Provider.objects.select_for_update(), pk=pk))
        if form.is_valid() and form.history() and (other := _changed_meanwhile(request, pk)):
            form.add_error(None, _conflict(other))
        if _saved(form, request.user):
            messages.success(request, "Saved. It holds from the next message on.", extra_tags="good")
            return redirect("catalog:provider", pk)
    return provider_page(request, pk, form, status=INVALID)


@administrators_only
@_page_with_form
def delete(request: Request, pk: int) -> HttpResponse:
    if request.method == "POST":
        with transaction.atomic():
            provider = get_object_or_404(Provider.objects.select_for_update(), pk=pk)
            remove(provider, request.user)
        messages.success(request, f"{provider.name} is deleted.", extra_tags="good")
        return redirect("catalog:providers")
    provider = get_object_or_404(Provider, pk=pk)
    losing = models_by_alias(provider)
    context = {"place": "providers", "provider": provider, "losing": losing.items(), "stranded": _stranded(provider)}
    return render(request, "administration/provider_delete.html", context)


def new_page(request: Request, form: ProviderForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"place": "providers", "form": form, "presets": PRESETS.values(), "preset": _preset(request)} | more
    return render(request, "administration/provider_new.html", context, status=status)


def provider_page(
    request: Request, pk: int, form: ProviderForm | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page, with a form that was sent, if any. Raises Http404."""
    # Not the form's own, in which what was typed stands already.
    provider = get_object_or_404(Provider, pk=pk)
    context: dict[str, object] = {"form": form or ProviderForm(instance=provider)}
    context |= models_context(provider) | more
    return render(request, "administration/provider.html", context, status=status)


def models_context(provider: Provider) -> dict[str, object]:
    """What the fragments of a provider's page need."""
    changes = history(provider)
    return {
        "place": "providers",
        "provider": provider,
        "rows": model_rows(provider),
        "changes": changes,
        "seen": changes[0].pk if changes else 0,
    }


def _saved(form: ProviderForm, by: User) -> Provider | None:
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return keep(form, by)
    except IntegrityError:
        # Somebody took the name between the form's look and the database's.
        form.add_error("name", TAKEN)
        return None


def _made_before(form: ProviderForm) -> Provider | None:
    """The provider of this very form, which was sent twice."""
    if set(form.errors) != {"name"}:
        return None
    same = {"name": form.data.get("name", "").strip(), "dialect": form.cleaned_data["dialect"]}
    made = Provider.objects.filter(base_url=form.cleaned_data["address"], **same).first()
    try:
        return made if made and made.key == form.cleaned_data["new_key"] else None
    except SecretLost:
        return None


def _changed_meanwhile(request: Request, pk: int) -> Change | None:
    """The last change that another administrator made after the page that this form is from."""
    seen = request.POST.get("seen", "")
    if not (seen.isascii() and seen.isdecimal() and len(seen) <= ID_DIGITS):
        return None
    theirs = Change.objects.filter(provider=pk, pk__gt=int(seen), by__isnull=False).exclude(by=request.user)
    return theirs.select_related("by").first()


def _conflict(other: Change) -> str:
    return (
        f"While you were editing, {other.by} {other.what}. "
        "Nothing is saved yet; save again to put your values in place of theirs."
    )


def _stranded(provider: Provider) -> set[int]:
    """Ids of the aliases that lead to this provider alone."""
    elsewhere = Route.objects.filter(enabled=True, provider__enabled=True).exclude(provider=provider).values("alias")
    return set(provider.routes.exclude(alias__in=elsewhere).values_list("alias", flat=True))


def _preset(request: Request) -> Preset:
    asked = request.POST.get("preset") or request.GET.get("preset", "")
    if asked and asked not in PRESETS:
        raise Http404
    return PRESETS[asked] if asked else OTHER


def _port(request: Request) -> int | None:
    """A port of this machine where a server was found. Nothing more of an address is taken from a link: it could lead
    an administrator to enter a key for somebody else's server.
    """
    asked = request.GET.get("port", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and 0 < int(asked[:6]) <= HIGHEST_PORT else None
