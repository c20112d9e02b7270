"""Inviting members and groups into a conversation, and going away from one."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatapp.conversations.models import Conversation
from chatapp.conversations.refusals import Refused
from chatapp.conversations.requests import Request, member, number
from chatapp.conversations.sidebar import sidebar_for
from chatapp.database import in_order
from chatapp.sharing import members

FIND_CHARACTERS = 100
INVALID = 422
NOT_YOURS = "This chat is not yours any more, so nothing was changed."


@require_http_methods(["GET", "HEAD", "POST"])
async def invited(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Whom the owner has invited: a part of the dialog for htmx, a page of its own without JavaScript."""
    if request.method != "POST":
        return await _part(request, pk)
    whom = {"member": _chosen(request, "member"), "group": _chosen(request, "group")}
    deed = members.invite(await member(request), pk, **whom, may_write=_may_write(request))
    return await _after(request, pk, deed)


@require_GET
async def find(request: Request, pk: uuid.UUID) -> HttpResponse:
    """People and groups whose name begins with ?q=, to be invited."""
    return await in_order(_found, request, pk)


@require_POST
async def change(request: Request, pk: uuid.UUID) -> HttpResponse:
    """What one of those who are invited may do."""
    deed = members.change(await member(request), pk, _participation(request), may_write=_may_write(request))
    return await _after(request, pk, deed)


@require_POST
async def remove(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _after(request, pk, members.remove(await member(request), pk, _participation(request)))


@require_POST
async def pass_on(request: Request, pk: uuid.UUID) -> HttpResponse:
    deed = members.pass_on(await member(request), pk, number(request.POST.get("member", "")))
    return await _after(request, pk, deed, f"/c/{pk}/")


@require_POST
async def leave(request: Request, pk: uuid.UUID) -> HttpResponse:
    await members.leave(await member(request), pk)
    return _go(request, "/")


def _chosen(request: Request, name: str) -> int | None:
    text = request.POST.get(name, "")
    return number(text) if text else None


def _go(request: Request, path: str) -> HttpResponse:
    if not request.htmx:
        return HttpResponseRedirect(path, status=303)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = path
    return response


def _participation(request: Request) -> int:
    return number(request.POST.get("participation", ""))


def _may_write(request: Request) -> bool:
    return request.POST.get("may_write") == "1"


async def _after(request: Request, pk: uuid.UUID, deed: Awaitable[None], path: str = "") -> HttpResponse:
    """What is at `path` then; else the place where it was asked for, as it is now: the list of all that the member
    shares, or this one's members. It says why nothing was done.
    """
    from_list, sentence = request.POST.get("at") == "shares", ""
    try:
        await deed
    except Refused as refused:
        sentence = refused.sentence
    except Http404:
        if not request.htmx:
            raise
        return await in_order(_listed, request, NOT_YOURS) if from_list else await in_order(_not_theirs, request, pk)
    if not sentence and (path or not request.htmx):
        return _go(request, path or ("/shares/" if from_list else f"/c/{pk}/members/"))
    if from_list and request.htmx:
        return await in_order(_listed, request, sentence)
    return await _part(request, pk, sentence)


async def _part(request: Request, pk: uuid.UUID, sentence: str = "") -> HttpResponse:
    conversation, guests = await members.guests(await member(request), pk)
    words = request.GET.get("q", "")[:FIND_CHARACTERS]
    context = {"conversation": conversation, "guests": guests, "sentence": sentence, "words": words}
    return await in_order(_rendered, request, context, INVALID if sentence else 200)


def _rendered(request: Request, context: dict[str, object], status: int) -> HttpResponse:
    if request.htmx:
        return render(request, "sharing/members_part.html", context)
    people, groups = members.findable(request.user, str(context["words"]))
    page = context | {"people": people, "groups": groups} | sidebar_for(request.user, request)
    return render(request, "sharing/members.html", page, status=status)


def _listed(request: Request, sentence: str) -> HttpResponse:
    context = {"invited": members.shared_by(request.user), "sentence": sentence}
    return render(request, "sharing/shares_members.html", context)


def _not_theirs(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Instead of the members, for who is not the owner any more and may still open the chat. Raises Http404."""
    conversation = Conversation.objects.visible_to(request.user).select_related("owner").filter(pk=pk).first()
    if conversation is None:
        raise Http404
    return render(request, "sharing/members_not_yours.html", {"conversation": conversation})


def _found(request: Request, pk: uuid.UUID) -> HttpResponse:
    conversation = Conversation.objects.owned_by(request.user).filter(pk=pk).first()
    if conversation is None:
        raise Http404
    words = request.GET.get("q", "")[:FIND_CHARACTERS]
    people, groups = members.findable(request.user, words)
    context = {"conversation": conversation, "people": people, "groups": groups, "words": words}
    return render(request, "sharing/members_found.html", context)
