"""Opinions about answers: given in place or on a page of their own; their counts and comments for administrators."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chatapp.catalog.pages.door import Request as AdministratorRequest
from chatapp.catalog.pages.door import administrators_only
from chatapp.conversations import refusals
from chatapp.conversations.models import Feedback, Message
from chatapp.conversations.requests import Request, check_id, member, number
from chatapp.conversations.sidebar import sidebar_for
from chatapp.database import in_order
from chatapp.feedback import counts, opinions
from chatapp.feedback.opinions import COMMENT_CHARACTERS

OPINIONS = {"good": True, "bad": False, "none": None}
SPANS = (7, 30, 90)


@require_http_methods(["GET", "HEAD", "POST"])
async def opinion(request: Request, pk: int) -> HttpResponse:
    """Give or take back an opinion; without a post, the form for a comment on it."""
    user = await member(request)
    check_id(pk)
    if request.method != "POST":
        message, given = await opinions.opinion_of(user, pk)
        asked = "asked" in request.GET or not request.htmx
        return await _form(request, message, given, focus=asked) if given else _back(message)
    chosen = request.POST.get("opinion", "")
    if chosen not in OPINIONS:
        return await in_order(_refused, request, refusals.BadForm())
    message, given = await opinions.judge(user, pk, OPINIONS[chosen])
    if request.htmx:
        return await _form(request, message, given)
    return HttpResponseRedirect(request.path, status=303) if given else _back(message)


@require_POST
async def comment(request: Request, pk: int) -> HttpResponse:
    """Keep the comment of an opinion, and send it to the administrators if the member says so."""
    user = await member(request)
    check_id(pk)
    text, send = request.POST.get("comment", ""), request.POST.get("sent") == "1"
    try:
        message, commented = await opinions.comment(user, pk, text, send=send)
    except opinions.CommentTooLong as refused:
        if request.htmx:
            return await in_order(_refused, request, refused)
        message, given = await opinions.opinion_of(user, pk)
        more = {"typed": text, "wrong": refused.sentence}
        return await in_order(_page, request, message, given, more, refused.status) if given else _back(message)
    if not request.htmx:
        return _back(message)
    context = {"m": message, "opinion": commented, "saved": True}
    return await in_order(render, request, "feedback/_thumbs.html", context)


@administrators_only
@require_safe
def received(request: AdministratorRequest) -> HttpResponse:
    """How the aliases do, and what members wrote to the administrators; never a text of a chat."""
    asked, before = request.GET.get("days", ""), request.GET.get("before", "")
    days = next((span for span in SPANS if str(span) == asked), SPANS[1])
    page, older = counts.comments(number(before) if before else None)
    context = {
        "place": "feedback",
        "days": days,
        "spans": SPANS,
        "scores": counts.scores(timezone.now() - timedelta(days=days)),
        "comments": page,
        "later": bool(before),
        "older": older,
    }
    return render(request, "feedback/received.html", context)


async def _form(request: Request, message: Message, given: Feedback | None, *, focus: bool = False) -> HttpResponse:
    """The buttons with the form in place, or the page of its own."""
    if not request.htmx:
        return await in_order(_page, request, message, given, {}, 200)
    context = {"m": message, "opinion": given, "open": given is not None, "focus": focus, "most": COMMENT_CHARACTERS}
    return await in_order(render, request, "feedback/_thumbs.html", context)


def _page(
    request: Request, message: Message, given: Feedback | None, more: dict[str, str], status: int
) -> HttpResponse:
    context: dict[str, object] = {"m": message, "opinion": given, "conversation": message.conversation}
    context |= {"most": COMMENT_CHARACTERS} | more | sidebar_for(request.user, request)
    return render(request, "feedback/comment.html", context, status=status)


def _refused(request: Request, refused: refusals.Refused) -> HttpResponse:
    return render(request, "conversation/_refused.html", {"sentence": refused.sentence}, status=refused.status)


def _back(message: Message) -> HttpResponse:
    return HttpResponseRedirect(f"/c/{message.conversation_id}/#m{message.pk}", status=303)
