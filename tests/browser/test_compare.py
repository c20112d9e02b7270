"""Two models answer one question side by side, by keyboard alone; one is kept to go on from."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESK, OpenWindow

PHONE = {"width": 390, "height": 844}
QUICK = "demo:numbers=5 demo:fast"


async def compare(page: Page, text: str) -> None:
    """Ask demo and other, without the mouse."""
    await page.focus("#text")
    await page.keyboard.type(text)
    await page.get_by_role("button", name="Compare with other models").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("checkbox", name="other").focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Compare with other", exact=True)).to_contain_text("+1")
    await page.keyboard.press("Escape")
    await page.focus("#text")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/c/**")
    await expect(page.locator("article[data-by=model]")).to_have_count(2)


async def test_two_answers_are_written_beside_each_other_and_one_is_kept(open_window: OpenWindow) -> None:
    window = await open_window(viewport=DESK)
    window.expect("409")
    page = (await window.tab()).page
    await compare(page, QUICK)
    answers = page.locator("article[data-by=model]")
    await expect(answers.locator(".by bdi")).to_have_text(["demo", "other"])
    await expect(answers.nth(1)).to_have_attribute("data-status", "done")
    left, right = await answers.nth(0).bounding_box(), await answers.nth(1).bounding_box()
    assert left
    assert right
    assert left["y"] == pytest.approx(right["y"], abs=1)
    assert left["x"] + left["width"] <= right["x"] + 1
    await page.focus("#text")
    await page.keyboard.type("And then?")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-refused]")).to_contain_text("Keep one of them")
    await expect(page.locator("#text")).to_have_value("And then?")
    await answers.nth(1).get_by_role("button", name="Go on from this one").focus()
    await page.keyboard.press("Enter")
    await expect(answers).to_have_count(1)
    await expect(answers.locator(".by bdi")).to_have_text(["other"])
    await expect(answers).to_contain_text("2/2")
    await page.focus("#text")
    await page.keyboard.press("End")
    await page.keyboard.type(f" {QUICK}")
    await page.keyboard.press("Enter")
    await expect(page.locator("article")).to_have_count(4)
    await expect(answers.last).to_have_attribute("data-status", "done")


async def test_one_of_two_answers_is_taken_to_a_chat_of_its_own(open_window: OpenWindow) -> None:
    page = (await (await open_window(viewport=DESK)).tab()).page
    await compare(page, QUICK)
    answers = page.locator("article[data-by=model]")
    await expect(answers.nth(1)).to_have_attribute("data-status", "done")
    before = page.url
    await answers.nth(1).get_by_role("button", name="Go on in a chat of its own").click()
    await page.wait_for_url(lambda url: url != before)
    await expect(answers.locator(".by bdi")).to_have_text(["other"])
    await expect(page.get_by_role("button", name="Go on from this one")).to_have_count(0)
    await page.goto(before)
    await expect(answers).to_have_count(2)


async def test_a_reload_and_a_second_tab_show_the_same_two(open_window: OpenWindow) -> None:
    window = await open_window()
    tab, second = await window.tab(), await window.tab()
    await compare(tab.page, "demo:numbers=120 demo:rate=60")
    await second.open(tab.path)
    await tab.page.reload()
    for page in (tab.page, second.page):
        answers = page.locator("article[data-by=model]")
        await expect(answers).to_have_count(2)
        for answer in (answers.nth(0), answers.nth(1)):
            await expect(answer).to_have_attribute("data-status", "done", timeout=15_000)
            await expect(answer.locator(".prose")).to_contain_text("118 119")


async def test_stop_stops_both(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await compare(page, "demo:numbers=900 demo:rate=30")
    await expect(page.locator("article[data-by=model] .prose").last).to_contain_text("1 2")
    await page.keyboard.press("Escape")
    for at in (0, 1):
        await expect(page.locator("article[data-by=model]").nth(at)).to_have_attribute("data-status", "stopped")


async def test_the_menu_holds_two_others_at_most_and_never_the_chosen_one(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await page.get_by_role("button", name="Compare with other models").click()
    await expect(page.locator("#beside").get_by_role("checkbox", name="demo", exact=True)).to_be_disabled()
    await page.get_by_role("checkbox", name="other").check()
    await page.keyboard.press("Escape")
    await page.locator("#compose").get_by_role("button", name="Model: demo").click()
    await page.get_by_role("menuitemradio", name="other").click()
    await expect(page.get_by_role("button", name="Compare with other models")).to_be_visible()


async def test_on_a_phone_they_follow_each_other(open_window: OpenWindow) -> None:
    tab = await (await open_window(viewport=PHONE)).tab()
    page = tab.page
    await compare(page, QUICK)
    first, second = page.locator("article[data-by=model]").nth(0), page.locator("article[data-by=model]").nth(1)
    await expect(second).to_have_attribute("data-status", "done")
    above, below = await first.bounding_box(), await second.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"]
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_each_answer_that_was_cut_can_be_continued(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await compare(tab.page, "demo:length demo:fast")
    answers = tab.page.locator("article[data-by=model]")
    for at in (0, 1):
        await expect(answers.nth(at)).to_contain_text("The answer reached its length limit.")
    for at in (0, 1):
        answer = answers.nth(at)
        before = await answer.locator(".prose").inner_text()
        await answer.get_by_role("button", name="Continue").focus()
        await tab.page.keyboard.press("Enter")
        await expect(answer.locator(".prose")).not_to_have_text(before)
        await expect(answer).to_have_attribute("data-status", "done")
        assert len(await answer.locator(".prose").inner_text()) > len(before)


async def test_what_waits_below_them_has_room_in_the_margin(open_window: OpenWindow) -> None:
    tab = await (await open_window(viewport=DESK)).tab()
    await compare(tab.page, "demo:numbers=900 demo:rate=30")
    await tab.field.fill("And then?")
    await tab.field.press("Enter")
    words = tab.page.locator("#waiting .by small")
    await expect(words).to_have_text("for the answer that you go on from")
    slip = await tab.page.locator("#waiting .slip").bounding_box()
    right = await words.evaluate(
        """(words) => {
            const all = document.createRange();
            all.selectNodeContents(words);
            return all.getBoundingClientRect().right;
        }"""
    )
    assert slip
    assert right <= slip["x"]
    await tab.page.get_by_role("button", name="Remove").click()
    await tab.page.keyboard.press("Escape")
