"""Export, import and print with the keyboard alone, and what is in the files."""

from __future__ import annotations

import json
import uuid
import zipfile
from pathlib import Path

from playwright.async_api import Download, Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.tab import Tab


async def go_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    # Past every chat of the list, of which other tests have made some.
    for _ in range(300):
        await page.keyboard.press("Tab")
        told = "(e) => (e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent).trim()"
        if str(await page.evaluate(f"({told})(document.activeElement)")).startswith(name):
            return
    raise AssertionError(f"{name} is not reached")


async def open_export(tab: Tab) -> None:
    page = tab.page
    await page.get_by_role("button", name="More actions for this conversation").focus()
    await page.keyboard.press("Enter")
    await go_to(page, "Export")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/export/")


async def downloaded(page: Page, downs: int, to: Path) -> tuple[str, Path]:
    """Choose the kind that is so many keys down, and download; returns the name and where the file is."""
    await go_to(page, "Markdown")
    for _ in range(downs):
        await page.keyboard.press("ArrowDown")
    await go_to(page, "Download")
    async with page.expect_download() as caught:
        await page.keyboard.press("Enter")
    download: Download = await caught.value
    await download.save_as(to)
    return download.suggested_filename, to


async def test_each_kind_of_file_by_keyboard_and_the_import_of_one(open_window: OpenWindow, tmp_path: Path) -> None:
    tab = await (await open_window("Ann")).tab()
    await tab.settled(await tab.ask("demo:numbers=12"))
    # Back comes to the page before, so each kind begins at the chat.
    chat = tab.path
    files = {}
    for downs, kind in enumerate(("md", "json", "zip")):
        await tab.open(chat)
        await open_export(tab)
        name, files[kind] = await downloaded(tab.page, downs, tmp_path / kind)
        assert name.endswith(f".{kind}")
    assert "10 11" in files["md"].read_text()
    value = json.loads(files["json"].read_text())
    assert [one["role"] for one in value["messages"]] == ["user", "assistant"]
    with zipfile.ZipFile(files["zip"]) as archive:
        assert archive.testzip() is None

    value |= {"id": str(uuid.uuid4()), "title": "Brought along 带来"}
    files["json"].write_text(json.dumps(value))
    other = await (await open_window("Ann")).tab("/")
    await tab.open("/import/")
    await tab.page.get_by_label("File").set_input_files(files["json"])
    await go_to(tab.page, "Import")
    while await tab.page.evaluate("document.activeElement.tagName") != "BUTTON":
        await go_to(tab.page, "Import")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("[data-import-done]")).to_contain_text("1 imported")
    await expect(tab.sidebar.get_by_role("link", name="Brought along 带来", exact=True)).to_be_visible()
    await expect(other.sidebar.get_by_role("link", name="Brought along 带来", exact=True)).to_be_visible()


async def test_all_chats_as_one_zip_with_the_count_beside_it(open_window: OpenWindow, tmp_path: Path) -> None:
    tab = await (await open_window("Bob")).tab()
    await tab.settled(await tab.ask("demo:numbers=5"))
    await tab.open("/export/")
    await go_to(tab.page, "Download")
    async with tab.page.expect_download() as caught:
        await tab.page.keyboard.press("Enter")
    await (await caught.value).save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert "index.md" in archive.namelist()
    await expect(tab.page.locator("[data-exported]")).to_contain_text("chats")


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(open_window: OpenWindow, tmp_path: Path) -> None:
    window = await open_window("Bob")
    tab = await window.tab("/import/")
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(39_000_001)
    await tab.page.get_by_label("File").set_input_files(large)
    await tab.page.locator("form[data-import-form] button").click()
    await expect(tab.page.locator("[data-import-error]")).to_have_text("The file has 39 MB; the limit is 39 MB.")
    await expect(tab.page.get_by_label("File")).to_be_focused()


async def test_import_without_javascript(open_window: OpenWindow, tmp_path: Path) -> None:
    window = await open_window("Bob", java_script_enabled=False)
    window.expect("status of 422")
    tab = await window.tab("/import/")
    file = tmp_path / "no.json"
    file.write_text("[1]")
    await tab.page.get_by_label("File").set_input_files(file)
    await tab.page.get_by_role("button", name="Import", exact=True).click()
    # The page itself comes back every few seconds until the import is over.
    await expect(tab.page.get_by_text("There is no chat in it that can be read here.")).to_be_visible()


async def test_print_has_the_whole_branch_black_on_white(open_window: OpenWindow, tmp_path: Path) -> None:
    window = await open_window("Ann", color_scheme="dark")
    tab = await window.tab()
    await tab.page.evaluate("window.print = () => {}")
    await tab.settled(await tab.ask("demo:arrhenius", think=True))
    path = tab.path
    await tab.page.get_by_role("button", name="More actions for this conversation").focus()
    await tab.page.keyboard.press("Enter")
    await window.context.add_init_script("window.print = () => { document.body.dataset.printed = ''; }")
    await go_to(tab.page, "Print")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector("body[data-printed]")
    assert tab.path == f"{path}print/#now"
    assert await tab.page.locator("[data-math]:not([data-tex])").count() == 0
    pdf = await tab.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    await tab.page.emulate_media(media="print")
    style = "getComputedStyle(document.querySelector('.printed > .prose')).color"
    assert await tab.page.evaluate(style) == await tab.page.evaluate(style.replace(".printed > .prose", "h1"))
    assert await tab.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for gone in (".paper > .bar", ".think", ".block .btn"):
        assert not await tab.page.locator(gone).first.is_visible(), gone
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
