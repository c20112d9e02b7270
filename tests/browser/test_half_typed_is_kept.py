"""What is half typed in a form is there again after a reload, without a connection, and when its place comes back."""

from __future__ import annotations

import asyncio

from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.database import answers, questions
from tests.browser.tab import Tab
from tests.browser.test_nothing_typed_is_lost import sign_in
from tests.browser.window import PATIENCE
from tests.live.server import Server

FIRST = "demo:numbers=3 demo:fast one"
OTHER = f"{FIRST} and more"
OFFLINE = ("WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED", "htmx:")
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"


def question(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Question")


def comment(page: Page) -> Locator:
    return page.get_by_role("textbox", name="What was good?")


def instructions(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Instructions")


async def sent_and_forgotten(page: Page) -> None:
    """A page lets go of what was typed when it hears that the server has it."""
    await page.wait_for_function(f"() => {DRAFTS}.length === 0")


async def asked(open_window: OpenWindow, name: str = "Ann") -> Tab:
    tab = await (await open_window(name)).tab()
    await tab.settled(await tab.ask(FIRST))
    return tab


async def edits(tab: Tab, text: str = OTHER) -> None:
    """The last question is opened by keyboard and changed."""
    await tab.page.focus("#text")
    await tab.page.keyboard.press("ArrowUp")
    await expect(question(tab.page)).to_be_focused()
    await question(tab.page).fill(text)


async def test_an_edit_outlives_a_reload_until_it_is_sent(server: Server, open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    await edits(tab)
    await tab.page.reload()
    await expect(question(tab.page)).to_have_value(OTHER)
    await expect(tab.field).to_be_focused()
    await question(tab.page).press("Enter")
    await expect(tab.page.locator("article .slip")).to_have_text([OTHER])
    await tab.settled(await tab.newest())
    await sent_and_forgotten(tab.page)
    await tab.page.get_by_role("button", name="Previous version").click()
    await expect(tab.page.locator("article .slip")).to_have_text([FIRST])
    await tab.page.reload()
    await expect(tab.page.locator("article .slip")).to_be_visible()
    await expect(question(tab.page)).to_have_count(0)


async def test_an_edit_that_is_given_up_stays_away(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page = tab.page
    for give_up in ("Escape", "Cancel", "as before"):
        await edits(tab)
        if give_up == "Cancel":
            await page.get_by_role("link", name="Cancel").click()
        elif give_up == "Escape":
            await page.keyboard.press("Escape")
        else:
            await question(page).fill(FIRST)
        assert await page.evaluate(DRAFTS) == []
        await page.reload()
        await expect(page.locator("article .slip")).to_be_visible()
        await expect(question(page)).to_have_count(0)


async def test_an_edit_that_could_not_be_sent_outlives_a_reload(server: Server, open_window: OpenWindow) -> None:
    text = f"offline {OTHER}"
    window = await open_window()
    window.expect(*OFFLINE)
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))
    await edits(tab, text)
    await window.context.set_offline(True)
    await question(tab.page).press("Enter")
    await expect(tab.reason).to_contain_text("The server cannot be reached.")
    await window.context.set_offline(False)
    await tab.page.reload()
    await expect(question(tab.page)).to_have_value(text)
    await question(tab.page).press("Enter")
    await expect(tab.page.locator("article .slip")).to_have_text([text])
    assert questions(server, text) == 1


async def test_an_edit_whose_answer_is_lost_is_asked_once(server: Server, open_window: OpenWindow) -> None:
    text, later = f"once {OTHER}", f"later {OTHER}"
    window = await open_window()
    window.expect(*OFFLINE)
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))

    async def swallow(route: Route) -> None:
        if route.request.method == "POST":
            await route.fetch()
        await route.abort()

    # Nothing comes through the socket either.
    await tab.page.route_web_socket("**", lambda _: None)
    await tab.page.reload()
    await edits(tab, text)
    await tab.page.route("**/edit/", swallow)
    await question(tab.page).press("Enter")
    await expect(tab.reason).to_contain_text("The server cannot be reached.")
    await tab.page.unroute("**/edit/")
    await question(tab.page).press("Enter")
    await expect(tab.page.locator("article .slip")).to_have_text([text])
    assert questions(server, text) == 1
    # Other words are another question, whatever became of the first.
    await edits(tab, text + "!")
    await tab.page.route("**/edit/", swallow)
    await question(tab.page).press("Enter")
    await expect(tab.reason).to_contain_text("The server cannot be reached.")
    await tab.page.unroute("**/edit/")
    # Its answer is written.
    async with asyncio.timeout(PATIENCE / 1_000):
        while answers(server, text + "!") != ["done"]:
            await asyncio.sleep(0.05)
    await question(tab.page).fill(later)
    await question(tab.page).press("Enter")
    await expect(tab.page.locator("article .slip")).to_have_text([later])
    assert questions(server, later) == 1


async def test_a_waiting_message_is_edited_across_a_reload(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("demo:numbers=5000 demo:rate=40")
    await tab.shows(answer, 3)
    await tab.field.fill(FIRST)
    await tab.field.press("Enter")
    waiting = tab.page.locator("#waiting")
    await waiting.get_by_role("link", name="Edit").click()
    await question(tab.page).fill(OTHER)
    await tab.page.reload()
    await expect(waiting.get_by_role("textbox", name="Question")).to_have_value(OTHER)
    await question(tab.page).press("Enter")
    await expect(waiting.locator(".slip")).to_have_text([OTHER])
    await expect(question(tab.page)).to_have_count(0)
    await tab.page.reload()
    await expect(waiting.locator(".slip")).to_have_text([OTHER])
    await expect(question(tab.page)).to_have_count(0)
    await waiting.get_by_role("button", name="Remove").click()
    await tab.stop_button.click()


async def test_an_edit_comes_back_with_its_question(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))
    other = await window.tab(tab.path)
    await edits(tab)
    await edits(other, f"{FIRST} elsewhere")
    await question(other.page).press("Enter")
    for one in (tab, other):
        await expect(one.page.locator("article .slip")).to_have_text([f"{FIRST} elsewhere"])
    await expect(question(tab.page)).to_have_count(0)
    await other.page.get_by_role("button", name="Previous version").click()
    await expect(question(tab.page)).to_have_value(OTHER)
    await question(tab.page).press("Enter")
    await expect(tab.page.locator("article .slip")).to_have_text([OTHER])
    await expect(tab.page.locator("article").first).to_contain_text("3/3")


async def test_an_edit_stays_open_while_its_question_is_shown_anew(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*OFFLINE)
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))
    await edits(tab, f"{FIRST} again")
    await question(tab.page).press("Enter")
    await expect(tab.page.locator("article .slip")).to_have_text([f"{FIRST} again"])
    other = await (await open_window()).tab(tab.path)
    await edits(tab)
    row = tab.page.locator("article").first
    revision = await row.get_attribute("data-rev")
    await window.context.set_offline(True)
    for step in ("Previous version", "Next version"):
        before = await other.page.locator("article").first.get_attribute("id")
        await other.page.get_by_role("button", name=step).click()
        await expect(other.page.locator(f"#{before}")).to_have_count(0)
    await window.context.set_offline(False)
    await expect(row).not_to_have_attribute("data-rev", revision or "")
    await expect(question(tab.page)).to_be_focused()
    await tab.page.keyboard.type("!")
    await expect(question(tab.page)).to_have_value(f"{OTHER}!")


async def test_drafts_belong_to_a_member_and_go_with_signing_out(open_window: OpenWindow) -> None:
    window = await open_window("")
    window.expect("status of 404")
    tab = await window.tab()
    await sign_in(tab.page)
    await tab.settled(await tab.ask(FIRST))
    await edits(tab)
    await tab.open("/")
    await tab.field.fill("half a question")
    await tab.page.evaluate(
        "localStorage.setItem('draft:0:/', JSON.stringify({at: Date.now(), value: {text: 'not mine'}}))"
    )
    await tab.page.reload()
    await expect(tab.field).to_have_value("half a question")
    await tab.page.get_by_role("button", name="Account menu").click()
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("button", name="Sign out").click()
    await expect(tab.page.get_by_label("Password")).to_be_visible()
    assert await tab.page.evaluate(DRAFTS) == ["draft:0:/"]
    await sign_in(tab.page)
    await expect(tab.field).to_have_value("")


async def test_drafts_are_not_kept_for_ever(open_window: OpenWindow) -> None:
    tab = await (await open_window("Bob")).tab()
    await tab.field.fill("half a question")
    await tab.page.evaluate(
        """() => {
            const put = (key, age, text) =>
                localStorage.setItem(`draft:${key}`, JSON.stringify({ at: Date.now() - age, value: { text } }));
            put("0:new", 1_000, "new");
            put("0:big", 2_000, "x".repeat(2_000_000));
            localStorage.setItem("draft:/", "of another kind");
            put("0:old", 31 * 24 * 3_600_000, "old");
        }"""
    )
    await tab.page.reload()
    await expect(tab.field).to_have_value("half a question")
    kept = await tab.page.evaluate(DRAFTS)
    assert "draft:0:new" in kept
    assert len(kept) == 2


async def test_half_a_comment_outlives_a_reload(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page = tab.page
    await page.get_by_role("button", name="Good answer").click()
    await comment(page).fill("half a comment")
    await page.reload()
    await expect(comment(page)).to_have_value("half a comment")
    await expect(tab.field).to_be_focused()
    await comment(page).press("Control+Enter")
    await expect(page.get_by_role("link", name="Comment kept")).to_be_focused()
    await sent_and_forgotten(page)
    await page.keyboard.press("Enter")
    await expect(comment(page)).to_be_focused()
    await comment(page).fill("another")
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(page.get_by_role("link", name="Comment kept")).to_be_visible()
    await expect(comment(page)).to_have_count(0)


async def test_a_comment_without_a_connection(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*OFFLINE)
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))
    await tab.page.get_by_role("button", name="Good answer").click()
    await comment(tab.page).fill("said offline")
    await window.context.set_offline(True)
    await tab.page.get_by_role("button", name="Save").click()
    await expect(tab.reason).to_contain_text("The server cannot be reached.")
    await expect(comment(tab.page)).to_have_value("said offline")
    await window.context.set_offline(False)
    await tab.page.reload()
    await expect(comment(tab.page)).to_have_value("said offline")


async def test_a_comment_that_is_sent_is_sent_in_every_tab(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    answer = await tab.ask(FIRST)
    await tab.settled(answer)
    other = await window.tab(tab.path)
    link = other.page.locator(f"#say-{answer}")
    await tab.page.get_by_role("button", name="Good answer").click()
    await expect(link).to_have_text("Comment")
    await expect(link).to_be_visible()
    await comment(tab.page).fill("Well put.")
    await tab.page.get_by_role("checkbox", name="Send the comment").check()
    await tab.page.get_by_role("button", name="Save").click()
    await expect(link).to_have_text("Comment sent")
    await link.click()
    await expect(comment(other.page)).to_have_value("Well put.")
    await other.page.keyboard.press("Escape")
    bad = tab.page.get_by_role("button", name="Bad answer")
    await bad.click()
    await expect(link).to_have_text("Comment kept")
    await tab.idle()
    await bad.click()
    await expect(link).to_be_hidden()


async def test_pages_of_their_own_for_an_edit_and_a_comment(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*OFFLINE)
    tab = await window.tab()
    answer = await tab.ask(FIRST)
    await tab.settled(answer)
    path = tab.path
    await tab.page.get_by_role("button", name="Good answer").click()
    await expect(comment(tab.page)).to_be_visible()
    for field, address, save, shows in (
        (comment, f"/m/{answer}/feedback/", "Save", "Comment kept"),
        (question, f"/m/{answer - 1}/edit/", "Ask again", "A different text"),
    ):
        await tab.open(address)
        await field(tab.page).fill("A different text")
        await window.context.set_offline(True)
        await tab.page.get_by_role("button", name=save).click()
        await expect(tab.page.locator("[data-trouble]")).to_contain_text("The server cannot be reached.")
        await window.context.set_offline(False)
        await tab.page.reload()
        await expect(field(tab.page)).to_have_value("A different text")
        await tab.page.get_by_role("button", name=save).click()
        await tab.page.wait_for_url(f"**{path}*")
        await expect(tab.page.get_by_text(shows).first).to_be_visible()
        await sent_and_forgotten(tab.page)


async def test_instructions_without_a_connection_and_across_reloads(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*OFFLINE)
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))
    path = tab.path
    await tab.open(f"{path}instructions/")
    await instructions(tab.page).fill("Be brief.")
    await window.context.set_offline(True)
    await tab.page.get_by_role("button", name="Save").focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("[data-trouble]")).to_contain_text("The server cannot be reached.")
    await expect(instructions(tab.page)).to_have_value("Be brief.")
    await window.context.set_offline(False)
    await tab.open("/")
    await tab.open(f"{path}instructions/")
    await expect(instructions(tab.page)).to_have_value("Be brief.")
    await expect(tab.page.get_by_text("It is not saved yet.")).to_be_visible()
    await tab.page.get_by_role("button", name="Save").click()
    await tab.page.wait_for_url(f"**{path}")
    await tab.open(f"{path}instructions/")
    await expect(instructions(tab.page)).to_have_value("Be brief.")
    await expect(tab.page.get_by_text("It is not saved yet.")).to_be_hidden()
    await instructions(tab.page).fill("Be long.")
    await tab.page.get_by_role("link", name="Cancel").click()
    await tab.page.wait_for_url(f"**{path}")
    await tab.open(f"{path}instructions/")
    await expect(instructions(tab.page)).to_have_value("Be brief.")


async def test_instructions_with_a_mistake_are_said_in_place(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("status of 422", "Error Code 422")
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))
    await tab.open(f"{tab.path}instructions/")
    await instructions(tab.page).fill("Be brief.")
    heat = tab.page.get_by_role("textbox", name="Temperature")
    await heat.fill("hot")
    await tab.page.get_by_role("button", name="Save").click()
    await expect(tab.page.get_by_text("Nothing is saved yet.")).to_be_visible()
    await expect(heat).to_be_focused()
    await expect(instructions(tab.page)).to_have_value("Be brief.")
    await tab.page.reload()
    await expect(instructions(tab.page)).to_have_value("Be brief.")
