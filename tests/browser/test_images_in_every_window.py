"""Images on desk and phone, light and dark, by keyboard, and in a browser without a script."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.pictures import NO_PICTURE, Gate, ask_by_button, attach, chips, choose, picture
from tests.browser.tab import Tab
from tests.browser.test_accessibility import audit
from tests.browser.test_keyboard_alone import everything_is_reached
from tests.browser.test_small_windows import NARROW, PHONE, no_sideways_scroll, too_small

QUICK = "demo:numbers=3 demo:fast"
DESK = {"viewport": {"width": 1440, "height": 900}}
WITHOUT_THEM = """() => { for (const img of document.querySelectorAll(".shots img")) img.removeAttribute("src"); }"""
LONG = f"{'a very long name of a photograph ' * 3}.png"


async def every_state(tab: Tab) -> Gate:
    """A conversation with images, and in its composer ready, refused and coming ones under a model that reads none."""
    await attach(
        tab,
        picture(LONG, 900, 300),
        picture("钠电硬碳负极的首效优化与循环性能测试结果图像.png", 30, 90),
        picture("c.png"),
    )
    await ask_by_button(tab, QUICK)
    await attach(tab, picture(LONG, 900, 300), NO_PICTURE)
    gate = Gate(tab.page)
    await gate.close()
    await choose(tab, picture("coming.png"))
    await tab.page.get_by_role("button", name="Model: demo").click()
    await tab.page.get_by_role("menuitemradio", name="other").click()
    await tab.field.fill("something")
    await tab.field.press("Control+Enter")
    await expect(tab.page.get_by_text("Sends when the images are there")).to_be_visible()
    return gate


async def test_an_audit_finds_nothing_in_any_state(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("status of 422")
    tab = await window.tab()
    gate = await every_state(tab)
    await audit(tab.page)
    await tab.page.get_by_role("button", name=f"Describe {LONG}").click()
    await audit(tab.page)
    await tab.page.keyboard.press("Escape")
    await tab.page.get_by_role("link", name="c.png").click()
    await expect(tab.page.get_by_role("dialog", name="c.png")).to_be_visible()
    await audit(tab.page)
    await gate.open()


@pytest.mark.parametrize("size", [DESK, NARROW, PHONE], ids=["desk", "narrow", "phone"])
async def test_nothing_sticks_out_and_targets_are_large_enough(
    open_window: OpenWindow, size: dict[str, object]
) -> None:
    window = await open_window(**size)
    window.expect("status of 422")
    tab = await window.tab()
    gate = await every_state(tab)
    await no_sideways_scroll(tab.page)
    if size is PHONE:
        assert await too_small(tab) == []
    await expect(tab.send_button).to_be_in_viewport(ratio=1)
    await expect(tab.field).to_be_in_viewport(ratio=1)
    await tab.page.get_by_role("link", name="c.png").click()
    await expect(tab.page.get_by_role("button", name="Close", exact=True)).to_be_in_viewport(ratio=1)
    await expect(tab.page.get_by_role("button", name="Larger")).to_be_in_viewport(ratio=1)
    await gate.open()


async def test_tab_reaches_everything_in_the_composer_and_the_conversation(open_window: OpenWindow) -> None:
    window = await open_window("Bob")
    window.expect("status of 422")
    tab = await window.tab()
    await attach(tab, picture("a.png"), picture("b.png"))
    await ask_by_button(tab, QUICK)
    await attach(tab, picture("c.png"), NO_PICTURE)
    # The automatic title has come: no name changes on the way.
    await expect(tab.title).not_to_have_text(QUICK)
    await everything_is_reached(tab.page)


async def test_nothing_moves_while_images_come(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, picture("tall.png", 300, 900), picture("wide.png", 900, 300))
    await ask_by_button(tab, QUICK)
    words = tab.page.locator(".slip p")
    there = await words.bounding_box()
    await tab.page.evaluate(WITHOUT_THEM)
    assert await words.bounding_box() == there


async def test_ten_chips_leave_the_text_and_the_buttons_in_view(open_window: OpenWindow) -> None:
    tab = await (await open_window(**PHONE)).tab()
    await ask_by_button(tab, QUICK)
    await attach(tab, *[picture(f"{number}.png") for number in range(10)])
    await expect(chips(tab)).to_have_count(10)
    await expect(tab.field).to_be_in_viewport(ratio=1)
    await expect(tab.send_button).to_be_in_viewport(ratio=1)
    await expect(chips(tab).last).to_be_in_viewport(ratio=1)


async def test_without_a_script_the_form_takes_the_files(open_window: OpenWindow) -> None:
    window = await open_window("Bob", java_script_enabled=False)
    # What the browser itself would like to add to a bare picture, and may not.
    window.expect("Applying inline style violates .*/images/", "Blocked script execution in '[^']*/images/")
    tab = await window.tab()
    page = tab.page
    await expect(page.get_by_label("Attach images")).to_be_visible()
    await page.get_by_label("Attach images").set_input_files([picture("plain.png", 300, 200), picture("second.png")])
    await page.locator("#text").fill("demo:numbers=3 demo:fast")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/c/*/")
    shots = page.locator(".turn[data-by=you] .shots a")
    await expect(shots).to_have_count(2)
    await shots.first.click()
    await page.wait_for_url("**/images/*/")
