"""A question in other words and a chat of its own, by keyboard alone; nothing that was there is lost."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab

FIRST = "demo:numbers=3 demo:fast one"


async def asked(open_window: OpenWindow) -> Tab:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask(FIRST))
    return tab


async def test_the_last_question_is_edited_from_the_empty_composer(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page = tab.page
    await page.focus("#text")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("textbox", name="Question")).to_be_focused()
    await page.keyboard.type(" two")
    await page.keyboard.press("Enter")
    await expect(page.locator("article .slip")).to_have_text(["demo:numbers=3 demo:fast one two"])
    await expect(page.locator("article[data-by=model]")).to_have_attribute("data-status", "done")
    await expect(page.locator("article").first.locator(".by")).to_be_focused()
    await page.get_by_role("button", name="Previous version").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("article .slip")).to_have_text([FIRST])
    await page.reload()
    await expect(page.locator("article .slip")).to_have_text([FIRST])


async def test_esc_leaves_everything_as_it_was(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page = tab.page
    await page.get_by_role("link", name="Edit and ask again").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("textbox", name="Question").fill("something else")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name="Edit and ask again")).to_be_focused()
    await expect(page.locator("article .slip")).to_have_text([FIRST])
    await expect(page.locator("article")).to_have_count(2)


async def test_an_enter_of_an_input_method_does_not_send(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page = tab.page
    await page.get_by_role("link", name="Edit and ask again").click()
    field = page.get_by_role("textbox", name="Question")
    await field.evaluate(
        """field => field.dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, isComposing: true, bubbles: true}))"""
    )
    await expect(field).to_be_visible()
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("line")
    await expect(field).to_have_value(f"{FIRST}\nline")


async def test_a_fork_opens_and_leaves_the_first_alone(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page, path = tab.page, tab.path
    await page.get_by_role("button", name="Go on in a chat of its own").last.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url != tab.server.base + path)
    await expect(page.locator("article .slip")).to_have_text([FIRST])
    await tab.settled(await tab.ask("demo:numbers=2 demo:fast"))
    await expect(page.locator("article")).to_have_count(4)
    await tab.open(path)
    await expect(page.locator("article")).to_have_count(2)


async def test_a_fork_that_ends_in_a_question_is_answered_by_its_button(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page, path = tab.page, tab.path
    turns = page.locator("[data-turns]")
    await expect(turns).to_have_text("2 turns")
    await page.get_by_role("button", name="Go on in a chat of its own").first.click()
    await page.wait_for_url(lambda url: url != tab.server.base + path)
    await expect(turns).to_have_text("1 turn")
    button = page.get_by_role("button", name="Answer", exact=True)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("article[data-by=model]")).to_have_attribute("data-status", "done")
    await expect(page.locator("article .prose")).to_have_text("0 1 2")
    await expect(button).to_have_count(0)
    await expect(turns).to_have_text("2 turns")
    await expect(page.locator("article").first.locator(".by")).to_be_focused()


async def test_a_fork_that_ends_in_a_question_is_answered_without_the_script(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    window = await open_window(java_script_enabled=False)
    page = (await window.tab(tab.path)).page
    await page.get_by_role("button", name="Go on in a chat of its own").first.click()
    await page.wait_for_url(lambda url: not url.endswith(tab.path))
    made = page.url
    await page.get_by_role("button", name="Answer", exact=True).click()
    # The page itself comes back until the answer is whole.
    await expect(page.locator("article .prose")).to_have_text("0 1 2")
    assert page.url == made


async def test_another_model_answers_again(open_window: OpenWindow) -> None:
    tab = await asked(open_window)
    page = tab.page
    await page.locator("#compose").get_by_role("button", name="demo").click()
    await page.get_by_text("other", exact=True).first.click()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Answer again").click()
    await expect(page.locator("article[data-by=model] .by bdi")).to_have_text("other")
    await expect(page.locator("article[data-by=model]")).to_contain_text("2/2")
