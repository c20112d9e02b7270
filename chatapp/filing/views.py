"""Pages and forms of filing. Each works as a plain form; htmx gets a toast, a menu or rows."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Mapping

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from chatapp.conversations.models import Conversation
from chatapp.conversations.refusals import BadForm, Refused
from chatapp.conversations.requests import Request, member, number
from chatapp.conversations.sidebar import sidebar
from chatapp.database import in_order
from chatapp.filing import actions
from chatapp.filing.actions import Filed
from chatapp.filing.refusals import NothingChosen
from chatapp.filing.shelves import ARCHIVE, Shelf, page_of, shelf_of

# Where a plain form leaves what it has done, for the page that follows.
FILED = "filed"


@require_http_methods(["GET", "HEAD", "POST"])
async def chats(request: Request) -> HttpResponse:
    """All chats with a tick box each; ?folder= and ?show= narrow them."""
    return await _shelf(request)


@require_http_methods(["GET", "HEAD", "POST"])
async def archive(request: Request) -> HttpResponse:
    return await _shelf(request, archived=True)


@require_POST
async def undo(request: Request) -> HttpResponse:
    try:
        await actions.undo(await member(request), request.POST.get("was", ""))
    except Refused as refused:
        return await _refused(request, refused)
    return HttpResponse(status=204) if request.htmx else HttpResponseRedirect("/chats/", status=303)


@require_GET
def file(request: Request, pk: uuid.UUID) -> HttpResponse:
    """What can be done to one chat: the menu for htmx, a page of its own without JavaScript."""
    return _file(request, pk)


@require_POST
async def pin(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _one(request, pk, actions.pin(await member(request), [pk]))


@require_POST
async def unpin(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _one(request, pk, actions.pin(await member(request), [pk], on=False))


@require_POST
async def put_away(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _one(request, pk, actions.archive(await member(request), [pk]))


@require_POST
async def bring_back(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _one(request, pk, actions.archive(await member(request), [pk], on=False))


@require_POST
async def move(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Into the folder with this id, or into the one of this name; an empty id is no folder."""
    user, form = await member(request), request.POST
    if "name" in form:
        return await _one(request, pk, actions.move_to_new(user, [pk], form.get("name", "")))
    return await _one(request, pk, actions.move(user, [pk], _folder_id(form), unpin="unpin" in form))


async def _one(request: Request, pk: uuid.UUID, doing: Awaitable[Filed]) -> HttpResponse:
    try:
        filed = await doing
    except Refused as refused:
        return await _refused(request, refused, pk)
    if request.htmx:
        return await in_order(render, request, "filing/_toast.html", {"filed": filed})
    return HttpResponseRedirect(f"/c/{pk}/", status=303)


async def _shelf(request: Request, *, archived: bool = False) -> HttpResponse:
    if request.method != "POST":
        return await in_order(_list, request, archived)
    try:
        filed = await _do(await member(request), request.POST)
    except Refused as refused:
        if request.htmx:
            return await _refused(request, refused)
        return await in_order(_list, request, archived, {"sentence": refused.sentence}, refused.status)
    if request.htmx:
        return await in_order(render, request, "filing/_toast.html", {"filed": filed})
    await in_order(request.session.__setitem__, FILED, [filed.sentence, filed.undo])
    return HttpResponseRedirect(request.get_full_path(), status=303)


async def _do(user: User, form: QueryDict) -> Filed:
    """What the form says to all that is ticked, or to the one whose own button was pressed."""
    if back := form.getlist("back"):
        return await actions.archive(user, _ids(back), on=False)
    ids = _ids(form.getlist("id"))
    match form.get("do"):
        case "pin" | "unpin" as do:
            return await actions.pin(user, ids, on=do == "pin")
        case "archive" | "back" as do:
            return await actions.archive(user, ids, on=do == "archive")
        case "move":
            return await actions.move(user, ids, _folder_id(form))
        case "delete":
            return await actions.delete(user, ids)
        case _:
            raise BadForm


async def _refused(request: Request, refused: Refused, pk: uuid.UUID | None = None) -> HttpResponse:
    """Why not; where a plain form comes from a page of its own, that page again with the reason."""
    context = {"sentence": refused.sentence}
    if request.htmx:
        return await in_order(render, request, "conversation/_refused.html", context, status=refused.status)
    if pk is None:
        return await in_order(_list, request, False, context, refused.status)
    return await in_order(_file, request, pk, context, refused.status)


def _list(
    request: Request,
    archived: bool,
    said: Mapping[str, object] = {},  # noqa: B006
    status: int = 200,
) -> HttpResponse:
    """A page of a shelf; its rows alone for htmx."""
    user, asked = request.user, request.GET
    side = None if request.htmx else sidebar(user, request)
    folders = [drawer.folder for drawer in side.folders] if side else list(user.folders.all())
    shelf = Shelf(ARCHIVE) if archived else shelf_of(asked, folders)
    page = page_of(user, shelf, folders, asked.get("before", ""), number(asked.get("lines", "0")))
    context = {"sidebar": side, "shelf": shelf, "folders": folders, "page": page, "later": "before" in asked}
    if request.htmx:
        return render(request, "filing/_rows.html", context)
    done = request.session.pop(FILED, None)
    return render(request, "filing/chats.html", context | {"done": done, "place": "chats"} | dict(said), status=status)


def _file(
    request: Request,
    pk: uuid.UUID,
    said: Mapping[str, object] = {},  # noqa: B006
    status: int = 200,
) -> HttpResponse:
    conversation = Conversation.objects.owned_by(request.user).filter(pk=pk, temporary=False).first()
    if conversation is None:
        raise Http404
    context: dict[str, object] = {"conversation": conversation, "part": request.GET.get("part", "")} | dict(said)
    if request.htmx:
        return render(request, "filing/_menu.html", context | {"folders": list(request.user.folders.all())})
    side = sidebar(request.user, request)
    context |= {"sidebar": side, "folders": [drawer.folder for drawer in side.folders]}
    return render(request, "filing/file.html", context, status=status)


def _ids(texts: list[str]) -> list[uuid.UUID]:
    """Raises NothingChosen, or Http404 for what is no id."""
    if not texts:
        raise NothingChosen
    try:
        return [uuid.UUID(text) for text in texts]
    except ValueError as error:
        raise Http404 from error


def _folder_id(form: QueryDict) -> int | None:
    text = form.get("folder", "")
    return number(text) if text else None
