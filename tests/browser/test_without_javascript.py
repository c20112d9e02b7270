"""Links and forms do the work; the script only makes it nicer."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.live.server import Server


async def test_sign_in_send_wait_stop_rename_and_delete(server: Server, open_window: OpenWindow) -> None:
    window = await open_window("", java_script_enabled=False)
    tab = await window.tab()
    page = tab.page
    await page.get_by_label("Email").fill("bob@example.org")
    await page.get_by_label("Password").fill("correct horse battery")
    await page.get_by_role("button", name="Sign in").click()
    await page.locator("#text").fill("demo:numbers=60 demo:rate=30")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/c/*/")
    done = page.locator(".turn[data-by=model][data-status=done]")
    # The page itself comes back every few seconds until the answer is whole.
    await expect(done.locator(".prose")).to_contain_text("58 59")
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()

    await page.locator("#text").fill("demo:numbers=2000 demo:rate=50")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(".turn").last).to_contain_text("This answer was stopped")

    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("button", name="Rename").click()
    await page.get_by_role("textbox", name="Title").fill("By hand")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("By hand")
    await expect(page).to_have_title("By hand · Parley")

    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("button", name="Delete").click()
    await page.wait_for_url(server.base + "/")
    await expect(page.get_by_role("link", name="By hand")).to_have_count(0)


async def test_a_refused_message_is_still_in_the_composer(open_window: OpenWindow) -> None:
    window = await open_window("Bob", java_script_enabled=False)
    window.expect("status of 422")
    tab = await window.tab()
    long = "long " * 20_001
    await tab.page.locator("#text").fill(long)
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("button", name="Send").click()
    await expect(tab.page.locator("[data-refused]")).to_contain_text("the limit is 100,000")
    assert (await tab.page.locator("#text").input_value()).strip() == long.strip()
