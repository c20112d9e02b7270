"""Everything that is done with the chats that one has, from the first Tab to where the focus is left: keys alone."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.desk import add_chat, clear
from tests.browser.keyboard import Keys, ask
from tests.browser.tab import Tab
from tests.browser.test_administration import ADMINISTRATOR
from tests.live.history import write_long
from tests.live.server import Server

QUICK = "demo:numbers=3 demo:fast"
MENU = "More actions for this conversation"
AT_TOP = "() => scrollY === 0 && document.querySelector('[data-more=before]').hidden"


@pytest.fixture(autouse=True)
def tidy(server: Server) -> None:
    clear(server)


def actions(title: str) -> str:
    """The name of a line's own menu."""
    return f"Actions for “{title}”"


def today(tab: Tab) -> Locator:
    return tab.sidebar.locator("#today > li")


async def started(open_window: OpenWindow, *titles: str) -> tuple[Tab, Keys]:
    """A new chat's page, ready to write, with these chats in the list; the first is the newest."""
    window = await open_window()
    for age, title in enumerate(titles):
        add_chat(window.server, title, timedelta(seconds=age))
    tab = await window.tab()
    keys = Keys(tab.page)
    await keys.on("Message")
    return tab, keys


async def open_menu(keys: Keys, title: str) -> None:
    """The menu of a line; its first entry has the focus."""
    await keys.tab_to(actions(title), back=True)
    await keys.press("Enter")
    await keys.on("Rename")


async def test_a_chat_is_pinned_archived_and_brought_back(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window, "Air", "Water")
    await open_menu(keys, "Water")
    await keys.use("Pin")
    await expect(tab.sidebar.locator("#pinned > li")).to_have_text(["Water"])
    await keys.on(actions("Water"))
    await keys.press("Enter")
    await keys.on("Rename")
    await keys.use("Archive")
    await expect(today(tab)).to_have_text(["Air"])
    await keys.on(actions("Air"))
    await keys.press("Control+z")
    await expect(tab.sidebar.locator("#pinned > li")).to_have_text(["Water"])
    await expect(tab.page.locator(".toast")).to_have_count(0)
    await keys.on(actions("Air"))


async def test_a_chat_is_renamed_and_deleted_and_the_deed_is_undone(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window, "Air", "Water")
    await keys.tab_to("Air", back=True)
    await keys.press("F2")
    await keys.on("Title")
    await keys.type("Wind")
    await keys.press("Enter")
    await expect(today(tab)).to_have_text(["Wind", "Water"])
    await keys.on("Wind")
    await keys.tab_to(actions("Wind"))
    await keys.press("Enter")
    await keys.on("Rename")
    await keys.use("Delete")
    await expect(today(tab)).to_have_text(["Water"])
    await keys.on(actions("Water"))
    # The note can be walked to as well: it stays while the focus is in it.
    await keys.tab_to("Message")
    await keys.use("Undo")
    await expect(today(tab)).to_have_text(["Wind", "Water"])
    await expect(tab.page.locator("#past :focus")).to_have_count(1)
    await keys.on()


async def test_a_line_may_go_before_its_menu_does(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window, "Air", "Water")

    async def last(route: Route) -> None:
        response = await route.fetch()
        await expect(today(tab)).to_have_text(["Water"])
        await route.fulfill(response=response)

    await tab.page.route("**/delete/", last)
    await open_menu(keys, "Air")
    await keys.use("Delete")
    await keys.on(actions("Water"))
    await expect(tab.page.locator(".toast")).to_contain_text("Chat deleted.")
    await keys.on(actions("Water"))


async def test_the_open_chat_is_deleted_and_brought_back(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window)
    await tab.settled(await ask(tab, QUICK))
    await keys.use(MENU, back=True)
    await keys.use("Delete")
    await expect(tab.page.locator(".toast")).to_contain_text("Chat deleted.")
    await expect(tab.field).to_be_hidden()
    await keys.on(MENU)
    await keys.press("Control+z")
    await expect(tab.field).to_be_visible()
    await keys.on(MENU)
    await keys.tab_to("Message")


async def test_folders_are_made_filled_ordered_and_opened(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window, "Air", "Water")
    folders = tab.sidebar.locator("details.folder")
    for title, name in (("Air", "Papers"), ("Water", "电池")):
        await open_menu(keys, title)
        await keys.tab_to("Move to a new folder named")
        await keys.type(name)
        await keys.press("Enter")
        await expect(folders.filter(has_text=name)).to_be_visible()
        await keys.on()
        await keys.tab_to("Message")
    await expect(folders.locator("summary .cut")).to_have_text(["Papers", "电池"])
    await keys.tab_to("电池, 1 chats", back=True)
    await keys.press("Enter")
    await expect(folders.last.get_by_role("link", name="Water", exact=True)).to_be_visible()
    await keys.on("电池, 1 chats")
    await keys.tab_to(actions("Water"))
    await keys.press("Enter")
    await keys.on("Rename")
    await keys.use("Papers")
    await expect(folders.first.locator("[data-count]")).to_have_text("2")
    await keys.on()
    await keys.use("Arrange folders", back=True)
    await tab.page.wait_for_url("**/folders/")
    await keys.use("Move 电池 up")
    await expect(folders.locator("summary .cut")).to_have_text(["电池", "Papers"])
    await keys.on("Move 电池 down")


async def test_several_are_chosen_moved_deleted_and_brought_back(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window, *(f"Chat {number}" for number in range(1, 6)))
    titles, boxes = tab.page.locator("#chats .what > a"), [f"Choose “Chat {number}”" for number in range(1, 6)]
    await keys.use("All chats", back=True)
    await tab.page.wait_for_url("**/chats/")
    await keys.tab_to(boxes[1])
    await keys.press("Space")
    await keys.tab_to(boxes[3])
    await keys.press("Shift+Space")
    await expect(tab.page.locator("[data-chosen]")).to_have_text("3 chosen")
    await keys.use("Delete")
    await expect(titles).to_have_text(["Chat 1", "Chat 5"])
    await expect(today(tab)).to_have_count(2)
    await keys.on()
    await keys.press("Control+z")
    await expect(titles).to_have_count(5)
    await keys.on()
    await keys.tab_to(boxes[0])
    await keys.press("Space")
    await keys.use("Archive")
    await expect(titles).to_have_count(4)
    await keys.use("Undo")
    await expect(titles).to_have_count(5)
    await keys.on()


async def test_a_passage_is_found_with_filters_and_opened(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window)
    page, hits = tab.page, tab.page.locator("#found .hit")
    await tab.settled(await ask(tab, f"The wryneck of spring {QUICK}"))
    path = tab.path
    await keys.press("Control+Shift+O")
    await page.wait_for_url(tab.server.base + "/")
    await keys.on("Message")
    await keys.press("Control+k")
    await keys.on("Search chats")
    await keys.type("wryneck")
    await expect(hits).to_have_count(1)
    await keys.tab_to("Has code")
    await keys.press("Space")
    await expect(page.locator("#found [data-summary]")).to_contain_text("Nothing found")
    await keys.on("Has code")
    await keys.press("Space")
    await expect(hits).to_have_count(1)
    await keys.tab_to("Model", back=True)
    await keys.press("End")
    await expect(page.locator("#found [data-summary]")).to_contain_text("Nothing found")
    await keys.press("Home")
    await expect(hits).to_have_count(1)
    await keys.tab_to("Search chats", back=True)
    await keys.press("ArrowDown", "ArrowDown", "Enter")
    await page.wait_for_url(f"**{path}**#m*")
    await expect(page.locator(".turn:target .by")).to_be_focused()
    await keys.on()
    await keys.tab_to("Message")


async def test_older_messages_come_on_the_way_up(server: Server, open_window: OpenWindow) -> None:
    conversation, messages = await write_long(server, [(f"Question {n}", f"Answer {n}. " * 40) for n in range(40)])
    tab = await (await open_window()).tab(f"/c/{conversation}/")
    keys = Keys(tab.page)
    await keys.on("Message")
    await keys.press("Alt+ArrowUp")
    await expect(tab.answer(messages[-1]).locator(".by")).to_be_focused()
    for _ in range(len(messages)):
        if await tab.page.evaluate(AT_TOP):
            break
        count = len(await tab.turns())
        await keys.press("Home")
        await tab.page.wait_for_function(
            f"(count) => ({AT_TOP})() || document.querySelectorAll('.thread > .turn').length > count", arg=count
        )
    await keys.press("Home")
    await expect(tab.answer(messages[0])).to_be_in_viewport()
    assert await tab.turns() == [f"m{pk}" for pk in messages]
    # Reading on, turn by turn, the focus goes along.
    await expect(tab.answer(messages[-1]).locator(".by")).to_be_focused()
    await keys.press("Alt+ArrowUp")
    await expect(tab.answer(messages[-2]).locator(".by")).to_be_focused()
    await keys.on()


async def downloaded(page: Page, keys: Keys, to: Path) -> Path:
    """Press Download; returns the file."""
    await keys.tab_to("Download")
    async with page.expect_download() as caught:
        await keys.press("Enter")
    await (await caught.value).save_as(to)
    return to


async def test_a_chat_is_exported_and_imported(open_window: OpenWindow, tmp_path: Path) -> None:
    tab, keys = await started(open_window)
    page = tab.page
    await tab.settled(await ask(tab, QUICK))
    await keys.use(MENU, back=True)
    await keys.use("Export")
    await page.wait_for_url("**/export/")
    kind = page.get_by_role("radio", name="Markdown")
    for _ in range(300):
        await keys.press("Tab")
        if await kind.evaluate("(radio) => radio === document.activeElement"):
            break
    assert "0 1 2" in (await downloaded(page, keys, tmp_path / "one.md")).read_text()
    await keys.press("Shift+Tab", "Shift+Tab", "ArrowDown")
    await expect(page.get_by_role("radio", name="JSON")).to_be_focused()
    value = json.loads((await downloaded(page, keys, tmp_path / "one.json")).read_text())
    assert [one["role"] for one in value["messages"]] == ["user", "assistant"]

    (tmp_path / "one.json").write_text(json.dumps(value | {"id": str(uuid.uuid4()), "title": "Brought along"}))
    await keys.use("Account menu Ann", back=True)
    await keys.use("Import and export")
    await page.wait_for_url("**/import/")
    # The browser is told of it well before the key.
    async with page.expect_file_chooser() as chooser:
        await keys.tab_to("File")
        await keys.press("Enter")
    await (await chooser.value).set_files(tmp_path / "one.json")
    await keys.use("Import")
    await expect(page.locator("[data-import-done]")).to_contain_text("1 imported")
    await expect(tab.sidebar.get_by_role("link", name="Brought along", exact=True)).to_be_visible()


async def test_all_chats_are_exported(open_window: OpenWindow, tmp_path: Path) -> None:
    tab, keys = await started(open_window, "Air", "Water")
    await keys.use("Account menu Ann", back=True)
    await keys.use("Import and export")
    await tab.page.wait_for_url("**/import/")
    await keys.use("Export")
    await tab.page.wait_for_url("**/export/")
    assert (await downloaded(tab.page, keys, tmp_path / "all.zip")).read_bytes()[:2] == b"PK"
    await expect(tab.page.locator("[data-exported]")).to_have_text("2 of 2 chats")
    await keys.on("Download")


async def test_a_chat_is_printed(open_window: OpenWindow) -> None:
    tab, keys = await started(open_window)
    await tab.page.context.add_init_script("window.print = () => { document.body.dataset.printed = ''; }")
    await tab.settled(await ask(tab, QUICK))
    path = tab.path
    await keys.use(MENU, back=True)
    await keys.use("Print")
    await tab.page.wait_for_selector("body[data-printed]")
    await keys.use("Back to the chat")
    await tab.page.wait_for_url(tab.server.base + path)
    await keys.on("Message")


async def test_a_rule_of_retention_is_made(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    own_server.write(ADMINISTRATOR)
    add_chat(own_server, "Old", timedelta(days=90), owner="Bob")
    tab = await (await open_window("Ann", own_server)).tab("/manage/retention/")
    keys, look = Keys(tab.page), tab.page.locator("#look")
    await keys.use("New rule")
    await expect(look).to_contain_text("Now it would delete")
    await keys.tab_to("Not used for (days)")
    await keys.press("Control+a")
    await keys.type("120")
    await expect(look).to_contain_text("Now it would delete nothing.")
    await keys.on("Not used for (days)")
    await keys.press("Control+a")
    await keys.type("30")
    await expect(look).to_contain_text("Now it would delete 1 chat")
    await keys.tab_to("In use Off: it deletes nothing.")
    await keys.press("Space")
    await keys.use("Save", back=True)
    await expect(tab.page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    assert own_server.rows("SELECT days, enabled FROM retention_rule") == [(30, 1)]
