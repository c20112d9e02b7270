"""Phones and narrow windows: nothing scrolls sideways, everything is in reach."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NARROW = {"viewport": {"width": 320, "height": 640}}
LONG_WORD = "Donaudampfschifffahrtsgesellschaft" * 12

# What sticks out of the window and is in no box that scrolls by itself.
STICKS_OUT = """() => {
  const clipped = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement) {
      const { overflowX, position } = getComputedStyle(box);
      if (overflowX !== "visible" || position === "fixed") return true;
    }
    return false;
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => !element.closest("svg, .sr, .skip, .side, [popover], dialog, .katex-mathml"))
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !clipped(element))
    .map((element) => `${element.tagName}.${element.className}`);
}"""


TOO_SMALL = """(controls) => controls.map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 35.5 || box.width < 24)
  .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""


async def no_sideways_scroll(page: Page) -> None:
    assert await page.evaluate(STICKS_OUT) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.evaluate("scrollTo(100, scrollY)")
    assert await page.evaluate("scrollX") == 0


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_scrolls_sideways(open_window: OpenWindow, size: dict[str, object], scheme: str) -> None:
    stranger = await open_window("", color_scheme=scheme, **size)
    await no_sideways_scroll((await stranger.tab("/sign-in/")).page)
    tab = await (await open_window(color_scheme=scheme, **size)).tab()
    for path in ("/", "/account/"):
        await tab.open(path)
        await no_sideways_scroll(tab.page)
    await tab.open("/")
    for question in ("Show me Chinese", "a table", "python code", LONG_WORD, "a formula"):
        await tab.field.fill(f"{question} demo:rate=5000")
        before = await tab.newest()
        await tab.send_button.click()
        answer = await tab.newer(before)
        await tab.settled(answer)
        await expect(tab.answer(answer).locator("[data-math]:not([data-tex])")).to_have_count(0)
        await no_sideways_scroll(tab.page)
    await expect(tab.field).to_be_in_viewport(ratio=1)
    await expect(tab.send_button).to_be_in_viewport(ratio=1)
    table = tab.page.locator("figure .scroll", has_text="Anode").first
    assert await table.evaluate("(box) => { box.scrollLeft = 50; return box.scrollLeft }") == 50


async def test_the_sidebar_of_a_phone_opens_and_closes(open_window: OpenWindow) -> None:
    tab = await (await open_window(**PHONE)).tab()
    await expect(tab.sidebar).to_be_hidden()
    await tab.page.get_by_role("button", name="Open conversations").tap()
    await expect(tab.sidebar).to_be_in_viewport()
    await tab.page.get_by_role("button", name="Close sidebar").tap()
    await expect(tab.sidebar).to_be_hidden()
    await tab.page.get_by_role("button", name="Open conversations").tap()
    await expect(tab.sidebar).to_be_visible()
    await tab.page.touchscreen.tap(380, 400)
    await expect(tab.sidebar).to_be_hidden()
    await tab.page.get_by_role("button", name="Open conversations").tap()
    await tab.page.keyboard.press("Escape")
    await expect(tab.sidebar).to_be_hidden()


async def test_targets_of_a_phone_are_large_enough(open_window: OpenWindow) -> None:
    tab = await (await open_window(**PHONE)).tab()
    await tab.field.fill("python code demo:rate=5000")
    await tab.send_button.tap()
    await tab.settled(await tab.newer(0))
    assert await too_small(tab) == []


async def too_small(tab: Tab) -> list[str]:
    """Controls under 36 px in the page, links in running text aside."""
    found = await tab.page.locator("button:visible, textarea:visible").evaluate_all(TOO_SMALL)
    return [str(one) for one in found]


async def test_the_composer_of_a_phone_grows_and_stays_in_view(open_window: OpenWindow) -> None:
    tab = await (await open_window(**PHONE)).tab()
    await tab.field.fill("python code demo:rate=5000")
    await tab.send_button.tap()
    await tab.settled(await tab.newer(0))
    await tab.field.fill("\n".join(map(str, range(40))))
    box = await tab.field.bounding_box()
    assert box
    assert box["height"] <= 844 * 0.41
    await expect(tab.send_button).to_be_in_viewport(ratio=1)
