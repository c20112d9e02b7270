"""Where a member was mentioned, and whom they can mention."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.conversations.requests import Request, member, number
from chatapp.conversations.sidebar import sidebar_for, zone_of
from chatapp.database import written
from chatapp.generation import hub
from chatapp.unread.marks import mentions_of, people_in, saw_everything
from chatapp.unread.names import folded

PAGE = 30
# Of the people that a text could go on with.
SUGGESTED = 8


@require_GET
def mentions(request: Request) -> HttpResponse:
    """The newest mentions, or those before ?before=."""
    found = mentions_of(request.user.pk).select_related("message__author", "message__conversation").order_by("-pk")
    if before := request.GET.get("before"):
        found = found.filter(pk__lt=number(before))
    page = list(found[: PAGE + 1])
    context: dict[str, object] = {
        "mentions": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "place": "mentions",
    }
    context |= sidebar_for(request.user, request)
    with timezone.override(zone_of(request)):
        return render(request, "unread/mentions.html", context)


@require_POST
async def read(request: Request) -> HttpResponse:
    """Whatever is new counts as read."""
    user = await member(request)
    await written(saw_everything, user.pk)
    hub.tell_member(user.pk, fragments.past_frame())
    return HttpResponseRedirect("/mentions/", status=303)


@require_GET
def people(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Whom ?q= could begin to name in this conversation, as options of a list. For those who write in it."""
    conversation = Conversation.objects.visible_to(request.user).filter(pk=pk).first()
    if conversation is None:
        raise Http404
    if not conversation.may_be_written_by(request.user.pk):
        raise PermissionDenied
    begun = folded(request.GET.get("q", ""))
    others = people_in(conversation).exclude(pk=request.user.pk).values_list("pk", "name")
    found = [(pk, name) for pk, name in others if folded(name).startswith(begun)]
    return render(request, "unread/_people.html", {"people": found[:SUGGESTED]})
