"""The pages of filing: many chats at once, the archive, folders in order. Keys alone, a phone, and no script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.desk import add_chat, clear
from tests.browser.held import holding, next_of
from tests.browser.tab import Tab
from tests.browser.test_accessibility import audit
from tests.browser.test_small_windows import NARROW, PHONE, TOO_SMALL, no_sideways_scroll
from tests.live.server import Server


@pytest.fixture(autouse=True)
def tidy(server: Server) -> None:
    clear(server)


def seeded(server: Server, count: int) -> None:
    """Chat 1 is the newest."""
    for number in range(1, count + 1):
        add_chat(server, f"Chat {number}", timedelta(seconds=number))


def box(tab: Tab, number: int) -> Locator:
    return tab.page.get_by_role("checkbox", name=f"Choose “Chat {number}”", exact=True)


def titles(tab: Tab) -> Locator:
    return tab.page.locator("#chats .what > a")


async def test_a_range_is_archived_with_keys_and_taken_back(open_window: OpenWindow) -> None:
    window = await open_window()
    seeded(window.server, 6)
    tab, watching = await window.tab("/chats/"), await window.tab()
    archive = tab.page.get_by_role("button", name="Archive")
    await expect(archive).to_be_disabled()
    await box(tab, 2).focus()
    await tab.page.keyboard.press("Space")
    await box(tab, 4).focus()
    await tab.page.keyboard.press("Shift+Space")
    await expect(tab.page.locator("[data-chosen]")).to_have_text("3 chosen")
    await box(tab, 3).press("Space")
    await archive.press("Enter")
    await expect(tab.page.locator(".toast")).to_contain_text("2 chats archived.")
    await expect(titles(tab)).to_have_text(["Chat 1", "Chat 3", "Chat 5", "Chat 6"])
    await expect(watching.sidebar.locator("#today > li")).to_have_text(["Chat 1", "Chat 3", "Chat 5", "Chat 6"])
    await expect(tab.page.locator("[data-chosen]")).to_have_text("None chosen")
    await tab.page.get_by_role("button", name="Undo").press("Enter")
    await expect(titles(tab)).to_have_count(6)
    await expect(watching.sidebar.locator("#today > li")).to_have_count(6)


async def test_all_on_the_page_are_chosen_and_stay_so_while_the_list_changes(open_window: OpenWindow) -> None:
    window = await open_window()
    seeded(window.server, 3)
    tab, other = await window.tab("/chats/"), await window.tab()
    whole = tab.page.get_by_role("checkbox", name="Choose all on this page")
    await whole.press("Space")
    await expect(tab.page.locator("[data-chosen]")).to_have_text("3 chosen")
    await box(tab, 2).press("Space")
    await expect(whole).to_have_js_property("indeterminate", True)
    await expect(box(tab, 2)).to_be_focused()
    await other.sidebar.get_by_role("link", name="Actions for “Chat 3”").press("Enter")
    await other.page.locator("#file-menu").get_by_role("button", name="Pin").press("Enter")
    await expect(tab.page.get_by_role("img", name="pinned")).to_be_visible()
    await expect(tab.page.locator("[data-chosen]")).to_have_text("2 chosen")
    await expect(box(tab, 2)).to_be_focused()
    await tab.page.get_by_role("button", name="Delete").press("Enter")
    await expect(titles(tab)).to_have_text(["Chat 2"])
    await expect(tab.page.locator("#chats")).to_be_focused()


async def test_chats_are_filed_while_the_list_is_on_its_way(open_window: OpenWindow) -> None:
    window = await open_window()
    seeded(window.server, 4)
    tab, other = await window.tab("/chats/"), await window.tab()
    lists = await holding(tab.page, "**/chats/?lines=*")
    await other.sidebar.get_by_role("link", name="Actions for “Chat 3”").press("Enter")
    await other.page.locator("#file-menu").get_by_role("button", name="Pin").press("Enter")
    under_way = await next_of(lists)
    await box(tab, 1).press("Space")
    await tab.page.get_by_role("button", name="Archive").press("Enter")
    # What is ticked while it is being done stays ticked.
    await box(tab, 2).press("Space")
    await expect(tab.page.locator(".toast")).to_contain_text("Chat archived.")
    await under_way.continue_()
    await (await next_of(lists)).continue_()
    await expect(titles(tab)).to_have_text(["Chat 2", "Chat 3", "Chat 4"])
    await expect(tab.page.locator("[data-chosen]")).to_have_text("1 chosen")
    await expect(box(tab, 2)).to_be_checked()
    await expect(box(tab, 2)).to_be_focused()


async def test_older_rows_come_and_keep_the_ticks(open_window: OpenWindow) -> None:
    window = await open_window()
    seeded(window.server, 55)
    tab = await window.tab("/chats/")
    await box(tab, 1).check()
    await expect(titles(tab)).to_have_count(50)
    await tab.page.locator("#chats .older a").focus()
    await expect(titles(tab)).to_have_count(55)
    await expect(tab.page.locator("[data-chosen]")).to_have_text("1 chosen")
    await tab.sidebar.locator(".older").scroll_into_view_if_needed()
    await expect(tab.sidebar.locator("#days li")).to_have_count(55)
    await box(tab, 55).check()
    await tab.page.get_by_role("button", name="Archive").click()
    await expect(titles(tab)).to_have_count(53)
    # As much of the sidebar is there as was before.
    await expect(tab.sidebar.locator("#days li")).to_have_count(53)


async def test_the_archive_gives_back_one_by_its_button_and_several_by_ticks(open_window: OpenWindow) -> None:
    window = await open_window()
    seeded(window.server, 3)
    window.server.write("UPDATE conversations_conversation SET archived_at = active_at WHERE deleted_at IS NULL")
    tab = await window.tab("/archive/")
    await box(tab, 3).press("Enter")
    await tab.page.get_by_role("button", name="Bring “Chat 2” back").press("Enter")
    await expect(titles(tab)).to_have_text(["Chat 1", "Chat 3"])
    await expect(tab.page.get_by_role("button", name="Bring “Chat 3” back")).to_be_focused()
    await box(tab, 1).press("Space")
    await tab.page.get_by_role("button", name="Back to the list", exact=True).press("Enter")
    await expect(tab.sidebar.locator("#today > li")).to_have_text(["Chat 1", "Chat 2"])
    await expect(tab.page.locator("[data-chosen]")).to_have_text("None chosen")
    await box(tab, 3).press("Space")
    await tab.page.get_by_role("button", name="Delete").press("Enter")
    await expect(tab.page.get_by_text("Nothing is archived.")).to_be_visible()


async def test_folders_are_made_named_ordered_and_deleted_with_keys(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("status of 422", "Error Code 422")
    tab, watching = await window.tab("/folders/"), await window.tab()
    names = watching.sidebar.locator("details.folder summary .cut")
    field = tab.page.get_by_role("textbox", name="Name of the new folder")
    for name in ("Papers", "电池"):
        await field.fill(name)
        await field.press("Enter")
        await expect(tab.page.get_by_role("button", name=f"Rename {name}")).to_be_visible()
        await expect(field).to_be_focused()
    await expect(names).to_have_text(["Papers", "电池"])
    await field.fill("Papers")
    await field.press("Enter")
    await expect(tab.page.get_by_role("alert").filter(has_text="already")).to_be_visible()
    await expect(field).to_have_value("Papers")
    await tab.page.get_by_role("button", name="Move 电池 up").press("Enter")
    await expect(names).to_have_text(["电池", "Papers"])
    await expect(tab.page.get_by_role("button", name="Move 电池 down")).to_be_focused()
    title = tab.page.get_by_role("textbox", name="Name of Papers")
    await title.fill("Read")
    await title.press("Enter")
    await expect(names).to_have_text(["电池", "Read"])
    await tab.page.get_by_role("link", name="Delete Read").press("Enter")
    await tab.page.get_by_role("button", name="Delete Read").press("Enter")
    await expect(names).to_have_text(["电池"])
    await tab.page.wait_for_url("**/folders/")


async def test_without_javascript_all_of_it_works(open_window: OpenWindow) -> None:
    window = await open_window(java_script_enabled=False)
    seeded(window.server, 3)
    tab = await window.tab("/folders/")
    page = tab.page
    await page.get_by_role("textbox", name="Name of the new folder").fill("Papers")
    await page.get_by_role("button", name="Make folder").click()
    await page.get_by_role("link", name="Actions for “Chat 1”").click()
    await page.get_by_role("button", name="Papers").click()
    await page.wait_for_url("**/c/*/")
    await page.locator("details.folder summary").click()
    await page.get_by_role("link", name="Show its chats").click()
    await expect(titles(tab)).to_have_text(["Chat 1"])
    await tab.open("/chats/")
    await box(tab, 2).check()
    await box(tab, 3).check()
    await page.get_by_role("button", name="Archive").click()
    await expect(page.get_by_role("status").filter(has_text="2 chats archived.")).to_be_visible()
    await expect(titles(tab)).to_have_text(["Chat 1"])
    await page.get_by_role("button", name="Undo").click()
    await expect(titles(tab)).to_have_text(["Chat 1", "Chat 2", "Chat 3"])


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
async def test_the_pages_fit_small_windows(open_window: OpenWindow, size: dict[str, object]) -> None:
    window = await open_window(**size)
    seeded(window.server, 3)
    path = add_chat(window.server, "Donaudampfschifffahrt" * 9)
    columns = 'INSERT INTO conversations_folder (owner_id, name, "order")'
    window.server.write(columns + " SELECT id, ?, 0 FROM accounts_user WHERE name = 'Ann'", "Donaudampfschifffahrt" * 3)
    window.server.write("UPDATE conversations_conversation SET folder_id = (SELECT id FROM conversations_folder)")
    window.server.write("UPDATE conversations_conversation SET archived_at = active_at WHERE title = 'Chat 1'")
    tab = await window.tab()
    for place in ("/chats/", "/archive/", "/folders/", f"{path}file/"):
        await tab.open(place)
        await no_sideways_scroll(tab.page)


async def test_a_line_of_a_phone_has_its_menu_in_reach(open_window: OpenWindow) -> None:
    window = await open_window(**PHONE)
    seeded(window.server, 3)
    tab = await window.tab()
    await tab.page.get_by_role("button", name="Open conversations").tap()
    more = tab.sidebar.get_by_role("link", name="Actions for “Chat 2”")
    await expect(more).to_have_css("opacity", "1")
    assert await tab.sidebar.locator("a:visible, summary:visible").evaluate_all(TOO_SMALL) == []
    await expect(more.locator("svg")).to_be_visible()
    dots = await more.locator("svg").bounding_box()
    assert dots
    assert dots["width"] > 10
    await more.tap()
    menu = tab.page.locator("#file-menu")
    await expect(menu).to_be_in_viewport(ratio=1)
    await expect(tab.sidebar).to_be_visible()
    assert await menu.locator("button, input:not([type=hidden])").evaluate_all(TOO_SMALL) == []
    await menu.get_by_role("button", name="Archive").tap()
    await expect(tab.sidebar.locator("#today > li")).to_have_text(["Chat 1", "Chat 3"])
    await expect(tab.sidebar).to_be_visible()


async def test_an_audit_of_pages_and_menus(open_window: OpenWindow) -> None:
    window = await open_window()
    seeded(window.server, 2)
    path = add_chat(window.server, "钠电硬碳负极的首效优化")
    tab = await window.tab("/folders/")
    await tab.page.get_by_role("textbox", name="Name of the new folder").fill("审稿")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("button", name="Rename 审稿")).to_be_visible()
    await tab.page.locator("details.folder summary").click()
    await expect(tab.page.get_by_text("Nothing in it yet.")).to_be_visible()
    await audit(tab.page)
    for place in ("/chats/", "/archive/", f"{path}file/"):
        await tab.open(place)
        await audit(tab.page)
    await tab.page.set_viewport_size({"width": 1440, "height": 900})
    await tab.open(path)
    await tab.sidebar.get_by_role("link", name="Actions for “Chat 2”").press("Enter")
    await expect(tab.page.locator("#file-menu")).to_be_visible()
    await audit(tab.page)
