"""The log of access: an owner's of one conversation, the administrators' of all; and their reading for a reason."""

from __future__ import annotations

import re
import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from chatapp.audit.log import note
from chatapp.audit.models import Entry
from chatapp.catalog.pages.door import Request, administrators_only
from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.conversations.requests import Request as MemberRequest
from chatapp.conversations.requests import number
from chatapp.conversations.sidebar import sidebar_for
from chatapp.conversations.words import clean

PAGE = 100
# A reason that says something.
LEAST_REASON = 10
MOST_REASON = 500
_ADDRESS = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


@require_GET
def of_conversation(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """What happened about access to the person's own conversation, the newest first."""
    conversation = Conversation.objects.owned_by(request.user).filter(pk=pk).first()
    if conversation is None:
        raise Http404
    context = {"conversation": conversation} | _page(request, conversation.log.all())
    return render(request, "audit/conversation.html", context | sidebar_for(request.user, request))


@administrators_only
@require_GET
def everywhere(request: Request) -> HttpResponse:
    """The same of all conversations, which are named by their owners and not by their titles."""
    return render(request, "audit/everywhere.html", {"place": "log"} | _page(request, Entry.objects.all()))


@administrators_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def read(request: Request) -> HttpResponse:
    """Read a member's conversation, once, for a reason that its owner sees."""
    context: dict[str, object] = {"place": "log", "least": LEAST_REASON, "most": MOST_REASON}
    if request.method != "POST":
        return render(request, "audit/read.html", context)
    wanted, reason = request.POST.get("conversation", ""), " ".join(clean(request.POST.get("reason", "")).split())
    conversation = _named(wanted)
    wrong = {}
    if conversation is None:
        wrong["conversation"] = "There is no such chat."
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        wrong["reason"] = f"Give a reason of {LEAST_REASON} to {MOST_REASON} characters."
    if wrong or conversation is None:
        return render(
            request, "audit/read.html", context | {"wrong": wrong, "wanted": wanted, "reason": reason}, status=422
        )
    return _read(request, conversation, reason)


@transaction.atomic
def _read(request: Request, conversation: Conversation, reason: str) -> HttpResponse:
    """Without the entry there is no page."""
    note(Entry.What.READ, by=request.user, conversation=conversation, reason=reason)
    rows = fragments.rows(conversation, conversation.owner_id)
    return render(request, "audit/reading.html", {"conversation": conversation, "rows": rows, "reason": reason})


def _named(wanted: str) -> Conversation | None:
    """The conversation of this id or address; deleted ones are gone for administrators, too."""
    found = _ADDRESS.search(wanted[:500])
    if found is None:
        return None
    conversations = Conversation.objects.filter(deleted_at=None).select_related("owner")
    return conversations.filter(pk=uuid.UUID(found[0])).first()


def _page(request: Request | MemberRequest, entries: QuerySet[Entry]) -> dict[str, object]:
    if before := request.GET.get("before"):
        entries = entries.filter(pk__lt=number(before))
    found = list(entries.select_related("by", "owner", "conversation")[: PAGE + 1])
    return {"entries": found[:PAGE], "older": found[PAGE - 1].pk if len(found) > PAGE else None}
