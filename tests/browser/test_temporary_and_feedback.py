"""Chats that are not kept, and opinions about answers: by keyboard alone, in two tabs, on a phone, without a script."""

from __future__ import annotations

import asyncio
import sys

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab
from tests.browser.test_accessibility import audit
from tests.browser.test_small_windows import NARROW, PHONE, no_sideways_scroll, too_small
from tests.live.server import ROOT, Server

QUICK = "demo:numbers=3 demo:fast"
BANNER = "not in your list; gone 24 hours after its last message"


def line(tab: Tab, path: str) -> Locator:
    return tab.sidebar.locator(f"a[href='{path}']")


async def temporary(tab: Tab, question: str) -> int:
    """Ask in a chat that is not kept, by keyboard; returns the answer."""
    await tab.page.get_by_role("checkbox", name="Temporary").focus()
    await tab.page.keyboard.press("Space")
    answer = await tab.ask(question)
    await expect(tab.page.get_by_text(BANNER)).to_be_visible()
    return answer


async def test_a_temporary_chat_is_in_no_list_and_keeps_its_first_words(open_window: OpenWindow) -> None:
    window = await open_window()
    watching, tab = await window.tab(), await window.tab()
    await tab.settled(await temporary(tab, f"Waves on ice {QUICK}"))
    # An ordinary chat after it comes to the other tab; this one had all that time to.
    other = await window.tab()
    await other.settled(await other.ask(f"Waves on water {QUICK}"))
    await expect(line(watching, other.path)).to_have_text("Waves on water")
    await expect(line(watching, tab.path)).to_have_count(0)
    await expect(tab.title).to_have_text(f"Waves on ice {QUICK}")
    await watching.page.reload()
    await expect(line(watching, other.path)).to_be_visible()
    await expect(line(watching, tab.path)).to_have_count(0)


async def test_its_answer_is_not_lost_by_a_reload_or_a_crash(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    window = await open_window("Ann", own_server)
    window.expect("WebSocket connection to")
    tab = await window.tab()
    answer = await temporary(tab, "demo:numbers=4000 demo:rate=200")
    await tab.shows(answer, 50)
    await tab.page.reload()
    second = await window.tab(tab.path)
    for place in (tab, second):
        await place.shows(answer, 100)
    await tab.page.wait_for_timeout(1200)
    own_server.kill()
    await own_server.rise()
    await tab.page.reload()
    await expect(tab.answer(answer)).to_have_attribute("data-status", "interrupted")
    assert (await tab.text(answer)).split()[:60] == [str(number) for number in range(60)]
    await expect(tab.page.get_by_text(BANNER)).to_be_visible()


async def test_kept_by_keyboard_it_comes_to_every_list(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    await tab.settled(await temporary(tab, f"Waves on sand {QUICK}"))
    other = await window.tab(tab.path)
    await expect(other.page.get_by_text(BANNER)).to_be_visible()
    await tab.page.get_by_role("button", name="Keep this chat").focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("[data-kept]")).to_be_focused()
    await expect(tab.page.locator("[data-kept]")).to_have_text("Kept. This chat is in your list now.")
    for place in (tab, other):
        await expect(line(place, tab.path)).to_be_visible()
        await expect(place.page.get_by_text(BANNER)).to_have_count(0)
    await tab.page.reload()
    await expect(line(tab, tab.path)).to_have_attribute("aria-current", "page")
    await expect(tab.page.locator(".temporary.banner")).to_have_count(0)


async def test_deleted_at_once_and_brought_back(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    await tab.settled(await temporary(tab, QUICK))
    other = await window.tab(tab.path)
    await tab.page.get_by_role("button", name="Delete now").focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator(".toast")).to_contain_text("deleted")
    await expect(other.page.get_by_text("This chat was deleted.")).to_be_visible()
    await expect(other.page.get_by_text(BANNER)).to_be_hidden()
    await tab.page.get_by_role("button", name="Undo").click()
    for place in (tab, other):
        await expect(place.page.get_by_text("This chat was deleted.")).to_be_hidden()
        await expect(place.page.get_by_text(BANNER)).to_be_visible()
        await expect(line(place, tab.path)).to_have_count(0)


async def test_an_open_page_learns_that_a_command_has_removed_its_chat(
    own_server: Server, open_window: OpenWindow
) -> None:
    await own_server.start()
    window = await open_window("Ann", own_server)
    window.expect("status of 404", "WebSocket connection to")
    tab = await window.tab()
    await tab.settled(await temporary(tab, QUICK))
    own_server.write("UPDATE conversations_conversation SET active_at = '2020-01-01 00:00:00'")
    command = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", "apply_retention", cwd=ROOT, env=own_server.environment
    )
    assert await command.wait() == 0
    await expect(tab.page.get_by_text("This chat was deleted.")).to_be_visible()
    await expect(tab.field).to_be_hidden()
    await tab.page.reload()
    await expect(tab.title).to_have_text("There is nothing here")


async def test_the_server_removes_it_by_itself_and_says_so(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    window = await open_window("Ann", own_server)
    # The list may be on its way when the server goes.
    window.expect("WebSocket connection to", "htmx:", "net::ERR_CONNECTION")
    tab = await window.tab()
    await tab.settled(await temporary(tab, QUICK))
    gone = tab.path
    await tab.open("/")
    await tab.settled(await tab.ask(QUICK))
    own_server.kill()
    own_server.write("UPDATE conversations_conversation SET active_at = '2020-01-01 00:00:00' WHERE temporary")
    await own_server.rise()
    await tab.open(tab.path)
    for _ in range(100):
        if own_server.rows("SELECT count(*) FROM conversations_conversation") == [(1,)]:
            break
        await tab.page.wait_for_timeout(100)
    assert own_server.rows("SELECT count(*) FROM conversations_message") == [(2,)]
    assert gone not in await tab.page.content()
    assert "temporary, deleted 1 chat, 2 messages" in own_server.output.read_text()


def thumb(tab: Tab, answer: int, name: str) -> Locator:
    return tab.answer(answer).get_by_role("button", name=f"{name} answer")


async def test_an_opinion_a_comment_and_back_by_keyboard(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    answer = await tab.ask(QUICK)
    await tab.settled(answer)
    good, bad = thumb(tab, answer, "Good"), thumb(tab, answer, "Bad")
    await bad.focus()
    await page.keyboard.press("Enter")
    await expect(bad).to_have_attribute("aria-pressed", "true")
    comment = page.get_by_role("textbox", name="What was wrong?")
    # The button of before has the focus until this is there.
    await expect(comment).to_be_visible()
    await expect(bad).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(comment).to_be_focused()
    await page.keyboard.type("三 is missing")
    await page.keyboard.press("Tab")
    tick = page.get_by_role("checkbox", name="Send the comment to the administrators")
    await expect(tick).to_be_focused()
    await expect(tick).not_to_be_checked()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    sent = page.get_by_role("link", name="Comment sent")
    await expect(sent).to_be_focused()
    await expect(page.locator("#say")).to_have_text("Comment sent")
    await page.reload()
    await expect(bad).to_have_attribute("aria-pressed", "true")
    await sent.focus()
    await page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="What was wrong?")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("三 is missing")
    await page.keyboard.press("Escape")
    await expect(field).to_have_count(0)
    await expect(bad).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(bad).to_have_attribute("aria-pressed", "false")
    await expect(good).to_have_attribute("aria-pressed", "false")
    await expect(bad).to_be_focused()
    await expect(page.locator("[data-comment]")).to_have_count(0)
    await expect(sent).to_have_count(0)


async def test_control_enter_saves_and_an_input_method_does_not(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask(QUICK)
    await tab.settled(answer)
    await thumb(tab, answer, "Good").click()
    field = tab.page.get_by_role("textbox", name="What was good?")
    await field.fill("one")
    await field.press("Enter")
    await expect(field).to_have_value("one\n")
    await field.evaluate(
        """field => field.dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, ctrlKey: true, bubbles: true}))"""
    )
    await expect(field).to_be_visible()
    await field.press("Control+Enter")
    await expect(tab.page.get_by_role("link", name="Comment kept")).to_be_focused()


async def test_an_opinion_is_in_the_other_tab_and_nothing_typed_there_is_lost(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    answer = await tab.ask(QUICK)
    await tab.settled(answer)
    other = await window.tab(tab.path)
    await thumb(other, answer, "Good").click()
    field = other.page.get_by_role("textbox", name="What was good?")
    await field.fill("not saved yet")
    await expect(thumb(tab, answer, "Good")).to_have_attribute("aria-pressed", "true")
    await thumb(tab, answer, "Bad").click()
    await expect(thumb(other, answer, "Bad")).to_have_attribute("aria-pressed", "true")
    await expect(thumb(other, answer, "Good")).to_have_attribute("aria-pressed", "false")
    await expect(field).to_have_value("not saved yet")
    await tab.idle()
    await thumb(tab, answer, "Bad").click()
    await expect(thumb(tab, answer, "Bad")).to_have_attribute("aria-pressed", "false")
    await expect(thumb(other, answer, "Bad")).to_have_attribute("aria-pressed", "false")


async def test_without_a_script(open_window: OpenWindow) -> None:
    page = (await (await open_window("Bob", java_script_enabled=False)).tab()).page
    await page.locator(".temporary-toggle").click()
    await page.locator("#text").fill(QUICK)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".turn[data-by=model][data-status=done]")).to_be_visible()
    await expect(page.get_by_text(BANNER)).to_be_visible()
    await page.get_by_role("button", name="Keep this chat").click()
    await expect(page.get_by_text(BANNER)).to_have_count(0)
    await page.get_by_role("button", name="Bad answer").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Comment on an answer")
    await page.get_by_role("textbox", name="What was wrong?").fill("So.")
    await page.get_by_role("button", name="Save").click()
    await page.wait_for_url("**/c/*/#m*")
    await expect(page.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("link", name="Comment kept")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
async def test_on_a_phone(open_window: OpenWindow, size: dict[str, object]) -> None:
    tab = await (await open_window(**size)).tab()
    await tab.page.locator(".temporary-toggle").click()
    await expect(tab.page.get_by_role("checkbox", name="Temporary")).to_be_checked()
    await no_sideways_scroll(tab.page)
    await tab.field.fill(QUICK)
    await tab.send_button.click()
    answer = await tab.newer(0)
    await tab.settled(answer)
    await expect(tab.page.get_by_text(BANNER)).to_be_visible()
    await thumb(tab, answer, "Good").click()
    await expect(tab.page.get_by_role("textbox", name="What was good?")).to_be_visible()
    await no_sideways_scroll(tab.page)
    if "has_touch" in size:
        assert await too_small(tab) == []


async def test_an_audit_of_every_state(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.page.get_by_role("checkbox", name="Temporary").focus()
    await tab.page.keyboard.press("Space")
    await audit(tab.page)
    answer = await tab.ask(QUICK)
    await tab.settled(answer)
    await thumb(tab, answer, "Bad").click()
    await expect(tab.page.get_by_role("textbox", name="What was wrong?")).to_be_visible()
    await audit(tab.page)
    await tab.page.get_by_role("button", name="Save").click()
    await tab.page.get_by_role("button", name="Keep this chat").click()
    await expect(tab.page.locator("[data-kept]")).to_be_visible()
    await audit(tab.page)
    await tab.open(f"/m/{answer}/feedback/")
    await audit(tab.page)
