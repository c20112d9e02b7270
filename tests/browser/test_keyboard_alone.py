"""Everything can be reached and done with the keyboard, and what has the focus shows it."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWindow

MOST_STEPS = 120

NAME = """(element) => {
  const label = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent;
  return label.trim().replace(/\\s+/g, " ").slice(0, 40);
}"""

FOCUSED = f"""() => {{
  const element = document.activeElement;
  if (element === document.body) return null;
  const {{ outlineStyle, outlineWidth }} = getComputedStyle(element);
  const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  // The composer as a whole shows that its text is being written.
  const around = element.matches("textarea") && getComputedStyle(element.closest(".composer")).boxShadow !== "none";
  return {{ name: ({NAME})(element), ring: outlined || around, shown: element.checkVisibility() }};
}}"""

REACHABLE = f"""() => [...document.querySelectorAll("a[href], button, textarea, summary, select, input")]
  .filter((one) => one.checkVisibility({{ visibilityProperty: true }}) && !one.disabled && one.tabIndex >= 0)
  .filter((one) => one.type !== "radio" || one.checked)
  .map({NAME})"""

TO_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
}"""


async def walk(page: Page) -> list[str]:
    """Press Tab from the top of the page to its end; every stop must show itself. Returns the stops' names."""
    await page.evaluate(TO_THE_TOP)
    names: list[str] = []
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUSED)
        if stop is None:
            return names
        assert stop["shown"], f"{stop['name']} has the focus and is not there"
        assert stop["ring"], f"{stop['name']} does not show its focus"
        names.append(stop["name"])
    raise AssertionError(f"Tab does not come to an end: {names}")


async def everything_is_reached(page: Page) -> None:
    wanted = await page.evaluate(REACHABLE)
    assert len(wanted) > 5
    missed = set(wanted) - set(await walk(page))
    assert not missed


async def test_tab_reaches_everything_and_shows_where_it_is(open_window: OpenWindow) -> None:
    window = await open_window("Bob")
    tab = await window.tab()
    for path in ("/", "/account/"):
        await tab.open(path)
        await everything_is_reached(tab.page)
    await tab.open("/")
    answer = await tab.ask("python code demo:rate=5000", think=True)
    await tab.settled(answer)
    await tab.field.fill("something, so that Send can be reached")
    await tab.page.reload()
    await everything_is_reached(tab.page)


async def test_the_skip_link_comes_first_and_leads_to_the_content(open_window: OpenWindow) -> None:
    tab = await (await open_window("Bob")).tab()
    await tab.page.evaluate(TO_THE_TOP)
    await tab.page.keyboard.press("Tab")
    skip = tab.page.get_by_role("link", name="Skip to content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("#main")).to_be_focused()


async def test_the_model_menu_by_arrows_home_end_and_first_letter(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    button = tab.page.get_by_role("button", name="Model: demo")
    await button.focus()
    await tab.page.keyboard.press("Enter")
    demo = tab.page.get_by_role("menuitemradio", name="demo")
    other = tab.page.get_by_role("menuitemradio", name="other")
    await expect(demo).to_be_focused()
    for key, focused in (
        ("ArrowDown", other),
        ("ArrowDown", demo),
        ("ArrowUp", other),
        ("Home", demo),
        ("End", other),
        ("d", demo),
        ("o", other),
    ):
        await tab.page.keyboard.press(key)
        await expect(focused).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.get_by_role("menu")).to_be_hidden()
    await expect(button).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(demo).to_be_focused()
    await tab.page.keyboard.press("End")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("menu")).to_be_hidden()
    await expect(tab.page.get_by_role("button", name="Model: other")).to_be_focused()
    await expect(tab.page.get_by_role("button", name="Think before answering")).to_be_hidden()
    answer = await tab.ask("demo:numbers=3 demo:fast")
    await expect(tab.answer(answer).locator(".by")).to_contain_text("other")


async def test_keys_of_the_whole_page(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    page = tab.page
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.locator(".turn").last.locator(".by")).to_be_focused()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.locator(".turn").first.locator(".by")).to_be_focused()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.locator(".turn").last.locator(".by")).to_be_focused()
    await page.keyboard.press("Control+/")
    dialog = page.get_by_role("dialog", name="Keys")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.keyboard.press("Control+Shift+O")
    await page.wait_for_url(tab.server.base + "/")
    await expect(tab.field).to_be_focused()
