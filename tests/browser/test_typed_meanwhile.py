"""Who types on while something is on its way, in another tab or at the server, loses nothing of it."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.held import holding, next_of
from tests.browser.tab import Tab
from tests.browser.test_half_typed_is_kept import FIRST
from tests.browser.test_input_method import InputMethod
from tests.browser.test_nothing_typed_is_lost import sign_in
from tests.browser.test_prompts import chip, write


@pytest.mark.parametrize("sent", [False, True], ids=["typed", "sent"])
async def test_what_follows_the_first_message_of_a_new_chat_goes_there(open_window: OpenWindow, sent: bool) -> None:
    tab = await (await open_window()).tab()
    held = await holding(tab.page, "**/new/")
    await tab.field.fill(FIRST)
    await tab.field.press("Enter")
    first = await next_of(held)
    await tab.field.press("End")
    await tab.field.press_sequentially(f" then {FIRST}")
    if sent:
        await tab.field.press("Enter")
    await first.continue_()
    await tab.page.wait_for_url("**/c/**")
    slips = tab.page.locator("article .slip")
    if sent:
        await expect(slips).to_have_text([FIRST, f"then {FIRST}"])
        await expect(tab.field).to_have_value("")
        await tab.page.reload()
        await expect(slips).to_have_text([FIRST, f"then {FIRST}"])
    else:
        await expect(tab.field).to_have_value(f"then {FIRST}")
        await expect(slips).to_have_text([FIRST])
        await tab.open("/")
    await expect(tab.field).to_have_value("")


async def test_what_is_sent_while_the_page_of_a_new_chat_is_on_its_way_goes_there(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    held = await holding(tab.page, "**/c/*/")
    await tab.field.fill(FIRST)
    await tab.field.press("Enter")
    page = await next_of(held)
    await tab.page.keyboard.type(f"then {FIRST}")
    await tab.page.keyboard.press("Enter")
    await page.continue_()
    await tab.page.wait_for_url("**/c/**")
    await expect(tab.page.locator("article .slip")).to_have_text([FIRST, f"then {FIRST}"])
    await expect(tab.field).to_have_value("")


async def test_what_another_tab_sends_leaves_the_text_of_this_one(open_window: OpenWindow) -> None:
    window = await open_window()
    tab = await window.tab()
    await tab.settled(await tab.ask(FIRST))
    other = await window.tab(tab.path)
    await tab.field.fill("half a question")
    await other.settled(await other.ask(FIRST))
    await tab.page.reload()
    await expect(tab.field).to_have_value("half a question")


async def test_an_input_method_goes_on_when_the_server_has_what_was_sent(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask(FIRST))
    held = await holding(tab.page, "**/send/")
    await tab.field.fill(FIRST)
    await tab.field.press("Enter")
    sent = await next_of(held)
    await tab.field.press("End")
    method = await InputMethod.on(tab.page)
    await method.compose("nihao")
    await sent.continue_()
    await tab.idle()
    await expect(tab.page.locator("article .slip")).to_have_text([FIRST, FIRST])
    await expect(tab.field).to_have_value(f"{FIRST}nihao")
    await method.choose("你好")
    await expect(tab.field).to_have_value("你好")


async def with_prompts(open_window: OpenWindow) -> Tab:
    tab = await (await open_window()).tab("/prompts/")
    await write_prompts(tab)
    await tab.open("/")
    return tab


async def write_prompts(tab: Tab) -> None:
    tab.server.write("UPDATE prompts_prompt SET archived_at = '2026-01-01' WHERE archived_at IS NULL")
    await write(tab, "review", instructions="Doubt everything.")
    ((other,),) = tab.server.rows("SELECT id FROM catalog_alias WHERE name = 'other'")
    await write(tab, "summary", first_message="Sum up.", alias=str(other))


async def choose(tab: Tab, name: str) -> None:
    await tab.page.locator("#text").press_sequentially(f"/{name}")
    await expect(tab.page.get_by_role("listbox", name="Prompts").get_by_role("option")).to_have_count(1)
    await tab.page.locator("#text").press("Enter")


@pytest.mark.parametrize(("name", "text"), [("summary", "Sum up. in Chinese"), ("review", "in Chinese")])
async def test_a_prompt_leaves_what_is_typed_behind_its_name(open_window: OpenWindow, name: str, text: str) -> None:
    tab = await with_prompts(open_window)
    held = await holding(tab.page, "**/chip/**")
    await choose(tab, name)
    asked = await next_of(held)
    await tab.field.press_sequentially(" in Chinese")
    await asked.continue_()
    await expect(chip(tab)).to_contain_text(f"/{name}")
    await expect(tab.field).to_have_value(text)


async def test_the_prompt_that_was_chosen_last_stays(open_window: OpenWindow) -> None:
    tab = await with_prompts(open_window)
    held = await holding(tab.page, "**/chip/**")
    await choose(tab, "summary")
    first = await next_of(held)
    await tab.field.fill("")
    await choose(tab, "review")
    await (await next_of(held)).continue_()
    await expect(chip(tab)).to_contain_text("/review")
    async with tab.page.expect_request_finished(lambda request: request == first.request):
        await first.continue_()
    await expect(chip(tab)).to_contain_text("/review")
    await expect(tab.field).to_have_value("")


async def test_a_prompt_that_comes_back_late_leaves_the_model_that_was_chosen_since(open_window: OpenWindow) -> None:
    tab = await with_prompts(open_window)
    await choose(tab, "summary")
    await expect(chip(tab)).to_be_visible()
    model = tab.page.locator("[data-models]")
    await expect(model).to_have_accessible_name("Model: other")
    held = await holding(tab.page, "**/chip/**")
    await tab.page.reload()
    asked = await next_of(held)
    await expect(model).to_have_accessible_name("Model: demo")
    await model.click()
    await tab.page.get_by_role("menuitemradio", name="demo").click()
    await tab.page.get_by_role("button", name="Think before answering").click()
    await asked.continue_()
    await expect(chip(tab)).to_be_visible()
    await expect(model).to_have_accessible_name("Model: demo")


async def test_a_chosen_prompt_is_not_there_for_who_signs_in_next(open_window: OpenWindow) -> None:
    window = await open_window("")
    window.expect("status of 404")
    tab = await window.tab()
    await sign_in(tab.page)
    await write_prompts(tab)
    await tab.open("/")
    await choose(tab, "summary")
    await expect(chip(tab)).to_be_visible()
    await tab.page.get_by_role("button", name="Account menu").click()
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("button", name="Sign out").click()
    asked = await holding(tab.page, "**/chip/**")
    await sign_in(tab.page, "bob@example.org")
    await expect(tab.field).to_have_value("")
    assert asked.empty()
    assert not await tab.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('prompt')).length")
    await expect(chip(tab)).to_have_count(0)
