"""A long text is laid out in parts while it grows; no reader can tell, and at the end it is one again."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from chatapp.demo import numbers
from tests.browser.conftest import OpenWindow
from tests.browser.tab import numbers_in

COUNT = 3000


@pytest.mark.parametrize("shape", ["paragraph", "fence"])
async def test_its_finished_lines_stand_apart_while_it_grows(open_window: OpenWindow, shape: str) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask(f"demo:numbers={COUNT} demo:rate=600 shape={shape}")
    lines = tab.answer(answer).locator(".lines")
    await expect(lines).not_to_have_count(0)
    shown = numbers_in(await tab.text(answer))
    assert shown == [str(number) for number in range(len(shown))]
    widths = await lines.first.evaluate("""span => {
        const range = document.createRange();
        range.selectNodeContents(span.nextSibling);
        return [span.getClientRects()[0].left, range.getClientRects()[0].left];
    }""")
    assert widths[0] == widths[1]
    await tab.settled(answer)
    await expect(lines).to_have_count(0)
    assert numbers_in(await tab.text(answer)) == numbers_in(numbers(COUNT, shape))
