"""Chats are pinned, archived and put into folders: with keys alone, and in every tab at once."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.desk import add_chat, clear
from tests.browser.tab import Tab
from tests.live.server import Server

HOLD = """(path) => {
  window.held = document.querySelector(`#past li > a[href="${path}"]`);
  window.heard = false;
  document.addEventListener("parley:filed", () => setTimeout(() => { window.heard = true; }, 500), { once: true });
}"""
COUNTS = "(folder) => folder.querySelector('[data-count]').textContent"


@pytest.fixture(autouse=True)
def tidy(server: Server) -> None:
    clear(server)


def line(tab: Tab, path: str) -> Locator:
    return tab.sidebar.locator(f"li:has(> a[href='{path}'])")


def back(tab: Tab) -> Locator:
    """The button in the bar of an archived chat; it is in the bar's menu as well."""
    return tab.page.locator(".bar > form").get_by_role("button", name="Back to the list")


def menu(tab: Tab) -> Locator:
    return tab.page.locator("#file-menu")


def folder(tab: Tab, name: str) -> Locator:
    return tab.sidebar.locator("details.folder", has_text=name)


async def chat(tab: Tab, title: str) -> str:
    """A conversation, open in this tab; returns its path."""
    await tab.open(add_chat(tab.server, title))
    await expect(tab.title).to_have_text(title)
    return tab.path


async def open_menu(tab: Tab, path: str) -> None:
    """From the line's own link on: Tab, Enter."""
    await line(tab, path).locator("a").first.focus()
    await tab.page.keyboard.press("Tab")
    await expect(line(tab, path).locator("[data-file]")).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(menu(tab).get_by_role("button", name="Rename")).to_be_focused()


async def choose(tab: Tab, name: str) -> None:
    """Tab on to this control of the menu, and press it."""
    wanted = menu(tab).get_by_role("button", name=name, exact=True)
    for _ in range(20):
        if await wanted.evaluate("(button) => button === document.activeElement"):
            break
        await tab.page.keyboard.press("Tab")
    await expect(wanted).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(menu(tab)).to_be_hidden()


async def undo(tab: Tab) -> None:
    await tab.page.locator("#toasts").get_by_role("button", name="Undo").press("Enter")
    await expect(tab.page.locator(".toast")).to_have_count(0)


async def test_pinned_and_unpinned_from_the_menu_of_a_line(open_window: OpenWindow) -> None:
    window = await open_window()
    tab, watching = await window.tab(), await window.tab()
    first = await chat(tab, "Waves on water")
    await chat(tab, "Waves in air")
    await open_menu(tab, first)
    await tab.page.keyboard.press("Escape")
    await expect(menu(tab)).to_be_hidden()
    await expect(line(tab, first).locator("[data-file]")).to_be_focused()
    await open_menu(tab, first)
    await choose(tab, "Pin")
    for place in (tab, watching):
        await expect(place.sidebar.locator("#pinned > li")).to_have_text(["Waves on water"])
        await expect(place.sidebar.locator("#today > li")).to_have_text(["Waves in air"])
    await expect(line(tab, first).locator("[data-file]")).to_be_focused()
    await open_menu(tab, first)
    await choose(tab, "Unpin")
    for place in (tab, watching):
        await expect(place.sidebar.locator("#pinned > li")).to_have_count(0)
        await expect(place.sidebar.locator("#today > li")).to_have_text(["Waves in air", "Waves on water"])
    await undo(tab)
    await expect(watching.sidebar.locator("#pinned > li")).to_have_text(["Waves on water"])


async def test_moved_to_a_new_folder_that_stays_open_over_pages(open_window: OpenWindow) -> None:
    window = await open_window()
    tab, watching = await window.tab(), await window.tab()
    path, other = await chat(tab, "Waves on water"), await chat(tab, "Waves in air")
    await open_menu(tab, path)
    field = menu(tab).get_by_role("textbox", name="new folder")
    await field.focus()
    await tab.page.keyboard.type("电池 and papers")
    await tab.page.keyboard.press("Enter")
    await expect(menu(tab)).to_be_hidden()
    for place in (tab, watching):
        await expect(folder(place, "电池 and papers")).to_be_visible()
        await expect(line(place, path)).to_be_hidden()
        assert await folder(place, "电池 and papers").evaluate(COUNTS) == "1"
    summary = folder(tab, "电池").locator("summary")
    await summary.focus()
    await tab.page.keyboard.press("Enter")
    await expect(line(tab, path)).to_be_visible()
    await expect(summary).to_be_focused()
    await open_menu(tab, other)
    await choose(tab, "电池 and papers")
    await expect(folder(tab, "电池").locator("li")).to_have_text(["Waves in air", "Waves on water"])
    await tab.open(path)
    await expect(folder(tab, "电池").locator("li")).to_have_text(["Waves in air", "Waves on water"])
    # An answer moves its line to the top of the folder; a title leaves it where it is.
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    await expect(folder(tab, "电池").locator("li")).to_have_text(["Waves on water", "Waves in air"])
    await line(tab, other).locator("a").first.focus()
    await tab.page.keyboard.press("F2")
    await tab.page.get_by_role("textbox", name="Title").fill("Ripples")
    await tab.page.keyboard.press("Enter")
    await expect(folder(tab, "电池").locator("li")).to_have_text(["Waves on water", "Ripples"])
    # The browser keeps it open, whichever tab opened it.
    await expect(folder(watching, "电池").locator("li")).to_have_text(["Waves on water", "Ripples"])
    await folder(tab, "电池").locator("summary").press("Enter")
    await expect(line(tab, path)).to_be_hidden()
    await tab.page.reload()
    await expect(folder(tab, "电池")).to_be_visible()
    await expect(line(tab, path)).to_be_hidden()


async def test_a_dot_in_a_folder_and_a_count_after_delete(open_window: OpenWindow) -> None:
    window = await open_window()
    tab, watching = await window.tab(), await window.tab()
    path = await chat(tab, "Waves on water")
    await open_menu(tab, path)
    await menu(tab).get_by_role("textbox", name="new folder").fill("Papers")
    await tab.page.keyboard.press("Enter")
    await folder(watching, "Papers").locator("summary").click()
    answer = await tab.ask("demo:numbers=400 demo:rate=200")
    await expect(line(watching, path).get_by_label("answering")).to_be_visible()
    await tab.settled(answer)
    await expect(line(watching, path).get_by_label("answering")).to_have_count(0)
    await tab.page.get_by_role("button", name="More actions").press("Enter")
    await tab.page.locator("#chat-menu").get_by_role("button", name="Delete").press("Enter")
    await expect(line(watching, path)).to_have_count(0)
    assert await folder(watching, "Papers").evaluate(COUNTS) == "0"
    await expect(watching.page.get_by_text("Nothing in it yet.")).to_be_visible()
    await undo(tab)
    await expect(line(watching, path)).to_be_visible()
    assert await folder(watching, "Papers").evaluate(COUNTS) == "1"


async def test_archived_in_the_bar_and_back_by_writing(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    path = await chat(tab, "Waves on water")
    other = await window.tab(path)
    await tab.page.get_by_role("button", name="More actions").press("Enter")
    await tab.page.locator("#chat-menu").get_by_role("button", name="Archive").press("Enter")
    for place in (tab, other):
        await expect(back(place)).to_be_visible()
        await expect(place.page.locator(".bar")).to_contain_text("Archived")
        await expect(line(place, path)).to_have_count(0)
        await expect(place.page.get_by_text("This chat was deleted.")).to_be_hidden()
    await back(other).press("Enter")
    for place in (tab, other):
        await expect(back(place)).to_be_hidden()
        await expect(line(place, path)).to_have_attribute("id", f"c-{path.strip('/').split('/')[1]}")
    await undo(other)
    await expect(back(tab)).to_be_visible()
    await tab.settled(await tab.ask("Still there? demo:numbers=3 demo:fast"))
    for place in (tab, other):
        await expect(back(place)).to_be_hidden()
        await expect(line(place, path)).to_be_visible()
        await expect(line(place, path).locator("a").first).to_have_attribute("aria-current", "page")


async def test_the_bar_pins_and_moves_too(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    path = await chat(tab, "Waves on water")
    more = tab.page.get_by_role("button", name="More actions")
    bar = tab.page.locator("#chat-menu")
    await more.press("Enter")
    await bar.get_by_role("button", name="Pin", exact=True).press("Enter")
    await expect(tab.sidebar.locator("#pinned > li")).to_have_count(1)
    await more.press("Enter")
    await expect(bar.get_by_role("button", name="Pin", exact=True)).to_be_hidden()
    await bar.get_by_role("button", name="Unpin").press("Enter")
    await expect(tab.sidebar.locator("#pinned > li")).to_have_count(0)
    await more.press("Enter")
    await bar.get_by_role("link", name="Move to a folder").press("Enter")
    field = menu(tab).get_by_role("textbox", name="new folder")
    await expect(field).to_be_focused()
    await expect(menu(tab).get_by_role("button", name="Rename")).to_have_count(0)
    await field.fill("Papers")
    await tab.page.keyboard.press("Enter")
    await expect(folder(tab, "Papers")).to_be_visible()
    await expect(more).to_be_focused()
    await folder(tab, "Papers").locator("summary").click()
    await expect(line(tab, path)).to_be_visible()


async def test_focus_goes_to_the_next_line_when_its_own_is_gone(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    first = await chat(tab, "Waves on water")
    second = await chat(tab, "Waves in air")
    await tab.open("/")
    await open_menu(tab, second)
    await choose(tab, "Archive")
    await expect(line(tab, second)).to_have_count(0)
    await expect(line(tab, first).locator("[data-file]")).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await choose(tab, "Delete")
    await expect(line(tab, first)).to_have_count(0)
    await expect(tab.page.locator("#past")).to_be_focused()
    await expect(tab.sidebar.get_by_text("Your chats will be listed here.")).to_be_visible()


async def test_renamed_from_the_menu_of_a_line(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    path = await chat(tab, "Waves on water")
    await tab.open("/")
    await open_menu(tab, path)
    await choose(tab, "Rename")
    await tab.page.get_by_role("textbox", name="Title").fill("Ripples")
    await tab.page.keyboard.press("Enter")
    await expect(line(tab, path)).to_have_text("Ripples")


async def test_dragged_into_a_folder_to_the_pins_and_back_among_the_days(open_window: OpenWindow) -> None:
    window = await open_window()
    tab, watching = await window.tab(), await window.tab()
    path = await chat(tab, "Waves on water")
    await chat(tab, "Waves in air")
    await tab.open("/folders/")
    await tab.page.get_by_role("textbox", name="new folder").fill("Papers")
    await tab.page.keyboard.press("Enter")
    await expect(folder(tab, "Papers")).to_be_visible()
    await tab.open("/")
    await line(tab, path).locator("a").first.drag_to(folder(tab, "Papers").locator("summary"))
    await expect(tab.page.locator(".toast")).to_contain_text("moved to Papers")
    for place in (tab, watching):
        await expect(line(place, path)).to_be_hidden()
        assert await folder(place, "Papers").evaluate(COUNTS) == "1"
    await folder(tab, "Papers").locator("summary").click()
    await expect(line(tab, path)).to_be_visible()
    await drag(tab, line(tab, path), "#pinned")
    await expect(tab.page.locator(".toast")).to_contain_text("pinned")
    await expect(watching.sidebar.locator("#pinned > li")).to_have_text(["Waves on water"])
    await drag(tab, line(tab, path), "#today")
    await expect(tab.page.locator(".toast")).to_contain_text("taken out of the folder")
    await expect(watching.sidebar.locator("#today > li")).to_have_text(["Waves in air", "Waves on water"])
    await undo(tab)
    await expect(watching.sidebar.locator("#pinned > li")).to_have_text(["Waves on water"])


async def drag(tab: Tab, dragged: Locator, group: str) -> None:
    """To the heading of this group, which may come only when something is dragged."""
    mouse = tab.page.mouse
    await dragged.locator("a").first.hover()
    await mouse.down()
    box = await dragged.bounding_box()
    assert box
    await mouse.move(box["x"] + 30, box["y"] + 30, steps=3)
    heading = tab.sidebar.locator(f".group:has({group}) h2").first
    await expect(heading).to_be_visible()
    target = await heading.bounding_box()
    assert target
    await mouse.move(target["x"] + 20, target["y"] + 8, steps=5)
    await expect(tab.sidebar.locator("[data-over]")).to_have_count(1)
    await mouse.up()
    await expect(tab.sidebar.locator("[data-over], [data-dragging]")).to_have_count(0)


async def test_a_line_stays_while_it_is_pressed_or_dragged(open_window: OpenWindow) -> None:
    window = await open_window()
    tab, other = await window.tab(), await window.tab("/folders/")
    path = await chat(tab, "Waves on water")
    await chat(tab, "Waves in air")
    mouse = tab.page.mouse
    for name in ("Pressed", "Dragged"):
        await line(tab, path).locator("a").first.hover()
        await mouse.down()
        if name == "Dragged":
            await mouse.move(40, 500, steps=3)
        await tab.page.evaluate(HOLD, path)
        await other.page.get_by_role("textbox", name="new folder").fill(name)
        await other.page.keyboard.press("Enter")
        await tab.page.wait_for_function("() => window.heard")
        assert await tab.page.evaluate("window.held.isConnected")
        if name == "Dragged":
            await folder(tab, "Pressed").locator("summary").hover()
        await mouse.up()
        if name == "Pressed":
            await tab.page.wait_for_url(f"**{path}")
        await expect(folder(tab, name)).to_be_visible()
    await expect(tab.page.locator(".toast")).to_contain_text("moved to Pressed")


async def test_what_cannot_be_done_is_said_in_the_menu(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("status of 422", "Error Code 422", "htmx:", "ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    tab = await window.tab()
    path = await chat(tab, "Waves on water")
    await open_menu(tab, path)
    await menu(tab).get_by_role("textbox", name="new folder").fill("   ")
    await tab.page.keyboard.press("Enter")
    await expect(menu(tab).get_by_role("alert")).to_contain_text("between 1 and 80 characters")
    await expect(tab.reason).to_be_empty()
    await window.context.set_offline(True)
    await menu(tab).get_by_role("button", name="Pin").click()
    await expect(menu(tab).get_by_role("alert")).to_contain_text("Nothing was changed")
    await window.context.set_offline(False)
    await menu(tab).get_by_role("button", name="Pin").click()
    await expect(tab.sidebar.locator("#pinned > li")).to_have_count(1)
