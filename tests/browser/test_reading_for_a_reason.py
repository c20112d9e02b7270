"""The page on which an administrator reads a member's chat."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.test_accessibility import audit
from tests.browser.test_administration import ADMINISTRATOR
from tests.live.server import Server


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
async def test_it_is_drawn_as_the_owner_sees_it(own_server: Server, open_window: OpenWindow, scripts: bool) -> None:
    await own_server.start()
    own_server.write(ADMINISTRATOR)
    talk, answer = await own_server.ask("Show me Chinese, maths and code demo:rate=5000", "Bob")
    await talk.settled(answer)
    page = (await (await open_window("Ann", own_server, java_script_enabled=scripts)).tab("/manage/log/read/")).page
    await page.get_by_role("textbox", name="Chat").fill(f"{own_server.base}/c/{talk.conversation}/")
    await page.get_by_label("Reason").fill("Its owner asked us to look at this.")
    await page.get_by_role("button", name="Read it, once").click()
    await expect(page.get_by_text("You read a chat of Bob.")).to_be_visible()
    formulas = page.locator(".sheet [data-math]")
    await expect(formulas).not_to_have_count(0)
    if scripts:
        await expect(page.locator(".sheet [data-math]:not([data-tex])")).to_have_count(0)
        await expect(page.locator(".sheet .katex").first).to_be_visible()
        await audit(page)
    await expect(page.get_by_role("button", name="Print")).to_have_count(0)
