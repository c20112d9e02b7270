"""Pages and files of export, import and print: find through the person asking, hand on what is made elsewhere."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.conversations.sidebar import sidebar_for, zone_of
from chatapp.database import in_order
from chatapp.generation import hub, keeper
from chatapp.imaging.errors import in_bytes
from chatapp.transfer import exporting, importing
from chatapp.transfer.contents import contents
from chatapp.transfer.exporting import Bundle
from chatapp.transfer.limits import FILE_BYTES
from chatapp.transfer.models import Import
from chatapp.transfer.names import safe_stem
from chatapp.transfer.refusals import Exporting, NotTaken
from chatapp.transfer.sums import sums_of

MOST_EXPORTS = 2  # of one member, in this process
TELL_EVERY = 0.25  # seconds
SHOWN = 5

_under_way: Counter[int] = Counter()


class Request(HttpRequest):
    """What the middleware makes of a request: signed in, and perhaps from htmx."""

    htmx: HtmxDetails
    user: User


@require_GET
def export_one(request: Request, pk: uuid.UUID) -> HttpResponse:
    """What may be taken of one conversation, and how."""
    context = {"conversation": _own(request, pk)} | sidebar_for(request.user, request)
    return render(request, "transfer/export_one.html", context)


@require_GET
async def file_of_one(request: Request, pk: uuid.UUID) -> HttpResponseBase:
    """The file: `kind` is md, json or zip; `reasoning` is 1 where Markdown is to have it."""
    user = await _member(request)
    await keeper.sweep(pk)
    taken = await in_order(contents, user, pk)
    if taken is None:
        raise Http404
    stem = safe_stem(taken.conversation.title)
    zone, reasoning = zone_of(request), request.GET.get("reasoning") == "1"
    match request.GET.get("kind"):
        case "md":
            pieces = exporting.as_markdown(taken, zone, reasoning=reasoning)
            return _download(pieces, f"{stem}.md", "text/markdown; charset=utf-8")
        case "json":
            return _download(exporting.as_json(taken), f"{stem}.json", "application/json")
        case "zip":
            bundle = Bundle(user, zone, reasoning)
            return _download(bundle.pieces([pk], lambda done: None), f"{stem}.zip", "application/zip")
    raise Http404


@require_GET
def export_all(request: Request) -> HttpResponse:
    """How much there is to take, and the link that takes it."""
    context = {"sums": sums_of(request.user)} | sidebar_for(request.user, request)
    return render(request, "transfer/export_all.html", context | {"place": "transfer"})


@require_GET
async def file_of_all(request: Request) -> HttpResponseBase:
    """A zip with every chat, made while it is sent."""
    user = await _member(request)
    if _under_way[user.pk] >= MOST_EXPORTS:
        return await in_order(_refused_export, request)
    mine = Conversation.objects.visible_to(user).filter(owner=user, temporary=False).order_by("-active_at", "pk")
    ids = await in_order(list[uuid.UUID], mine.values_list("pk", flat=True))
    bundle = Bundle(user, zone_of(request), request.GET.get("reasoning") == "1")
    name = f"parley-chats-{timezone.now().astimezone(bundle.zone):%Y-%m-%d}.zip"
    return _download(_counted(bundle, ids), name, "application/zip")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
async def take_in(request: Request) -> HttpResponse:
    """Choose a file; it is read behind the page that this leads to."""
    user = await _member(request)
    if request.method != "POST":
        return await in_order(_import_page, request)
    try:
        job = await importing.begin(user, request.FILES.get("file"))
    except NotTaken as refused:
        return await in_order(_import_page, request, refused)
    return HttpResponseRedirect(f"/import/{job.pk}/", status=303)


@never_cache
@require_GET
def import_state(request: Request, pk: uuid.UUID) -> HttpResponse:
    """How far an import is; for htmx the state alone."""
    job = Import.objects.visible_to(request.user).filter(pk=pk).first()
    if job is None:
        raise Http404
    if request.htmx:
        return render(request, "transfer/_import.html", {"job": job})
    context = {"job": job, "place": "transfer"} | sidebar_for(request.user, request)
    return render(request, "transfer/import.html", context)


@require_GET
async def printed(request: Request, pk: uuid.UUID) -> HttpResponse:
    """The whole open branch on a page that is made for paper."""
    await keeper.sweep(pk)
    return await in_order(_printed, request, pk)


def _printed(request: Request, pk: uuid.UUID) -> HttpResponse:
    conversation = _own(request, pk)
    rows = fragments.rows(conversation, request.user.pk)
    return render(request, "transfer/print.html", {"conversation": conversation, "rows": rows})


def _import_page(request: Request, refused: NotTaken | None = None) -> HttpResponse:
    context: dict[str, object] = {
        "refused": refused,
        "jobs": list(Import.objects.visible_to(request.user)[:SHOWN]),
        "limit": in_bytes(FILE_BYTES),
        "limit_bytes": FILE_BYTES,
        "place": "transfer",
    }
    context |= sidebar_for(request.user, request)
    return render(request, "transfer/import_new.html", context, status=refused.status if refused else 200)


def _refused_export(request: Request) -> HttpResponse:
    context = {"sums": sums_of(request.user), "refused": Exporting(), "place": "transfer"}
    context |= sidebar_for(request.user, request)
    return render(request, "transfer/export_all.html", context, status=Exporting.status)


async def _counted(bundle: Bundle, ids: list[uuid.UUID]) -> AsyncIterator[bytes]:
    """The pieces of the file; the member's pages are told how far it is."""
    owner, told = bundle.member.pk, 0.0

    def tell(done: int) -> None:
        nonlocal told
        if done == len(ids) or time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            hub.publish(hub.member_topic(owner), {"t": "exported", "n": done, "of": len(ids)})

    _under_way[owner] += 1
    try:
        async for piece in bundle.pieces(ids, tell):
            yield piece
    finally:
        _under_way[owner] -= 1


def _download(pieces: AsyncIterator[bytes], name: str, media_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


async def _member(request: Request) -> User:
    user = await request.auser()
    if not isinstance(user, User):
        raise Http404
    return user


def _own(request: Request, pk: uuid.UUID) -> Conversation:
    found = Conversation.objects.visible_to(request.user).select_related("owner", "alias").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
