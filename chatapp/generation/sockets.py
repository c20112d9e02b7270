"""What every socket of ours does: bounded messages in, frames out, and nothing that waits for long."""

from __future__ import annotations

import json
import time
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.http import parse_cookie

from chatapp.generation.outbox import Outbox

MESSAGE_CHARACTERS = 20_000
# A page sends a handful of messages a second at most; each may come in a burst after a pause.
MESSAGES_PER_SECOND = 20
BURST = 100

# Autobahn lets an application use 1000 and close codes from 3000 on.
BAD_MESSAGE = 4400
TOO_MANY = 4429


class Socket(AsyncConsumer):
    """One browser's socket. A kind of it says who may connect (`websocket_connect`) and what it obeys (`obey`)."""

    connection: Outbox | None = None

    async def __call__(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.scope = scope
        self.base_send = send
        self.allowance, self.counted_at = float(BURST), time.monotonic()
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            if self.connection:
                self.connection.leave()

    async def dispatch(self, message: Any) -> None:
        """Call the handler at once; the stock method hops to the database's thread before every event."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_receive(self, message: Any) -> None:
        """Malformed, oversized or too many messages end the socket; the page comes back and resumes."""
        if self.connection is None:
            return
        try:
            self._count()
            await self.obey(_parse(message.get("text")))
        except (ValueError, RecursionError):
            await self.connection.close(BAD_MESSAGE)

    async def websocket_disconnect(self, message: Any) -> None:
        raise StopConsumer

    async def obey(self, message: dict[str, Any]) -> None:
        """Do what the page asks. Raises ValueError for anything that a page of ours does not send."""
        raise NotImplementedError

    async def accept(self) -> None:
        """Also before a refusal: a refused handshake would only show as "1006"; a close code tells the page why."""
        await self.base_send({"type": "websocket.accept", "subprotocol": None, "headers": []})

    async def send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text, "bytes": None})

    async def close(self, code: int) -> None:
        await self.base_send({"type": "websocket.close", "code": code, "reason": None})

    def headers(self, name: bytes) -> list[str]:
        return [value.decode("latin1") for key, value in self.scope["headers"] if key == name]

    def cookies(self) -> dict[str, str]:
        return parse_cookie(next(iter(self.headers(b"cookie")), ""))

    def _count(self) -> None:
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.counted_at) * MESSAGES_PER_SECOND) - 1
        self.counted_at = now
        if self.allowance < 0:
            raise ValueError("too many messages")


def _parse(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > MESSAGE_CHARACTERS:
        raise ValueError("not a text, or too long")
    message = json.loads(text)
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message
