"""Search with the keyboard alone, in Chinese, on a phone, and without the script."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, Request, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab
from tests.browser.test_accessibility import audit
from tests.browser.test_input_method import InputMethod
from tests.browser.test_small_windows import NARROW, PHONE, TOO_SMALL, no_sideways_scroll

QUICK = "demo:numbers=3 demo:fast"
SEARCHES = r"/search/\?q="


def field(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search chats")


def hits(page: Page) -> Locator:
    return page.locator("#found .hit")


def summary(page: Page) -> Locator:
    return page.locator("#found [data-summary]")


async def told(tab: Tab, *questions: str) -> str:
    """A conversation with these questions; returns its path."""
    await tab.open("/")
    for question in questions:
        await tab.settled(await tab.ask(f"{question} {QUICK}"))
    return tab.path


async def test_by_keys_alone_from_a_message_to_a_passage_and_back(open_window: OpenWindow) -> None:
    window = await open_window()
    # What the list asks for is given up when the page goes.
    window.expect("htmx:sendAbort", "htmx:afterRequest")
    tab = await window.tab()
    page = tab.page
    path = await told(tab, "The ptarmigan in winter", "More of the ptarmigan")
    await tab.open("/")
    await tab.field.fill("Half a message")
    await page.keyboard.press("Control+k")
    await expect(field(page)).to_be_focused()
    await page.keyboard.type("ptarmigan")
    await expect(summary(page)).to_have_text("2 passages in 1 chat")
    await expect(page.locator("#say")).to_have_text("2 passages in 1 chat")
    await page.keyboard.press("Escape")
    await expect(tab.field).to_be_focused()
    await expect(tab.field).to_have_value("Half a message")
    assert tab.path == "/"

    # Opened again it is as it was left; what is typed takes its place.
    await page.keyboard.press("Control+k")
    await expect(hits(page)).to_have_count(2)
    await page.keyboard.press("Control+k")
    await expect(tab.field).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("ptarmigan winter")
    await expect(hits(page)).to_have_count(1)
    await expect(hits(page).locator("mark")).to_have_text(["ptarmigan", "winter"])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(hits(page)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(hits(page)).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(field(page)).to_be_focused()
    # The title leads to the first passage, too.
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#found h2 a")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(rf"{path}\?m=\d+#m\d+$"))
    await expect(page.locator(".turn:target")).to_contain_text("ptarmigan in winter")


async def test_the_page_has_an_address_that_can_be_kept(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await told(tab, "A capercaillie and `code`")
    await tab.open("/")
    await tab.sidebar.get_by_role("link", name="Search").press("Enter")
    await expect(field(page)).to_be_focused()
    await page.keyboard.type("capercaillie")
    await expect(hits(page)).to_have_count(1)
    await expect(page).to_have_title("capercaillie · Search · Parley")
    assert "q=capercaillie" in tab.path
    await page.reload()
    await expect(field(page)).to_have_value("capercaillie")
    await expect(hits(page)).to_have_count(1)
    await page.get_by_role("checkbox", name="Has code").press("Space")
    await expect(summary(page)).to_contain_text("Nothing found for “capercaillie”. Try another word")
    assert "code=1" in tab.path
    async with page.expect_navigation():
        await page.get_by_role("link", name="search without filters").press("Enter")
    await expect(hits(page)).to_have_count(1)
    # The key goes to the field that is there.
    await page.get_by_role("checkbox", name="Has code").focus()
    await page.keyboard.press("Control+k")
    await expect(field(page)).to_be_focused()
    # Back from a passage the search is as it was.
    await hits(page).press("Enter")
    await page.wait_for_url("**/c/**")
    await page.go_back()
    await expect(field(page)).to_have_value("capercaillie")
    await expect(hits(page)).to_have_count(1)


async def test_days_are_chosen_by_keys(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await told(tab, "A dotterel")
    await tab.open("/search/?q=dotterel")
    await page.get_by_role("button", name="Any time").press("Enter")
    await page.get_by_label("To", exact=True).fill("2020-01-01")
    await page.get_by_role("button", name="Search these days").press("Enter")
    await expect(summary(page)).to_contain_text("Nothing found for")
    await expect(page.get_by_role("button", name="Until 1 Jan 2020")).to_be_visible()
    assert "to=2020-01-01" in tab.path


async def test_chinese_is_searched_when_it_is_chosen_never_while_it_is_composed(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await told(tab, "雷鸟的阳离子混排")
    await tab.open("/search/")
    asked: list[str] = []

    def note(request: Request) -> None:
        if re.search(SEARCHES, request.url):
            asked.append(request.url)

    page.on("request", note)
    await field(page).focus()
    method = await InputMethod.on(page)
    await method.compose("hun'pai")
    await expect(field(page)).to_have_value("hun'pai")
    await method.enter(229)
    await page.wait_for_timeout(600)
    assert asked == []
    await method.choose("混排")
    await expect(hits(page)).to_have_count(1)
    await expect(hits(page).locator("mark")).to_have_text("混排")
    assert len(asked) == 1


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
async def test_on_a_phone_nothing_sticks_out_and_everything_can_be_hit(
    open_window: OpenWindow, size: dict[str, object]
) -> None:
    await told(await (await open_window()).tab(), "whimbrel" * 30 + " whimbrel")
    page = (await (await open_window(**size)).tab("/search/?q=whimbrel")).page
    await expect(hits(page).first).to_be_visible()
    await no_sideways_scroll(page)
    if size is PHONE:
        controls = page.locator(".search :is(.btn, select, .input, .hit):visible")
        assert await controls.count() > 4
        assert await controls.evaluate_all(TOO_SMALL) == []


async def test_older_passages_come_when_asked_for_and_the_first_of_them_has_the_focus(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await told(tab, *[f"godwit {number}" for number in range(3)])
    # Each page of the server has thirty; in the browser three questions and their forks are enough.
    for _ in range(10):
        async with page.expect_navigation():
            await page.locator(".turn").last.get_by_role("button", name="Go on in a chat of its own").click()
    await tab.open("/search/?q=godwit")
    await expect(page.get_by_role("link", name="Older passages")).to_be_visible()
    seen = await page.locator("#found [data-hit]").count()
    await page.get_by_role("link", name="Older passages").press("Enter")
    await expect(page.get_by_role("link", name="Older passages")).to_have_count(0)
    await expect(page.locator("#found [data-hit]").nth(seen - 1)).to_be_focused()


@pytest.mark.parametrize("how", ["offline", "broken"])
async def test_a_search_that_fails_says_so_and_can_be_tried_again(open_window: OpenWindow, how: str) -> None:
    window = await open_window()
    window.expect("ERR_INTERNET_DISCONNECTED", "WebSocket", "htmx:", "status of 500", "Response Status Error Code 500")
    tab = await window.tab()
    page = tab.page
    await told(tab, f"A phalarope {how}")
    await tab.open("/search/")
    if how == "offline":
        await window.context.set_offline(True)
    else:
        await page.route("**/search/?q=*", lambda route: route.fulfill(status=500, body="<!doctype html>"))
    await field(page).fill(f"phalarope {how}")
    failed = page.get_by_text("The search did not answer.")
    await expect(failed).to_be_visible()
    await window.context.set_offline(False)
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").press("Enter")
    await expect(hits(page)).to_have_count(1)
    await expect(failed).to_be_hidden()


async def test_without_the_script_form_and_links_do_the_work(open_window: OpenWindow) -> None:
    path = await told(await (await open_window()).tab(), "An oystercatcher")
    tab = await (await open_window(java_script_enabled=False)).tab("/search/")
    page = tab.page
    await field(page).fill("oystercatcher")
    await page.get_by_text("Has code").click()
    await page.get_by_role("button", name="Search", exact=True).click()
    await expect(summary(page)).to_contain_text("Nothing found for")
    await page.get_by_role("link", name="search without filters").click()
    await hits(page).click()
    await page.wait_for_url(re.compile(path))


async def test_the_audit_finds_nothing(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await told(tab, "A turnstone 翻石鹬")
    for path in ("/search/", "/search/?q=turnstone", "/search/?q=turnstone&images=1"):
        await tab.open(path)
        await audit(page)
    await tab.open("/")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("turnstone")
    await expect(hits(page)).to_have_count(1)
    await audit(page)
