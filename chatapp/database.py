"""From the event loop to the database and back, with types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import iscoroutinefunction
from channels.db import database_sync_to_async
from django.db import OperationalError, close_old_connections, connection
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

P = ParamSpec("P")
T = TypeVar("T")


# SQLite has one writer at a time, and its waiters poll without an order: under a rush some starve into
# "database is locked". Ours wait in line. PostgreSQL has lines of its own, one for each row.
_writing: AbstractAsyncContextManager[Any] = asyncio.Lock() if connection.vendor == "sqlite" else nullcontext()


# PostgreSQL's name for it.
DEADLOCK = "40P01"
# How often a transaction is begun that PostgreSQL ends because it and another one wait for each other.
TRIES = 3


async def written(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do a transaction, when it is its turn among those of this process. After a deadlock it is done again."""
    async with _writing:
        for _ in range(TRIES - 1):
            try:
                return await in_order(work, *args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                    raise
        return await in_order(work, *args, **kwargs)


async def in_order(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do database work in the thread of this request or, outside of one, in the process's own: one at a time."""
    made: T = await database_sync_to_async(work)(*args, **kwargs)
    return made


async def at_once(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do database work in any free thread. For sockets: their work must never wait behind somebody's query."""
    made: T = await database_sync_to_async(work, thread_sensitive=False)(*args, **kwargs)
    return made


class ConnectionMiddleware(MiddlewareMixin):
    """Between its pieces of database work an asynchronous view holds no connection, as it may wait for long.

    Else some uploads that wait for their turn, or for an upstream, would keep from all others what there is. The last
    of the middleware: it gives back what those before it have used, and the view asks nothing again that they know.
    """

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object) -> None:
        if not iscoroutinefunction(view):
            return
        user = request.user

        async def auser() -> Any:
            return user

        request.auser = auser
        close_old_connections()
