"""Pages and posts of conversations: parse, find through the person asking, call one action, give HTML."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from chatapp.catalog.access import alias_named, aliases_for, default_alias, only_demo
from chatapp.conversations import actions, fragments, refusals, upkeep, waiting
from chatapp.conversations.changes import Done, Draft
from chatapp.conversations.forms import InstructionsForm
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.sidebar import sidebar_for, zone_of
from chatapp.database import in_order
from chatapp.generation import keeper, runs
from chatapp.generation.frames import Snapshot
from chatapp.images import storing
from chatapp.images.models import Image
from chatapp.images.refusals import NotKept
from chatapp.imaging.errors import ImageRefused

LARGEST_ID = 2**63 - 1


class Request(HttpRequest):
    """What the middleware makes of a request: signed in, and perhaps from htmx."""

    htmx: HtmxDetails
    user: User


@login_not_required
@require_GET
def healthy(request: HttpRequest) -> HttpResponse:
    """Liveness alone: nothing about versions, names or hosts."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
def start(request: Request) -> HttpResponse:
    return _start(request)


@require_GET
async def conversation(request: Request, pk: uuid.UUID) -> HttpResponse:
    await keeper.sweep(pk)
    return await in_order(_conversation, request, pk, runs.snapshots(pk))


@require_GET
def past(request: Request) -> HttpResponse:
    """The list of conversations as it is now, for a page that was cut off for a while."""
    return render(request, "conversation/_past.html", sidebar_for(request.user, request))


@require_GET
def older(request: Request) -> HttpResponse:
    """The next page of the sidebar, as its groups alone."""
    before = parse_datetime(request.GET.get("before", ""))
    if before is None or timezone.is_naive(before):
        raise Http404
    return render(request, "conversation/_sidebar_groups.html", sidebar_for(request.user, request, before))


@require_POST
async def new(request: Request) -> HttpResponse:
    return await _send(request, None)


@require_POST
async def send(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _send(request, pk)


@require_POST
async def stop(request: Request, pk: int) -> HttpResponse:
    user = await _member(request)
    _check_id(pk)
    opened = await actions.stop(user, pk)
    return HttpResponse(status=204) if request.htmx else HttpResponseRedirect(f"/c/{opened}/", status=303)


@require_POST
async def go_on(request: Request, pk: int) -> HttpResponse:
    return await _on_message(request, pk, actions.go_on)


@require_POST
async def retry(request: Request, pk: int) -> HttpResponse:
    return await _on_message(request, pk, actions.retry, _chosen)


@require_http_methods(["GET", "HEAD", "POST"])
async def edit(request: Request, pk: int) -> HttpResponse:
    """A composer in the place of a question; what it sends becomes a branch next to that question."""
    _check_id(pk)
    if request.method != "POST":
        return await in_order(_edit, request, pk)
    return await _on_message(request, pk, actions.edit, _draft)


@require_POST
async def remove(request: Request, pk: int) -> HttpResponse:
    """Take back a message that waits."""
    return await _on_message(request, pk, waiting.remove)


@require_POST
async def fork(request: Request, pk: int) -> HttpResponse:
    return await _on_message(request, pk, actions.fork, opened=True)


@require_POST
async def show(request: Request, pk: int) -> HttpResponse:
    return await _on_message(request, pk, actions.show)


@require_POST
async def rename(request: Request, pk: uuid.UUID) -> HttpResponse:
    try:
        done = await upkeep.rename(await _member(request), pk, request.POST.get("title", ""))
    except refusals.Refused as refused:
        return await _refusal(request, refused, pk)
    return await _carried_out(request, done)


@require_POST
async def send_on(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Let what waits go out although the last answer failed."""
    try:
        done = await waiting.send_on(await _member(request), pk)
    except refusals.Refused as refused:
        return await _refusal(request, refused, pk)
    return await _carried_out(request, done)


@require_http_methods(["GET", "HEAD", "POST"])
async def instructions(request: Request, pk: uuid.UUID) -> HttpResponse:
    """The instructions and parameters of a conversation."""
    if request.method != "POST":
        return await in_order(_instructions, request, pk)
    wrong = await upkeep.instruct(await _member(request), pk, request.POST)
    return await in_order(_instructions, request, pk, wrong) if wrong else HttpResponseRedirect(f"/c/{pk}/", status=303)


@require_POST
async def delete(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Gone at once; the answer offers Undo."""
    done = await upkeep.delete(await _member(request), pk)
    if not request.htmx:
        return HttpResponseRedirect("/", status=303)
    context = {"c": done.conversation}
    return await in_order(render, request, "conversation/_toast_deleted.html", context)


@require_POST
async def restore(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _carried_out(request, await upkeep.restore(await _member(request), pk))


@require_GET
def source(request: Request, pk: int) -> HttpResponse:
    """The Markdown source of a message, without its reasoning."""
    _check_id(pk)
    message = Message.objects.visible_to(request.user).filter(pk=pk).first()
    if message is None:
        raise Http404
    return HttpResponse(message.text, content_type="text/plain; charset=utf-8")


async def _send(request: Request, pk: uuid.UUID | None) -> HttpResponse:
    user = await _member(request)
    images: list[Image] = []
    try:
        draft = _draft(request)
        await _take_files(request, user, images)
        draft = replace(draft, images=[*draft.images, *(image.pk for image in images)])
        done = await actions.post(user, pk, draft)
    except (refusals.Refused, ImageRefused, NotKept) as refused:
        return await _refusal(request, refused, pk, images)
    return await _carried_out(request, done, opened=pk is None)


async def _take_files(request: Request, user: User, images: list[Image]) -> None:
    """The files of a form that no script has sent before. What was taken before a refusal stays attached."""
    given = request.FILES.getlist("file")
    if len(given) > settings.PARLEY_IMAGES_PER_MESSAGE:
        raise refusals.TooManyImages(len(given), settings.PARLEY_IMAGES_PER_MESSAGE)
    for file in given:
        images.append(await storing.store(user, file, file.name or ""))


async def _on_message(
    request: Request, pk: int, action: Any, *readers: Callable[[Request], object], opened: bool = False
) -> HttpResponse:
    """Do this with the message and what the readers take from the form."""
    user = await _member(request)
    _check_id(pk)
    try:
        done = await action(user, pk, *[read(request) for read in readers])
    except refusals.Refused as refused:
        return await _refusal(request, refused, None)
    return await _carried_out(request, done, opened=opened)


async def _carried_out(request: Request, done: Done, *, opened: bool = False) -> HttpResponse:
    """Rows for htmx, the conversation's page for a plain form."""
    page = f"/c/{done.conversation.pk}/"
    if not request.htmx:
        return HttpResponseRedirect(page, status=303)
    response = HttpResponse(done.html)
    if opened:
        response["HX-Redirect"] = page
    return response


async def _refusal(
    request: Request,
    refused: refusals.Refused | ImageRefused | NotKept,
    pk: uuid.UUID | None,
    images: Sequence[Image] = (),
) -> HttpResponse:
    """Why not, in place; without JavaScript the same page again with text and images still in the composer."""
    status = 422 if isinstance(refused, ImageRefused) else refused.status
    context = {"sentence": refused.sentence}
    if request.htmx:
        return await in_order(render, request, "conversation/_refused.html", context, status=status)
    typed = context | {"typed": request.POST.get("text", ""), "images": images}
    if pk is None:
        return await in_order(_start, request, typed, status)
    return await in_order(_conversation, request, pk, runs.snapshots(pk), typed, status)


async def _member(request: Request) -> User:
    user = await request.auser()
    if not isinstance(user, User):
        raise Http404
    return user


def _check_id(pk: int) -> None:
    if pk > LARGEST_ID:
        raise Http404


def _draft(request: Request) -> Draft:
    form = request.POST
    try:
        images = [uuid.UUID(image) for image in dict.fromkeys(form.getlist("image"))]
    except ValueError as error:
        raise refusals.BadForm from error
    return Draft(_client_id(request), form.get("text", ""), form.get("alias", ""), form.get("think") == "1", images)


def _chosen(request: Request) -> tuple[str, bool] | None:
    """The alias in the composer and whether it is to think, where the form brings them along."""
    alias = request.POST.get("alias", "")
    return (alias, request.POST.get("think") == "1") if alias else None


def _client_id(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("client_id", ""))
    except ValueError as error:
        raise refusals.BadForm from error


def _start(request: Request, typed: Mapping[str, object] = {}, status: int = 200) -> HttpResponse:  # noqa: B006
    aliases = list(aliases_for(request.user))
    asked = request.GET.get("alias", "")
    alias = (alias_named(request.user, asked) if asked else None) or default_alias(request.user)
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


def _conversation(
    request: Request,
    pk: uuid.UUID,
    live: Mapping[int, Snapshot],
    typed: Mapping[str, object] = {},  # noqa: B006
    status: int = 200,
) -> HttpResponse:
    found = Conversation.objects.visible_to(request.user).select_related("owner", "alias").filter(pk=pk)
    conversation = found.first()
    if conversation is None:
        raise Http404
    aliases = list(aliases_for(request.user))
    alias = conversation.alias if conversation.alias in aliases else default_alias(request.user)
    rows = fragments.rows(conversation, live)
    context: dict[str, object] = {
        "rows": rows,
        "aliases": aliases,
        "alias": alias,
        "think": conversation.think,
        "running": any(row.m.running for row in rows),
        "image_limits": _image_limits(),
        **fragments.waiting_in(conversation),
        "client_id": uuid.uuid4(),
    }
    context |= sidebar_for(request.user, request) | dict(typed)
    return render(request, "conversation/page.html", context, status=status)


def _instructions(request: Request, pk: uuid.UUID, wrong: InstructionsForm | None = None) -> HttpResponse:
    found = Conversation.objects.visible_to(request.user).select_related("alias").filter(pk=pk)
    conversation = found.first()
    if conversation is None:
        raise Http404
    form = wrong or InstructionsForm(instance=conversation, alias=conversation.alias)
    context = {"conversation": conversation, "form": form} | sidebar_for(request.user, request)
    return render(request, "conversation/instructions.html", context, status=422 if wrong else 200)


def _edit(request: Request, pk: int) -> HttpResponse:
    """The form alone for htmx, a page of its own without JavaScript."""
    found = Message.objects.visible_to(request.user).filter(pk=pk, role=Message.Role.USER)
    question = found.select_related("conversation__alias").prefetch_related("attachments__image").first()
    if question is None:
        raise Http404
    conversation = question.conversation
    alias = alias_named(request.user, conversation.alias.name if conversation.alias else "")
    context: dict[str, object] = {
        "question": question,
        "waits": question.status == Status.WAITING,
        "images": [attachment.image for attachment in question.attachments.all()],
        "conversation": conversation,
        "alias": alias or default_alias(request.user),
        "client_id": uuid.uuid4(),
    }
    if request.htmx:
        return render(request, "conversation/_edit.html", context)
    return render(request, "conversation/edit.html", context | sidebar_for(request.user, request))


def _image_limits() -> dict[str, int]:
    return {"bytes": settings.PARLEY_IMAGE_BYTES, "count": settings.PARLEY_IMAGES_PER_MESSAGE}


def _greeting(request: Request) -> str:
    hour = timezone.now().astimezone(zone_of(request)).hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
