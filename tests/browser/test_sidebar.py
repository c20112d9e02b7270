"""The list of conversations, in every tab."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from chatapp.demo import Demo
from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab


def line(tab: Tab, path: str) -> Locator:
    return tab.sidebar.locator(f"a[href='{path}']")


def title_field(tab: Tab) -> Locator:
    return tab.page.get_by_role("textbox", name="Title")


async def conversation(tab: Tab) -> str:
    """A finished conversation, open in this tab; returns its path."""
    await tab.settled(await tab.ask("Waves on water demo:numbers=3 demo:fast"))
    return tab.path


async def delete(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="More actions").click()
    await tab.page.get_by_role("button", name="Delete").click()
    await expect(tab.page.locator(".toast")).to_contain_text("deleted")


async def test_a_new_conversation_its_title_and_its_dot_come_to_another_tab(
    demo: Demo, open_window: OpenWindow
) -> None:
    window = await open_window()
    watching, tab = await window.tab(), await window.tab()
    answer = await tab.ask("Waves on water demo:numbers=400 demo:rate=50")
    found = line(watching, tab.path)
    await expect(found).to_contain_text("demo:numbers=400")
    await expect(found.get_by_label("answering")).to_be_visible()
    await expect(line(tab, tab.path).get_by_label("answering")).to_be_visible()
    await tab.settled(answer)
    await expect(found.get_by_label("answering")).to_have_count(0)
    await expect(found).to_have_text("Waves on water")
    await expect(tab.title).to_have_text("Waves on water")
    await expect(tab.page).to_have_title("Waves on water · Parley")
    await expect(line(tab, tab.path)).to_have_attribute("aria-current", "page")


async def test_renamed_from_the_menu_in_every_tab(open_window: OpenWindow) -> None:
    window = await open_window()
    tab, watching = await window.tab(), await window.tab()
    path = await conversation(tab)
    await tab.page.get_by_role("button", name="More actions").click()
    await tab.page.get_by_role("button", name="Rename").click()
    await expect(title_field(tab)).to_be_focused()
    await title_field(tab).fill("Ripples")
    await tab.page.get_by_role("button", name="Save").click()
    await expect(tab.title).to_have_text("Ripples")
    await expect(line(watching, path)).to_have_text("Ripples")
    await tab.page.reload()
    await expect(tab.title).to_have_text("Ripples")


async def test_f2_renames_and_esc_restores(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await conversation(tab)
    await tab.page.keyboard.press("F2")
    await title_field(tab).fill("Never")
    await tab.page.keyboard.press("Escape")
    await expect(title_field(tab)).to_be_hidden()
    await expect(tab.title).not_to_have_text("Never")
    await tab.page.keyboard.press("F2")
    await expect(title_field(tab)).not_to_have_value("Never")
    await title_field(tab).fill("Ripples")
    await tab.page.keyboard.press("Enter")
    await expect(tab.title).to_have_text("Ripples")
    await tab.page.reload()
    await expect(tab.title).to_have_text("Ripples")


async def test_f2_on_a_line_renames_that_conversation(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    path = await conversation(tab)
    await tab.open("/")
    await line(tab, path).focus()
    await tab.page.keyboard.press("F2")
    await title_field(tab).fill("From afar")
    await tab.page.keyboard.press("Enter")
    await expect(line(tab, path)).to_have_text("From afar")


async def test_deleted_and_brought_back(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    path = await conversation(tab)
    other = await window.tab(path)
    await delete(tab)
    for place in (tab, other):
        await expect(line(place, path)).to_have_count(0)
        await expect(place.field).to_be_hidden()
    # Where it was done, the toast says so until it goes.
    await expect(other.page.get_by_text("This chat was deleted.")).to_be_visible()
    await tab.page.get_by_role("button", name="Undo").click()
    for place in (tab, other):
        await expect(line(place, path)).to_be_visible()
        await expect(place.page.get_by_text("This chat was deleted.")).to_be_hidden()
        await expect(place.field).to_be_visible()
    await expect(tab.page.locator(".toast")).to_have_count(0)
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))


async def test_deleted_for_good_after_the_toast_has_gone(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("status of 404")
    tab = await window.tab()
    path = await conversation(tab)
    await delete(tab)
    await tab.page.mouse.move(600, 100)
    await tab.page.wait_for_url(tab.server.base + "/")
    await tab.open(path)
    await expect(tab.title).to_have_text("There is nothing here")


async def test_what_happened_while_a_tab_was_offline_is_in_its_list_afterwards(open_window: OpenWindow) -> None:
    elsewhere = await open_window()
    elsewhere.expect("WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED")
    watching = await elsewhere.tab()
    tab = await (await open_window()).tab()
    answer = await tab.ask("Waves in air demo:numbers=2000 demo:rate=60")
    found = line(watching, tab.path)
    await expect(found.get_by_label("answering")).to_be_visible()
    await elsewhere.context.set_offline(True)
    await expect(watching.page.locator("[data-banner=offline]")).to_be_visible()
    await tab.stop_button.click()
    await tab.settled(answer, "stopped")
    first = tab.path
    await tab.open("/")
    second = await conversation(tab)
    await elsewhere.context.set_offline(False)
    await expect(watching.page.locator("[data-banner=offline]")).to_be_hidden()
    await expect(line(watching, second)).to_be_visible()
    await expect(line(watching, first).get_by_label("answering")).to_have_count(0)


async def test_another_members_list_stays_empty(open_window: OpenWindow) -> None:
    bob = await (await open_window("Bob")).tab()
    ann = await (await open_window("Ann")).tab()
    path = await conversation(ann)
    await expect(line(ann, path)).to_be_visible()
    await bob.settled(await bob.ask("demo:numbers=3 demo:fast"))
    await expect(line(bob, path)).to_have_count(0)
