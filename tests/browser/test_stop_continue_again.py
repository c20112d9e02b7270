"""Stopping from everywhere, going on, answering again, and waiting as long as the model's server asks."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from chatapp.demo import Demo, numbers
from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab
from tests.live.server import Server

LONG = "demo:numbers=2000 demo:rate=60"


async def is_stopped(tab: Tab, answer: int) -> None:
    """Said, kept, and the same on the page and in the database."""
    await tab.settled(answer, "stopped")
    stored = tab.server.stored(answer)[2]
    assert numbers(2000).startswith(stored)
    assert await tab.words(answer) == " ".join(stored.split())
    await expect(tab.answer(answer)).to_contain_text("This answer was stopped")
    await expect(tab.send_button).to_be_visible()


async def test_by_the_button(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask(LONG)
    await tab.shows(answer, 20)
    await tab.stop_button.click()
    await is_stopped(tab, answer)
    following = await tab.ask("demo:numbers=3 demo:fast")
    await tab.settled(following)


async def test_by_esc_but_not_by_the_esc_that_closes_a_menu(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask(LONG)
    await tab.shows(answer, 20)
    await tab.page.get_by_role("button", name="More actions").click()
    await expect(tab.page.locator("#chat-menu")).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.locator("#chat-menu")).to_be_hidden()
    count = len((await tab.words(answer)).split())
    await tab.shows(answer, count + 20)
    await tab.page.keyboard.press("Escape")
    await is_stopped(tab, answer)


async def test_from_a_second_tab(open_window: OpenWindow) -> None:
    window = await open_window()
    first = await window.tab()
    answer = await first.ask(LONG)
    await first.shows(answer, 20)
    second = await window.tab(first.path)
    await second.stop_button.click()
    await is_stopped(first, answer)
    await is_stopped(second, answer)


async def test_before_the_first_word(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("demo:silent")
    await expect(tab.answer(answer).locator(".bones")).to_be_visible()
    await tab.stop_button.click()
    await tab.settled(answer, "stopped")
    await expect(tab.answer(answer).get_by_role("button", name="Try again")).to_be_visible()


async def test_continue_makes_one_answer_of_two_parts(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("In two parts: demo:numbers=300 demo:rate=300 demo:once-cut")
    await tab.settled(answer, "interrupted")
    await tab.page.get_by_role("button", name="Continue").click()
    await tab.settled(answer)
    assert tab.server.stored(answer)[2] == numbers(300)
    assert await tab.words(answer) == numbers(300)
    assert len(await tab.turns()) == 2
    await expect(tab.page.get_by_role("button", name="Continue")).to_have_count(0)


async def test_answer_again_makes_a_version_and_the_switcher_goes_between_them(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    first = await tab.ask("demo:numbers=30 demo:fast")
    await tab.settled(first)
    other = await window.tab(tab.path)
    await tab.answer(first).get_by_role("button", name="Answer again").click()
    second = await tab.newer(first)
    await tab.settled(second)
    for place in (tab, other):
        await expect(place.answer(second)).to_contain_text("2/2")
        await expect(place.answer(first)).to_have_count(0)
    await tab.answer(second).get_by_role("button", name="Previous version").click()
    for place in (tab, other):
        await expect(place.answer(first)).to_contain_text("1/2")
        await expect(place.answer(second)).to_have_count(0)
    await expect(tab.answer(first).get_by_role("button", name="Previous version")).to_be_disabled()
    await tab.page.reload()
    await expect(tab.answer(first)).to_contain_text("1/2")
    await tab.answer(first).get_by_role("button", name="Next version").click()
    await expect(tab.answer(second)).to_contain_text("2/2")
    await expect(tab.page.locator(".thread > .turn")).to_have_count(2)


async def test_try_again_after_an_error_makes_the_answer_in_its_place(server: Server, open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    address = server.rows("SELECT base_url FROM catalog_provider")[0][0]
    server.write("UPDATE catalog_provider SET base_url = 'http://127.0.0.1:9/v1'")
    try:
        answer = await tab.ask("demo:numbers=30 demo:fast")
        await tab.settled(answer, "failed")
    finally:
        server.write("UPDATE catalog_provider SET base_url = ?", address)
    await expect(tab.answer(answer)).to_contain_text("Your question is saved.")
    await tab.answer(answer).get_by_role("button", name="Try again").click()
    await tab.settled(answer)
    assert await tab.words(answer) == numbers(30)
    assert len(await tab.turns()) == 2


def countdown(tab: Tab, answer: int) -> Locator:
    return tab.answer(answer).locator("[data-countdown]")


# A provider that says Retry-After is asked by nobody until then: these have a server of their own.
async def test_a_countdown_that_is_cancelled_asks_no_more(
    demo: Demo, own_server: Server, open_window: OpenWindow
) -> None:
    await own_server.start()
    tab = await (await open_window(at=own_server)).tab()
    answer = await tab.ask("demo:limit cancelled")
    await tab.settled(answer, "failed")
    await expect(countdown(tab, answer)).to_contain_text("Trying again in")
    asked = len(demo.record.asked)
    await tab.answer(answer).get_by_role("button", name="Cancel").click()
    await expect(countdown(tab, answer)).to_be_empty()
    await expect(tab.answer(answer).get_by_role("button", name="Cancel")).to_be_hidden()
    await tab.page.wait_for_timeout(8_000)
    assert len(demo.record.asked) == asked
    await tab.page.reload()
    await expect(countdown(tab, answer)).to_be_empty()


async def test_a_countdown_that_ends_asks_again_by_itself(
    demo: Demo, own_server: Server, open_window: OpenWindow
) -> None:
    await own_server.start()
    tab = await (await open_window(at=own_server)).tab()
    answer = await tab.ask("demo:limit once more")
    await tab.settled(answer, "failed")
    await expect(countdown(tab, answer)).to_contain_text("Trying again in")
    asked = len(demo.record.asked)
    await demo.record.until(lambda: len(demo.record.asked) > asked, seconds=20)
    await tab.settled(answer, "failed")
    await expect(countdown(tab, answer)).to_contain_text("Trying again in")
    await tab.answer(answer).get_by_role("button", name="Try now").click()
    await demo.record.until(lambda: len(demo.record.asked) > asked + 1)
    await tab.settled(answer, "failed")
