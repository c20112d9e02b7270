"""A part of a page comes anew with an answer: what else was asked for, typed or opened in it is not lost by that."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.desk import add_chat, clear
from tests.browser.held import holding, next_of
from tests.browser.tab import Tab
from tests.browser.test_shared_roles import dialog_of, let_in
from tests.live.server import Server
from tests.sharing.onlooker import ALLOWED, make_link

CARET = "(field) => field.selectionStart"


async def shared_with(open_window: OpenWindow, server: Server, *names: str) -> tuple[Tab, Locator]:
    """Ann's tab, and the dialog of a chat that these may read."""
    path = add_chat(server, "Shared")
    for name in names:
        let_in(server, path, name, may_write=False)
    window = await open_window("Ann")
    window.expect("ERR_FAILED", "htmx:")
    tab = await window.tab(path)
    return tab, await dialog_of(tab)


@pytest.mark.parametrize("reached", [True, False], ids=["reached", "not reached"])
async def test_two_are_removed_one_right_after_the_other(
    open_window: OpenWindow, server: Server, reached: bool
) -> None:
    tab, dialog = await shared_with(open_window, server, "Bob", "Eve")
    held = await holding(tab.page, "**/members/remove/")
    for name in ("Bob", "Eve"):
        await dialog.get_by_role("button", name=f"Remove {name}").click()
    first, second = await next_of(held), await next_of(held)
    await first.continue_()
    await expect(dialog.get_by_role("button", name="Remove Bob")).to_have_count(0)
    if reached:
        await second.continue_()
        await expect(dialog.get_by_text("Nobody but you can open this chat.")).to_be_visible()
        await expect(tab.page.locator("#who-reads")).to_be_hidden()
    else:
        await second.abort()
        await expect(dialog.get_by_text("The server cannot be reached. Nothing was changed")).to_be_visible()
        await expect(dialog.get_by_role("button", name="Remove Eve")).to_be_visible()


async def test_two_links_are_revoked_one_right_after_the_other(open_window: OpenWindow, server: Server) -> None:
    tab, dialog = await two_links(open_window, server)
    held = await holding(tab.page, "**/revoke/")
    for label in ("First", "Second"):
        await dialog.get_by_role("button", name=f"Revoke: {label}").click()
    for label in ("First", "Second"):
        await (await next_of(held)).continue_()
        await expect(dialog.get_by_role("button", name=f"Undo: {label}")).to_be_visible()


async def test_what_one_may_do_is_set_and_set_back(open_window: OpenWindow, server: Server) -> None:
    tab, dialog = await shared_with(open_window, server, "Bob")
    held = await holding(tab.page, "**/members/change/")
    may = dialog.get_by_label("What Bob may do")
    await may.focus()
    await may.select_option("Takes part")
    first = await next_of(held)
    await may.select_option("Reads")
    await first.continue_()
    await (await next_of(held)).continue_()
    await tab.idle()
    await expect(may).to_have_value("0")
    await expect(may).to_be_focused()
    assert server.rows("SELECT may_write FROM conversations_participation ORDER BY id DESC LIMIT 1") == [(0,)]


async def test_the_next_name_is_typed_while_somebody_is_invited(open_window: OpenWindow, server: Server) -> None:
    tab, dialog = await shared_with(open_window, server)
    name = dialog.get_by_label("Invite a person or a group")
    await name.fill("Bo")
    held = await holding(tab.page, "**/members/")
    await dialog.get_by_role("button", name="Let Bob take part").click()
    under_way = await next_of(held)
    await name.fill("Eve")
    await name.press("ArrowLeft")
    await under_way.continue_()
    await expect(dialog.get_by_label("What Bob may do")).to_be_visible()
    await expect(name).to_be_focused()
    await expect(name).to_have_value("Eve")
    assert await name.evaluate(CARET) == 2
    await dialog.get_by_role("button", name="Let Eve take part").click()
    await (await next_of(held)).continue_()
    await expect(dialog.get_by_label("What Eve may do")).to_be_visible()
    # It has served.
    await expect(name).to_have_value("")
    await expect(dialog.get_by_role("heading", name="With members")).to_be_focused()


async def test_a_newer_search_for_names_is_no_failure(open_window: OpenWindow, server: Server) -> None:
    tab, dialog = await shared_with(open_window, server)
    name = dialog.get_by_label("Invite a person or a group")
    held = await holding(tab.page, "**/members/find/*")
    await name.fill("B")
    await next_of(held)
    await name.fill("Bo")
    newer = await next_of(held)
    await expect(dialog.locator("[data-undone]")).to_be_empty()
    await expect(tab.reason).to_be_empty()
    await newer.continue_()
    await expect(dialog.get_by_role("button", name="Let Bob take part")).to_be_visible()


async def two_links(open_window: OpenWindow, server: Server) -> tuple[Tab, Locator]:
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    for label in ("First", "Second"):
        await make_link(server, talk, label=label)
    tab = await (await open_window("Ann")).tab(f"/c/{talk.conversation}/")
    return tab, await dialog_of(tab)


async def test_a_link_is_thought_of_while_another_is_revoked(open_window: OpenWindow, server: Server) -> None:
    tab, dialog = await two_links(open_window, server)
    held = await holding(tab.page, "**/revoke/")
    await dialog.get_by_text("Change label, end or password").last.click()
    change = dialog.locator("form[aria-label='Change First']")
    await change.get_by_label("Password").fill("open sesame")
    await dialog.get_by_text("New link").click()
    new = dialog.locator("form[aria-label='New link']")
    await dialog.get_by_role("button", name="Revoke: Second").click()
    under_way = await next_of(held)
    await new.get_by_role("radio", name="As it grows").check()
    await new.get_by_label("Label").focus()
    await tab.page.keyboard.type("For J")
    await under_way.continue_()
    await expect(dialog.get_by_role("button", name="Undo: Second")).to_be_visible()
    await tab.page.keyboard.type("o")
    await expect(new.get_by_label("Label")).to_have_value("For Jo")
    await expect(new.get_by_role("radio", name="As it grows")).to_be_checked()
    await expect(dialog.locator("#says")).to_contain_text("and whatever is added later.")
    await expect(change.get_by_label("Password")).to_be_visible()
    await expect(change.get_by_label("Password")).to_have_value("open sesame")
    await new.get_by_role("button", name="Make link").click()
    await expect(dialog.get_by_label("The link is ready.")).to_be_focused()
    await expect(new).to_be_hidden()
    await expect(new.get_by_label("Label")).to_have_value("")
    await expect(change.get_by_label("Password")).to_have_value("open sesame")


async def test_a_name_is_typed_while_a_link_is_made(open_window: OpenWindow, server: Server) -> None:
    tab, dialog = await two_links(open_window, server)
    held = await holding(tab.page, "**/share/")
    await dialog.get_by_text("New link").click()
    await dialog.get_by_role("button", name="Make link").click()
    under_way = await next_of(held)
    name = dialog.get_by_label("Invite a person or a group")
    await name.focus()
    await under_way.continue_()
    await expect(dialog.get_by_label("The link is ready.")).to_be_visible()
    await tab.page.keyboard.type("Bo")
    await expect(name).to_have_value("Bo")
    await expect(dialog.get_by_role("button", name="Let Bob take part")).to_be_visible()


async def test_a_folder_is_named_while_others_move(open_window: OpenWindow, server: Server) -> None:
    clear(server)
    tab = await (await open_window("Ann")).tab("/folders/")
    page = tab.page
    new = page.get_by_role("textbox", name="Name of the new folder")
    for name in ("One", "Two", "Three"):
        await new.fill(name)
        await new.press("Enter")
        await expect(page.get_by_role("button", name=f"Rename {name}")).to_be_visible()
    held = await holding(page, "**/folders/*/up/")
    for name in ("Two", "Three"):
        await page.get_by_role("button", name=f"Move {name} up").click()
    moves = [await next_of(held), await next_of(held)]
    await new.fill("Fou")
    first = page.get_by_role("textbox", name="Name of One")
    await first.fill("On")
    for at, name in enumerate(("Two", "Three")):
        await moves[at].continue_()
        await expect(page.get_by_role("button", name="Rename").nth(at)).to_have_accessible_name(f"Rename {name}")
    await page.keyboard.type("ce")
    await expect(first).to_have_value("Once")
    await expect(new).to_have_value("Fou")
    await first.press("Enter")
    await expect(page.get_by_role("textbox", name="Name of Once")).to_be_focused()
