"""What pages and the share dialog show when somebody's part in a chat has changed since they were opened."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.desk import add_chat
from tests.browser.tab import Tab
from tests.live.server import Server

PHONE = {"has_touch": True, "is_mobile": True}
TYPED = "What I was about to say"
# A confirmation is given, and its words are kept.
ACCEPT = "window.confirm = (words) => { sessionStorage.asked = words; return true; }"
# Of every element of the list: does it end within the window?
STICKS_OUT = """(list) => [...list.querySelectorAll("*"), list].filter((one) =>
  one.checkVisibility() && (one.getBoundingClientRect().right > innerWidth + 0.5 || one.getBoundingClientRect().x < 0)
).map((one) => one.outerHTML)"""


def let_in(server: Server, path: str, name: str, *, may_write: bool = True) -> None:
    """As the owner has done it before."""
    server.write(
        'INSERT INTO conversations_participation (conversation_id, member_id, may_write, "left", created_at)'
        " SELECT ?, id, ?, 0, '2026-01-01' FROM accounts_user WHERE name = ?",
        path.split("/")[2].replace("-", ""),
        may_write,
        name,
    )


async def chat_of_two(open_window: OpenWindow, server: Server, title: str, **options: Any) -> tuple[Tab, Tab]:
    """Ann's tab and Bob's, who takes part."""
    path = add_chat(server, title)
    let_in(server, path, "Bob")
    return await (await open_window("Ann", **options)).tab(path), await (await open_window("Bob")).tab(path)


async def dialog_of(tab: Tab) -> Locator:
    await tab.page.get_by_role("link", name="Share", exact=True).click()
    dialog = tab.page.get_by_role("dialog", name="Share this chat")
    await expect(dialog).to_be_visible()
    return dialog


async def test_who_may_only_read_now_loses_the_composer_and_gets_it_back_with_the_text(
    open_window: OpenWindow, server: Server
) -> None:
    ann, bob = await chat_of_two(open_window, server, "Roles")
    await bob.field.fill(TYPED)
    dialog = await dialog_of(ann)
    await dialog.get_by_label("What Bob may do").focus()
    await ann.page.keyboard.press("R")
    await expect(bob.page.get_by_text("Ann shows you this chat.")).to_be_visible()
    await expect(bob.field).to_have_count(0)
    await ann.idle()
    await expect(dialog.get_by_label("What Bob may do")).to_be_focused()
    await dialog.get_by_label("What Bob may do").select_option("Takes part")
    await expect(bob.field).to_have_value(TYPED)


async def test_a_question_that_is_being_edited_is_not_lost(open_window: OpenWindow, server: Server) -> None:
    ann, bob = await chat_of_two(open_window, server, "Edited")
    await bob.page.get_by_role("link", name="Edit and ask again").click()
    edited = bob.page.get_by_role("textbox", name="Question")
    await edited.fill(TYPED)
    dialog = await dialog_of(ann)
    await dialog.get_by_label("What Bob may do").select_option("Reads")
    await bob.page.wait_for_timeout(1_000)
    await expect(edited).to_have_value(TYPED)
    await bob.page.keyboard.press("Escape")
    await expect(bob.page.get_by_text("Ann shows you this chat.")).to_be_visible()


async def test_the_heir_can_share_and_rename_and_the_old_owner_cannot_any_more(
    open_window: OpenWindow, server: Server
) -> None:
    ann, bob = await chat_of_two(open_window, server, "Handed on")
    other = Tab(await ann.page.context.new_page(), server)
    await other.open(ann.path)
    await other.field.fill(TYPED)
    dialog = await dialog_of(ann)
    await ann.page.evaluate(ACCEPT)
    await dialog.get_by_role("button", name="Make owner").click()
    await expect(bob.page.get_by_role("link", name="Share", exact=True)).to_be_visible()
    await expect(bob.title).to_have_attribute("title", "Rename with F2")
    for tab in (ann, other):
        await expect(tab.page.get_by_role("link", name="Share", exact=True)).to_have_count(0)
    await expect(other.field).to_have_value(TYPED)
    asked = await ann.page.evaluate("sessionStorage.asked")
    assert "Bob sees the instructions" in asked
    assert "links go along" in asked


async def test_an_old_dialog_says_who_is_gone_and_shows_who_is_there(open_window: OpenWindow, server: Server) -> None:
    ann, _ = await chat_of_two(open_window, server, "Two dialogs")
    other = Tab(await ann.page.context.new_page(), server)
    await other.open(ann.path)
    stale, fresh = await dialog_of(ann), await dialog_of(other)
    await fresh.get_by_role("button", name="Remove Bob").click()
    await expect(fresh.get_by_text("Nobody but you can open this chat.")).to_be_visible()
    await stale.get_by_label("What Bob may do").select_option("Reads")
    await expect(stale.get_by_role("alert").filter(has_text="They are not in this chat any more")).to_be_visible()
    await expect(stale.get_by_text("Nobody but you can open this chat.")).to_be_visible()
    await expect(stale.get_by_role("heading", name="With members")).to_be_focused()
    assert not server.rows(
        "SELECT 1 FROM conversations_participation p JOIN conversations_conversation c"
        " ON c.id = p.conversation_id WHERE c.title = 'Two dialogs'"
    )


async def test_the_dialog_of_who_is_not_the_owner_any_more_says_so(open_window: OpenWindow, server: Server) -> None:
    ann, _ = await chat_of_two(open_window, server, "Another's")
    dialog = await dialog_of(ann)
    # In another process, so that this page is not told.
    server.write("UPDATE conversations_conversation SET owner_id = 2 WHERE title = 'Another''s'")
    server.write(
        "UPDATE conversations_participation SET member_id = 1 WHERE conversation_id ="
        " (SELECT id FROM conversations_conversation WHERE title = 'Another''s')"
    )
    await dialog.get_by_role("button", name="Remove Bob").click()
    await expect(dialog.get_by_text("owns this chat now and says who can open it")).to_be_visible()
    await expect(ann.reason).to_be_empty()


async def test_what_the_server_cannot_do_is_said_in_the_dialog(open_window: OpenWindow, server: Server) -> None:
    path = add_chat(server, "Cut off")
    let_in(server, path, "Bob")
    window = await open_window("Ann")
    window.expect("ERR_FAILED", "htmx:")
    ann = await window.tab(path)
    dialog = await dialog_of(ann)
    await window.context.route("**/members/change/", lambda route: route.abort())
    await dialog.get_by_label("What Bob may do").select_option("Reads")
    await expect(dialog.get_by_text("The server cannot be reached. Nothing was changed")).to_be_visible()
    await expect(ann.reason).to_be_empty()


async def test_a_refusal_is_shown_in_its_own_words(open_window: OpenWindow, server: Server) -> None:
    path = add_chat(server, "Refused")
    let_in(server, path, "Bob")
    window = await open_window("Bob")
    window.expect("403")
    bob = await window.tab(path)
    # In another process, so that this page is not told.
    server.write("UPDATE conversations_participation SET may_write = 0")
    await bob.field.fill(TYPED)
    await bob.field.press("Enter")
    await expect(bob.reason).to_contain_text("You can read this chat, but not write in it.")
    await expect(bob.field).to_have_value(TYPED)
    # The token of another session.
    await bob.page.evaluate("document.querySelector('#compose [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    await bob.page.evaluate("document.body.setAttribute('hx-headers', '{}')")
    await bob.field.press("Enter")
    await expect(bob.reason).to_contain_text("You signed in again since this page was opened.")


async def test_a_guest_is_told_that_the_chat_was_deleted(open_window: OpenWindow, server: Server) -> None:
    ann, bob = await chat_of_two(open_window, server, "Deleted")
    await ann.page.get_by_role("button", name="More actions for this conversation").click()
    await ann.page.get_by_role("button", name="Delete", exact=True).click()
    await expect(bob.page.get_by_text("This chat was deleted.")).to_be_visible()
    # Longer than the server lets anybody in who may not be there.
    await bob.page.wait_for_timeout(4_000)
    await expect(bob.page.get_by_text("This chat was deleted.")).to_be_visible()
    await expect(bob.page.get_by_text("This chat is not shared with you any more.")).to_be_hidden()


async def test_a_temporary_chat_says_why_it_is_not_shared(open_window: OpenWindow, server: Server) -> None:
    path = add_chat(server, "For now")
    server.write("UPDATE conversations_conversation SET temporary = 1 WHERE title = 'For now'")
    ann = await (await open_window("Ann")).tab(path)
    dialog = await dialog_of(ann)
    await expect(dialog.get_by_text("A temporary chat cannot be shared.")).to_be_visible()
    await expect(dialog.get_by_label("Invite a person or a group")).to_have_count(0)
    await ann.page.keyboard.press("Escape")
    await ann.page.get_by_role("button", name="Keep this chat").click()
    await expect(ann.page.get_by_text("This chat is in your list now.")).to_be_visible()
    dialog = await dialog_of(ann)
    await expect(dialog.get_by_label("Invite a person or a group")).to_be_visible()


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("place", ["dialog", "page"])
async def test_the_list_of_members_fits_a_phone(
    open_window: OpenWindow, server: Server, width: int, place: str
) -> None:
    path = add_chat(server, f"Narrow {width} {place}")
    let_in(server, path, "Bob")
    tab = await (await open_window("Ann", viewport={"width": width, "height": 700}, **PHONE)).tab(path)
    await fits(tab.page, await dialog_of(tab) if place == "dialog" else await members_of(tab), width)


async def members_of(tab: Tab) -> Locator:
    await tab.open(f"{tab.path}members/")
    return tab.page.get_by_role("main")


async def fits(page: Page, around: Locator, width: int) -> None:
    """Neither is anything wider than the window, nor is a target smaller than a finger."""
    await around.get_by_label("Invite a person or a group").fill("e")
    await expect(around.get_by_role("button", name="Let Eve take part")).to_be_visible()
    for part in (around.get_by_label("Invited"), around.get_by_label("Found")):
        assert await part.evaluate(STICKS_OUT) == []
        for target in await part.locator("button:visible, select:visible").all():
            box = await target.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44, await target.evaluate("(one) => one.outerHTML")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await around.evaluate("(one) => one.scrollWidth <= one.clientWidth")
