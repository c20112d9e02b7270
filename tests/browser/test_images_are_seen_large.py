"""The large picture: reached, enlarged, left and closed by keyboard, mouse and touch; without a script it is a link."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.pictures import ask_by_button, attach, picture
from tests.browser.tab import Tab

QUICK = "demo:numbers=3 demo:fast"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

TOUCH = """(stage, [name, ...points]) => {
  for (const [pointerId, clientX, clientY] of points) {
    const init = { pointerId, clientX, clientY, pointerType: "touch", bubbles: true, cancelable: true };
    stage.dispatchEvent(new PointerEvent(name, init));
  }
}"""

WIDER_THAN = """(width) => document.querySelector("dialog[open] img").getBoundingClientRect().width > width"""


def dialog(tab: Tab) -> Locator:
    return tab.page.locator("dialog[open]")


def large(tab: Tab) -> Locator:
    return dialog(tab).get_by_role("img")


async def width(tab: Tab) -> float:
    box = await large(tab).bounding_box()
    assert box
    return box["width"]


async def with_three(tab: Tab) -> None:
    """A conversation with three images in two turns; the second has a description."""
    await attach(tab, picture("first.png", 3000, 2000), picture("second.png", 600, 1200, "gold"))
    await tab.page.get_by_role("button", name="Describe second.png").click()
    await tab.page.get_by_role("textbox", name="Description").fill("All gold")
    async with tab.page.expect_response("**/alt/"):
        await tab.page.keyboard.press("Enter")
    await ask_by_button(tab, QUICK)
    await attach(tab, picture("third.png", 640, 480, "navy"))
    await ask_by_button(tab, QUICK)


async def test_by_keyboard_alone(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await with_three(tab)
    page = tab.page
    first = page.get_by_role("link", name="first.png")
    await first.focus()
    await page.keyboard.press("Enter")
    await expect(dialog(tab)).to_have_accessible_name("first.png")
    await expect(dialog(tab)).to_contain_text("1 of 3")
    await expect(page.get_by_role("button", name="Previous image")).to_be_hidden()
    whole = await width(tab)
    await page.keyboard.press("+")
    await page.keyboard.press("+")
    assert await width(tab) > 2 * whole
    await page.keyboard.press("Shift+ArrowRight")
    assert await page.locator("[data-stage]").evaluate("(stage) => stage.scrollLeft > 0 && stage.scrollTop > 0")
    await page.keyboard.press("-")
    await page.keyboard.press("0")
    assert abs(await width(tab) - whole) < 1
    await page.keyboard.press("ArrowRight")
    await expect(dialog(tab)).to_have_accessible_name("second.png")
    await expect(large(tab)).to_have_accessible_name("All gold")
    await expect(dialog(tab).get_by_text("All gold")).to_be_visible()
    await page.keyboard.press("End")
    await expect(dialog(tab)).to_have_accessible_name("third.png")
    await page.keyboard.press("ArrowRight")
    await expect(dialog(tab)).to_contain_text("3 of 3")
    await page.keyboard.press("ArrowLeft")
    await expect(dialog(tab)).to_contain_text("2 of 3")
    await page.keyboard.press("Home")
    await expect(dialog(tab)).to_have_accessible_name("first.png")
    await page.keyboard.press("Escape")
    await expect(dialog(tab)).to_have_count(0)
    await expect(first).to_be_focused()


async def test_the_large_picture_is_the_whole_file(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await with_three(tab)
    await tab.page.get_by_role("link", name="first.png").click()
    await expect(large(tab)).not_to_have_attribute("src", "/small/")
    await tab.page.wait_for_function(
        "() => document.querySelector('dialog[open] [data-stage] img').naturalWidth === 3000"
    )
    box, stage = await large(tab).bounding_box(), await tab.page.locator("[data-stage]").bounding_box()
    assert box
    assert stage
    assert box["width"] <= stage["width"] + 1
    assert box["height"] <= stage["height"] + 1


async def test_escape_closes_the_picture_and_stops_no_answer(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, picture("plot.png"))
    answer = await tab.ask("demo:numbers=300 demo:rate=100")
    await tab.shows(answer, 10)
    await tab.page.get_by_role("link", name="plot.png").click()
    await expect(dialog(tab)).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await expect(dialog(tab)).to_have_count(0)
    await expect(tab.stop_button).to_be_visible()
    await tab.settled(answer)


async def test_the_wheel_enlarges_what_is_under_it(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await with_three(tab)
    await tab.page.get_by_role("link", name="first.png").click()
    before = await large(tab).bounding_box()
    assert before
    x, y = before["x"] + before["width"] * 0.75, before["y"] + before["height"] * 0.25
    await tab.page.mouse.move(x, y)
    await tab.page.mouse.wheel(0, -400)
    await tab.page.wait_for_function(WIDER_THAN, arg=1.5 * before["width"])
    after = await large(tab).bounding_box()
    assert after
    assert abs((x - after["x"]) / after["width"] - 0.75) < 0.01
    assert abs((y - after["y"]) / after["height"] - 0.25) < 0.01
    await tab.page.mouse.down()
    await tab.page.mouse.move(x + 60, y + 40)
    await tab.page.mouse.up()
    moved = await large(tab).bounding_box()
    assert moved
    assert abs(moved["x"] - after["x"] - 60) < 2


async def test_two_fingers_enlarge_and_one_goes_on(open_window: OpenWindow) -> None:
    tab = await (await open_window(**PHONE)).tab()
    await with_three(tab)
    await tab.page.get_by_role("link", name="first.png").tap()
    stage = tab.page.locator("[data-stage]")
    # The pointers of a synthetic touch cannot be captured.
    await stage.evaluate("(stage) => { stage.setPointerCapture = () => {}; }")
    whole = await width(tab)
    await stage.evaluate(TOUCH, ["pointerdown", [1, 150, 400], [2, 250, 400]])
    await stage.evaluate(TOUCH, ["pointermove", [1, 100, 400], [2, 300, 400]])
    await stage.evaluate(TOUCH, ["pointerup", [1, 100, 400], [2, 300, 400]])
    assert await width(tab) > 1.8 * whole
    await tab.page.get_by_role("button", name="Whole image").tap()
    await stage.evaluate(TOUCH, ["pointerdown", [3, 300, 400]])
    await stage.evaluate(TOUCH, ["pointerup", [3, 120, 410]])
    await expect(dialog(tab)).to_have_accessible_name("second.png")


async def test_with_a_key_held_the_link_is_a_link(open_window: OpenWindow) -> None:
    window = await open_window()
    # The browser's own frame around a bare image.
    window.expect("inline style", "style-src", "sandboxed")
    tab = await window.tab()
    await with_three(tab)
    async with window.context.expect_page() as opened:
        await tab.page.get_by_role("link", name="third.png").click(modifiers=["Control"])
    await (await opened.value).wait_for_url("**/images/**")
    await expect(dialog(tab)).to_have_count(0)


async def test_an_image_that_cannot_be_loaded_says_so(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("status of 404")
    tab = await window.tab()
    await with_three(tab)
    await tab.page.get_by_role("link", name="third.png").evaluate("(link) => { link.href = '/images/none/'; }")
    await tab.page.get_by_role("link", name="third.png").click()
    await expect(dialog(tab)).to_contain_text("This image cannot be loaded.")
    await tab.page.keyboard.press("ArrowLeft")
    await expect(dialog(tab).get_by_text("cannot be loaded")).to_be_hidden()
