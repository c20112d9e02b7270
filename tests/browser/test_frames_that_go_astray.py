"""Frames that are lost, come twice or come late change nothing in the end."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import WebSocketRoute, expect

from chatapp.demo import numbers
from tests.browser.conftest import OpenWindow
from tests.browser.tab import numbers_in
from tests.browser.window import Window

SHAPES = ["paragraph", "list", "fence", "mixed"]
COUNT = 400
# Keeps the smallest number of turns that the page ever had.
LEAST = """(thread) => {
  window.least = thread.children.length;
  new MutationObserver(() => { window.least = Math.min(window.least, thread.children.length); })
    .observe(thread, { childList: true });
}"""
QUESTION = f"demo:numbers={COUNT} demo:rate=200"


@dataclass
class Post:
    """What carries the frames from the server to the page, badly. Every `lose`-th live frame goes; `twice`: all
    others come twice; `apart`: so many seconds between any two.
    """

    lose: int = 0
    twice: bool = False
    apart: float = 0
    lost: int = 0
    rows: list[str] = field(default_factory=list)
    last: WebSocketRoute | None = None
    _seen: int = 0
    _due: float = 0

    async def carry_for(self, window: Window) -> None:
        await window.context.route_web_socket("**/ws/**", self._carry)

    def _carry(self, page: WebSocketRoute) -> None:
        self.last = page
        page.connect_to_server().on_message(lambda text: self._deliver(page, str(text)))

    def _deliver(self, page: WebSocketRoute, text: str) -> None:
        frame: dict[str, Any] = json.loads(text)
        rows = frame["rows"] if frame["t"] == "branch" else [frame]
        self.rows += [json.dumps(row) for row in rows if row["t"] == "row"]
        self._seen += frame["t"] == "live"
        if self.lose and frame["t"] == "live" and self._seen % self.lose == 0:
            self.lost += 1
            return
        loop = asyncio.get_running_loop()
        self._due = max(loop.time(), self._due + self.apart)
        for _ in range(1 + self.twice):
            loop.call_at(self._due, page.send, text)

    def deliver_old_rows(self) -> None:
        assert self.last
        for text in reversed(self.rows):
            self.last.send(text)


@pytest.mark.parametrize("shape", SHAPES)
async def test_lost_frames_are_noticed_and_fetched(open_window: OpenWindow, shape: str) -> None:
    post = Post(lose=5)
    window = await open_window()
    await post.carry_for(window)
    tab = await window.tab()
    answer = await tab.ask(f"{QUESTION} shape={shape}")
    whole = " ".join(numbers_in(numbers(COUNT, shape)))
    while await tab.stop_button.is_visible():
        assert whole.startswith(" ".join(numbers_in(await tab.text(answer))))
        await tab.page.wait_for_timeout(20)
    await tab.settled(answer)
    assert post.lost > 2
    assert numbers_in(await tab.text(answer)) == numbers_in(numbers(COUNT, shape))


@pytest.mark.parametrize("shape", SHAPES)
async def test_frames_that_come_twice_or_late_are_left_out(open_window: OpenWindow, shape: str) -> None:
    post = Post(twice=True)
    window = await open_window()
    await post.carry_for(window)
    tab = await window.tab()
    first = await tab.ask("demo:numbers=3 demo:fast")
    await tab.settled(first)
    answer = await tab.ask(f"{QUESTION} shape={shape}")
    await tab.shows(answer, 200)
    assert numbers_in(await tab.text(answer))[:150] == numbers_in(numbers(150, "paragraph"))
    await tab.settled(answer)
    assert len(post.rows) >= 3
    post.deliver_old_rows()
    await tab.page.wait_for_timeout(200)
    await expect(tab.answer(answer)).to_have_attribute("data-status", "done")
    await expect(tab.stop_button).to_be_hidden()
    assert numbers_in(await tab.text(answer)) == numbers_in(numbers(COUNT, shape))
    assert len(await tab.turns()) == 4


async def test_another_branch_comes_with_its_turns(open_window: OpenWindow) -> None:
    post = Post(apart=0.3)
    window = await open_window()
    await post.carry_for(window)
    tab, other = await window.tab(), await window.tab()
    first = await tab.ask("demo:numbers=3 demo:fast one")
    await tab.settled(first)
    await tab.page.get_by_role("button", name="Answer again").click()
    await tab.settled(await tab.newer(first))
    await other.open(tab.path)
    questions = tab.page.locator(".turn[data-by=you] .slip")
    question = other.page.locator(".turn[data-by=you]")
    await question.get_by_role("link", name="Edit and ask again").click()
    await question.get_by_role("textbox", name="Question").fill("demo:numbers=3 demo:fast two")
    await other.page.keyboard.press("Enter")
    await expect(question.locator(".slip")).to_have_text("demo:numbers=3 demo:fast two")
    await expect(questions).to_have_text("demo:numbers=3 demo:fast two")
    await other.page.locator("#thread").evaluate(LEAST)
    await tab.page.locator("#thread").evaluate(LEAST)
    loaded = [await page.evaluate("performance.timeOrigin") for page in (tab.page, other.page)]
    # Nothing of the one branch stands on the other.
    for step, asked in ("Previous version", "one"), ("Next version", "two"):
        await question.get_by_role("button", name=step).click()
        await expect(question.get_by_role("button", name=step)).to_be_disabled()
        await expect(questions).to_have_text(f"demo:numbers=3 demo:fast {asked}")
    assert await other.page.evaluate("window.least") == 2
    assert await tab.page.evaluate("window.least") == 2
    assert [await page.evaluate("performance.timeOrigin") for page in (tab.page, other.page)] == loaded
