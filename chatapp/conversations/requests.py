"""What a view knows of a request: who asks, and which number an address names."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User

LARGEST_ID = 2**63 - 1


class Request(HttpRequest):
    """What the middleware makes of a request: signed in, and perhaps from htmx."""

    htmx: HtmxDetails
    user: User


async def member(request: Request) -> User:
    user = await request.auser()
    if not isinstance(user, User):
        raise Http404
    return user


def number(text: str) -> int:
    """An id from an address. Raises Http404."""
    if not text.isdecimal() or not text.isascii() or len(text) > len(str(LARGEST_ID)):
        raise Http404
    check_id(int(text))
    return int(text)


def check_id(pk: int) -> None:
    if pk > LARGEST_ID:
        raise Http404
