"""Real servers on real sockets. The upstream is the demo, in the tests' own process: it can be asked what it saw."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chatapp.demo import Demo, serving
from tests.live.server import Server


@pytest_asyncio.fixture(scope="session")
async def demo() -> AsyncIterator[Demo]:
    async with serving() as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def shared_server(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    shared = Server(tmp_path_factory.mktemp("shared"), demo.base_url)
    await shared.start()
    try:
        yield shared
    finally:
        await shared.close()


@pytest_asyncio.fixture
async def server(shared_server: Server) -> AsyncIterator[Server]:
    """The server that tests share; nobody kills it, and each test closes its tabs."""
    yield shared_server
    await shared_server.close_tabs()


@pytest_asyncio.fixture
async def own_server(demo: Demo, tmp_path: Path) -> AsyncIterator[Server]:
    """A server for one test, not started yet: it may be killed and started again."""
    own = Server(tmp_path, demo.base_url, PARLEY_DRAIN_SECONDS="3")
    try:
        yield own
    finally:
        await own.close()
