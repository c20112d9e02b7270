"""From the event loop to the database and back, with types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")


# SQLite has one writer at a time, and its waiters poll without an order: under a rush some starve into
# "database is locked". Ours wait in line.
_writing = asyncio.Lock()


async def written(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do a transaction, when it is its turn among those of this process."""
    async with _writing:
        return await in_order(work, *args, **kwargs)


async def in_order(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do database work in the thread of this request or, outside of one, in the process's own: one at a time."""
    made: T = await database_sync_to_async(work)(*args, **kwargs)
    return made


async def at_once(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do database work in any free thread. For sockets: their work must never wait behind somebody's query."""
    made: T = await database_sync_to_async(work, thread_sensitive=False)(*args, **kwargs)
    return made
