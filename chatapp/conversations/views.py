"""Pages of conversations: found through the person asking, shown as they are now."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from chatapp.catalog.access import alias_named, aliases_for, default_of, named_or_default, only_demo
from chatapp.conversations import actions, fragments, refusals, upkeep
from chatapp.conversations.forms import InstructionsForm
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.requests import Request, check_id, member, number
from chatapp.conversations.sidebar import Cursor, older_for, sidebar_for, zone_of
from chatapp.conversations.stretches import Place
from chatapp.conversations.waiting import may_change
from chatapp.database import in_order, written
from chatapp.generation import keeper, runs
from chatapp.generation.frames import Snapshot
from chatapp.generation.hub import told
from chatapp.sharing.members import guests_of


@login_not_required
@require_GET
def healthy(request: HttpRequest) -> HttpResponse:
    """Liveness alone: nothing about versions, names or hosts."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
def start(request: Request) -> HttpResponse:
    return start_page(request)


@require_GET
@vary_on_headers("HX-Request")
async def conversation(request: Request, pk: uuid.UUID) -> HttpResponse:
    """A conversation at its end; ?m= names a message whose branch is opened, and around which it is shown.

    ?near=, ?before= and ?after= show what is around, before and after a message of the open branch. A script gets the
    thread alone.
    """
    await keeper.sweep(pk)
    if wanted := request.GET.get("m"):
        await actions.lead_to(await member(request), pk, number(wanted))
    opened = await in_order(_read, request, pk, runs.snapshots(pk))
    if opened.shown.renewed:
        await written(fragments.keep_html, opened.shown.renewed)
    return await in_order(_thread_alone if request.htmx else _page, request, opened)


@require_GET
def past(request: Request) -> HttpResponse:
    """The list of conversations as it is now, for a page that has so many lines of it."""
    lines = number(request.GET.get("lines", "0"))
    try:
        opened = uuid.UUID(request.GET["c"]) if "c" in request.GET else None
    except ValueError as error:
        raise Http404 from error
    return render(request, "conversation/_past_again.html", sidebar_for(request.user, request, lines, opened))


@require_GET
def older(request: Request) -> HttpResponse:
    """The next page of the sidebar, as its groups alone."""
    before = Cursor.read(request.GET.get("before", ""))
    if before is None:
        raise Http404
    return render(request, "conversation/_sidebar_groups.html", older_for(request.user, request, before))


@require_http_methods(["GET", "HEAD", "POST"])
async def instructions(request: Request, pk: uuid.UUID) -> HttpResponse:
    """The instructions and parameters of a conversation."""
    if request.method != "POST":
        return await in_order(_instructions, request, pk)
    wrong = await upkeep.instruct(await member(request), pk, request.POST)
    return await in_order(_instructions, request, pk, wrong) if wrong else HttpResponseRedirect(f"/c/{pk}/", status=303)


@require_GET
def source(request: Request, pk: int) -> HttpResponse:
    """The Markdown source of a message, without its reasoning."""
    check_id(pk)
    message = Message.objects.visible_to(request.user).filter(pk=pk).first()
    if message is None:
        raise Http404
    return HttpResponse(message.text, content_type="text/plain; charset=utf-8")


def start_page(request: Request, typed: Mapping[str, object] = {}, status: int = 200) -> HttpResponse:  # noqa: B006
    aliases = list(aliases_for(request.user))
    asked = request.GET.get("alias", "")
    alias = (alias_named(request.user, asked) if asked else None) or default_of(aliases)
    context: dict[str, object] = {
        "aliases": aliases,
        "alias": alias,
        "think": alias is not None and alias.think_by_default,
        "client_id": uuid.uuid4(),
        "only_demo": only_demo(),
        "greeting": _greeting(request),
        "image_limits": _image_limits(),
    }
    context |= sidebar_for(request.user, request) | dict(typed)
    return render(request, "conversation/new.html", context, status=status)


def conversation_page(
    request: Request, pk: uuid.UUID, live: Mapping[int, Snapshot], typed: Mapping[str, object], status: int
) -> HttpResponse:
    """The page with what was typed still in its composer."""
    return _page(request, _read(request, pk, live), typed, status)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A conversation, its part that is shown, and what the member's pages had been told before these were read."""

    conversation: Conversation
    shown: fragments.Shown
    told: str


def _read(request: Request, pk: uuid.UUID, live: Mapping[int, Snapshot]) -> _Opened:
    told_before = told(request.user.pk)
    found = Conversation.objects.visible_to(request.user).select_related("owner", "alias").filter(pk=pk)
    conversation = found.first()
    if conversation is None:
        raise Http404
    shown = fragments.page_of(conversation, request.user.pk, live, _place(request))
    if shown is None:
        raise Http404
    return _Opened(conversation, shown, told_before)


def _place(request: Request) -> Place:
    def named(name: str) -> int | None:
        return number(request.GET[name]) if request.GET.get(name) else None

    return Place(before=named("before"), after=named("after"), near=named("m") or named("near"))


def _thread_alone(request: Request, opened: _Opened) -> HttpResponse:
    context = {"conversation": opened.conversation, "shown": opened.shown}
    with timezone.override(zone_of(request)):
        return HttpResponse(render_to_string("conversation/_thread.html", context))


def _page(
    request: Request,
    opened: _Opened,
    typed: Mapping[str, object] = {},  # noqa: B006
    status: int = 200,
) -> HttpResponse:
    conversation, shown = opened.conversation, opened.shown
    aliases = list(aliases_for(request.user))
    alias = conversation.alias if conversation.alias in aliases else default_of(aliases)
    owns = conversation.owner_id == request.user.pk
    context: dict[str, object] = {
        "shown": shown,
        "aliases": aliases,
        "alias": alias,
        "think": conversation.think,
        "owns": owns,
        "guests": guests_of(conversation) if owns else [],
        "writes": conversation.may_be_written_by(request.user.pk),
        "running": any(row.m.running for row in shown.rows),
        "image_limits": _image_limits(),
        **fragments.waiting_in(conversation, request.user.pk),
        "client_id": uuid.uuid4(),
    }
    context |= sidebar_for(request.user, request, opened=conversation.pk, told_before=opened.told) | dict(typed)
    with timezone.override(zone_of(request)):
        return render(request, "conversation/page.html", context, status=status)


def edit_page(request: Request, pk: int) -> HttpResponse:
    """The form alone for htmx, a page of its own without JavaScript. Raises ReadOnly or Http404."""
    found = Message.objects.visible_to(request.user).filter(pk=pk, role=Message.Role.USER)
    question = found.select_related("conversation__alias").prefetch_related("attachments__image").first()
    if question is None:
        raise Http404
    conversation, waits = question.conversation, question.status == Status.WAITING
    if not conversation.may_be_written_by(request.user.pk):
        raise refusals.ReadOnly
    if waits and not may_change(question, request.user.pk):
        raise Http404
    context: dict[str, object] = {
        "question": question,
        "waits": waits,
        "images": [attachment.image for attachment in question.attachments.all()],
        "conversation": conversation,
        "alias": named_or_default(request.user, conversation.alias.name if conversation.alias else ""),
        "client_id": uuid.uuid4(),
    }
    if request.htmx:
        return render(request, "conversation/_edit.html", context)
    return render(request, "conversation/edit.html", context | sidebar_for(request.user, request))


def _instructions(request: Request, pk: uuid.UUID, wrong: InstructionsForm | None = None) -> HttpResponse:
    found = Conversation.objects.owned_by(request.user).select_related("alias").filter(pk=pk)
    conversation = found.first()
    if conversation is None:
        raise Http404
    form = wrong or InstructionsForm(instance=conversation, alias=conversation.alias)
    context = {"conversation": conversation, "form": form} | sidebar_for(request.user, request)
    return render(request, "conversation/instructions.html", context, status=422 if wrong else 200)


def _image_limits() -> dict[str, int]:
    return {"bytes": settings.PARLEY_IMAGE_BYTES, "count": settings.PARLEY_IMAGES_PER_MESSAGE}


def _greeting(request: Request) -> str:
    hour = timezone.now().astimezone(zone_of(request)).hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
