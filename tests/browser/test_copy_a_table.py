"""A table goes to a spreadsheet or a document by one button; until it is finished there is none."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab
from tests.browser.window import Window
from tests.live.history import write_long
from tests.live.server import Server

TABLE = """Before.

| Name | Value | Note |
|------|------:|------|
| $x^2$ | **4** | `a  b` |
| tab\there | a\\|b | [link](https://example.org/) |
| short |

After.
"""
TEXT = "Name\tValue\tNote\n$x^2$\t4\ta b\ntab here\ta|b\tlink\nshort"
READ = """async (flavour) => {
  const [item] = await navigator.clipboard.read();
  return (await item.getType(flavour)).text();
}"""

# How far down the document the first cell stands.
TOP = "() => document.querySelector('.prose th').getBoundingClientRect().top + scrollY"


async def opened(open_window: OpenWindow, server: Server, *answers: str) -> Tab:
    conversation, _ = await write_long(server, [("Question", answer) for answer in answers])
    return await (await with_clipboard(open_window)).tab(f"/c/{conversation}/")


async def with_clipboard(open_window: OpenWindow) -> Window:
    window = await open_window()
    await window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return window


async def clipboard(page: Page, flavour: str = "text/plain") -> str:
    return str(await page.evaluate(READ, flavour))


async def test_its_text_is_copied_by_keyboard_alone(open_window: OpenWindow, server: Server) -> None:
    tab = await opened(open_window, server, TABLE)
    button = tab.page.get_by_role("button", name="Copy table")
    await button.focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("button", name="Copied")).to_be_visible()
    await expect(tab.page.locator("#say")).to_have_text("Copied")
    assert await clipboard(tab.page) == TEXT
    html = await clipboard(tab.page, "text/html")
    assert "<table" in html
    assert "<strong>4</strong>" in html
    assert "$x^2$" in html
    assert "katex" not in html
    await expect(button).to_be_visible()


async def test_each_table_has_its_own_in_older_turns_too(open_window: OpenWindow, server: Server) -> None:
    many = [f"| n |\n|---|\n| {n} |\n\n> | quoted |\n> |---|\n> | {n} |\n" for n in range(20)]
    tab = await opened(open_window, server, *many)
    buttons = tab.page.get_by_role("button", name="Copy table")
    # The page may still be on its way to the end.
    async with asyncio.timeout(20):
        while await buttons.count() < 40:
            await tab.page.evaluate("scrollTo(0, 0)")
            await asyncio.sleep(0.1)
    await buttons.nth(3).click()
    await expect(tab.page.locator("#say")).to_have_text("Copied")
    assert await clipboard(tab.page) == "quoted\n1"


async def test_without_the_browsers_own_clipboard(open_window: OpenWindow, server: Server) -> None:
    """As on a page that comes over plain http."""
    conversation, _ = await write_long(server, [("Question", TABLE)])
    window = await with_clipboard(open_window)
    await window.context.add_init_script("""
        window.kept = navigator.clipboard;
        Object.defineProperty(Navigator.prototype, "clipboard", { get: () => undefined, configurable: true });
    """)
    tab = await window.tab(f"/c/{conversation}/")
    await tab.page.get_by_role("button", name="Copy table").click()
    await expect(tab.page.locator("#say")).to_have_text("Copied")
    await tab.page.evaluate(
        "() => Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => window.kept, configurable: true })"
    )
    assert await clipboard(tab.page) == TEXT
    assert "<table" in await clipboard(tab.page, "text/html")


async def test_there_is_none_while_the_table_is_written_and_nothing_moves_when_there_is(
    open_window: OpenWindow,
) -> None:
    tab = await (await with_clipboard(open_window)).tab()
    answer = await tab.ask("Show me a table demo:rate=60")
    tables = tab.answer(answer).locator(".block:has(.table)")
    buttons = tab.answer(answer).get_by_role("button", name="Copy table")
    await tab.answer(answer).locator(".tail .table").wait_for()
    assert await buttons.count() == 0
    before = await tab.page.evaluate(TOP)
    await buttons.first.wait_for()
    assert await tab.page.evaluate(TOP) == before
    await tab.settled(answer)
    assert await tab.page.evaluate(TOP) == before
    await expect(buttons).to_have_count(await tables.count())


async def test_copying_that_fails_is_seen_on_the_button(open_window: OpenWindow) -> None:
    window = await with_clipboard(open_window)
    window.expect("ERR_FAILED")
    tab = await window.tab()
    answer = await tab.ask("demo:numbers=3 demo:fast")
    await tab.settled(answer)
    await tab.page.route("**/source/", lambda route: route.abort())
    button = tab.answer(answer).get_by_role("button", name="Copy answer")
    usual = await button.locator("use").get_attribute("href") or ""
    await button.click()
    await expect(button.locator("use")).to_have_attribute("href", "#i-circle-alert")
    await expect(tab.page.locator("#say")).to_have_text("Copying failed")
    await tab.page.unroute("**/source/")
    await button.click()
    await expect(button.locator("use")).to_have_attribute("href", "#i-check")
    await expect(button.locator("use")).to_have_attribute("href", usual)
    assert (await clipboard(tab.page)).strip() == await tab.words(answer)
