"""The page where a member makes, names, orders and deletes folders."""

from __future__ import annotations

from collections.abc import Awaitable

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from chatapp.conversations.models import Folder
from chatapp.conversations.refusals import Refused
from chatapp.conversations.requests import Request, check_id, member
from chatapp.conversations.sidebar import folders_of, sidebar, sidebar_for
from chatapp.database import in_order
from chatapp.filing import folders


@require_http_methods(["GET", "HEAD", "POST"])
async def listing(request: Request) -> HttpResponse:
    """All folders; a post makes one more."""
    if request.method != "POST":
        return await in_order(_page, request)
    return await _changed(request, folders.create(await member(request), request.POST.get("name", "")))


@require_POST
async def rename(request: Request, pk: int) -> HttpResponse:
    check_id(pk)
    return await _changed(request, folders.rename(await member(request), pk, request.POST.get("name", "")))


@require_POST
async def up(request: Request, pk: int) -> HttpResponse:
    check_id(pk)
    return await _changed(request, folders.shift(await member(request), pk, -1))


@require_POST
async def down(request: Request, pk: int) -> HttpResponse:
    check_id(pk)
    return await _changed(request, folders.shift(await member(request), pk, 1))


@require_http_methods(["GET", "HEAD", "POST"])
async def delete(request: Request, pk: int) -> HttpResponse:
    """Asks first: which chats were in a folder is not kept."""
    check_id(pk)
    if request.method != "POST":
        return await in_order(_ask, request, pk)
    await folders.delete(await member(request), pk)
    return HttpResponseRedirect("/folders/", status=303)


async def _changed(request: Request, doing: Awaitable[Folder]) -> HttpResponse:
    """The list as it is now for htmx, the page again for a plain form."""
    try:
        changed = await doing
    except Refused as refused:
        if request.htmx:
            context = {"sentence": refused.sentence}
            return await in_order(render, request, "conversation/_refused.html", context, status=refused.status)
        return await in_order(_page, request, refused)
    if not request.htmx:
        return HttpResponseRedirect("/folders/", status=303)
    return await in_order(_list, request, changed)


def _page(request: Request, refused: Refused | None = None) -> HttpResponse:
    side = sidebar(request.user, request)
    context = {
        "sidebar": side,
        "place": "chats",
        "all": [(drawer.folder, drawer.count) for drawer in side.folders],
        "sentence": refused.sentence if refused else "",
    }
    return render(request, "filing/folders.html", context, status=refused.status if refused else 200)


def _list(request: Request, changed: Folder) -> HttpResponse:
    return render(request, "filing/_folder_list.html", {"all": folders_of(request.user), "changed": changed})


def _ask(request: Request, pk: int) -> HttpResponse:
    folder = folders.own_folder(request.user, pk)
    inside = folder.conversations.filter(deleted_at=None).count()
    context = {"folder": folder, "inside": inside, "place": "chats"} | sidebar_for(request.user, request)
    return render(request, "filing/folder_delete.html", context)
