"""A real browser: Chromium through Playwright, with the time that its main thread spends."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from bench.session import Member

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str:
    """Where Chromium is; RuntimeError without one."""
    found = os.environ.get("PARLEY_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise RuntimeError("no Chromium found: install the package chromium or set PARLEY_BROWSER")
    return found


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=OPTIONS)
        try:
            yield browser
        finally:
            await browser.close()


async def signed_in(browser: Browser, member: Member) -> BrowserContext:
    """A window of its own with this member's session."""
    context = await browser.new_context()
    await context.add_cookies(
        [{"name": name, "value": value, "url": member.base} for name, value in member.cookies.items()]
    )
    return context


@dataclass(frozen=True)
class MainThread:
    """CPU seconds of a tab's main thread since it was opened: all tasks, and what of them went where."""

    tasks: float
    script: float
    layout: float

    def __add__(self, other: MainThread) -> MainThread:
        return MainThread(self.tasks + other.tasks, self.script + other.script, self.layout + other.layout)

    def __mul__(self, share: float) -> MainThread:
        return MainThread(self.tasks * share, self.script * share, self.layout * share)

    def __sub__(self, other: MainThread) -> MainThread:
        return MainThread(self.tasks - other.tasks, self.script - other.script, self.layout - other.layout)


class Meter:
    """Reads a tab's main thread."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def attach(cls, page: Page) -> Meter:
        session = await page.context.new_cdp_session(page)
        # Thread time, not wall time: the machine is shared with the server and the emitter.
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return cls(session)

    async def read(self) -> MainThread:
        answer = await self._session.send("Performance.getMetrics")
        values = {metric["name"]: float(metric["value"]) for metric in answer["metrics"]}
        layout = values["LayoutDuration"] + values["RecalcStyleDuration"]
        return MainThread(values["TaskDuration"], values["ScriptDuration"], layout)
