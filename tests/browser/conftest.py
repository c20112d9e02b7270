"""A real browser on a real server. The upstream is the demo, in the tests' own process."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from chatapp.demo import Demo, serving
from tests.browser.database import add_alias
from tests.browser.window import PATIENCE, Window
from tests.live.server import Server

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1440, "height": 900}
LINE = {"DJANGO_SETTINGS_MODULE": "tests.browser.slow_line"} if "SLOW_LINE" in os.environ else {}

expect.set_options(timeout=PATIENCE)

OpenWindow = Callable[..., Awaitable[Window]]


@pytest_asyncio.fixture(scope="session")
async def demo() -> AsyncIterator[Demo]:
    async with serving() as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def server(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """The server that tests share; nobody kills it."""
    shared = Server(tmp_path_factory.mktemp("shared"), demo.base_url, **LINE)
    await shared.start()
    add_alias(shared, "other", "Answers as quickly, and never thinks")
    try:
        yield shared
    finally:
        await shared.close()


@pytest_asyncio.fixture
async def own_server(demo: Demo, tmp_path: Path) -> AsyncIterator[Server]:
    """A server for one test, not started yet: it may be killed and started again, its people changed."""
    own = Server(tmp_path, demo.base_url, **LINE)
    try:
        yield own
    finally:
        await own.close()


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = os.environ.get("PARLEY_BROWSER") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield running
        await running.close()


@pytest_asyncio.fixture
async def open_window(browser: Browser, server: Server) -> AsyncIterator[OpenWindow]:
    """Opens a browser for a person, "" for nobody; options go to Playwright's new_context. At the end the test
    fails if anything happened in one of them that it did not expect.
    """
    opened: list[Window] = []

    async def open_for(name: str = "Ann", at: Server | None = None, **options: Any) -> Window:
        place = at or server
        context = await browser.new_context(**{"viewport": DESK, "locale": "en-GB", **options})
        if name:
            # The two that signing in sets.
            cookies = {"parley": place.sessions[name], "parley-csrf": secrets.token_hex(16)}
            await context.add_cookies(
                [{"name": key, "value": value, "url": place.base} for key, value in cookies.items()]
            )
        window = Window(context, place)
        await window.watch()
        opened.append(window)
        return window

    yield open_for
    for window in opened:
        await window.context.close()
    problems = [problem for window in opened for problem in window.unexpected()]
    assert not problems, "\n".join(problems)
