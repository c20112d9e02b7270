"""A real server for what happens when a message is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from chatapp.demo import Demo, serving
from tests.live.server import Server


@pytest_asyncio.fixture
async def demo() -> AsyncIterator[Demo]:
    async with serving() as running:
        yield running


@pytest_asyncio.fixture
async def server(demo: Demo, tmp_path: Path) -> AsyncIterator[Server]:
    own = Server(tmp_path, demo.base_url)
    await own.start()
    try:
        yield own
    finally:
        await own.close()
