"""The one door of the administration pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import User

P = ParamSpec("P")


class Request(HttpRequest):
    """Signed in: the middleware asks for that of every page."""

    user: User


def administrators_only(
    view: Callable[Concatenate[Request, P], HttpResponse],
) -> Callable[Concatenate[Request, P], HttpResponse]:
    """Everybody else finds nothing here."""

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (request.user.is_active and request.user.is_staff and request.user.is_superuser):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
