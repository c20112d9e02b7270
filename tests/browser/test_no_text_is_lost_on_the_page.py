"""Whatever a browser goes through while answers arrive, the words on the page end as the stored ones, each once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from playwright.async_api import CDPSession, expect

from chatapp.demo import numbers
from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab
from tests.browser.window import Window
from tests.live.server import Server

SHAPES = ("paragraph", "list", "fence", "mixed")
COUNT = 400
RATE = 110  # a second
# What Chromium says when a connection goes; the page goes on.
LOST_CONNECTION = ("WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED", "net::ERR_CONNECTION_REFUSED")


@dataclass
class Running:
    """An answer that arrives in this tab."""

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


def numbers_in(text: str) -> list[str]:
    """What counts of a page's or a source's text, without the marks of Markdown."""
    return [word for word in text.split() if word.isdigit()]


async def begin(window: Window, shape: str, count: int = COUNT) -> Running:
    tab = await window.tab()
    answer = await tab.ask(f"demo:numbers={count} demo:rate={RATE} shape={shape}")
    await tab.shows(answer, 20)
    return Running(tab, answer, shape)


async def begin_all(window: Window, count: int = COUNT) -> list[Running]:
    """One tab for each shape, all at the same time."""
    return await asyncio.gather(*(begin(window, shape, count) for shape in SHAPES))


async def test_watched_from_beginning_to_end(open_window: OpenWindow) -> None:
    for running in await begin_all(await open_window()):
        await running.is_whole()


async def test_reloaded_again_and_again(open_window: OpenWindow) -> None:
    async def reload_on(running: Running) -> None:
        for words in (60, 130, 200, 300):
            await running.tab.shows(running.answer, words)
            await running.tab.page.reload()
        await running.is_whole()

    await asyncio.gather(*(reload_on(running) for running in await begin_all(await open_window())))


async def test_left_and_come_back_to_with_the_browsers_buttons(open_window: OpenWindow) -> None:
    async def wander(running: Running) -> None:
        page = running.tab.page
        await running.tab.open("/")
        await page.go_back()
        await running.tab.shows(running.answer, 60)
        await page.go_forward()
        await page.go_back()
        await running.is_whole()

    await asyncio.gather(*(wander(running) for running in await begin_all(await open_window())))


async def test_a_second_tab_and_a_second_browser_of_the_same_member(open_window: OpenWindow) -> None:
    window, elsewhere = await open_window(), await open_window()
    for running in await begin_all(window):
        viewers = [await place.tab(running.tab.path) for place in (window, elsewhere)]
        for tab in (*viewers, running.tab):
            await running.is_whole(tab)


async def test_offline_for_some_seconds_and_back(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*LOST_CONNECTION)
    answers = await begin_all(window)
    cut = [await Cut.on(running.tab) for running in answers]
    await window.context.set_offline(True)
    for one in cut:
        await one.lose()
    banner = answers[0].tab.page.locator("[data-banner=offline]")
    await expect(banner).to_contain_text("Offline.")
    await asyncio.sleep(2)
    for one in cut:
        await one.find()
    await window.context.set_offline(False)
    for running in answers:
        await running.is_whole()
    await expect(banner).to_be_hidden()


class Cut:
    """A tab's network, to be lost: setting a context offline alone leaves open sockets open."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def on(cls, tab: Tab) -> Cut:
        session = await tab.page.context.new_cdp_session(tab.page)
        await session.send("Network.enable")
        return cls(session)

    async def lose(self) -> None:
        await self._emulate(True)

    async def find(self) -> None:
        await self._emulate(False)

    async def _emulate(self, offline: bool) -> None:
        await self._session.send(
            "Network.emulateNetworkConditions",
            {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
        )


async def test_a_killed_server_that_comes_back_while_the_pages_are_open(
    own_server: Server, open_window: OpenWindow
) -> None:
    await own_server.start()
    window = await open_window(at=own_server)
    window.expect(*LOST_CONNECTION)
    answers = await begin_all(window, count=3_000)
    for running in answers:
        await running.tab.shows(running.answer, 150)
    own_server.kill()
    await own_server.start()
    for running in answers:
        await running.tab.settled(running.answer, "interrupted")
        stored = own_server.stored(running.answer)[2]
        assert numbers(3_000, running.shape).startswith(stored)
        assert numbers_in(await running.tab.text(running.answer)) == numbers_in(stored)
        assert len(numbers_in(stored)) > 80
        assert len(await running.tab.turns()) == 2
        await expect(running.tab.answer(running.answer)).to_contain_text("Everything above is saved.")


@pytest.mark.parametrize("shape", ["mixed"])
async def test_a_tab_that_nobody_sees_for_a_while(open_window: OpenWindow, shape: str) -> None:
    window = await open_window()
    running = await begin(window, shape)
    await running.tab.page.evaluate(HIDE)
    await running.tab.shows(running.answer, 200)
    assert (await running.tab.page.title()).startswith("● ")
    await running.tab.page.evaluate(SHOW)
    await running.is_whole()
    assert not (await running.tab.page.title()).startswith("● ")


async def test_a_tab_that_sleeps_and_wakes(open_window: OpenWindow) -> None:
    answers = await begin_all(await open_window())
    for running in answers:
        session = await running.tab.page.context.new_cdp_session(running.tab.page)
        await session.send("Page.setWebLifecycleState", {"state": "frozen"})
        await asyncio.sleep(0.5)
        await session.send("Page.setWebLifecycleState", {"state": "active"})
    for running in answers:
        await running.is_whole()


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
