"""Images go with the message that they were attached to, whenever Send is pressed and whatever happens on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.database import questions
from tests.browser.held import holding, next_of
from tests.browser.pictures import NO_PICTURE, Gate, attach, chips, choose, names, picture, uploaded
from tests.browser.tab import Tab
from tests.live.server import Server

REFUSED = ("status of 422", "Error Code 422")
TEXT = "What is this? demo:numbers=3 demo:fast"


def shots(tab: Tab) -> Locator:
    return tab.page.locator(".turn[data-by=you]").last.locator(".shots img")


def held(tab: Tab) -> Locator:
    return tab.page.get_by_text("Sends when the images are there")


async def look_for_them_later(tab: Tab) -> Callable[[], Awaitable[None]]:
    """A page hears whether its draft's images are there only when what this returns is called."""
    asked = await holding(tab.page, "**/images/unsent/**")

    async def found() -> None:
        await (await next_of(asked)).continue_()

    return found


async def shown(tab: Tab) -> list[str]:
    return [str(await img.get_attribute("alt")) for img in await shots(tab).all()]


async def attached(server: Server, text: str) -> list[str]:
    rows = server.rows(
        """SELECT i.name FROM images_attachment a JOIN images_image i ON i.id = a.image_id
        JOIN conversations_message m ON m.id = a.message_id WHERE m.text = ? ORDER BY a.position""",
        text,
    )
    return [str(row[0]) for row in rows]


async def test_two_with_a_text_in_a_new_conversation(server: Server, open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, picture("left.png", 300, 200), picture("right.png", 200, 300))
    text = f"two {TEXT}"
    await tab.field.fill(text)
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))
    assert await attached(server, text) == ["left.png", "right.png"]
    assert await shown(tab) == ["left.png", "right.png"]
    for img in await shots(tab).all():
        assert await img.evaluate("(img) => img.decode().then(() => img.naturalWidth > 0)")
        box = await img.bounding_box()
        assert box
        assert abs(box["width"] / box["height"] - 4 / 3) < 0.05
    await expect(chips(tab)).to_have_count(0)
    await expect(tab.field).to_have_value("")
    await tab.page.reload()
    assert await shown(tab) == ["left.png", "right.png"]
    await expect(chips(tab)).to_have_count(0)


async def test_images_alone(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    before = await tab.newest()
    await attach(tab, picture("alone.png"))
    await tab.send_button.click()
    await tab.settled(await tab.newer(before))
    assert await shown(tab) == ["alone.png"]
    await expect(chips(tab)).to_have_count(0)


async def test_send_while_they_are_uploaded(server: Server, open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    gate = Gate(tab.page)
    await gate.close()
    text = f"while {TEXT}"
    await choose(tab, picture("a.png"), picture("b.png"))
    await tab.field.fill(text)
    await tab.field.press("Enter")
    await expect(held(tab)).to_be_visible()
    await tab.field.press("Enter")
    await gate.open(1)
    await expect(tab.page.locator("[data-chip=coming]")).to_have_count(1)
    assert questions(server, text) == 0
    await gate.open()
    await tab.settled(await tab.newer(0))
    assert await attached(server, text) == ["a.png", "b.png"]
    assert questions(server, text) == 1


async def test_what_waits_to_be_sent_is_called_back_by_escape_the_button_or_writing(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    gate = Gate(tab.page)
    await gate.close()
    await choose(tab, picture("a.png"))
    await tab.field.fill("not yet")
    ways: list[Callable[[], Awaitable[None]]] = [
        lambda: tab.page.keyboard.press("Escape"),
        lambda: tab.page.get_by_role("button", name="Cancel", exact=True).click(),
        lambda: tab.page.keyboard.type(" really"),
    ]
    for call_back in ways:
        await tab.field.press("Enter")
        await expect(held(tab)).to_be_visible()
        await call_back()
        await expect(held(tab)).to_be_hidden()
        await expect(tab.field).to_be_focused()
    await gate.open()
    await uploaded(tab)
    assert tab.path == "/"
    await expect(tab.field).to_have_value("not yet really")
    assert await names(tab) == ["a.png"]


async def test_one_that_fails_keeps_the_message_and_says_so(server: Server, open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*REFUSED)
    tab = await window.tab()
    gate = Gate(tab.page)
    await gate.close()
    text = f"failing {TEXT}"
    await choose(tab, picture("good.png"), NO_PICTURE)
    await tab.field.fill(text)
    await tab.field.press("Enter")
    await expect(held(tab)).to_be_visible()
    await gate.open()
    await uploaded(tab)
    await expect(tab.page.get_by_text("Not sent: report.pdf could not be attached.")).to_be_visible()
    await expect(tab.field).to_have_value(text)
    assert tab.path == "/"
    await tab.page.get_by_role("button", name="Remove report.pdf").click()
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))
    assert await attached(server, text) == ["good.png"]


async def test_a_reload_keeps_what_is_uploaded_and_says_what_was_cut_off(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, picture("first.png"), picture("second.png"))
    gate = Gate(tab.page)
    await gate.close()
    await choose(tab, picture("third.png"))
    await tab.field.fill("half a question")
    await tab.page.reload()
    await expect(chips(tab)).to_have_count(2)
    assert await names(tab) == ["first.png", "second.png"]
    await expect(tab.page.get_by_text("1 upload was cut off; attach it again.")).to_be_visible()
    await expect(tab.field).to_have_value("half a question")
    await tab.page.reload()
    await expect(chips(tab)).to_have_count(2)
    await expect(tab.page.get_by_text("upload was cut off")).to_be_hidden()


async def test_a_draft_of_images_alone_belongs_to_its_conversation(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    path = tab.path
    await attach(tab, picture("mine.png"))
    await tab.open("/")
    await expect(chips(tab)).to_have_count(0)
    await tab.open(path)
    await expect(chips(tab)).to_have_count(1)
    await expect(tab.send_button).to_be_enabled()
    before = await tab.newest()
    await tab.send_button.click()
    await tab.settled(await tab.newer(before))
    assert await shown(tab) == ["mine.png"]


async def test_an_image_that_was_cleared_away_is_said_to_be_gone(server: Server, open_window: OpenWindow) -> None:
    window = await open_window()
    # Its thumbnail, where the browser has not kept it.
    window.expect(*REFUSED, "status of 404 .*/small/")
    tab = await window.tab()
    text = f"cleared {TEXT}"
    await attach(tab, picture("swept.png"), picture("stays.png"))
    server.write("DELETE FROM images_image WHERE name = 'swept.png'")
    await tab.field.fill(text)
    await tab.field.press("Enter")
    await expect(chips(tab).first).to_contain_text("It is not on the server any more")
    await expect(tab.field).to_have_value(text)
    await tab.page.get_by_role("button", name="Remove swept.png").click()
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))
    assert await attached(server, text) == ["stays.png"]


async def test_nothing_goes_out_without_an_image_that_is_gone(server: Server, open_window: OpenWindow) -> None:
    window = await open_window()
    # Its thumbnail may still be on its way when it goes.
    window.expect("status of 404 .*/small/")
    tab = await window.tab()
    text = f"without {TEXT}"
    await attach(tab, picture("gone.png"), picture("there.png"))
    await tab.field.fill(text)
    server.write("DELETE FROM images_image WHERE name = 'gone.png'")
    found = await look_for_them_later(tab)
    await tab.page.reload()
    await tab.field.press("Enter")
    await expect(held(tab)).to_be_visible()
    await found()
    await expect(tab.page.get_by_text("1 image is not on the server any more")).to_be_visible()
    await expect(held(tab)).to_be_hidden()
    await expect(chips(tab)).to_have_count(1)
    await expect(tab.field).to_have_value(text)
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))
    assert await attached(server, text) == ["there.png"]


@pytest.mark.parametrize("soon", [False, True])
async def test_the_answer_to_a_send_was_lost_and_it_is_sent_again(
    server: Server, open_window: OpenWindow, soon: bool
) -> None:
    window = await open_window()
    window.expect("net::ERR_FAILED", "htmx:", "Error Code 0")
    tab = await window.tab()
    text = f"lost {soon} {TEXT}"
    await attach(tab, picture("once.png"))

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await tab.page.route("**/new/", lose)
    await tab.field.fill(text)
    await tab.field.press("Enter")
    await expect(tab.reason).to_contain_text("cannot be reached")
    await tab.page.unroute("**/new/")
    found = await look_for_them_later(tab)
    await tab.page.reload()
    await expect(tab.field).to_have_value(text)
    if soon:
        await tab.field.press("Enter")
        await expect(held(tab)).to_be_visible()
    await found()
    if not soon:
        await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))
    assert questions(server, text) == 1
    assert await attached(server, text) == ["once.png"]
    assert await shown(tab) == ["once.png"]


async def test_a_model_that_reads_no_images_is_named_before_and_can_be_changed(
    server: Server, open_window: OpenWindow
) -> None:
    tab = await (await open_window()).tab()
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    note = tab.page.get_by_text("other cannot read images")
    await attach(tab, picture("unseen.png"))
    await tab.page.get_by_role("button", name="Model: demo").click()
    await tab.page.get_by_role("menuitemradio", name="other").click()
    await expect(note).to_be_visible()
    await tab.page.get_by_role("button", name="Switch to demo").click()
    await expect(note).to_be_hidden()
    await expect(tab.page.get_by_role("button", name="Model: demo")).to_be_visible()
    await tab.page.get_by_role("button", name="Model: demo").click()
    await tab.page.get_by_role("menuitemradio", name="other").click()
    text = f"unseen {TEXT}"
    before = await tab.newest()
    await tab.field.fill(text)
    await tab.field.press("Enter")
    answer = await tab.newer(before)
    await tab.settled(answer)
    await expect(tab.answer(answer).locator(".by")).to_contain_text("other")
    assert await attached(server, text) == ["unseen.png"]
    await expect(note).to_be_hidden()
