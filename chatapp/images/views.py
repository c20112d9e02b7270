"""Images over HTTP: taken in one by one, described, removed, and shown to those who may open their conversation."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable
from typing import IO

from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from chatapp.database import in_order
from chatapp.images import fetching, files, storing
from chatapp.images.models import Image
from chatapp.images.refusals import NoFile, NotKept, SeveralFiles
from chatapp.imaging.errors import ImageRefused

PIECE_BYTES = 256 * 1024
KEPT_BY_BROWSERS_SECONDS = 300
MOST_ASKED_FOR = 100
BUSY = 503


@require_POST
async def upload(request: HttpRequest) -> HttpResponse:
    """One file in the field "image"; gives its chip."""
    given = request.FILES.getlist("image")
    name = storing.shown_name(given[0].name or "") if given else ""
    return await _chip(request, name, _upload(await _member(request), given))


@require_POST
async def fetch(request: HttpRequest) -> HttpResponse:
    """The image behind the link in the field "url"; gives its chip."""
    url = request.POST.get("url", "").strip()
    return await _chip(request, fetching.name_in(url), fetching.fetch(await _member(request), url))


@require_GET
async def unsent(request: HttpRequest) -> HttpResponse:
    """The chips of those of these images that are the member's and in no message, in the order asked for."""
    return await in_order(_unsent, request, await _member(request))


@require_POST
async def alt(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    if not await storing.describe(await _member(request), pk, request.POST.get("alt", "")):
        raise Http404
    return HttpResponse(status=204)


@require_POST
async def remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    if not await storing.remove(await _member(request), pk):
        raise Http404
    return HttpResponse(status=204)


# A page shows images by the dozen: who is signed out gets 404 for each, not a sign-in page.
@login_not_required
@require_GET
async def full(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    image = await _visible(request, pk)
    return await _served(request, image.pk, image.stored)


@login_not_required
@require_GET
async def small(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    image = await _visible(request, pk)
    return await _served(request, image.pk, image.thumbnail)


async def _upload(user: User, given: list[UploadedFile[bytes]]) -> Image:
    if not given:
        raise NoFile
    if len(given) > 1:
        raise SeveralFiles
    return await storing.store(user, given[0], given[0].name or "")


async def _chip(request: HttpRequest, name: str, storing_it: Awaitable[Image]) -> HttpResponse:
    """The image's chip, or one that says why there is none."""
    try:
        image = await storing_it
    except (ImageRefused, NotKept) as refused:
        if isinstance(refused, ImageRefused):
            status = BUSY if refused.code in ("busy", "no-worker") else 422
        else:
            status = refused.status
        context = {"name": name, "sentence": refused.sentence}
        # Not a chip, so that the page offers to try again.
        template = "conversation/_refused.html" if status == BUSY else "images/_chip_refused.html"
        return await in_order(render, request, template, context, status=status)
    return await in_order(render, request, "images/_chip.html", {"image": image}, status=201)


def _unsent(request: HttpRequest, user: User) -> HttpResponse:
    wanted: list[uuid.UUID] = []
    for given in request.GET.getlist("id")[:MOST_ASKED_FOR]:
        with contextlib.suppress(ValueError):
            wanted.append(uuid.UUID(given))
    found = Image.objects.unsent_by(user).in_bulk(wanted)
    images = [found[pk] for pk in dict.fromkeys(wanted) if pk in found]
    return render(request, "images/_chips.html", {"images": images})


async def _member(request: HttpRequest) -> User:
    user = await request.auser()
    if not isinstance(user, User):
        raise Http404
    return user


async def _visible(request: HttpRequest, pk: uuid.UUID) -> Image:
    image = await in_order(Image.objects.visible_to(await _member(request)).filter(pk=pk).first)
    if image is None:
        raise Http404
    return image


async def _served(request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponseBase:
    """The file, in pieces. Its content never changes, so its name is its tag."""
    tag = f'"{pk.hex}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        file, first = await open_file(name)
        response = StreamingHttpResponse(Pieces(file, first), content_type=files.type_of(name))
        response["Content-Disposition"] = f'inline; filename="image-{pk.hex[:8]}.{name.rpartition(".")[2]}"'
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = tag
    response["Cache-Control"] = f"private, max-age={KEPT_BY_BROWSERS_SECONDS}"
    return response


async def open_file(name: str) -> tuple[IO[bytes], bytes]:
    """A file of the storage and its first piece, to stream. Raises Http404."""
    return await asyncio.to_thread(_open, name)


def _open(name: str) -> tuple[IO[bytes], bytes]:
    """The file and its first piece. A file that is gone is a 404 like any other."""
    try:
        file = files.storage().open(name)
        return file, file.read(PIECE_BYTES)
    except OSError as error:
        raise Http404 from error


class Pieces:
    """A file to stream. Closed with its response, even where nobody reads it."""

    def __init__(self, file: IO[bytes], first: bytes) -> None:
        self._file, self._first = file, first
        self.close = file.close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        piece = self._first
        while piece:
            yield piece
            piece = await asyncio.to_thread(self._file.read, PIECE_BYTES)
