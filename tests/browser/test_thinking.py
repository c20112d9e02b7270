"""The thinking: in a disclosure that opens while it runs and folds when it is done, never in what is copied."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab

QUESTION = "How does Arrhenius work? demo:rate=60"
QUICK = "How does Arrhenius work? demo:rate=1000"


def disclosure(tab: Tab, answer: int) -> Locator:
    return tab.answer(answer).locator("details.think")


async def test_the_toggle_decides_and_is_kept_for_the_conversation(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    toggle = tab.page.get_by_role("button", name="Think before answering")
    await expect(toggle).to_have_attribute("aria-pressed", "false")
    plain = await tab.ask("demo:numbers=3 demo:fast")
    await tab.settled(plain)
    await expect(disclosure(tab, plain)).to_have_count(0)
    thinking = await tab.ask(QUICK, think=True)
    await tab.settled(thinking)
    await expect(disclosure(tab, thinking)).to_be_visible()
    await tab.page.reload()
    await expect(toggle).to_have_attribute("aria-pressed", "true")


async def test_it_opens_while_thinking_and_folds_to_how_long_it_took(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask(QUESTION, think=True)
    think = disclosure(tab, answer)
    await expect(think).to_have_attribute("open", "")
    await expect(think.locator("summary")).to_contain_text("Thinking")
    await expect(think.locator("[data-reasoning]")).not_to_be_empty()
    await expect(tab.answer(answer).locator(".tail")).to_be_empty()
    await expect(think.locator("summary")).to_contain_text("Thought for")
    await expect(think).not_to_have_attribute("open", "")
    await tab.stop_button.click()
    await tab.settled(answer, "stopped")
    await expect(think).not_to_have_attribute("open", "")
    await think.locator("summary").click()
    await expect(think.locator("[data-reasoning]")).to_be_visible()


async def test_it_stays_open_for_a_reader_who_opened_it(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("How does Arrhenius work? demo:rate=150", think=True)
    think = disclosure(tab, answer)
    await expect(think.locator("[data-reasoning]")).not_to_be_empty()
    await think.locator("summary").click()
    await expect(think).not_to_have_attribute("open", "")
    await think.locator("summary").click()
    await expect(think.locator("summary")).to_contain_text("Thought for")
    assert await think.get_attribute("open") is not None
    await expect(tab.answer(answer)).to_have_attribute("data-status", "streaming")
    await tab.settled(answer)
    await expect(think).to_have_attribute("open", "")


async def test_a_reload_while_thinking_goes_on_with_the_thinking(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("How does Arrhenius work? demo:rate=60", think=True)
    await expect(disclosure(tab, answer).locator("[data-reasoning]")).not_to_be_empty()
    await tab.page.reload()
    await expect(disclosure(tab, answer)).to_have_attribute("open", "")
    await tab.settled(answer)
    shown = await disclosure(tab, answer).locator("[data-reasoning]").text_content()
    stored = tab.server.rows("SELECT reasoning FROM conversations_message WHERE id = ?", answer)[0][0]
    assert letters(shown or "") == letters(stored)


def letters(text: str) -> str:
    """What no mark of Markdown or of TeX touches."""
    return "".join(character for character in text if character.isalpha())


async def test_what_is_copied_is_the_markdown_without_the_thinking(open_window: OpenWindow) -> None:
    window = await open_window(permissions=["clipboard-read", "clipboard-write"])
    tab = await window.tab()
    answer = await tab.ask(QUICK, think=True)
    await tab.settled(answer)
    await tab.answer(answer).get_by_role("button", name="Copy answer").click()
    await expect(tab.page.locator("#say")).to_have_text("Copied")
    copied = await tab.page.evaluate("navigator.clipboard.readText()")
    text, reasoning = tab.server.rows("SELECT text, reasoning FROM conversations_message WHERE id = ?", answer)[0]
    assert copied == text
    assert "###" in copied
    assert reasoning
    assert reasoning[:40] not in copied
