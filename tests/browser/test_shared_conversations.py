"""Two people, two browsers, one conversation: the same answer, who is there, a question of each, one who is removed."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab

SLOW = "demo:numbers=900 demo:rate=40"


async def invite(page: Page, path: str, name: str, may: str) -> None:
    """By keyboard alone, from the chat's menu."""
    await page.get_by_role("button", name="More actions for this conversation").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Members").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await page.get_by_label("Invite a person or a group").focus()
    await page.keyboard.type(name)
    await page.get_by_role("button", name=f"Let {name} {may}").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Invited").get_by_text(name, exact=True)).to_be_visible()
    await page.goto(page.url.split("/c/")[0] + path)


async def two(open_window: OpenWindow, text: str, may: str = "take part") -> tuple[Tab, Tab, int]:
    """Ann's tab and Bob's, and the first answer, which is written."""
    ann = await (await open_window("Ann")).tab()
    answer = await ann.ask(text)
    await invite(ann.page, ann.path, "Bob", may)
    window = await open_window("Bob")
    bob = await window.tab()
    await bob.page.locator(f'#past a[href="{ann.path}"]').click()
    await bob.page.wait_for_url(f"**{ann.path}")
    return ann, bob, answer


async def test_both_see_the_same_answer_each_other_and_what_each_asks(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=200 demo:rate=60")
    for tab in (ann, bob):
        await tab.settled(answer)
        assert (await tab.words(answer)).split() == [str(number) for number in range(200)]
    await expect(ann.page.locator("[data-here]")).to_have_attribute("aria-label", "Also here: Bob")
    await expect(bob.page.locator("[data-here]")).to_have_attribute("aria-label", "Also here: Ann")
    await bob.page.focus("#text")
    await bob.page.keyboard.type("demo:numbers=4 demo:fast")
    await expect(ann.page.locator("[data-writes]")).to_have_text("Bob is writing …")
    await bob.page.keyboard.press("Enter")
    await expect(ann.page.locator("article")).to_have_count(4)
    await expect(ann.page.locator("article").nth(2).locator(".by bdi")).to_have_text("Bob")
    await expect(bob.page.locator("article").nth(3)).to_have_attribute("data-status", "done")
    await ann.ask("demo:numbers=5 demo:fast")
    await expect(bob.page.locator("article")).to_have_count(6)
    await expect(bob.page.locator("article").nth(4).locator(".by bdi")).to_have_text("Ann")
    await bob.page.close()
    await expect(ann.page.locator("[data-here]")).to_be_hidden()


async def test_who_is_removed_in_mid_answer_is_told_and_gets_no_more(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, SLOW)
    await bob.shows(answer, 5)
    other = await ann.page.context.new_page()
    await other.goto(ann.page.url + "members/")
    await other.get_by_role("button", name="Remove Bob").focus()
    await other.keyboard.press("Enter")
    await expect(bob.page.get_by_text("This chat is not shared with you any more.")).to_be_visible()
    seen = await bob.words(answer)
    await ann.page.wait_for_timeout(1_000)
    assert await bob.words(answer) == seen
    await ann.page.keyboard.press("Escape")
    await ann.settled(answer, "stopped")


async def test_a_reader_reads_and_takes_a_copy(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast", "read")
    await bob.settled(answer)
    await expect(bob.page.locator("#compose")).to_have_count(0)
    await expect(bob.page.get_by_text("Ann shows you this chat.")).to_be_visible()
    await expect(bob.page.get_by_role("button", name="Answer again")).to_have_count(0)
    await bob.page.get_by_role("button", name="Go on in a chat of its own").last.focus()
    await bob.page.keyboard.press("Enter")
    await bob.page.wait_for_url(lambda url: "/c/" in url and not url.endswith(ann.path))
    await bob.settled(await bob.ask("demo:numbers=4 demo:fast"))


async def test_a_guest_leaves(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    await bob.page.get_by_role("button", name="More actions for this conversation").focus()
    await bob.page.keyboard.press("Enter")
    await bob.page.get_by_role("button", name="Leave this chat").focus()
    await bob.page.keyboard.press("Enter")
    await bob.page.wait_for_url(lambda url: "/c/" not in url)
    await expect(bob.page.locator(f'#past a[href="{ann.path}"]')).to_have_count(0)


async def test_what_somebody_else_has_waiting_bears_their_name(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, SLOW)
    await bob.shows(answer, 3)
    await bob.page.fill("#text", "And after that?")
    await bob.page.keyboard.press("Enter")
    await expect(ann.page.locator("#waiting .by")).to_have_text("Bob waits for the answer")
    await expect(bob.page.locator("#waiting .by")).to_have_text("Waits for the answer")
    await bob.page.get_by_role("button", name="Remove").click()
    await expect(ann.page.locator("#waiting .by")).to_have_count(0)
    await ann.page.keyboard.press("Escape")
    await ann.settled(answer, "stopped")


async def test_a_chat_that_is_shared_is_marked_in_its_owners_list(open_window: OpenWindow) -> None:
    ann, bob, answer = await two(open_window, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    line = ann.page.locator(f'#past a[href="{ann.path}"]')
    await expect(line.get_by_label("shared with the team")).to_be_visible()
    other = await ann.page.context.new_page()
    await other.goto(ann.page.url + "members/")
    await other.get_by_role("button", name="Remove Bob").click()
    await expect(line.get_by_label("shared with the team")).to_have_count(0)
