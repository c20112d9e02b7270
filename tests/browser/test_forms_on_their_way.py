"""A form that was asked for in a turn opens in that turn, though the turn came anew while the form was on its way."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.held import holding, next_of
from tests.browser.tab import Tab
from tests.browser.test_half_typed_is_kept import FIRST, OTHER, question

SLOW = "demo:numbers=5000 demo:rate=40"


async def test_of_a_message_that_waits(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.shows(await tab.ask(SLOW), 3)
    await tab.field.fill(FIRST)
    await tab.field.press("Enter")
    slips = tab.page.locator("#waiting .slip")
    await expect(slips).to_have_text([FIRST])
    held = await holding(tab.page, "**/edit/")
    await tab.page.get_by_role("link", name="Edit", exact=True).focus()
    await tab.page.keyboard.press("Enter")
    asked = await next_of(held)
    other = await (await open_window()).tab(tab.path)
    await other.field.fill("demo:numbers=3 demo:fast two")
    await other.field.press("Enter")
    await expect(slips).to_have_count(2)
    await asked.continue_()
    await expect(question(tab.page)).to_be_focused()
    await tab.page.unroute("**/edit/")
    await question(tab.page).fill(OTHER)
    await question(tab.page).press("Enter")
    await expect(slips).to_have_text([OTHER, "demo:numbers=3 demo:fast two"])
    await expect(question(tab.page)).to_have_count(0)
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("Escape")


async def asked_twice(open_window: OpenWindow) -> tuple[Tab, Tab]:
    """Two tabs of a question with two versions."""
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask(FIRST))
    await tab.page.get_by_role("link", name="Edit and ask again").click()
    await question(tab.page).fill(OTHER)
    await question(tab.page).press("Enter")
    await expect(tab.page.locator("article .slip")).to_have_text([OTHER])
    await tab.settled(await tab.newest())
    return tab, await (await open_window()).tab(tab.path)


async def go_and_come(page: Page, here: Page) -> None:
    """The other version is shown, and this one again: its turns on `here` are others than before."""
    await here.evaluate("window.before = document.querySelector('article')")
    for step, text in (("Previous version", FIRST), ("Next version", OTHER)):
        await page.get_by_role("button", name=step).click()
        for one in (page, here):
            await expect(one.locator("article .slip")).to_have_text([text])
    assert not await here.evaluate("window.before.isConnected")


@pytest.mark.parametrize("again", [False, True], ids=["once", "asked again"])
async def test_of_a_question(open_window: OpenWindow, again: bool) -> None:
    tab, other = await asked_twice(open_window)
    held = await holding(tab.page, "**/edit/")
    edit = tab.page.get_by_role("link", name="Edit and ask again")
    await edit.click()
    asked = [await next_of(held)]
    await go_and_come(other.page, tab.page)
    if again:
        await edit.click()
        asked.append(await next_of(held))
    for one in asked:
        await one.continue_()
    await tab.idle()
    await expect(question(tab.page)).to_be_focused()
    await expect(question(tab.page)).to_have_value(OTHER)


async def test_of_an_opinion(open_window: OpenWindow) -> None:
    tab, other = await asked_twice(open_window)
    held = await holding(tab.page, "**/feedback/")
    await tab.page.get_by_role("button", name="Good answer").click()
    asked = await next_of(held)
    await go_and_come(other.page, tab.page)
    await asked.continue_()
    await expect(tab.page.get_by_role("textbox", name="What was good?")).to_be_visible()
    await expect(tab.page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
