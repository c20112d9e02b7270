"""An administrator makes a rule by keyboard alone and sees what it would delete; on a phone, too."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab
from tests.browser.test_accessibility import audit
from tests.browser.test_administration import ADMINISTRATOR
from tests.browser.test_small_windows import NARROW, PHONE, no_sideways_scroll, too_small
from tests.live.server import Server

OLD = "UPDATE conversations_conversation SET active_at = '2020-01-01 00:00:00'"
LONG = "Donaudampfschifffahrtsgesellschaft" * 4


async def office(own_server: Server, open_window: OpenWindow, *expected: str, **options: object) -> Tab:
    """The rules of a server in which Bob has two old chats, one of them pinned."""
    await own_server.start()
    own_server.write(ADMINISTRATOR)
    for _ in range(2):
        page, answer = await own_server.ask("demo:numbers=3 demo:fast", "Bob")
        await page.settled(answer)
    own_server.write(OLD)
    own_server.write(
        "UPDATE conversations_conversation SET pinned_at = active_at WHERE id IN"
        " (SELECT id FROM conversations_conversation LIMIT 1)"
    )
    window = await open_window("Ann", own_server, **options)
    window.expect(*expected)
    return await window.tab("/manage/retention/")


async def test_a_rule_is_made_and_deleted_by_keyboard(own_server: Server, open_window: OpenWindow) -> None:
    tab = await office(own_server, open_window)
    page = tab.page
    await expect(page.get_by_role("heading", name="No rule yet")).to_be_visible()
    await page.get_by_role("link", name="New rule").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    look = page.locator("#look")
    await expect(look).to_contain_text("Now it would delete 1 chat with 2 messages.")
    await page.get_by_label("Not used for (days)").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("3,650")
    await expect(look).to_contain_text("Now it would delete nothing.")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("x")
    await expect(look).to_contain_text("not right yet")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("30")
    await expect(look).to_contain_text("Now it would delete 1 chat")
    await page.get_by_label("Keep pinned chats").focus()
    await page.keyboard.press("Space")
    await expect(look).to_contain_text("Now it would delete 2 chats with 4 messages.")
    await expect(page.locator("#members")).to_contain_text("Bob")
    await expect(page.get_by_label("Keep pinned chats")).to_be_focused()
    await page.get_by_label("In use").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Save").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    rule = page.get_by_role("link", name="Chats that were not used for 30 days are deleted")
    await expect(page.locator("main")).to_contain_text("All rules together would delete 2 chats with 4 messages.")
    await rule.focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Delete this rule").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="No rule yet")).to_be_visible()
    assert own_server.rows("SELECT count(*) FROM conversations_conversation") == [(2,)]


async def test_nothing_is_saved_that_nobody_has_looked_at(own_server: Server, open_window: OpenWindow) -> None:
    tab = await office(own_server, open_window, "status of 422", java_script_enabled=False)
    page = tab.page
    tab.server.write("UPDATE conversations_conversation SET pinned_at = NULL")
    await page.get_by_role("link", name="New rule").click()
    await page.get_by_label("Not used for (days)").fill("30")
    await page.get_by_label("Keep chats in folders").uncheck()
    await page.get_by_role("button", name="Look at what it would delete").click()
    await expect(page.locator("#look")).to_contain_text("2 chats")
    await page.get_by_label("Not used for (days)").fill("20")
    await page.get_by_label("In use").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet. Look at what this rule would delete")
    await expect(page.get_by_label("Not used for (days)")).to_have_value("20")
    assert tab.server.rows("SELECT count(*) FROM retention_rule") == [(0,)]
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    saved = "SELECT days, spares_filed, enabled FROM retention_rule"
    assert tab.server.rows(saved) == [(20, 0, 1)]


async def test_the_server_applies_a_rule_and_tells_the_members(own_server: Server, open_window: OpenWindow) -> None:
    await office(own_server, open_window, "WebSocket connection to", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET")
    own_server.write(
        "INSERT INTO retention_rule (days, spares_pinned, spares_filed, archived_only, enabled) VALUES (30, 1, 1, 0, 1)"
    )
    own_server.kill()
    await own_server.rise()
    bob = await (await open_window("Bob", own_server)).tab("/account/")
    await expect(bob.page.locator("main")).to_contain_text(
        "Chats that were not used for 30 days are deleted, except those that are pinned or in a folder."
    )
    await bob.open("/")
    for _ in range(100):
        if own_server.rows("SELECT count(*) FROM conversations_conversation") == [(1,)]:
            break
        await bob.page.wait_for_timeout(100)
    assert own_server.rows("SELECT pinned_at IS NOT NULL FROM conversations_conversation") == [(1,)]
    assert "1 rule deleted 1 chat, 2 messages" in own_server.output.read_text()


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
async def test_on_a_phone(own_server: Server, open_window: OpenWindow, size: dict[str, object]) -> None:
    tab = await office(own_server, open_window, **size)
    own_server.write("INSERT INTO auth_group (name) VALUES (?)", LONG)
    own_server.write("UPDATE accounts_user SET name = ? WHERE name = 'Bob'", LONG[:80])
    await no_sideways_scroll(tab.page)
    await tab.open("/manage/retention/new/")
    await expect(tab.page.locator("#members")).to_contain_text(LONG[:80])
    await no_sideways_scroll(tab.page)
    if "has_touch" in size:
        assert await too_small(tab) == []
    await tab.page.get_by_label("Whose chats", exact=True).select_option(LONG)
    await tab.page.get_by_label("In use").check()
    await tab.page.get_by_role("button", name="Save").click()
    await expect(tab.page.locator(".fold tbody")).to_contain_text(LONG)
    await no_sideways_scroll(tab.page)


async def test_an_audit(own_server: Server, open_window: OpenWindow) -> None:
    tab = await office(own_server, open_window)
    await audit(tab.page)
    await tab.open("/manage/retention/new/")
    await audit(tab.page)
    own_server.write(
        "INSERT INTO retention_rule (days, spares_pinned, spares_filed, archived_only, enabled)"
        " VALUES (30, 1, 1, 0, 1), (7, 0, 0, 1, 0)"
    )
    await tab.open("/manage/retention/")
    await audit(tab.page)
    await tab.open("/manage/feedback/")
    await audit(tab.page)
    await tab.open("/account/")
    await audit(tab.page)
