"""The pages behind a link. They need no account, set no cookie but after a password, and are kept by nobody."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.throttle import Throttled, peer_address
from chatapp.conversations.requests import Request, member, number
from chatapp.conversations.sidebar import zone_of
from chatapp.database import in_order, written
from chatapp.generation import runs
from chatapp.images import files
from chatapp.images.views import Pieces, open_file
from chatapp.sharing.guesses import guesses
from chatapp.sharing.link_copies import NothingThere, contents, copy_shared
from chatapp.sharing.models import Link
from chatapp.sharing.public import image, shown_by
from chatapp.sharing.reading import count, keep_open, link_behind, opened, unlock, visitors

NONE, OVER, TOO_MANY = 404, 410, 429

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
Page = Callable[Concatenate[Request, P], Coroutine[Any, Any, R]]
_reading = require_http_methods(["GET", "HEAD"])


def _for_nobody_else(view: Page[P, R]) -> Page[P, R | HttpResponse]:
    """No index, no cache and no address of the page in a request to another one: it is the key."""

    @wraps(view)
    async def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
        response: R | HttpResponse
        try:
            response = await view(request, *args, **kwargs)
        except Http404:
            response = await in_order(_shut, request, None, "")
        except Throttled as throttled:
            response = await in_order(_throttled, throttled.seconds)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive, noimageindex"
        response["Cache-Control"] = "no-store"
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return guarded


@login_not_required
@_reading
@_for_nobody_else
async def page(request: Request, token: str) -> HttpResponse:
    """What the link shows; its password's page before; 410 after its end. All else is one and the same 404."""
    link = await _behind(request, token)
    if link is None or link.over or not opened(link, request.COOKIES):
        return await in_order(_shut, request, link, token)
    live = runs.snapshots(link.conversation_id) if link.live else {}
    user = await request.auser()
    response = await in_order(_page, request, link, token, live)
    own = isinstance(user, User) and user.pk == link.conversation.owner_id
    if request.method == "GET" and not own and _is_visit(request, link):
        await written(count, link.pk)
    return response


# The form grants nothing but what its password does, and a token against forgery would need a cookie.
@csrf_exempt
@login_not_required
@sensitive_post_parameters("password")
@require_POST
@_for_nobody_else
async def unlocked(request: Request, token: str) -> HttpResponse:
    """Take the password of a link."""
    link = await _behind(request, token)
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or link is None or link.over:
        return await in_order(_shut, request, None if link is None or not link.over else link, token)
    if link.password:
        try:
            right = await written(unlock, link, request.POST.get("password", ""), peer_address(request))
        except Throttled as throttled:
            return await in_order(_locked, request, token, throttled.seconds)
        if not right:
            return await in_order(_locked, request, token, 0)
    response = HttpResponseRedirect(f"/s/{token}/", status=303)
    if link.password:
        keep_open(link, response)
    return response


@login_not_required
@_reading
@_for_nobody_else
async def full(request: Request, token: str, place: str) -> HttpResponseBase:
    return await _image(request, token, place, small=False)


@login_not_required
@_reading
@_for_nobody_else
async def small(request: Request, token: str, place: str) -> HttpResponseBase:
    return await _image(request, token, place, small=True)


@require_http_methods(["GET", "HEAD", "POST"])
@_for_nobody_else
async def go_on(request: Request, token: str) -> HttpResponse:
    """Continue in one's own account: asks first, as the page of the link itself can send no form."""
    user = await member(request)
    link = await _behind(request, token)
    if link is None or link.over:
        return await in_order(_shut, request, link, token)
    if not opened(link, request.COOKIES):
        return HttpResponseRedirect(f"/s/{token}/", status=303)
    if request.method != "POST":
        return await in_order(_going_on, request, link, token)
    try:
        title, shown = await in_order(contents, link)
        made = await written(copy_shared, user, link, title, shown, _client_id(request))
    except NothingThere as refused:
        return await in_order(_going_on, request, link, token, refused.sentence)
    return HttpResponseRedirect(f"/c/{made.pk}/", status=303)


def _client_id(request: Request) -> uuid.UUID:
    """It names the wish for a copy, so that a repeat makes no other one."""
    try:
        return uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        return uuid.uuid4()


async def _behind(request: Request, token: str) -> Link | None:
    """The link of this address. Raises Throttled where too many wrong ones came from the same place."""
    place = peer_address(request)
    guesses.check(place)
    link = await in_order(link_behind, token)
    if link is None:
        guesses.note(place, token)
    return link


def _is_visit(request: Request, link: Link) -> bool:
    return visitors.is_new(link, peer_address(request), request.headers.get("User-Agent", ""))


def _page(request: Request, link: Link, token: str, live: dict[int, Any]) -> HttpResponse:
    shared = shown_by(link, token, live)
    context = {"link": link, "token": token, "shared": shared, "loaded_at": timezone.now(), "by": _maker(link)}
    with timezone.override(zone_of(request)):
        return render(request, "sharing/link_page.html", context)


def _maker(link: Link) -> str:
    return link.made_by.name if link.with_names else ""


def _shut(request: Request, link: Link | None, token: str) -> HttpResponse:
    """Why there is nothing to read: it has ended, it wants its password, or there is no such link."""
    if link is None:
        # Made without the request, so that it is the same for everybody and for every wrong address.
        return HttpResponse(render_to_string("sharing/link_none.html"), status=NONE)
    if link.over:
        return HttpResponse(render_to_string("sharing/link_ended.html"), status=OVER)
    return render(request, "sharing/link_locked.html", {"token": token})


def _throttled(seconds: int) -> HttpResponse:
    html = render_to_string("sharing/link_throttled.html", {"minutes": -(-seconds // 60)})
    return HttpResponse(html, status=TOO_MANY, headers={"Retry-After": str(seconds)})


def _locked(request: Request, token: str, seconds: int) -> HttpResponse:
    """The password's page again: it was wrong, or there were too many."""
    context = {"token": token, "wrong": not seconds, "minutes": -(-seconds // 60)}
    response = render(request, "sharing/link_locked.html", context, status=TOO_MANY if seconds else 422)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def _going_on(request: Request, link: Link, token: str, sentence: str = "") -> HttpResponse:
    title, shown = contents(link)
    context = {
        "token": token,
        "title": title,
        "messages": len(shown),
        "images": sum(len(record["images"]) for record in shown),
        "sentence": sentence,
        "client_id": uuid.uuid4(),
    }
    response = render(request, "sharing/link_continue.html", context, status=422 if sentence else 200)
    # This page sends a form, whose origin a stricter policy would hide from ourselves.
    response["Referrer-Policy"] = "same-origin"
    return response


async def _image(request: Request, token: str, wanted: str, *, small: bool) -> HttpResponseBase:
    link = await _behind(request, token)
    if link is None or link.over:
        return await in_order(_shut, request, link, token)
    place = number(wanted)
    found = await in_order(image, link, place) if opened(link, request.COOKIES) else None
    if found is None:
        raise Http404
    name = found.thumbnail if small else found.stored
    file, first = await open_file(name)
    response = StreamingHttpResponse(Pieces(file, first), content_type=files.type_of(name))
    response["Content-Disposition"] = f'inline; filename="image-{place}.{name.rpartition(".")[2]}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
