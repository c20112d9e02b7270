"""An audit by axe: no violation of WCAG 2 A or AA on any page, in both themes, on desk and phone."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESK, OpenWindow
from tests.browser.new_server import NewServer
from tests.browser.window import Window

AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL_IS_THERE = """Promise.all(
  document.getAnimations().filter((one) => one.effect.getTiming().iterations === 1).map((one) => one.finished))"""
PHONE = {"width": 390, "height": 844}
STATES = [("Show me Chinese demo:rate=5000", "done"), ("demo:busy", "failed"), ("demo:cut", "interrupted")]
LOOKS = [
    pytest.param(scheme, size, id=f"{scheme}-{size['width']}") for scheme in ("light", "dark") for size in (DESK, PHONE)
]


async def violations(page: Page) -> list[str]:
    # What appears fades in: its colours count when it is there.
    await page.evaluate(ALL_IS_THERE)
    await page.evaluate(AXE)
    found = await page.evaluate("(tags) => axe.run(document, { runOnly: tags })", TAGS)
    return [
        f"{page.url} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


async def audit(page: Page) -> None:
    found = await violations(page)
    assert not found, "\n".join(found)


async def window_in(open_window: OpenWindow, name: str, scheme: str, size: dict[str, int]) -> Window:
    return await open_window(name, color_scheme=scheme, viewport=size)


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
async def test_pages_around_the_chat(open_window: OpenWindow, scheme: str, size: dict[str, int]) -> None:
    window = await window_in(open_window, "", scheme, size)
    window.expect("status of 422")
    stranger = await window.tab("/sign-in/")
    await audit(stranger.page)
    await stranger.page.get_by_label("Email").fill(f"nobody-{scheme}-{size['width']}@example.org")
    await stranger.page.get_by_label("Password").fill("wrong horse battery")
    await stranger.page.get_by_role("button", name="Sign in").click()
    await expect(stranger.page.get_by_role("alert")).to_be_visible()
    await audit(stranger.page)
    tab = await (await window_in(open_window, "Ann", scheme, size)).tab("/account/")
    await audit(tab.page)
    await tab.open("/")
    await audit(tab.page)


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
async def test_a_conversation_in_every_state(open_window: OpenWindow, scheme: str, size: dict[str, int]) -> None:
    tab = await (await window_in(open_window, "Ann", scheme, size)).tab()
    running = await tab.ask("How does Arrhenius work? demo:rate=60", think=True)
    await expect(tab.answer(running).locator("[data-reasoning]")).not_to_be_empty()
    await audit(tab.page)
    await tab.shows(running, 20)
    await audit(tab.page)
    await tab.stop_button.click()
    await tab.settled(running, "stopped")
    for question, status in STATES:
        answer = await tab.ask(question)
        await tab.settled(answer, status)
    await tab.page.evaluate("scrollTo(0, 0)")
    await expect(tab.page.locator("[data-math]:not([data-tex])")).to_have_count(0)
    await audit(tab.page)
    await tab.page.get_by_role("button", name="Model: demo").click()
    await audit(tab.page)
    await tab.page.keyboard.press("Escape")
    await tab.page.get_by_role("button", name="More actions").click()
    await audit(tab.page)


async def test_the_set_up_page(tmp_path: Path, open_window: OpenWindow) -> None:
    server = NewServer(tmp_path, "")
    try:
        await server.start()
        for scheme in ("light", "dark"):
            for size in (DESK, PHONE):
                window = await open_window("", at=server, color_scheme=scheme, viewport=size)
                page = await window.context.new_page()
                await page.goto(server.setup_link())
                await audit(page)
                await page.goto(server.base + "/")
                await audit(page)
    finally:
        await server.close()
