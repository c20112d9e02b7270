"""An administrator connects a server, makes an alias of its model, puts it first and tries it."""

from __future__ import annotations

from playwright.async_api import expect

from chatapp.demo import Demo
from tests.browser.conftest import OpenWindow
from tests.browser.database import add_alias
from tests.live.server import Server

ADMINISTRATOR = "UPDATE accounts_user SET is_staff = 1, is_superuser = 1 WHERE name = 'Ann'"


async def test_from_a_base_url_to_an_answer(own_server: Server, demo: Demo, open_window: OpenWindow) -> None:
    await own_server.start()
    own_server.write(ADMINISTRATOR)
    window = await open_window("Ann", own_server)
    # A server that is not there answers nothing good.
    window.expect("status of 422")
    page = (await window.tab("/manage/providers/new/")).page
    await page.get_by_role("link", name="LMDeploy").click()
    await page.locator("#id_name").fill("Cluster")
    await page.get_by_label("Base URL").fill("http://127.0.0.1:9/v1")
    await page.get_by_role("button", name="Test", exact=True).click()
    await expect(page.locator("#verdict")).to_contain_text("Nothing answers at this address")
    await page.get_by_label("Base URL").fill(demo.base_url)
    await page.get_by_role("button", name="Test", exact=True).click()
    await expect(page.locator("#verdict")).to_contain_text("It works.")
    await page.get_by_role("button", name="Add it").click()
    await page.get_by_role("button", name="Fetch the list").click()
    row = page.get_by_role("row").filter(has_text="demo-plain")
    await row.get_by_role("link", name="Make an alias").click()
    await page.locator("#id_name").fill("fresh")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.locator("h1")).to_have_text("fresh")
    await page.get_by_role("button", name="Test all routes").click()
    await expect(page.locator(".tested")).to_contain_text("Works in")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.locator(".trials")).to_contain_text("Answered")
    tab = await window.tab("/?alias=fresh")
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))


async def test_the_order_is_changed_by_keyboard_and_by_dragging(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    own_server.write(ADMINISTRATOR)
    for name in ("second", "third"):
        add_alias(own_server, name)
    page = (await (await open_window("Ann", own_server)).tab("/manage/aliases/")).page
    names = page.locator("tbody a.mono")
    await expect(names).to_have_text(["demo", "second", "third"])
    up = page.get_by_role("row").filter(has_text="third").get_by_role("button", name="Move third up")
    await up.focus()
    await page.keyboard.press("Enter")
    await expect(names).to_have_text(["demo", "third", "second"])
    await page.keyboard.press("Enter")
    await expect(names).to_have_text(["third", "demo", "second"])
    # The list has come anew, and the focus is back where it was.
    await expect(page.get_by_role("button", name="Move third down")).to_be_focused()
    grip = await page.get_by_role("row").filter(has_text="second").locator("[data-grip]").bounding_box()
    first = await page.get_by_role("row").filter(has_text="third").bounding_box()
    assert grip
    assert first
    await page.mouse.move(grip["x"] + 4, grip["y"] + 4)
    await page.mouse.down()
    await page.mouse.move(grip["x"] + 4, first["y"] + 20, steps=6)
    await page.mouse.move(grip["x"] + 4, first["y"] + 2, steps=3)
    # The row is where it was dropped before the server knows of it.
    async with page.expect_response(lambda response: response.request.method == "POST"):
        await page.mouse.up()
    await expect(names).to_have_text(["second", "third", "demo"])
    await page.reload()
    await expect(names).to_have_text(["second", "third", "demo"])
