"""Going back shows things as they are now, and nothing to somebody who has signed out."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow


async def test_the_list_is_as_it_is_now(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("Waves demo:numbers=300 demo:rate=300")
    await expect(tab.sidebar.locator("[aria-current=page]").get_by_label("answering")).to_be_visible()
    await tab.settled(answer)
    await tab.open("/account/")
    await tab.page.go_back()
    await tab.settled(answer)
    await expect(tab.sidebar.locator("[aria-current=page]").get_by_label("answering")).to_have_count(0)


async def test_after_signing_out_a_conversation_is_not_shown_again(open_window: OpenWindow) -> None:
    window = await open_window("")
    tab = await window.tab()
    await tab.page.get_by_label("Email").fill("eve@example.org")
    await tab.page.get_by_label("Password").fill("correct horse battery")
    await tab.page.get_by_role("button", name="Sign in").click()
    await tab.settled(await tab.ask("A secret demo:numbers=3 demo:fast"))
    await tab.page.get_by_role("button", name="Account menu").click()
    await tab.page.get_by_role("button", name="Sign out").click()
    await expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await tab.page.go_back()
    await expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(tab.page.locator(".turn")).to_have_count(0)
