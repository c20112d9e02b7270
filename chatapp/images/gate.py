"""Uploads one after the other, so that the streams of others go on.

A request's work holds Python's lock from a thread of its own. Twenty photos at once are twenty such threads, and the
event loop is one of many that wait for the lock. Before this gate a photo costs nothing but memory.
"""

from __future__ import annotations

import asyncio
from typing import Any

MOST_AT_ONCE = 3
UPLOAD = "/images/"


class Gate:
    """Hands uploads on to one ASGI application, a few at a time, and all else to another one. For one event loop."""

    def __init__(self, application: Any, others: Any) -> None:
        self._application, self._others = application, others
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["method"] == "POST" and scope["path"] == UPLOAD:
            async with self._turns:
                await self._application(scope, receive, send)
        else:
            await self._others(scope, receive, send)
