"""Whatever happens to a message on its way, its text stays in the composer and the reason stands beside it."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.database import disabled_alias, end_session, questions
from tests.browser.held import holding, next_of
from tests.live.server import Server

REFUSED = ("status of 422", "Error Code 422")
SIGNED_OUT = ("status of 401", "Error Code 401", "WebSocket")
UNREACHABLE = ("WebSocket connection to", "net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET", "htmx:")
TEXT = "Why is the sky blue? demo:numbers=3 demo:fast"


async def sign_in(page: Page, email: str = "eve@example.org") -> None:
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill("correct horse battery")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Sign in").click()


async def test_refused_because_the_alias_was_disabled_in_the_meantime(server: Server, open_window: OpenWindow) -> None:
    text = f"refused {TEXT}"
    window = await open_window()
    window.expect(*REFUSED)
    tab = await window.tab()
    with disabled_alias(server, "demo"):
        await tab.field.fill(text)
        await tab.field.press("Enter")
        await expect(tab.reason).to_contain_text("Pick another one and send again.")
        await expect(tab.field).to_have_value(text)
        await tab.page.reload()
        await expect(tab.field).to_have_value(text)
        await tab.send_button.click()
        answer = await tab.newer(0)
        await tab.settled(answer)
    await expect(tab.field).to_have_value("")
    await expect(tab.answer(answer).locator(".by")).to_contain_text("other")
    assert questions(server, text) == 1


async def test_refused_because_it_is_too_long(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*REFUSED)
    tab = await window.tab()
    long = "long " * 20_001
    await tab.field.fill(long)
    await tab.field.press("Enter")
    await expect(tab.reason).to_contain_text("the limit is 100,000")
    assert await tab.field.input_value() == long
    await tab.field.fill(TEXT)
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))


async def test_the_server_is_down(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    window = await open_window(at=own_server)
    window.expect(*UNREACHABLE)
    old, new = await window.tab(), await window.tab()
    await old.settled(await old.ask("demo:numbers=3 demo:fast"))
    own_server.kill()
    before = {old: await old.newest(), new: 0}
    for tab, text in ((old, f"old {TEXT}"), (new, f"new {TEXT}")):
        await tab.field.fill(text)
        await tab.send_button.click()
        await expect(tab.reason).to_contain_text("The server cannot be reached.")
        await expect(tab.field).to_have_value(text)
        await expect(tab.page.locator("[data-banner=offline]")).to_contain_text("Offline.")
    await own_server.start()
    for tab, text in ((old, f"old {TEXT}"), (new, f"new {TEXT}")):
        await tab.send_button.click()
        await tab.settled(await tab.newer(before[tab]))
        await expect(tab.field).to_have_value("")
        await expect(tab.page.locator("[data-banner=offline]")).to_be_hidden()
        assert questions(own_server, text) == 1


async def test_the_session_expired(server: Server, open_window: OpenWindow) -> None:
    text = f"expired {TEXT}"
    window = await open_window("")
    window.expect(*SIGNED_OUT)
    tab = await window.tab()
    await sign_in(tab.page)
    answer = await tab.ask("demo:numbers=3 demo:fast")
    await tab.settled(answer)
    path = tab.path
    end_session(server, next(c["value"] for c in await window.context.cookies() if c["name"] == "parley"))
    await tab.field.fill(text)
    await tab.field.press("Enter")
    await expect(tab.reason).to_contain_text("You are signed out. Your text is kept.")
    await expect(tab.field).to_have_value(text)
    await tab.reason.get_by_role("link", name="Sign in").click()
    await sign_in(tab.page)
    await expect(tab.field).to_have_value(text)
    assert tab.path == path
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(answer))
    assert questions(server, text) == 1


async def test_signed_in_again_in_another_tab(server: Server, open_window: OpenWindow) -> None:
    text = f"again {TEXT}"
    window = await open_window("")
    window.expect("status of 403", "Error Code 403")
    first = await window.tab()
    await sign_in(first.page)
    await expect(first.field).to_be_visible()
    second = await window.tab()
    await second.page.get_by_role("button", name="Account menu").click()
    await second.page.get_by_role("button", name="Sign out").click()
    await sign_in(second.page)
    await expect(second.field).to_be_visible()
    await first.field.fill(text)
    await first.field.press("Enter")
    await expect(first.reason).to_contain_text("Reload")
    await first.page.reload()
    await expect(first.field).to_have_value(text)
    await first.field.press("Enter")
    await first.settled(await first.newer(0))
    assert questions(server, text) == 1


async def test_a_reload_keeps_what_was_typed(open_window: OpenWindow) -> None:
    tab = await (await open_window("Bob")).tab()
    await tab.field.fill("half a question")
    await tab.page.reload()
    await expect(tab.field).to_have_value("half a question")
    await tab.field.fill(TEXT)
    await tab.settled(await tab.ask(TEXT))
    await tab.field.fill("half a follow-up")
    await tab.page.reload()
    await expect(tab.field).to_have_value("half a follow-up")
    path = tab.path
    await tab.open("/")
    await expect(tab.field).to_have_value("")
    await tab.open(path)
    await expect(tab.field).to_have_value("half a follow-up")


async def test_two_new_chats_begun_from_one_draft_are_two_messages(server: Server, open_window: OpenWindow) -> None:
    window = await open_window()
    first = await window.tab()
    await first.field.fill(f"one {TEXT}")
    second = await window.tab()
    await second.field.fill(f"another {TEXT}")
    for tab in (second, first):
        await tab.field.press("Enter")
        await tab.settled(await tab.newer(0))
    assert questions(server, f"another {TEXT}") == 1
    assert questions(server, f"one {TEXT}") == 1


async def test_a_double_click_on_send_makes_one_message(server: Server, open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.field.fill(f"double {TEXT}")
    await tab.send_button.dblclick()
    answer = await tab.newer(0)
    await tab.settled(answer)
    await tab.field.fill(f"and double {TEXT}")
    await tab.send_button.dblclick()
    await tab.settled(await tab.newer(answer))
    assert len(await tab.turns()) == 4
    assert questions(server, f"double {TEXT}") == 1
    assert questions(server, f"and double {TEXT}") == 1


async def test_what_is_sent_while_an_answer_runs_waits_in_every_tab(server: Server, open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    answer = await tab.ask("demo:numbers=5000 demo:rate=60")
    other = await window.tab(tab.path)
    await tab.shows(answer, 10)
    for text in (f"first {TEXT}", f"second {TEXT}"):
        await tab.field.fill(text)
        await tab.field.press("Enter")
        await expect(tab.field).to_have_value("")
    for one in (tab, other):
        await expect(one.page.locator("#waiting .slip")).to_have_text([f"first {TEXT}", f"second {TEXT}"])
    first = other.page.locator("#waiting .turn").first
    await first.get_by_role("link", name="Edit").click()
    await first.get_by_role("textbox").fill(f"reworded {TEXT}")
    await first.get_by_role("textbox").press("Enter")
    await expect(tab.page.locator("#waiting .slip")).to_have_text([f"reworded {TEXT}", f"second {TEXT}"])
    await tab.page.locator("#waiting .turn").last.get_by_role("button", name="Remove").click()
    await expect(other.page.locator("#waiting .slip")).to_have_text([f"reworded {TEXT}"])
    await tab.stop_button.click()
    await tab.settled(await tab.newer(answer))
    await expect(other.page.locator("#waiting .slip")).to_have_count(0)
    assert questions(server, f"reworded {TEXT}") == 1
    assert questions(server, f"second {TEXT}") == 0


async def test_what_is_sent_while_a_send_is_under_way_follows_it(server: Server, open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    sends = await holding(tab.page, "**/send/")
    await tab.field.fill(f"first {TEXT}")
    await tab.field.press("Enter")
    under_way = await next_of(sends)
    await tab.field.press("End")
    await tab.field.press_sequentially(" second demo:fast")
    await tab.field.press("Enter")
    await under_way.continue_()
    await tab.page.unroute("**/send/")
    await expect(tab.page.locator(".turn[data-by=you] .slip").last).to_have_text("second demo:fast")
    await expect(tab.field).to_have_value("")
    assert questions(server, f"first {TEXT}") == 1
    assert questions(server, "second demo:fast") == 1
