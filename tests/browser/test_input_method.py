"""Enter that ends a composition never sends; every other Enter does what it says."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import CDPSession, Page, expect

from tests.browser.conftest import OpenWindow

ENTER = {"key": "Enter", "code": "Enter", "nativeVirtualKeyCode": 13}
NOTE_KEYS = """
window.keysSeen = [];
const note = ({ key, keyCode, isComposing }) => keysSeen.push([key, keyCode, isComposing]);
document.addEventListener("keydown", note, true);
"""


class InputMethod:
    """An input method as the browser's own input pipeline sees it."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page, self._session = page, session

    @classmethod
    async def on(cls, page: Page) -> InputMethod:
        await page.evaluate(NOTE_KEYS)
        return cls(page, await page.context.new_cdp_session(page))

    async def compose(self, text: str) -> None:
        """Underlined text, not chosen yet."""
        await self._session.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )

    async def choose(self, text: str) -> None:
        await self._session.send("Input.insertText", {"text": text})

    async def enter(self, key_code: int) -> None:
        """Enter with the character that would submit a form; input methods report it as key code 229."""
        event: dict[str, Any] = {**ENTER, "windowsVirtualKeyCode": key_code}
        await self._session.send("Input.dispatchKeyEvent", {**event, "type": "keyDown", "text": "\r"})
        await self._session.send("Input.dispatchKeyEvent", {**event, "type": "keyUp"})

    async def keys(self) -> list[list[Any]]:
        return list(await self._page.evaluate("window.keysSeen"))


async def test_enter_while_composing_never_sends_and_the_next_one_does(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.field.focus()
    method = await InputMethod.on(tab.page)
    await method.compose("nihao")
    await expect(tab.field).to_have_value("nihao")
    await method.enter(13)
    assert ["Enter", 13, True] in await method.keys()
    await method.compose("shijie")
    await method.enter(229)
    assert tab.path == "/"
    await method.choose("世界")
    assert "世界" in await tab.field.input_value()
    await tab.field.fill("你好 demo:numbers=5 demo:fast")
    await tab.field.press("Enter")
    answer = await tab.newer(0)
    await tab.settled(answer)
    await expect(tab.page.locator(".slip")).to_have_text("你好 demo:numbers=5 demo:fast")


async def test_an_enter_that_safari_reports_after_the_composition_does_not_send(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.field.focus()
    method = await InputMethod.on(tab.page)
    await method.compose("zhong")
    await method.choose("中文")
    await method.enter(229)
    assert ["Enter", 229, False] in await method.keys()
    await expect(tab.page.locator(".turn")).to_have_count(0)
    assert tab.path == "/"
    assert (await tab.field.input_value()).strip() == "中文"
    await tab.field.press_sequentially(" demo:fast")
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))
    await expect(tab.page.locator(".slip")).to_have_text("中文 demo:fast")


@pytest.mark.parametrize("key_code", [13, 229])
async def test_enter_while_composing_does_not_save_a_title(open_window: OpenWindow, key_code: int) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask("Waves demo:numbers=5 demo:fast"))
    await tab.page.keyboard.press("F2")
    title = tab.page.get_by_role("textbox", name="Title")
    await expect(title).to_be_focused()
    await title.fill("")
    method = await InputMethod.on(tab.page)
    await method.compose("biaoti")
    await method.enter(key_code)
    await expect(title).to_be_visible()
    await expect(tab.title).not_to_contain_text("biaoti")
    await method.choose("标题")
    await title.fill("标题")
    await title.press("Enter")
    await expect(tab.title).to_have_text("标题")
    await expect(title).to_be_hidden()


async def test_shift_enter_makes_a_line_and_control_enter_sends(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.field.press_sequentially("one")
    await tab.field.press("Shift+Enter")
    await tab.field.press_sequentially("two demo:numbers=3 demo:fast")
    await expect(tab.field).to_have_value("one\ntwo demo:numbers=3 demo:fast")
    assert tab.path == "/"
    await tab.field.press("Control+Enter")
    await tab.settled(await tab.newer(0))
    assert await tab.page.locator(".slip p").text_content() == "one\ntwo demo:numbers=3 demo:fast"


async def test_on_a_touch_keyboard_enter_makes_a_line(open_window: OpenWindow) -> None:
    window = await open_window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = await window.tab()
    assert await tab.page.evaluate("matchMedia('(pointer: coarse)').matches")
    await tab.field.tap()
    await tab.field.press_sequentially("one")
    await tab.field.press("Enter")
    await tab.field.press_sequentially("two demo:numbers=3 demo:fast")
    await expect(tab.field).to_have_value("one\ntwo demo:numbers=3 demo:fast")
    assert tab.path == "/"
    await tab.send_button.tap()
    await tab.settled(await tab.newer(0))
