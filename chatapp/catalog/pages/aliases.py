"""The list of aliases and its order; one alias: its routes, its settings, its history."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.models import User
from chatapp.catalog.alias_forms import Desk
from chatapp.catalog.aliases import move, remove
from chatapp.catalog.health import health
from chatapp.catalog.models import Alias, Change, Provider, Route, UpstreamModel
from chatapp.catalog.pages.alias_page import Loaded, load, page_context
from chatapp.catalog.pages.alias_rows import States, alias_rows, aliases_with_routes, listed_models
from chatapp.catalog.pages.alias_start import NOWHERE, Start, start_of
from chatapp.catalog.pages.door import Request, administrators_only
from chatapp.conversations.models import Conversation
from chatapp.database import in_order, written

INVALID = 422
ID_DIGITS = 18
MODELS_OFFERED = 1000
TAKEN = "Alias with this Alias already exists."
_page_with_form = require_http_methods(["GET", "HEAD", "POST"])


class _Refused(Exception):
    """Takes the whole save back."""


@administrators_only
@require_safe
async def listed(request: Request) -> HttpResponse:
    return await list_page(request)


@administrators_only
@require_POST
async def order(request: Request) -> HttpResponse:
    """Move one alias: a step up or down, or in front of another one. The others stay as they are now."""
    moved = await written(_move, request)
    if request.htmx:
        return await list_page(request, "administration/_alias_list.html", moved=moved)
    return redirect("catalog:aliases")


@administrators_only
@never_cache
@_page_with_form
def new(request: Request) -> HttpResponse:
    if request.method != "POST":
        start = start_of(request.GET)
        desk = Desk(Alias(), initial=start.values) if start.complete else None
        return _new_page(request, start, desk)
    with transaction.atomic():
        desk = Desk(Alias(), request.POST)
        refusal = _save(desk, request.user)
        if not refusal:
            messages.success(request, f"{desk.alias} is there. Try it below.", extra_tags="good")
            return redirect("catalog:alias", desk.alias.pk)
        if made := _made_before(desk):
            return redirect("catalog:alias", made.pk)
    return _new_page(request, NOWHERE, desk, status=INVALID)


@administrators_only
@never_cache
@_page_with_form
async def alias(request: Request, pk: int) -> HttpResponse:
    if request.method != "POST":
        return await alias_page(request, pk)
    desk = await written(_save_changes, request, pk)
    return redirect("catalog:alias", pk) if desk is None else await alias_page(request, pk, desk, status=INVALID)


@administrators_only
@_page_with_form
def delete(request: Request, pk: int) -> HttpResponse:
    alias = get_object_or_404(Alias, pk=pk)
    if request.method == "POST":
        with transaction.atomic():
            remove(alias, request.user)
        messages.success(request, f"{alias} is deleted.", extra_tags="good")
        return redirect("catalog:aliases")
    chats = Conversation.objects.filter(alias=alias, deleted_at=None).count()
    context = {"place": "aliases", "alias": alias, "chats": chats}
    return render(request, "administration/alias_delete.html", context)


@administrators_only
@require_GET
def models_of_provider(request: Request) -> HttpResponse:
    """The options of a model's field: what the last list of the chosen provider had."""
    chosen = request.GET.get("new-provider") or request.GET.get("provider", "")
    found = UpstreamModel.objects.filter(provider=_number(chosen), gone_at=None)[:MODELS_OFFERED]
    return render(request, "administration/_listed_models.html", {"models": found})


async def list_page(
    request: Request, template: str = "administration/aliases.html", *, moved: Alias | None = None
) -> HttpResponse:
    aliases = await in_order(aliases_with_routes)
    states = states_of([route for one in aliases for route in one.routes.all()])
    return await in_order(_list_page, request, template, aliases, states, moved)


async def alias_page(
    request: Request, pk: int, desk: Desk | None = None, *, status: int = 200, more: Mapping[str, object] | None = None
) -> HttpResponse:
    """The page, with forms that were sent, if any. Raises Http404."""
    loaded = await in_order(load, pk, desk)
    states = states_of(loaded.routes)
    return await in_order(_alias_page, request, loaded, states, status, more or {})


def states_of(routes: list[Route]) -> States:
    """Event loop only: that is where health is known."""
    return {route.pk: health.state(route.pk) for route in routes}


def _list_page(
    request: Request, template: str, aliases: list[Alias], states: States, moved: Alias | None
) -> HttpResponse:
    routes = [route for one in aliases for route in one.routes.all()]
    rows = alias_rows(aliases, states, listed_models(routes))
    context = {"place": "aliases", "rows": rows, "moved": moved, "connected": bool(rows) or Provider.objects.exists()}
    return render(request, template, context)


def _alias_page(
    request: Request, loaded: Loaded, states: States, status: int, more: Mapping[str, object]
) -> HttpResponse:
    context = {"place": "aliases", **page_context(loaded, states), **more}
    return render(request, "administration/alias.html", context, status=status)


def _new_page(request: Request, start: Start, desk: Desk | None, *, status: int = 200) -> HttpResponse:
    providers = Provider.objects.all()
    context = {"place": "aliases", "desk": desk, "start": start, "providers": providers}
    return render(request, "administration/alias_new.html", context, status=status)


@transaction.atomic
def _move(request: Request) -> Alias | None:
    form = request.POST
    order = list(Alias.objects.all())
    # A dragged one first: with it comes, by htmx, the button that was pressed before.
    named = next((name for name in ("alias", "up", "down") if form.get(name)), "")
    alias = next((one for one in order if one.pk == _number(form.get(named, ""))), None)
    if alias is None:
        return None
    rest = [one for one in order if one != alias]
    place = order.index(alias) + {"up": -1, "down": 1}.get(named, 0)
    if named == "alias":
        before = _number(form.get("before", ""))
        place = next((i for i, one in enumerate(rest) if one.pk == before), len(rest))
    move(alias, max(0, place), request.user)
    return alias


@transaction.atomic
def _save_changes(request: Request, pk: int) -> Desk | None:
    """None when all is saved, else the forms with what is wrong."""
    # Read within the transaction, so that two who save at once do so one after the other.
    alias = get_object_or_404(Alias.objects.select_for_update(), pk=pk)
    desk = Desk(alias, request.POST)
    if _save(desk, request.user, _changed_meanwhile(request, pk)):
        return desk
    messages.success(request, "Saved. It holds from the next message on.", extra_tags="good")
    return None


def _save(desk: Desk, by: User, theirs: Change | None = None) -> bool:
    """Whether it was refused. What somebody else changed meanwhile is no conflict if nothing would change now."""
    if not desk.is_valid():
        return True
    try:
        with transaction.atomic():
            if desk.save(by) and theirs:
                raise _Refused
    except _Refused:
        desk.settings.add_error(None, _conflict(theirs))
    except IntegrityError:
        # Somebody took the name between the form's look and the database's.
        desk.settings.add_error("name", TAKEN)
    else:
        return False
    return True


def _changed_meanwhile(request: Request, pk: int) -> Change | None:
    """The last change that a person made, here or elsewhere, after the page was made that this form is from."""
    seen = _number(request.POST.get("seen", ""))
    if seen is None:
        return None
    later = Change.objects.filter(alias=pk, pk__gt=seen, by__isnull=False)
    return later.select_related("by").first()


def _conflict(other: Change | None) -> str:
    return (
        f"While this page was open, {other and other.by} {other and other.what}. "
        "Nothing is saved yet; save again to put your values in place of those."
    )


def _made_before(desk: Desk) -> Alias | None:
    """The alias of this very form, which was sent twice."""
    added = desk.added.cleaned_data if desk.added.is_valid() else {}
    if set(desk.settings.errors) != {"name"} or not added.get("upstream_model"):
        return None
    route = {"routes__provider": added["provider"], "routes__upstream_model": added["upstream_model"]}
    return Alias.objects.filter(name=desk.settings.data.get("name", "").strip(), **route).first()


def _number(text: str) -> int | None:
    """An id as a form or a link gives it; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= ID_DIGITS else None
