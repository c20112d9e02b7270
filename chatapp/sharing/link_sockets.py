"""The websocket of a shared page: whoever may read the page may hear how it goes on, and say nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.throttle import Throttled, bucket
from chatapp.database import at_once
from chatapp.generation.sockets import TOO_MANY, Socket
from chatapp.sharing.guesses import guesses
from chatapp.sharing.models import Link
from chatapp.sharing.onlookers import (
    ENDED,
    OTHER_PASSWORD,
    SOCKETS_PER_ADDRESS,
    SOCKETS_PER_LINK,
    Known,
    Onlooker,
    per_address,
    relay_of,
)
from chatapp.sharing.reading import link_behind, opened


class LinkViewer(Socket):
    """It needs no session: the token in its address is its right, with the password where the link has one."""

    connection: Onlooker | None = None

    async def websocket_connect(self, message: Any) -> None:
        token: str = self.scope["url_route"]["kwargs"]["token"]  # type: ignore[typeddict-item]
        await self.accept()
        try:
            guesses.check(self._address())
        except Throttled:
            return await self.close(TOO_MANY)
        link = await at_once(link_behind, token)
        if link is None:
            guesses.note(self._address(), token)
        if link is None or link.over or not link.live:
            return await self.close(ENDED)
        if not opened(link, self.cookies()):
            return await self.close(OTHER_PASSWORD)
        return await self._join(link, token)

    async def _join(self, link: Link, token: str) -> None:
        address = self._address()
        relay = relay_of(link, token) if per_address[address] < SOCKETS_PER_ADDRESS else None
        if relay is None or len(relay.viewers) >= SOCKETS_PER_LINK:
            return await self.close(TOO_MANY)
        self.connection = Onlooker(relay, address, self.send_text, self.close)
        return None

    async def obey(self, message: dict[str, Any]) -> None:
        connection = self.connection
        match message:
            case {"t": "ack", "f": int(frames)} if connection:
                connection.acknowledge(frames)
            case {"t": "resume", "keys": list(keys), "before": [int(n), int(total)], "live": dict(live)} if connection:
                await connection.bring_up(Known([key for key in keys if isinstance(key, str)], n, total), live)
            case _:
                raise ValueError("not a message of ours")

    def _address(self) -> str:
        """Who is at the other end, as accounts.throttle has it for requests."""
        client = self.scope.get("client")
        forwarded = self.headers(b"x-forwarded-for") if settings.PARLEY_TRUST_PROXY else []
        return bucket(forwarded[-1].rpartition(",")[2].strip() if forwarded else client[0] if client else "")
