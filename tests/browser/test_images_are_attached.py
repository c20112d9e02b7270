"""Images come by the picker, by drag and drop and from the clipboard; each is there at once, in its order."""

from __future__ import annotations

import pytest
from playwright.async_api import Response, expect

from tests.browser.conftest import OpenWindow
from tests.browser.pictures import (
    NO_PICTURE,
    TO_CLIPBOARD,
    Gate,
    attach,
    chips,
    choose,
    coded,
    drop,
    names,
    paste,
    picture,
    uploaded,
)
from tests.live.server import Server

REFUSED = ("status of 422",)


def unsent(server: Server) -> int:
    query = """SELECT count(*) FROM images_image WHERE id NOT IN (SELECT image_id FROM images_attachment)"""
    return int(server.rows(query)[0][0])


async def test_by_the_picker_with_name_and_size(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, picture("one.png"), picture("钠电 硬碳.png", 30, 90))
    assert await names(tab) == ["one.png", "钠电 硬碳.png"]
    await expect(chips(tab).first).to_contain_text("64 × 48")
    await expect(chips(tab).last).to_contain_text("30 × 90")
    assert await chips(tab).first.locator("img").evaluate("(img) => img.decode().then(() => img.naturalWidth > 0)")
    await expect(tab.field).to_be_focused()
    await expect(tab.send_button).to_be_enabled()


async def test_of_an_animation_the_first_frame_and_that_is_said(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, picture("moving.gif", frames=3))
    await expect(chips(tab)).to_contain_text("first frame only")


async def test_by_dropping_them_anywhere_on_the_conversation(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await drop(tab, "h1", picture("dropped.png"), picture("too.png"))
    await uploaded(tab)
    assert await names(tab) == ["dropped.png", "too.png"]
    await tab.settled(await tab.ask("demo:numbers=3 demo:fast"))
    await drop(tab, ".turn", picture("third.png"))
    await uploaded(tab)
    assert await names(tab) == ["third.png"]


async def test_a_text_that_is_dragged_is_no_image(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    held = await tab.page.evaluate_handle(
        "() => { const d = new DataTransfer(); d.setData('text/plain', 'words'); return d; }"
    )
    await tab.page.dispatch_event("h1", "dragover", {"dataTransfer": held})
    await expect(tab.page.locator("[data-dropping]")).to_have_count(0)
    await tab.page.dispatch_event("h1", "drop", {"dataTransfer": held})
    await expect(chips(tab)).to_have_count(0)


async def test_from_the_clipboard(open_window: OpenWindow) -> None:
    window = await open_window()
    await window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = await window.tab()
    await tab.field.fill("typed before")
    await tab.page.evaluate(TO_CLIPBOARD, coded(picture("shot.png")))
    await tab.field.press("Control+V")
    await uploaded(tab)
    await expect(chips(tab)).to_have_count(1)
    await expect(chips(tab)).to_contain_text("64 × 48")
    await expect(tab.field).to_have_value("typed before")


async def test_cells_of_a_table_are_pasted_as_text_though_a_picture_of_them_comes_along(
    open_window: OpenWindow,
) -> None:
    tab = await (await open_window()).tab()
    await paste(tab, "1.32\t1.18", picture("image.png"))
    await expect(tab.field).to_have_value("1.32\t1.18")
    await expect(chips(tab)).to_have_count(0)
    await paste(tab, "copied.png", picture("copied.png"))
    await uploaded(tab)
    assert await names(tab) == ["copied.png"]


async def test_removed_ones_are_gone_and_the_focus_goes_on(server: Server, open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    before = unsent(server)
    await attach(tab, picture("a.png"), picture("b.png"), picture("c.png"))
    removals: list[Response] = []
    tab.page.on("response", lambda response: removals.append(response) if "/remove/" in response.url else None)
    await tab.page.get_by_role("button", name="Remove b.png").click()
    assert await names(tab) == ["a.png", "c.png"]
    await expect(tab.page.get_by_role("button", name="Remove c.png")).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("button", name="Remove a.png")).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(chips(tab)).to_have_count(0)
    await expect(tab.field).to_be_focused()
    await expect(tab.send_button).to_be_disabled()
    while len(removals) < 3:
        await tab.page.wait_for_event("response")
    assert unsent(server) == before


async def test_the_order_is_that_in_which_they_were_chosen(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    gate = Gate(tab.page)
    await gate.close()
    wanted = [f"{number}.png" for number in range(6)]
    await choose(tab, *[picture(name) for name in wanted])
    assert await names(tab) == wanted
    await expect(tab.page.get_by_text("Checking")).to_have_count(0)
    # Three at a time; of these the last is done first.
    gate.held.reverse()
    while await tab.page.locator("[data-chip=coming]").count():
        assert len(gate.held) <= 3
        await gate.open(1)
        await tab.page.wait_for_timeout(50)
    assert await names(tab) == wanted
    await expect(chips(tab).locator("[name=image]")).to_have_count(6)


async def test_an_upload_can_be_cancelled(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    gate = Gate(tab.page)
    await gate.close()
    await choose(tab, picture("slow.png"), picture("wanted.png"))
    await expect(chips(tab).first.get_by_role("progressbar", name="Upload of slow.png")).to_be_visible()
    await gate.until(2)
    await tab.page.get_by_role("button", name="Cancel slow.png").click()
    assert await names(tab) == ["wanted.png"]
    gate.held.pop(0)
    await gate.open()
    await uploaded(tab)
    await expect(chips(tab).locator("[name=image]")).to_have_count(1)


async def test_more_than_a_message_takes_are_left_out_and_that_is_said(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, *[picture(f"{number}.png") for number in range(12)])
    await expect(chips(tab)).to_have_count(10)
    await expect(tab.page.get_by_text("At most 10 images go into one message; 2 more were left out.")).to_be_visible()


async def test_one_that_is_too_large_is_refused_before_it_is_uploaded(open_window: OpenWindow) -> None:
    tab = await (await open_window()).tab()
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.method))
    await tab.field.fill("stays")
    held = await tab.page.evaluate_handle(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array(31_000_000)], "saed-042.png", { type: "image/png" }));
          return carried;
        }"""
    )
    await tab.page.dispatch_event("h1", "drop", {"dataTransfer": held})
    await expect(chips(tab)).to_contain_text("31 MB; the limit is 20 MB")
    await expect(chips(tab)).to_have_class("thumb row bad")
    await expect(tab.field).to_have_value("stays")
    assert "POST" not in asked


async def test_a_refused_file_says_why_and_the_text_stays(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*REFUSED)
    tab = await window.tab()
    await tab.field.fill("What does this say?")
    await attach(tab, NO_PICTURE, picture("good.png"))
    bad = chips(tab).first
    await expect(bad).to_have_class("thumb row bad")
    await expect(bad).to_contain_text("PDF")
    await expect(bad).to_contain_text("JPEG, PNG")
    await expect(tab.field).to_have_value("What does this say?")
    await expect(bad.locator("[name=image]")).to_have_count(0)
    await tab.page.get_by_role("button", name="Remove report.pdf").click()
    assert await names(tab) == ["good.png"]


async def test_an_upload_that_was_cut_off_can_be_tried_again(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect("net::ERR_FAILED")
    tab = await window.tab()
    gate = Gate(tab.page)
    await gate.close()
    await tab.field.fill("stays")
    await choose(tab, picture("first.png"), picture("second.png"))
    await expect(chips(tab)).to_have_count(2)
    await gate.until(2)
    await gate.cut()
    await expect(chips(tab).first).to_contain_text("The upload was cut off.")
    await tab.page.unroute("**/images/")
    await tab.page.get_by_role("button", name="Try first.png again").click()
    await expect(chips(tab).first.locator("[name=image]")).to_have_count(1)
    assert await names(tab) == ["first.png", "second.png"]
    await expect(tab.page.get_by_role("button", name="Remove first.png")).to_be_focused()
    await expect(tab.field).to_have_value("stays")


@pytest.mark.parametrize("key", ["Enter", "Tab"])
async def test_a_description_saves_itself(server: Server, open_window: OpenWindow, key: str) -> None:
    tab = await (await open_window()).tab()
    await attach(tab, picture("plot.png"))
    button = tab.page.get_by_role("button", name="Describe plot.png")
    await button.click()
    await expect(tab.page.get_by_role("textbox", name="Description")).to_be_focused()
    await tab.page.keyboard.type("Two lines that cross")
    async with tab.page.expect_response("**/alt/") as response:
        await tab.page.keyboard.press(key)
    assert (await response.value).ok
    if key == "Enter":
        await expect(tab.page.get_by_role("textbox", name="Description")).to_be_hidden()
        await expect(button).to_be_focused()
    assert server.rows("SELECT count(*) FROM images_image WHERE alt = 'Two lines that cross'")[0][0] > 0
    # It is no part of the message, and Enter in it sends nothing.
    assert tab.path == "/"
    await tab.field.fill("And now? demo:numbers=3 demo:fast")
    await tab.field.press("Enter")
    await tab.settled(await tab.newer(0))
    await expect(tab.page.get_by_role("img", name="Two lines that cross")).to_be_visible()


async def test_a_link_to_an_image_stays_text_unless_it_is_attached(open_window: OpenWindow) -> None:
    window = await open_window()
    window.expect(*REFUSED)
    tab = await window.tab()
    offer = tab.page.get_by_role("button", name="Attach the image")
    await paste(tab, "see https://example.org/a.png")
    await expect(offer).to_be_hidden()
    await tab.field.fill("")
    link = f"{tab.server.base}/inside.png"
    await paste(tab, link)
    await expect(offer).to_be_visible()
    await tab.page.get_by_role("button", name="Leave it a link").click()
    await expect(offer).to_be_hidden()
    await expect(tab.field).to_have_value(link)
    await expect(chips(tab)).to_have_count(0)
    await tab.field.fill("")
    await paste(tab, link)
    await offer.click()
    # The server fetches nothing from inside its own network.
    await expect(chips(tab)).to_have_class("thumb row bad")
    await expect(tab.field).to_have_value(link)
