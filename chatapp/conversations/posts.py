"""Posts about conversations and messages: parse, find through the person asking, call one action, give HTML."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from chatapp.conversations import actions, refusals, upkeep, waiting
from chatapp.conversations.changes import Done, Draft
from chatapp.conversations.requests import Request, check_id, member, number
from chatapp.conversations.views import conversation_page, edit_page, start_page
from chatapp.database import in_order
from chatapp.generation import runs
from chatapp.images import storing
from chatapp.images.models import Image
from chatapp.images.refusals import NotKept
from chatapp.imaging.errors import ImageRefused
from chatapp.prompts.use import Chosen, chosen


@require_POST
async def new(request: Request) -> HttpResponse:
    return await _send(request, None)


@require_POST
async def send(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _send(request, pk)


@require_POST
async def stop(request: Request, pk: int) -> HttpResponse:
    user = await member(request)
    check_id(pk)
    try:
        opened = await actions.stop(user, pk)
    except refusals.Refused as refused:
        return await _refusal(request, refused, None)
    return HttpResponse(status=204) if request.htmx else HttpResponseRedirect(f"/c/{opened}/", status=303)


@require_POST
async def stop_all(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Stop whatever is answered in a conversation."""
    try:
        await actions.stop_all(await member(request), pk)
    except refusals.Refused as refused:
        return await _refusal(request, refused, pk)
    return HttpResponse(status=204) if request.htmx else HttpResponseRedirect(f"/c/{pk}/", status=303)


@require_POST
async def keep(request: Request, pk: int) -> HttpResponse:
    """Go on from one of the answers that stand side by side."""
    return await _on_message(request, pk, actions.keep)


@require_POST
async def go_on(request: Request, pk: int) -> HttpResponse:
    return await _on_message(request, pk, actions.go_on)


@require_POST
async def retry(request: Request, pk: int) -> HttpResponse:
    return await _on_message(request, pk, actions.retry, _chosen)


@require_POST
async def answer(request: Request, pk: int) -> HttpResponse:
    """Answer a question that has no answer."""
    return await _on_message(request, pk, actions.answer)


@require_http_methods(["GET", "HEAD", "POST"])
async def edit(request: Request, pk: int) -> HttpResponse:
    """A composer in the place of a question; what it sends becomes a branch next to that question."""
    check_id(pk)
    if request.method != "POST":
        try:
            return await in_order(edit_page, request, pk)
        except refusals.ReadOnly as refused:
            return await _refusal(request, refused, None)
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
        done = await upkeep.rename(await member(request), pk, request.POST.get("title", ""))
    except refusals.Refused as refused:
        return await _refusal(request, refused, pk)
    return await _carried_out(request, done)


@require_POST
async def send_on(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Let what waits go out although the last answer failed."""
    try:
        done = await waiting.send_on(await member(request), pk)
    except refusals.Refused as refused:
        return await _refusal(request, refused, pk)
    return await _carried_out(request, done)


@require_POST
async def delete(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Gone at once; the answer offers Undo."""
    done = await upkeep.delete(await member(request), pk)
    if not request.htmx:
        return HttpResponseRedirect("/", status=303)
    context = {"c": done.conversation}
    return await in_order(render, request, "conversation/_toast_deleted.html", context)


@require_POST
async def restore(request: Request, pk: uuid.UUID) -> HttpResponse:
    return await _carried_out(request, await upkeep.restore(await member(request), pk))


async def _send(request: Request, pk: uuid.UUID | None) -> HttpResponse:
    user = await member(request)
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
    user = await member(request)
    check_id(pk)
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
    typed: dict[str, object] = context | {"typed": request.POST.get("text", ""), "images": images}
    if pk is None:
        typed["chosen"] = await in_order(_chosen_prompt, request)
        return await in_order(start_page, request, typed, status)
    return await in_order(conversation_page, request, pk, runs.snapshots(pk), typed, status)


def _draft(request: Request) -> Draft:
    form = request.POST
    try:
        images = [uuid.UUID(image) for image in dict.fromkeys(form.getlist("image"))]
    except ValueError as error:
        raise refusals.BadForm from error
    return Draft(
        client_id=_client_id(request),
        text=form.get("text", ""),
        alias=form.get("alias", ""),
        think=form.get("think") == "1",
        images=images,
        others=form.getlist("beside"),
        temporary=form.get("temporary") == "1",
        prompt=_prompt(request),
    )


def _chosen(request: Request) -> tuple[str, bool] | None:
    """The alias in the composer and whether it is to think, where the form brings them along."""
    alias = request.POST.get("alias", "")
    return (alias, request.POST.get("think") == "1") if alias else None


def _prompt(request: Request) -> int | None:
    text = request.POST.get("prompt", "")
    try:
        return number(text) if text else None
    except Http404 as error:
        raise refusals.UnknownPrompt from error


def _chosen_prompt(request: Request) -> Chosen | None:
    """The prompt of a form that comes back, unless it is not there for this person."""
    try:
        pk = _prompt(request)
    except refusals.UnknownPrompt:
        return None
    return None if pk is None else chosen(request.user, pk)


def _client_id(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("client_id", ""))
    except ValueError as error:
        raise refusals.BadForm from error
