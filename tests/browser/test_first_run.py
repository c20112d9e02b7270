"""From the link that a new server prints to the first answer, by keyboard alone."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from chatapp.rendering.markdown import render
from tests.browser.conftest import OpenWindow
from tests.browser.new_server import NewServer
from tests.browser.tab import Tab
from tests.live.articles import text_of

QUESTION = "Show me Chinese demo:rate=400"


async def type_into(page: Page, label: str, text: str) -> None:
    """Go on with Tab until the field is reached, and type."""
    for _ in range(8):
        if await page.get_by_label(label).evaluate("(field) => field === document.activeElement"):
            await page.keyboard.type(text)
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{label} is not reached by Tab")


async def test_the_printed_link_makes_an_administrator_who_gets_a_first_answer(
    tmp_path: Path, open_window: OpenWindow
) -> None:
    server = NewServer(tmp_path, "", PARLEY_DEMO="1")
    try:
        await server.start()
        window = await open_window("", at=server, permissions=["clipboard-read", "clipboard-write"])
        page = await window.context.new_page()
        await page.goto(server.setup_link())
        await type_into(page, "Name", "Ann Onymous")
        await type_into(page, "Email", "ann@example.org")
        await type_into(page, "Password", "correct horse battery")
        await page.keyboard.press("Enter")
        tab = Tab(page, server)
        await expect(tab.title).to_contain_text("Ann.")
        await expect(tab.field).to_be_focused()
        await page.keyboard.type(QUESTION)
        await page.keyboard.press("Enter")
        answer = await tab.newer(0)
        await tab.shows(answer, 5)
        await expect(tab.stop_button).to_be_visible()
        await tab.settled(answer)
        await shows_everything(tab, answer)
        await page.reload()
        await shows_everything(tab, answer)
        await page.goto(server.setup_link())
        await expect(page.get_by_label("Password")).to_have_count(0)
        window.expect("status of 404")
    finally:
        await server.close()


async def shows_everything(tab: Tab, answer: int) -> None:
    """Table, code with Copy, drawn maths, Chinese; and the text of the page is the stored text, rendered."""
    article = tab.answer(answer)
    await expect(article.locator(".katex")).to_have_count(2)
    await expect(article.get_by_role("table")).to_contain_text("wavelength")
    assert await article.locator(".katex").first.evaluate("(e) => getComputedStyle(e).fontFamily") != ""
    assert await tab.page.evaluate("document.fonts.check('16px KaTeX_Main')")
    await article.locator("figure", has_text="词频").get_by_role("button", name="Copy").click()
    await expect(tab.page.locator("#say")).to_have_text("Copied")
    stored = tab.server.stored(answer)[2]
    copied = await tab.page.evaluate("navigator.clipboard.readText()")
    assert "词频 = {}\nfor 字 in" in copied
    assert copied.strip() in stored
    assert (await tab.text(answer)).split() == text_of(render(stored)).split()
    assert "静夜思" in await tab.text(answer)
