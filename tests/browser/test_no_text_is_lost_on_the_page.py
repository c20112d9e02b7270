"""Whatever a browser goes through while answers arrive, the words on the page end as the stored ones, each once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import expect

from chatapp.demo import numbers
from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab, numbers_in
from tests.browser.window import Window
from tests.live.server import Server

SHAPES = ("paragraph", "list", "fence", "mixed")
COUNT = 400
RATE = 110  # a second
# What a server that is killed may forget is counted in seconds.
SLOW_RATE = 50
SEEN = 250
# What Chromium says when a connection goes; the page goes on.
LOST_CONNECTION = (
    "htmx:(afterRequest|sendError)",
    "WebSocket connection to",
    "net::ERR_INTERNET_DISCONNECTED",
    "net::ERR_CONNECTION_REFUSED",
    "net::ERR_CONNECTION_RESET",
)


@dataclass
class Running:
    """An answer that arrives in this tab, in a browser of its own."""

    window: Window
    tab: Tab
    answer: int
    shape: str

    async def is_whole(self, tab: Tab | None = None) -> None:
        """Here, or in this other tab, the answer ends with every number once, and so it does in the database."""
        tab = tab or self.tab
        await tab.settled(self.answer)
        whole = numbers(COUNT, self.shape)
        assert tab.server.stored(self.answer) == ("done", "", whole)
        assert numbers_in(await tab.text(self.answer)) == numbers_in(whole)
        assert len(await tab.turns()) == 2


async def begin(window: Window, shape: str, count: int = COUNT, rate: int = RATE) -> Running:
    tab = await window.tab()
    answer = await tab.ask(f"demo:numbers={count} demo:rate={rate} shape={shape}")
    await tab.shows(answer, 20)
    return Running(window, tab, answer, shape)


async def for_every_shape(open_window: OpenWindow, story: Callable[[Running], Awaitable[None]]) -> None:
    """Tell the story with an answer of each shape, all at the same time."""

    async def tell(shape: str) -> None:
        await story(await begin(await open_window(), shape))

    await asyncio.gather(*map(tell, SHAPES))


async def test_watched_from_beginning_to_end(open_window: OpenWindow) -> None:
    await for_every_shape(open_window, Running.is_whole)


async def test_reloaded_again_and_again(open_window: OpenWindow) -> None:
    async def reload(running: Running) -> None:
        for words in (60, 130, 200, 300):
            await running.tab.shows(running.answer, words)
            await running.tab.page.reload()
        await running.is_whole()

    await for_every_shape(open_window, reload)


async def test_left_and_come_back_to_with_the_browsers_buttons(open_window: OpenWindow) -> None:
    async def wander(running: Running) -> None:
        await running.tab.open("/")
        await running.tab.page.go_back()
        await running.tab.shows(running.answer, 60)
        await running.tab.page.go_forward()
        await running.tab.page.go_back()
        await running.is_whole()

    await for_every_shape(open_window, wander)


async def test_a_second_tab_and_a_second_browser_of_the_same_member(open_window: OpenWindow) -> None:
    async def watch(running: Running) -> None:
        second = await running.window.tab(running.tab.path)
        elsewhere = await (await open_window()).tab(running.tab.path)
        for tab in (running.tab, second, elsewhere):
            await running.is_whole(tab)

    await for_every_shape(open_window, watch)


async def test_offline_for_some_seconds_and_back(open_window: OpenWindow) -> None:
    async def travel(running: Running) -> None:
        running.window.expect(*LOST_CONNECTION)
        banner = running.tab.page.locator("[data-banner=offline]")
        await running.window.context.set_offline(True)
        await expect(banner).to_contain_text("Offline.")
        await asyncio.sleep(1)
        await running.window.context.set_offline(False)
        await running.is_whole()
        await expect(banner).to_be_hidden()

    await for_every_shape(open_window, travel)


async def test_a_killed_server_that_comes_back_while_the_pages_are_open(
    own_server: Server, open_window: OpenWindow
) -> None:
    await own_server.start()
    answers = [await begin(await open_window(at=own_server), shape, 3_000, SLOW_RATE) for shape in SHAPES]
    for running in answers:
        running.window.expect(*LOST_CONNECTION)
        await running.tab.shows(running.answer, SEEN)
    own_server.kill()
    await own_server.start()
    for running in answers:
        await running.tab.settled(running.answer, "interrupted")
        stored = own_server.stored(running.answer)[2]
        assert numbers(3_000, running.shape).startswith(stored)
        assert numbers_in(await running.tab.text(running.answer)) == numbers_in(stored)
        assert len(numbers_in(stored)) >= SEEN * 0.6
        assert len(await running.tab.turns()) == 2
        await expect(running.tab.answer(running.answer)).to_contain_text("Everything above is saved.")


async def test_a_tab_that_nobody_sees_for_a_while(open_window: OpenWindow) -> None:
    async def hide(running: Running) -> None:
        page = running.tab.page
        await page.evaluate(HIDE)
        await expect(page).to_have_title(MARKED)
        await running.tab.shows(running.answer, 200)
        await page.evaluate(SHOW)
        await running.is_whole()
        await expect(page).not_to_have_title(MARKED)

    await for_every_shape(open_window, hide)


async def test_a_tab_that_sleeps_and_wakes(open_window: OpenWindow) -> None:
    async def sleep(running: Running) -> None:
        session = await running.window.context.new_cdp_session(running.tab.page)
        await session.send("Debugger.enable")
        await session.send("Debugger.pause")
        await asyncio.sleep(2)
        await session.send("Debugger.disable")
        await running.is_whole()

    await for_every_shape(open_window, sleep)


MARKED = re.compile("^● ")
# A browser without a screen never hides a tab: neither draws pictures for it nor tells it so, as in life.
HIDE = """() => {
  window.draw = window.requestAnimationFrame;
  window.requestAnimationFrame = () => 0;
  Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = """() => {
  window.requestAnimationFrame = window.draw;
  delete document.hidden;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
