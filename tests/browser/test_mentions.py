"""Who is named hears of it, what others wrote is marked, and both marks go when it is read; by keyboard."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.held import holding, next_of
from tests.browser.tab import Tab
from tests.browser.test_shared_conversations import two


def mentions(tab: Tab) -> Locator:
    return tab.sidebar.get_by_role("link", name="Mentions")


def line(tab: Tab, path: str) -> Locator:
    return tab.page.locator(f'#past a[href="{path}"]')


async def test_somebody_is_named_and_reads_it(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    path = ann.path
    await bob.settled(answer)
    other = await (await open_window("Bob")).tab()
    await bob.open("/")
    keys = ann.page.keyboard
    await ann.page.focus("#text")
    await keys.type("Look, @b")
    people = ann.page.get_by_role("listbox", name="People in this chat")
    await expect(people.get_by_role("option")).to_have_text(["Bob"])
    await expect(ann.page.locator("#text")).to_have_attribute("aria-activedescendant", "person-" + await member_id(bob))
    await keys.press("Enter")
    await expect(people).to_be_hidden()
    await expect(ann.page.locator("#text")).to_have_value("Look, @Bob ")
    await keys.type("demo:numbers=4 demo:fast")
    await keys.press("Enter")
    await expect(ann.page.locator("article")).to_have_count(4)

    for tab in (bob, other):
        await expect(mentions(tab)).to_contain_text("1 unread")
        await expect(line(tab, path).get_by_label("unread")).to_be_visible()
    await mentions(bob).focus()
    await bob.page.keyboard.press("Enter")
    hit = bob.page.get_by_role("link", name="Look, @Bob")
    await expect(hit.get_by_label("unread")).to_be_visible()
    await hit.focus()
    await bob.page.keyboard.press("Enter")
    await bob.page.wait_for_url(f"**{path}?m=*")
    await expect(bob.page.locator("article:target")).to_contain_text("Look, @Bob")
    for tab in (bob, other):
        await expect(mentions(tab)).not_to_contain_text("unread")
        await expect(line(tab, path).get_by_label("unread")).to_have_count(0)


async def member_id(tab: Tab) -> str:
    return str(await tab.page.evaluate("document.body.dataset.member"))


async def test_what_a_guest_writes_is_marked_in_the_owners_list(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    path = ann.path
    await bob.settled(answer)
    await ann.open("/")
    await bob.ask("demo:numbers=5 demo:fast")
    await expect(line(ann, path).get_by_label("unread")).to_be_visible()
    await line(ann, path).focus()
    await ann.page.keyboard.press("Enter")
    await ann.page.wait_for_url(f"**{path}")
    await ann.page.get_by_role("link", name="New chat").focus()
    await ann.page.keyboard.press("Enter")
    await ann.page.wait_for_url("**/")
    await expect(line(ann, path)).to_be_visible()
    await expect(line(ann, path).get_by_label("unread")).to_have_count(0)
    await expect(line(bob, path).get_by_label("unread")).to_have_count(0)


async def test_a_name_that_nobody_has_is_a_text(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    keys = ann.page.keyboard
    await ann.page.focus("#text")
    people = ann.page.get_by_role("listbox", name="People in this chat")
    await keys.type("mail@bob @")
    await expect(people).to_be_visible()
    await keys.press("Escape")
    await expect(people).to_be_hidden()
    await keys.type("Bo")
    await expect(people).to_be_hidden()
    await keys.press("Enter")
    await expect(ann.page.locator("article")).to_have_count(4)
    await expect(ann.page.locator("article").nth(2).locator(".slip")).to_have_text("mail@bob @Bo")


async def test_everything_counts_as_read_at_once(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    path = ann.path
    await bob.settled(answer)
    await bob.open("/")
    await ann.ask("@Bob again demo:numbers=4 demo:fast")
    await expect(mentions(bob)).to_contain_text("1 unread")
    await bob.open("/chats/?show=shared")
    row = bob.page.locator("#chats li").filter(has=bob.page.locator(f'a[href="{path}"]'))
    await expect(row.get_by_label("unread")).to_be_visible()
    await bob.open("/mentions/")
    await bob.page.get_by_role("button", name="Mark all as read").focus()
    await bob.page.keyboard.press("Enter")
    await expect(mentions(bob)).not_to_contain_text("unread")
    await expect(line(bob, path).get_by_label("unread")).to_have_count(0)
    await expect(bob.page.get_by_role("link", name="@Bob again")).to_be_visible()


async def test_a_badge_that_changes_leaves_the_focus_and_the_mark_of_the_place(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    await bob.open("/mentions/")
    await mentions(bob).focus()
    await ann.ask("@Bob look here demo:numbers=3 demo:fast")
    await expect(mentions(bob)).to_contain_text("1 unread")
    await expect(mentions(bob)).to_have_attribute("aria-current", "page")
    await expect(mentions(bob)).to_be_focused()


async def named(tab: Tab, text: str) -> None:
    """Type this in a chat with Bob until he is offered."""
    await tab.page.locator("#text").press_sequentially(text)
    await expect(tab.page.get_by_role("option", name="Bob")).to_be_visible()


async def test_only_the_name_that_is_typed_is_replaced(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    text, people = ann.page.locator("#text"), ann.page.get_by_role("listbox", name="People in this chat")
    await text.fill("Could you check it? demo:numbers=3 demo:fast")
    await text.press("Home")
    await named(ann, "@b")
    # The caret goes elsewhere, as a click does it.
    await text.evaluate("(field) => field.setSelectionRange(field.value.length, field.value.length)")
    await expect(people).to_be_hidden()
    await text.press("Enter")
    await expect(ann.page.locator("article .slip").last).to_have_text("@bCould you check it? demo:numbers=3 demo:fast")


async def test_tab_takes_the_name_that_the_server_is_still_asked_for(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    text = ann.page.locator("#text")
    await named(ann, "@b")
    held = await holding(ann.page, "**/people/**")
    await text.press_sequentially("o")
    asked = await next_of(held)
    await text.press("ArrowDown")
    await text.press("Tab")
    await asked.continue_()
    await expect(text).to_have_value("@Bob ")
    await expect(text).to_be_focused()


async def test_a_late_answer_that_nobody_is_called_so_is_for_that_name_alone(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    text = ann.page.locator("#text")
    held = await holding(ann.page, "**/people/**")
    await text.press_sequentially("@x")
    await next_of(held)
    nobody = await next_of(held)
    await text.press_sequentially(" and @B")
    async with ann.page.expect_response(lambda response: response.request == nobody.request):
        await nobody.continue_()
    await ann.page.unroute("**/people/**")
    await text.press_sequentially("o")
    await expect(ann.page.get_by_role("option", name="Bob")).to_be_visible()
