"""A title is shown once the server has it; until then what was typed stays in the form."""

from __future__ import annotations

from playwright.async_api import Locator, Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab
from tests.live.server import Server

OFFLINE = ("WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
QUICK = "Waves on water demo:numbers=3 demo:fast"


def field(tab: Tab) -> Locator:
    return tab.page.get_by_role("textbox", name="Title")


async def renamed(tab: Tab, title: str) -> None:
    """By keyboard."""
    await tab.page.keyboard.press("F2")
    await expect(field(tab)).to_be_focused()
    await field(tab).fill(title)
    await tab.page.keyboard.press("Enter")


async def test_without_a_connection_the_old_title_stays_and_the_form_says_why(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*OFFLINE)
    tab = await window.tab()
    await tab.settled(await tab.ask(QUICK))
    await expect(tab.title).to_have_text("Waves on water")
    line = tab.sidebar.locator(f"a[href='{tab.path}']")
    await window.context.set_offline(True)
    await renamed(tab, "Ripples")
    reason = tab.page.locator("[data-rename] [role=alert]")
    await expect(reason).to_contain_text("The server cannot be reached.")
    await expect(field(tab)).to_have_value("Ripples")
    await expect(field(tab)).to_be_focused()
    await expect(tab.title).to_have_text("Waves on water")
    await expect(tab.page).to_have_title("Waves on water · Parley")
    await expect(line).to_have_text("Waves on water")
    await window.context.set_offline(False)
    await tab.page.keyboard.press("Enter")
    await expect(field(tab)).to_be_hidden()
    for place in (tab.title, line):
        await expect(place).to_have_text("Ripples")
    await tab.page.keyboard.press("F2")
    await expect(reason).to_be_empty()


async def test_a_refusal_is_said_although_the_form_was_left(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("status of 422")
    tab = await window.tab()
    await tab.settled(await tab.ask(QUICK))
    await expect(tab.title).to_have_text("Waves on water")

    async def slow(route: Route) -> None:
        await expect(field(tab)).to_be_hidden()
        await route.continue_(post_data="title=" + "x" * 201)

    await tab.page.route("**/rename/", slow)
    await renamed(tab, "Ripples")
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.locator("[data-rename] [role=alert]")).to_contain_text("200")
    await expect(field(tab)).to_have_value("Ripples")
    await expect(tab.title).to_have_text("Waves on water")


async def test_a_reload_right_after_it_changes_nothing(server: Server, open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask(QUICK))
    await expect(tab.title).to_have_text("Waves on water")
    pk = tab.path.split("/")[2].replace("-", "")
    for title in ("Ripples", "Swell", "Surf"):
        await renamed(tab, title)
        await tab.page.reload()
        for _ in range(50):
            if server.rows("SELECT title FROM conversations_conversation WHERE id = ?", pk) == [(title,)]:
                break
            await tab.page.wait_for_timeout(100)
        await tab.page.reload()
        await expect(tab.title).to_have_text(title)
