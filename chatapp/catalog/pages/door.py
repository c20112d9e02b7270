"""The one door of the administration pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Concatenate, ParamSpec, overload

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from accounts.models import User

P = ParamSpec("P")


class Request(HttpRequest):
    """Signed in, as the middleware asks of every page, and perhaps from htmx."""

    htmx: HtmxDetails
    user: User


@overload
def administrators_only(
    view: Callable[Concatenate[Request, P], Coroutine[Any, Any, HttpResponse]],
) -> Callable[Concatenate[Request, P], Coroutine[Any, Any, HttpResponse]]: ...


@overload
def administrators_only(
    view: Callable[Concatenate[Request, P], HttpResponse],
) -> Callable[Concatenate[Request, P], HttpResponse]: ...


def administrators_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Everybody else finds nothing here, whatever the method. It goes outside of every other decorator."""

    @wraps(view)
    def guarded(request: Request, /, *args: Any, **kwargs: Any) -> Any:
        _check(request.user)
        return view(request, *args, **kwargs)

    @wraps(view)
    async def guarded_on_the_loop(request: Request, /, *args: Any, **kwargs: Any) -> Any:
        _check(await request.auser())
        return await view(request, *args, **kwargs)

    return guarded_on_the_loop if iscoroutinefunction(view) else guarded


def _check(user: User | AnonymousUser) -> None:
    if not (user.is_active and user.is_staff and user.is_superuser):
        raise Http404
