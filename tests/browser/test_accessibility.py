"""An audit by axe: no violation of WCAG 2 A or AA on any page, in both themes, on desk and phone."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.conftest import OpenWindow
from tests.browser.new_server import NewServer

AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = [ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)]
STATES = [("Show me Chinese demo:rate=5000", "done"), ("demo:busy", "failed"), ("demo:cut", "interrupted")]

# What appears fades in: its colours count when it is there. In a closed part of the page time stands still.
ALL_IS_THERE = """Promise.race([
  Promise.allSettled(document.getAnimations().filter(({ effect }) => effect.getTiming().iterations === 1
    && effect.target.checkVisibility({ contentVisibilityAuto: true })).map((one) => one.finished)),
  new Promise((done) => setTimeout(done, 1_000)),
])"""


async def audit(page: Page, *, moving: bool = False) -> None:
    """Look at the page as it is now in every theme and size. `moving`: while a text grows something is always half
    under the bar, which is not too small for that.
    """
    rules = {"target-size": {"enabled": not moving}}
    await page.evaluate(AXE)
    for size in SIZES:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme="light")
        await is_clean(page, f"light {size['width']}", rules)
        await page.emulate_media(color_scheme="dark")
        await is_clean(page, f"dark {size['width']}", rules)


async def is_clean(page: Page, look: str, rules: dict[str, dict[str, bool]]) -> None:
    await page.evaluate(ALL_IS_THERE)
    options = {"runOnly": TAGS, "resultTypes": ["violations"], "rules": rules}
    found = await page.evaluate("(options) => axe.run(document, options)", options)
    violations = [
        f"{page.url} {look} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
    assert not violations, "\n".join(violations)


async def test_sign_in_with_and_without_a_mistake(open_window: OpenWindow) -> None:
    window = await open_window("")
    window.expect("status of 422")
    page = (await window.tab("/sign-in/")).page
    await audit(page)
    await page.get_by_label("Email").fill("nobody@example.org")
    await page.get_by_label("Password").fill("wrong horse battery")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await audit(page)


async def test_the_new_chat_and_the_account(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await audit(tab.page)
    await tab.open("/account/")
    await audit(tab.page)


async def test_a_conversation_while_an_answer_arrives(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("How does Arrhenius work? demo:rate=3", think=True)
    await expect(tab.answer(answer).locator("[data-reasoning]")).not_to_be_empty()
    await audit(tab.page, moving=True)
    await expect(tab.answer(answer).locator("details.think")).to_have_attribute("open", "")
    await tab.stop_button.click()
    await tab.settled(answer, "stopped")
    answer = await tab.ask("demo:numbers=4000 demo:rate=60 shape=mixed")
    await tab.shows(answer, 20)
    await audit(tab.page, moving=True)
    await expect(tab.answer(answer)).to_have_attribute("data-status", "streaming")
    await tab.stop_button.click()
    await tab.settled(answer, "stopped")


async def test_a_conversation_in_every_settled_state_and_its_menus(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
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
        page = await (await open_window("", at=server)).context.new_page()
        await page.goto(server.setup_link())
        await audit(page)
        await page.goto(server.base + "/")
        await audit(page)
    finally:
        await server.close()
