"""The page of the search, and its results alone for a page that is open already."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chatapp.catalog.access import aliases_for
from chatapp.conversations.requests import Request
from chatapp.conversations.sidebar import sidebar_for, zone_of
from chatapp.search.forms import Asked
from chatapp.search.index import find
from chatapp.search.query import phrases_of
from chatapp.search.results import chats, summary


@require_safe
def search(request: Request) -> HttpResponse:
    """A page of what was found; for htmx the results alone, or with ?filters the filters of the form."""
    asked = Asked.read(request.GET)
    found = find(request.user, asked.query, asked.filters(zone_of(request)), asked.before)
    context: dict[str, object] = {
        "asked": asked,
        "chats": chats(found, asked.query, request.user),
        "summary": "" if asked.before else summary(found),
        "older": asked.older(found.before) if found.before else "",
        "wordless": not phrases_of(asked.query),
    }
    if request.htmx and asked.before:
        return render(request, "search/_chats.html", context)
    if request.htmx and "filters" not in request.GET:
        return render(request, "search/_found.html", context)
    context |= {"aliases": _aliases(request, asked), "folders": list(request.user.folders.all())}
    if request.htmx:
        return render(request, "search/_filters.html", context)
    return render(request, "search/page.html", context | {"place": "search"} | sidebar_for(request.user, request))


def _aliases(request: Request, asked: Asked) -> list[str]:
    """The names to choose from, with the one that is chosen, which may be of an alias that is gone."""
    names = [alias.name for alias in aliases_for(request.user).only("name")]
    return names if not asked.alias or asked.alias in names else [*names, asked.alias]
