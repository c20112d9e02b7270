"""A press counts although an earlier one is still on its way, or the list under it comes anew; the last one decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.desk import add_chat, clear
from tests.browser.held import holding, next_of
from tests.browser.test_shared_roles import let_in
from tests.live.server import Server

# It logs what was overtaken.
HTMX = "htmx:"
OFFLINE = ("WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED", HTMX)


@pytest.fixture(autouse=True)
def tidy(server: Server) -> None:
    clear(server)


async def test_the_menu_is_that_of_the_chat_that_was_pressed_last(open_window: OpenWindow, server: Server) -> None:
    window = await open_window()
    window.expect(HTMX)
    tab = await window.tab(add_chat(server, "Here"))
    for title in ("First", "Second"):
        add_chat(server, title, timedelta(minutes=5))
    await tab.page.reload()
    menu = tab.page.locator("#file-menu")
    held = await holding(tab.page, "**/file/")
    await tab.sidebar.get_by_role("link", name="Actions for “First”").press("Enter")
    overtaken = await next_of(held)
    await tab.sidebar.get_by_role("link", name="Actions for “Second”").press("Enter")
    asked = await next_of(held)
    await overtaken.abort()
    await expect(menu).to_be_hidden()
    await asked.continue_()
    await expect(menu).to_contain_text("Second")
    await expect(menu.get_by_role("button", name="Rename")).to_be_focused()
    await expect(tab.reason).to_be_empty()


async def test_a_second_press_on_the_same_dots_changes_nothing(open_window: OpenWindow, server: Server) -> None:
    window = await open_window()
    window.expect(HTMX)
    tab = await window.tab(add_chat(server, "Here"))
    held = await holding(tab.page, "**/file/")
    dots = tab.sidebar.get_by_role("link", name="Actions for “Here”")
    await dots.press("Enter")
    await next_of(held)
    await dots.press("Enter")
    await (await next_of(held)).continue_()
    rename = tab.page.locator("#file-menu").get_by_role("button", name="Rename")
    await expect(rename).to_be_focused()
    await tab.idle()
    await expect(rename).to_be_focused()


async def test_a_tick_counts_though_the_list_comes_anew_under_it(open_window: OpenWindow, server: Server) -> None:
    window = await open_window()
    for title in ("First", "Second"):
        add_chat(server, title)
    tab, other = await window.tab("/chats/"), await window.tab()
    held = await holding(tab.page, "**/chats/?lines=*")
    await other.sidebar.get_by_role("link", name="Actions for “First”").press("Enter")
    await other.page.locator("#file-menu").get_by_role("button", name="Pin").press("Enter")
    under_way = await next_of(held)
    box = tab.page.get_by_role("checkbox", name="Choose “Second”")
    await box.hover()
    await tab.page.mouse.down()
    await under_way.continue_()
    await tab.idle()
    await tab.page.mouse.up()
    await (await next_of(held)).continue_()
    await expect(tab.page.get_by_role("img", name="pinned")).to_be_visible()
    await expect(box).to_be_checked()
    await expect(tab.page.locator("[data-chosen]")).to_have_text("1 chosen")


async def test_what_cannot_be_taken_back_now_can_be_later(open_window: OpenWindow, server: Server) -> None:
    window = await open_window()
    window.expect(*OFFLINE)
    add_chat(server, "First")
    tab = await window.tab("/chats/")
    await tab.page.get_by_role("checkbox", name="Choose “First”").check()
    await tab.page.get_by_role("button", name="Archive").click()
    toast = tab.page.locator(".toast")
    await expect(toast).to_contain_text("Chat archived.")
    await window.context.set_offline(True)
    await tab.page.keyboard.press("Control+z")
    await expect(toast.get_by_role("alert")).to_contain_text("The server cannot be reached. Nothing was changed")
    await window.context.set_offline(False)
    await toast.get_by_role("button", name="Undo").click()
    await expect(toast).to_have_count(0)
    await expect(tab.sidebar.get_by_role("link", name="First", exact=True)).to_be_visible()


async def test_the_last_of_two_opinions_holds(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(HTMX)
    tab = await window.tab()
    answer = await tab.ask("demo:numbers=3 demo:fast")
    await tab.settled(answer)
    good, bad = (tab.answer(answer).get_by_role("button", name=f"{name} answer") for name in ("Good", "Bad"))
    held = await holding(tab.page, "**/feedback/")
    await good.click()
    await next_of(held)
    await bad.click()
    await (await next_of(held)).continue_()
    await expect(tab.page.get_by_role("textbox", name="What was wrong?")).to_be_visible()
    await expect(bad).to_have_attribute("aria-pressed", "true")
    await expect(good).to_have_attribute("aria-pressed", "false")
    await expect(tab.reason).to_be_empty()


async def test_f2_renames_no_chat_of_others_and_keeps_what_is_typed(open_window: OpenWindow, server: Server) -> None:
    theirs = add_chat(server, "Theirs", owner="Bob")
    let_in(server, theirs, "Ann")
    mine = add_chat(server, "Mine")
    tab = await (await open_window()).tab(mine)
    title = tab.page.get_by_role("textbox", name="Title")
    await tab.sidebar.get_by_role("link", name="Theirs").focus()
    await tab.page.keyboard.press("F2")
    await expect(title).to_be_hidden()
    await tab.sidebar.get_by_role("link", name="Mine", exact=True).focus()
    await tab.page.keyboard.press("F2")
    await title.fill("Half a ti")
    await tab.page.keyboard.press("F2")
    await expect(title).to_have_value("Half a ti")
    await expect(title).to_be_focused()


async def test_the_focus_is_in_the_line_that_came_while_its_chat_was_renamed(
    open_window: OpenWindow, server: Server
) -> None:
    window = await open_window()
    tab, other = await window.tab(add_chat(server, "Mine")), await window.tab()
    link = tab.sidebar.get_by_role("link", name="Mine", exact=True)
    await link.focus()
    await tab.page.keyboard.press("F2")
    await expect(tab.page.get_by_role("textbox", name="Title")).to_be_focused()
    await other.sidebar.get_by_role("link", name="Actions for “Mine”").press("Enter")
    await other.page.locator("#file-menu").get_by_role("button", name="Pin").press("Enter")
    await expect(tab.sidebar.locator("#pinned > li")).to_have_text(["Mine"])
    await tab.page.keyboard.press("Escape")
    await expect(link).to_be_focused()
