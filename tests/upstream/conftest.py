from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio

from tests.upstream.replay import Script, Server

Serve = Callable[..., Awaitable[Server]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts fake upstreams on real sockets, and ends them."""
    servers: list[Server] = []

    async def start(script: Script, *, take_request: bool = True, **options: Any) -> Server:
        server = await Server(script, take_request=take_request).start(**options)
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()
