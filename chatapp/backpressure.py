"""A response goes out no faster than its reader takes it in; Daphne alone keeps in memory whatever is not taken."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server


class PacedRequest(WebRequest):
    """Hears from its connection when enough is waiting there, and when that is gone: Twisted's IPushProducer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = asyncio.Event()
        self._room.set()

    def handle_reply(self, message: dict[str, Any]) -> None:
        begins = message.get("type") == "http.response.start" and self.producer is None
        if begins and self.channel is not None and not self.finished:
            self.registerProducer(self, True)
        # A response that goes on is not one that hangs: the time that a request may take begins anew.
        if message.get("more_body"):
            self.request_start = time.time()
        super().handle_reply(message)

    async def room(self) -> None:
        """Wait until the connection takes more, or is no more."""
        await self._room.wait()

    def pauseProducing(self) -> None:  # noqa: N802, Twisted's name
        self._room.clear()

    def resumeProducing(self) -> None:  # noqa: N802, Twisted's name
        self.request_start = time.time()
        self._room.set()

    def stopProducing(self) -> None:  # noqa: N802, Twisted's name
        self._room.set()

    def finish(self) -> None:
        self._room.set()
        if self.producer is not None and self.channel is not None:
            self.unregisterProducer()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802, Twisted's name
        self._room.set()
        super().connectionLost(reason)


class PacedServer(Server):
    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """The application's `send`: it comes back when there is room for the next piece."""
        await super().handle_reply(protocol, message)
        if isinstance(protocol, PacedRequest) and message.get("more_body"):
            await protocol.room()
