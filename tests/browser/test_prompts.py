"""Prompts in the composer: found, chosen and filled in with the keyboard alone, and nothing sent by mistake."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.held import holding, next_of
from tests.browser.tab import Tab
from tests.browser.test_accessibility import audit
from tests.browser.test_input_method import InputMethod
from tests.browser.window import Window

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FIELDS: dict[str, Any] = {"title": "", "instructions": "", "first_message": "", "shared": "nobody"}
SELECTED = """(text) => {
  const field = document.getElementById("text");
  return field.value.slice(field.selectionStart, field.selectionEnd) === text;
}"""


async def write(tab: Tab, name: str, **values: str) -> int:
    """Write a prompt through the form's address; returns its id. One of that name is archived before."""
    tab.server.write("UPDATE prompts_prompt SET archived_at = '2026-01-01' WHERE name = ?", name)
    cookies = {cookie.get("name"): cookie.get("value") for cookie in await tab.page.context.cookies()}
    headers = {"X-CSRFToken": str(cookies["parley-csrf"])}
    form = FIELDS | {"name": name, "instructions": "Be brief."} | values
    response = await tab.page.request.post(tab.server.base + "/prompts/new/", form=form, headers=headers)
    assert response.status == 200, await response.text()
    return int(tab.server.rows("SELECT max(id) FROM prompts_prompt")[0][0])


async def enter_for_the_method_alone(tab: Tab, key_code: int) -> None:
    """An Enter that an input method takes for itself: the page hears of the key, and nothing is typed."""
    session = await tab.page.context.new_cdp_session(tab.page)
    event = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": key_code}
    await session.send("Input.dispatchKeyEvent", event)


@pytest.fixture
async def window(open_window: OpenWindow) -> Window:
    return await open_window("Ann")


@pytest.fixture
async def tab(window: Window) -> Tab:
    """Ann's tab; her library has three prompts."""
    tab = await window.tab("/prompts/")
    tab.server.write("UPDATE prompts_prompt SET archived_at = '2026-01-01' WHERE archived_at IS NULL")
    await write(tab, "summary", title="Sum up a paper", first_message="Sum up {{paper}} for {{reader}}.")
    await write(tab, "总结", title="用三句话总结一篇论文", first_message="请总结{{论文}}。", think="1")
    await write(tab, "review", title="As a sceptical referee", instructions="Doubt everything.")
    await tab.open("/")
    return tab


def field(tab: Tab) -> Locator:
    """The composer's text, whose role changes while the list is open."""
    return tab.page.locator("#text")


def options(tab: Tab) -> Locator:
    return tab.page.get_by_role("listbox", name="Prompts").get_by_role("option")


def chip(tab: Tab) -> Locator:
    return tab.page.locator("[data-preset]")


async def active(tab: Tab) -> str:
    """The name of the option that a screen reader is told of."""
    pk = await field(tab).get_attribute("aria-activedescendant")
    option = tab.page.locator(f"#{pk}")
    await expect(option).to_have_attribute("aria-selected", "true")
    await expect(tab.page.locator('[role=option][aria-selected="true"]')).to_have_count(1)
    return str(await option.locator("b").text_content())


async def test_a_slash_opens_the_list_and_keys_go_through_it(tab: Tab) -> None:
    await expect(field(tab)).not_to_have_attribute("role", "combobox")
    await field(tab).press("/")
    await expect(options(tab)).to_have_count(3)
    await expect(field(tab)).to_have_role("combobox")
    await expect(field(tab)).to_have_attribute("aria-expanded", "true")
    await expect(field(tab)).to_have_attribute("aria-controls", "slash")
    assert await active(tab) == "/review"
    for key, name in (
        ("ArrowDown", "/summary"),
        ("ArrowDown", "/总结"),
        ("ArrowDown", "/review"),
        ("ArrowUp", "/总结"),
        ("Home", "/review"),
        ("End", "/总结"),
    ):
        await field(tab).press(key)
        assert await active(tab) == name
    await field(tab).press("Escape")
    await expect(tab.page.locator("#slash")).to_be_hidden()
    await expect(field(tab)).to_be_focused()
    await expect(field(tab)).to_have_value("/")
    await expect(field(tab)).not_to_have_attribute("aria-expanded", "true")
    # Closed by hand it stays closed for this text.
    await field(tab).press_sequentially("sum")
    await expect(tab.page.locator("#slash")).to_be_hidden()


async def test_choosing_fills_the_composer_and_tab_goes_from_blank_to_blank(tab: Tab) -> None:
    page = tab.page
    await field(tab).press_sequentially("/sum")
    await expect(options(tab)).to_have_count(1)
    await field(tab).press("Enter")
    await expect(chip(tab)).to_contain_text("/summary")
    await expect(field(tab)).to_have_value("Sum up {{paper}} for {{reader}}.")
    await expect(field(tab)).to_be_focused()
    await tab.page.wait_for_function(SELECTED, arg="{{paper}}")
    await page.keyboard.type("demo:numbers=3")
    await expect(page.locator("[data-blanks]")).to_contain_text("Tab goes to the next one")
    await page.keyboard.press("Tab")
    await tab.page.wait_for_function(SELECTED, arg="{{reader}}")
    await page.keyboard.press("Shift+Tab")
    await expect(field(tab)).not_to_be_focused()
    await field(tab).focus()
    await field(tab).press("Home")
    await page.keyboard.press("Tab")
    await page.keyboard.type("demo:fast")
    await expect(page.locator("[data-blanks]")).to_be_hidden()
    # Nothing is left to fill in: Tab leaves the text.
    await page.keyboard.press("Tab")
    await expect(field(tab)).not_to_be_focused()
    await field(tab).focus()
    await page.keyboard.press("Enter")
    answer = await tab.newer(0)
    await tab.settled(answer)
    await expect(page.locator(".slip")).to_have_text("Sum up demo:numbers=3 for demo:fast.")
    await expect(chip(tab)).to_have_count(0)
    conversation = tab.path.split("/")[2].replace("-", "")
    stored = tab.server.rows("SELECT instructions FROM conversations_conversation WHERE id = ?", conversation)
    assert stored == [("Be brief.",)]
    await tab.open("/")
    await expect(chip(tab)).to_have_count(0)


async def test_chinese_names_and_titles_are_found_with_an_input_method(tab: Tab) -> None:
    await field(tab).press("/")
    await expect(options(tab)).to_have_count(3)
    method = await InputMethod.on(tab.page)
    await method.compose("lunwen")
    for key_code in (229, 13):
        await enter_for_the_method_alone(tab, key_code)
    assert ["Enter", 229, True] in await method.keys()
    await expect(chip(tab)).to_have_count(0)
    assert tab.path == "/"
    await method.choose("论文")
    await expect(field(tab)).to_have_value("/论文")
    await expect(options(tab)).to_have_count(1)
    # Safari tells of the Enter that ended the composition when that is over.
    await enter_for_the_method_alone(tab, 229)
    assert ["Enter", 229, False] in await method.keys()
    await expect(chip(tab)).to_have_count(0)
    await field(tab).press("Enter")
    await expect(chip(tab)).to_contain_text("/总结")
    await tab.page.wait_for_function(SELECTED, arg="{{论文}}")
    await expect(tab.page.get_by_role("button", name="Think before answering")).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.parametrize("slash", ["、", "／"])
async def test_the_slash_of_chinese_keyboards_opens_it_too(tab: Tab, slash: str) -> None:
    await field(tab).focus()
    await tab.page.keyboard.insert_text(slash)
    await tab.page.keyboard.insert_text("ＳＵＭ")
    await expect(options(tab)).to_have_count(1)
    await field(tab).press("Tab")
    await expect(chip(tab)).to_contain_text("/summary")


async def test_what_matches_nothing_is_a_message(tab: Tab) -> None:
    await field(tab).press_sequentially("/etc is full demo:numbers=3 demo:fast")
    await expect(tab.page.locator("#slash")).to_be_hidden()
    await field(tab).press("Enter")
    await tab.settled(await tab.newer(0))
    await expect(tab.page.locator(".slip")).to_have_text("/etc is full demo:numbers=3 demo:fast")
    # In a text that goes on, and in one that was pasted, a slash is a slash.
    await field(tab).press_sequentially("and/")
    await expect(tab.page.locator("#slash")).to_be_hidden()
    await field(tab).fill("")
    await tab.page.keyboard.insert_text("/sum")
    await expect(tab.page.locator("#slash")).to_be_hidden()


async def test_enter_before_the_list_is_there_waits_for_it(tab: Tab) -> None:
    held = await holding(tab.page, "**/prompts/menu/**")
    await field(tab).press_sequentially("/sum")
    await field(tab).press("Enter")
    await expect(field(tab)).to_have_value("/sum")
    assert tab.path == "/"
    await (await next_of(held)).continue_()
    await expect(chip(tab)).to_contain_text("/summary")


async def test_without_a_server_it_is_a_message_and_what_cannot_be_fetched_is_told(tab: Tab, window: Window) -> None:
    window.expect("ERR_FAILED")
    await field(tab).press("/")
    await expect(options(tab)).to_have_count(3)
    await tab.page.route("**/prompts/*/chip/**", lambda route: route.abort())
    await field(tab).press("Enter")
    await expect(tab.reason).to_contain_text("The server cannot be reached")
    await expect(field(tab)).to_have_value("/")
    await tab.page.route("**/prompts/menu/**", lambda route: route.abort())
    await tab.page.reload()
    await field(tab).fill("")
    await field(tab).press_sequentially("/sum demo:numbers=3 demo:fast")
    await field(tab).press("Enter")
    await tab.settled(await tab.newer(0))
    await expect(tab.page.locator(".slip")).to_have_text("/sum demo:numbers=3 demo:fast")


async def test_a_prompt_outlives_a_reload_and_can_be_removed(tab: Tab) -> None:
    await field(tab).press_sequentially("/总")
    await expect(options(tab)).to_have_count(1)
    await field(tab).press("Tab")
    await expect(chip(tab)).to_be_visible()
    await tab.page.reload()
    await expect(chip(tab)).to_contain_text("/总结")
    await expect(field(tab)).to_have_value("请总结{{论文}}。")
    await expect(tab.page.get_by_role("button", name="Think before answering")).to_have_attribute(
        "aria-pressed", "true"
    )
    await tab.page.get_by_role("button", name="Remove /总结").click()
    await expect(chip(tab)).to_have_count(0)
    await expect(field(tab)).to_have_value("请总结{{论文}}。")
    await expect(field(tab)).to_be_focused()
    await tab.page.reload()
    await expect(field(tab)).to_have_value("请总结{{论文}}。")
    await expect(chip(tab)).to_have_count(0)


async def test_a_prompt_that_is_gone_is_told_and_the_text_stays(tab: Tab, window: Window) -> None:
    window.expect("status of 422", "Status Error Code 422")
    await field(tab).press_sequentially("/review")
    await expect(options(tab)).to_have_count(1)
    await field(tab).press("Enter")
    await expect(chip(tab)).to_be_visible()
    tab.server.write("UPDATE prompts_prompt SET archived_at = '2026-01-01' WHERE name = 'review'")
    await field(tab).fill("What I typed demo:fast")
    await field(tab).press("Enter")
    await expect(tab.reason).to_contain_text("The prompt is not there for you any more")
    await expect(field(tab)).to_have_value("What I typed demo:fast")
    await tab.page.get_by_role("button", name="Remove /review").click()
    await field(tab).press("Enter")
    await tab.settled(await tab.newer(0))


async def test_a_conversation_takes_the_text_and_the_instructions_only_when_told(tab: Tab) -> None:
    page = tab.page
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    conversation = tab.path.split("/")[2].replace("-", "")
    query = "SELECT instructions FROM conversations_conversation WHERE id = ?"
    await field(tab).press_sequentially("/sum")
    await expect(options(tab)).to_have_count(1)
    await field(tab).press("Enter")
    await expect(chip(tab)).to_be_visible()
    await expect(page.locator('[name="prompt"]')).to_have_count(0)
    assert tab.server.rows(query, conversation) == [("",)]
    await page.get_by_role("button", name="Use its instructions here").click()
    toast = page.locator(".toast")
    await expect(toast).to_contain_text("hold here from the next message on")
    await expect(chip(tab)).to_have_count(0)
    await expect(field(tab)).to_be_focused()
    assert tab.server.rows(query, conversation) == [("Be brief.",)]
    await toast.get_by_role("button", name="Undo").click()
    await expect(toast).to_have_count(0)
    assert tab.server.rows(query, conversation) == [("",)]
    await expect(field(tab)).to_have_value("Sum up {{paper}} for {{reader}}.")


async def test_on_a_phone_the_list_fits_and_is_tapped(tab: Tab, open_window: OpenWindow) -> None:
    for i in range(12):
        await write(tab, f"phone-{i}", title="用三句话总结一篇论文" * 6)
    phone = await (await open_window("Ann", **PHONE)).tab()
    for width, path in ((390, "/"), (320, "/"), (320, "in a chat")):
        await phone.page.set_viewport_size({"width": width, "height": 640})
        if path != "/":
            await field(phone).fill("demo:numbers=3 demo:fast")
            await phone.send_button.tap()
            await phone.settled(await phone.newer(0))
        await field(phone).tap()
        await field(phone).press("/")
        await expect(options(phone)).to_have_count(15)
        box = await phone.page.locator("#slash").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 640
        assert await phone.page.evaluate("document.documentElement.scrollWidth") <= width
        heights = await options(phone).evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().height)")
        assert min(heights) >= 36
        await field(phone).fill("")
    await field(phone).press_sequentially("/sum")
    await options(phone).tap()
    await expect(chip(phone)).to_contain_text("/summary")
    await expect(chip(phone).locator("[data-blanks]")).to_contain_text("Tap a blank")
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_a_long_library_is_searched_on_the_server(tab: Tab) -> None:
    owner = tab.server.rows("SELECT id FROM accounts_user WHERE name = 'Ann'")[0][0]
    names = [
        row[0] for row in tab.server.rows("SELECT name FROM pragma_table_info('prompts_prompt') WHERE name != 'id'")
    ]
    listed = ", ".join(names)
    for i in range(60):
        own = {"name": f"a{i:02}", "found_by": f"a{i:02}", "owner_id": owner}
        values = ", ".join("?" if name in own else name for name in names)
        tab.server.write(
            f"INSERT INTO prompts_prompt ({listed}) SELECT {values} FROM prompts_prompt WHERE name = 'summary'"
            " AND archived_at IS NULL",
            *(own[name] for name in names if name in own),
        )
    await tab.page.reload()
    await field(tab).press("/")
    await expect(options(tab)).to_have_count(50)
    await field(tab).press_sequentially("总")
    await expect(options(tab)).to_have_count(1)
    await field(tab).press("Enter")
    await expect(chip(tab)).to_contain_text("/总结")


async def test_the_library_by_keyboard(tab: Tab) -> None:
    page = tab.page
    await tab.open("/prompts/")
    search = page.get_by_role("searchbox", name="Search by name or title")
    await search.focus()
    await page.keyboard.type("summ")
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(search).to_be_focused()
    assert tab.path == "/prompts/?q=summ"
    await search.fill("")
    await expect(page.locator("[data-row]")).to_have_count(3)
    await page.get_by_role("button", name="More for /review").focus()
    await page.keyboard.press("Enter")
    archive = page.get_by_role("button", name="Archive")
    await archive.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-row]")).to_have_count(2)
    await expect(page.get_by_role("link", name="/summary", exact=True)).to_be_focused()
    await page.get_by_role("button", name="Undo").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-row]")).to_have_count(3)
    await expect(page.get_by_role("link", name="/review", exact=True)).to_be_focused()
    await page.get_by_role("link", name="Use /summary").focus()
    await page.keyboard.press("Enter")
    await expect(chip(tab)).to_contain_text("/summary")
    await tab.page.wait_for_function(SELECTED, arg="{{paper}}")


async def test_without_a_script_a_prompt_is_written_used_and_brought_back(open_window: OpenWindow) -> None:
    window = await open_window("Bob", java_script_enabled=False)
    window.expect("status of 422", "Status Error Code 422")
    tab = await window.tab("/prompts/new/")
    page = tab.page
    await page.get_by_label("Name").fill("Plain words")
    await page.get_by_label("First message").fill("demo:numbers=3 demo:fast")
    await page.get_by_label("Instructions").fill("Be plain.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("/plain-words is there")
    await page.get_by_role("link", name="Use /plain-words").click()
    await expect(page.locator("#text")).to_have_value("demo:numbers=3 demo:fast")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/c/*/")
    conversation = tab.path.split("/")[2].replace("-", "")
    query = "SELECT instructions FROM conversations_conversation WHERE id = ?"
    assert tab.server.rows(query, conversation) == [("Be plain.",)]
    await tab.open("/prompts/")
    await page.get_by_role("button", name="More for /plain-words").click()
    await page.get_by_role("button", name="Archive").click()
    await page.get_by_role("link", name="Your archive").click()
    await page.get_by_role("button", name="Bring /plain-words back").click()
    await expect(page.get_by_role("link", name="Use /plain-words")).to_be_visible()


async def test_every_page_and_state_passes_the_audit(tab: Tab) -> None:
    page: Page = tab.page
    await field(tab).press("/")
    await expect(options(tab)).to_have_count(3)
    await audit(page)
    await field(tab).press("Enter")
    await expect(chip(tab)).to_be_visible()
    await audit(page)
    pk = await write(tab, "audited", title="审阅", temperature="0.2", shared="everyone")
    for path in ("", "new/", f"{pk}/", f"{pk}/edit/", f"{pk}/history/", "?q=nothing", "?show=archived"):
        await tab.open(f"/prompts/{path}")
        await audit(page)
