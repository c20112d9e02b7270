"""A link is made by keyboard alone and read in a browser without an account: live, without a script, on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from chatapp.demo import numbers
from tests.browser.conftest import OpenWindow
from tests.browser.test_accessibility import audit
from tests.browser.test_small_windows import NARROW, PHONE, no_sideways_scroll, too_small
from tests.live.history import write_long
from tests.live.server import Server
from tests.sharing.onlooker import ALLOWED, make_link


async def press_until(page: Page, name: str, key: str = "Tab") -> None:
    """Move the focus until it is on the control of this name."""
    for _ in range(300):
        await page.keyboard.press(key)
        found = await page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()")
        if name in (found, await page.evaluate("document.activeElement.getAttribute('aria-label')")):
            return
    raise AssertionError(f"the focus never got to {name!r}")


async def test_by_keyboard_and_read_in_another_browser(server: Server, open_window: OpenWindow) -> None:
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    window = await open_window("Ann")
    tab = await window.tab(f"/c/{talk.conversation}/")
    page = tab.page
    await page.locator(".bar").get_by_role("link", name="Share", exact=True).locator("visible=true").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Share this chat")
    await expect(dialog).to_contain_text("2 messages, no images, no thinking.")
    await press_until(page, "FrozenThis branch as it is now, whatever comes later")
    await page.keyboard.press("ArrowRight")
    await expect(dialog).to_contain_text("and whatever is added later.")
    await press_until(page, "Label")
    await page.keyboard.type("For Jo")
    await press_until(page, "Make link")
    await page.keyboard.press("Enter")
    address = dialog.get_by_label("The link is ready.")
    await expect(address).to_be_focused()
    url = await address.input_value()
    assert url.startswith(f"{server.base}/s/")
    await expect(dialog).to_contain_text("not opened yet")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    reader = await (await open_window("")).tab(url.removeprefix(server.base))
    thread = reader.page.locator("#thread")
    await expect(thread).to_contain_text(numbers(5))
    assert await reader.page.context.cookies() == []
    next_answer = await talk.send("demo:numbers=60 demo:rate=60")
    await expect(thread.locator("article")).to_have_count(4)
    await expect(thread.locator("article").last).to_contain_text(numbers(10))
    await talk.settled(next_answer)
    await expect(thread.locator("article").last).to_contain_text(numbers(60))
    await expect(thread.locator("[data-live]")).to_have_count(0)
    assert "hx-post" not in await reader.page.content()
    # Taken back: the open page says so, and so does a new one.
    await page.reload()
    await page.locator(".bar").get_by_role("link", name="Share", exact=True).locator("visible=true").click()
    await expect(dialog).to_contain_text("opened 1 time")
    await dialog.get_by_role("button", name="Revoke: For Jo").click()
    await expect(dialog.get_by_role("button", name="Undo: For Jo")).to_be_visible()
    await expect(reader.page.locator("[data-ended]").get_by_text("This link has ended.")).to_be_visible()
    await expect(reader.page.locator("[data-away]")).to_be_hidden()
    await dialog.get_by_role("button", name="Undo: For Jo").click()
    await expect(dialog.get_by_role("button", name="Revoke: For Jo")).to_be_visible()
    await reader.page.reload()
    await expect(thread).to_contain_text(numbers(60))


async def test_a_long_one_goes_live(server: Server, open_window: OpenWindow) -> None:
    conversation, _ = await write_long(server, [(f"Question {n}", f"Answer {n}") for n in range(800)])
    talk = await server.page("Ann", conversation)
    token = await make_link(server, talk, kind="live")
    reader = (await (await open_window("")).tab(f"/s/{token}/")).page
    turns = reader.locator("#thread > .turn")
    await expect(turns).to_have_count(1_600)
    # What was there is not put anew.
    await turns.first.evaluate("turn => { turn.dataset.seen = ''; }")
    await talk.settled(await talk.send("demo:numbers=9 demo:fast"))
    await expect(turns).to_have_count(1_602)
    await expect(turns.last).to_contain_text(numbers(9))
    await expect(turns.first).to_have_attribute("data-seen", "")
    await expect(reader.locator("[data-away]")).to_be_hidden()


async def test_without_javascript(server: Server, open_window: OpenWindow) -> None:
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    window = await open_window("Ann", java_script_enabled=False)
    tab = await window.tab(f"/c/{talk.conversation}/")
    page = tab.page
    await page.get_by_role("link", name="Share", exact=True).locator("visible=true").click()
    await page.get_by_role("radio", name="As it grows").check()
    await page.get_by_label("Password").first.fill("open sesame")
    await page.get_by_role("button", name="Make link").click()
    url = await page.get_by_label("The link is ready.").input_value()
    other = await open_window("", java_script_enabled=False)
    other.expect("status of 422")
    reader = (await other.tab(url.removeprefix(server.base))).page
    await reader.get_by_label("Password").fill("wrong one")
    await reader.get_by_role("button", name="Open").click()
    await expect(reader.get_by_role("alert")).to_contain_text("That is not the password.")
    await reader.get_by_label("Password").fill("open sesame")
    await reader.get_by_role("button", name="Open").click()
    await expect(reader.locator("#thread")).to_contain_text(numbers(5))
    notice = reader.locator("noscript p")
    await expect(notice).to_be_visible()
    await notice.locator("a").click()
    await expect(reader.locator("#thread")).to_contain_text(numbers(5))
    member = await open_window("Bob", java_script_enabled=False)
    bob = (await member.tab(url.removeprefix(server.base))).page
    await bob.get_by_label("Password").fill("open sesame")
    await bob.get_by_role("button", name="Open").click()
    await bob.get_by_role("link", name="Continue in my account").click()
    await bob.get_by_role("button", name="Continue").click()
    await expect(bob.locator("#thread")).to_contain_text(numbers(5))
    await expect(bob.locator("#compose")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
async def test_an_update_is_looked_at_and_then_confirmed(
    server: Server, open_window: OpenWindow, scripts: bool
) -> None:
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    assert (await talk.post(f"/c/{talk.conversation}/rename/", title="Our talk")).status == 200
    token = await make_link(server, talk, label="For Jo")
    reader = await (await open_window("", java_script_enabled=scripts)).tab(f"/s/{token}/")
    window = await open_window("Ann", java_script_enabled=scripts)
    window.expect("status of 409")
    page = (await window.tab(f"/c/{talk.conversation}/")).page
    await page.get_by_role("link", name="Share", exact=True).locator("visible=true").click()
    links = page.locator("#links")
    await links.get_by_role("link", name="Update to now: For Jo").click()
    asked = links.get_by_role("form", name="Update For Jo")
    await expect(asked).to_contain_text("Nothing is new")
    if scripts:
        await expect(asked).to_be_focused()
    await asked.get_by_role("link", name="Close").click()
    await expect(asked).to_have_count(0)
    await talk.settled(await talk.send("demo:numbers=7 demo:fast"))
    await links.get_by_role("link", name="Update to now: For Jo").click()
    await expect(asked).to_contain_text("Now 4 messages, no images, no thinking. 2 were shared.")
    if scripts:
        await audit(page)
    await reader.page.reload()
    await expect(reader.page.locator("#thread article")).to_have_count(2)
    # What came after the look is looked at, too.
    await talk.settled(await talk.send("demo:numbers=9 demo:fast"))
    await asked.get_by_role("button", name="Update link").click()
    await expect(asked).to_contain_text("It has changed since you looked. Now 6 messages")
    await asked.get_by_role("button", name="Update link").click()
    await expect(asked).to_have_count(0)
    await reader.page.reload()
    await expect(reader.page.locator("#thread article")).to_have_count(6)
    await page.goto(f"{server.base}/shares/")
    row = page.locator("#shares li").filter(has_text="For Jo").first
    await expect(row).to_contain_text("6 turns, no images, no thinking, names")
    await row.get_by_role("link", name="Update to now").click()
    await expect(row.get_by_role("form")).to_contain_text("Nothing is new")
    await row.get_by_role("link", name="Close").click()
    await expect(row.get_by_role("form")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
async def test_two_clicks_are_one(server: Server, open_window: OpenWindow, scripts: bool) -> None:
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    page = (await (await open_window("Ann", java_script_enabled=scripts)).tab(f"/c/{talk.conversation}/share/")).page
    await page.get_by_role("button", name="Make link").dblclick()
    url = await page.get_by_label("The link is ready.").input_value()
    await expect(page.locator(".links > li")).to_have_count(1)
    reader = await (await open_window("Bob", java_script_enabled=scripts)).tab(url.removeprefix(server.base))
    before = server.rows("SELECT count(*) FROM conversations_conversation")[0][0]
    await reader.page.get_by_role("link", name="Continue in my account").click()
    await reader.page.get_by_role("button", name="Continue").dblclick()
    await expect(reader.page.locator("#compose")).to_be_visible()
    assert server.rows("SELECT count(*) FROM conversations_conversation") == [(before + 1,)]


async def test_what_a_viewer_is_told_is_seen(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    talk, answer = await own_server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    token = await make_link(own_server, talk, kind="live", password="open sesame")
    window = await open_window("", at=own_server)
    window.expect("WebSocket", "ERR_CONNECTION")
    page = (await window.tab(f"/s/{token}/")).page
    await page.get_by_label("Password").fill("open sesame")
    async with page.expect_websocket():
        await page.get_by_role("button", name="Open").click()
    away = page.locator("[data-away]").get_by_text("Not connected.")
    await expect(away).to_be_hidden()
    own_server.kill()
    await expect(away).to_be_visible()
    await expect(page.locator("#say")).to_have_text("Not connected.")
    await own_server.start()
    await expect(away).to_be_hidden()
    ((pk,),) = own_server.rows("SELECT max(id) FROM sharing_link")
    await talk.load()
    changed = await talk.post(f"/links/{pk}/change/", **{f"link-{pk}-password": "another one"})
    assert changed.status == 200
    await expect(page.locator("[data-relocked]").get_by_text("The password has changed.")).to_be_visible()
    await expect(page.get_by_role("link", name="Give the new one")).to_be_visible()


async def test_a_style_that_a_field_was_given_is_not_put_on_the_next_one(
    server: Server, open_window: OpenWindow
) -> None:
    """Password managers mark fields; the policy forbids markup to."""
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    page = (await (await open_window("Ann")).tab(f"/c/{talk.conversation}/")).page
    await page.get_by_role("link", name="Share", exact=True).locator("visible=true").click()
    await page.get_by_label("Password").first.evaluate("(field) => field.style.setProperty('color', 'red')")
    await page.get_by_role("button", name="Make link").click()
    await expect(page.get_by_label("The link is ready.")).to_be_focused()


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
async def test_in_small_windows(server: Server, open_window: OpenWindow, size: dict[str, object]) -> None:
    server.write(ALLOWED)
    talk, answer = await server.ask("Tell me about cathodes")
    await talk.settled(answer)
    token = await make_link(server, talk, kind="live", label="Donaudampfschifffahrtsgesellschaft" * 2)
    tab = await (await open_window("Ann", **size)).tab(f"/c/{talk.conversation}/")
    await tab.page.get_by_role("link", name="Share", exact=True).locator("visible=true").click()
    await expect(tab.page.get_by_role("dialog")).to_be_visible()
    await no_sideways_scroll(tab.page)
    for path in (f"/c/{talk.conversation}/share/", "/shares/", f"/s/{token}/", f"/s/{token}/continue/"):
        await tab.open(path)
        await no_sideways_scroll(tab.page)
        if "has_touch" in size:
            assert await too_small(tab) == [], path


async def test_a_reader_whose_network_goes_is_told_and_gets_what_came_meanwhile(
    server: Server, open_window: OpenWindow
) -> None:
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    token = await make_link(server, talk, kind="live")
    window = await open_window("")
    window.expect("WebSocket connection to .* failed")
    page = (await window.tab(f"/s/{token}/")).page
    await window.context.set_offline(True)
    away = page.locator("[data-away]")
    await expect(away).to_be_visible()
    await talk.settled(await talk.send("demo:numbers=60 demo:fast"))
    await window.context.set_offline(False)
    await expect(page.locator("#thread article").last).to_contain_text(numbers(60))
    await expect(away).to_be_hidden()


async def test_the_pages_pass_an_audit_in_every_theme_and_size(server: Server, open_window: OpenWindow) -> None:
    server.write(ALLOWED)
    talk, answer = await server.ask("demo:numbers=5 demo:fast")
    await talk.settled(answer)
    token = await make_link(server, talk, kind="live")
    locked = await make_link(server, talk, password="open sesame")
    window = await open_window("Ann")
    window.expect("status of 404")
    tab = await window.tab(f"/c/{talk.conversation}/")
    await tab.page.get_by_role("link", name="Share", exact=True).locator("visible=true").click()
    await expect(tab.page.get_by_role("dialog")).to_be_visible()
    await audit(tab.page)
    pages = (f"/c/{talk.conversation}/share/", "/shares/", f"/s/{token}/", f"/s/{locked}/", f"/s/{token}/continue/")
    for path in (*pages, "/s/nothing/"):
        await tab.open(path)
        await audit(tab.page)
