"""What models, members and administrators write is shown, never obeyed."""

from __future__ import annotations

from playwright.async_api import Page, expect

from chatapp.demo import HOSTILE_MARK
from tests.browser.conftest import OpenWindow
from tests.browser.database import add_alias
from tests.live.server import Server

EVIL = f"</title></script><script>window.{HOSTILE_MARK}='x'</script><img src=x onerror=\"window.{HOSTILE_MARK}='y'\">"
NAME = f"<b onclick=\"{HOSTILE_MARK}='n'\">Mallory</b> <img src=x onerror={HOSTILE_MARK}=1>"
DESCRIPTION = f"\"><script>{HOSTILE_MARK}='d'</script><svg/onload={HOSTILE_MARK}=2>"

LIVELY = "script, style, iframe, object, form, input:not([type=checkbox]), base, meta, details"

# What lies over the middle of the bar, the composer and the sidebar: their own parts and nothing else.
ON_TOP = """() => ["#title", "#text", ".side .brand"].map((selector) => {
  const element = document.querySelector(selector);
  const box = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
})"""


async def nothing_ran(page: Page) -> None:
    assert await page.evaluate(f"window.{HOSTILE_MARK}") is None
    assert await page.locator(f".prose :is({LIVELY})").count() == 0
    assert await page.locator(".prose [id], .prose [style]:not(.katex *), .prose [onclick]").count() == 0
    assert await page.locator("img[src]").count() == 0
    links = await page.locator(".prose a").evaluate_all("(links) => links.map((link) => link.href)")
    assert all(link.startswith(("https:", "http:", "mailto:", "tel:")) for link in links)


async def test_an_answer_full_of_markup_runs_loads_and_covers_nothing(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    answer = await tab.ask("demo:html demo:rate=300")
    await tab.shows(answer, 20)
    await nothing_ran(tab.page)
    await tab.settled(answer)
    for _ in range(2):
        await expect(tab.answer(answer)).to_contain_text("The good text after it stays readable.")
        await tab.page.mouse.move(700, 400)
        await nothing_ran(tab.page)
        assert await tab.page.evaluate(ON_TOP) == [True, True, True]
        assert await tab.page.locator("#thread").count() == 1
        await tab.page.reload()
    for place in ("cover", "plain", "mixed case", "details", "Sign in", "click"):
        found = tab.answer(answer).locator(".prose").get_by_text(place, exact=True).first
        if await found.count():
            await found.click(force=True, no_wait_after=True)
    await nothing_ran(tab.page)
    assert tab.path.startswith("/c/")


async def test_a_hostile_title_is_text_in_bar_sidebar_window_title_and_toast(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    other = await window.tab()
    answer = await tab.ask(f"{EVIL} demo:numbers=3 demo:fast")
    await tab.settled(answer)
    await tab.page.keyboard.press("F2")
    await tab.page.get_by_role("textbox", name="Title").fill(EVIL)
    await tab.page.keyboard.press("Enter")
    await expect(tab.page).to_have_title(f"{EVIL} · Parley")
    link = other.sidebar.get_by_role("link", name=EVIL, exact=True)
    await expect(link).to_have_attribute("title", EVIL)
    await tab.page.reload()
    await expect(tab.title).to_have_text(EVIL)
    await expect(tab.page).to_have_title(f"{EVIL} · Parley")
    await expect(tab.page.locator(".slip")).to_contain_text(EVIL)
    await expect(tab.sidebar.get_by_role("link", name=EVIL, exact=True)).to_be_visible()
    await tab.page.get_by_role("button", name="More actions").click()
    await tab.page.get_by_role("button", name="Delete").click()
    await expect(tab.page.locator(".toast")).to_contain_text("deleted")
    for page in (tab.page, other.page):
        assert await page.evaluate(f"window.{HOSTILE_MARK}") is None
        assert await page.locator("img[src]").count() == 0


async def test_a_hostile_name_and_description_are_text_everywhere(own_server: Server, open_window: OpenWindow) -> None:
    await own_server.start()
    add_alias(own_server, "evil", DESCRIPTION, "optional")
    tab = await (await open_window(at=own_server)).tab("/account/")
    await tab.page.get_by_label("Name").fill(NAME)
    await tab.page.get_by_role("button", name="Save").click()
    await expect(tab.page.get_by_label("Name")).to_have_value(NAME)
    await tab.open("/")
    await expect(tab.title).to_contain_text("<b.")
    await expect(tab.page.locator(".pickset")).to_contain_text(DESCRIPTION)
    await tab.page.get_by_role("button", name="Model: demo").click()
    await expect(tab.page.get_by_role("menu")).to_contain_text(DESCRIPTION)
    await tab.page.get_by_role("menuitemradio", name="evil").click()
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    await expect(tab.page.locator(".turn").first.locator(".by")).to_contain_text(NAME)
    await expect(tab.page.get_by_role("button", name="Account menu")).to_contain_text(NAME)
    assert await tab.page.evaluate(f"window.{HOSTILE_MARK}") is None
    assert await tab.page.locator("img[src]").count() == 0
