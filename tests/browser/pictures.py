"""Pictures to attach, and the ways in which a person attaches them."""

from __future__ import annotations

import asyncio
import base64
import io
from pathlib import Path

from PIL import Image
from playwright.async_api import FilePayload, JSHandle, Locator, Page, Route, expect

from tests.browser.tab import Tab
from tests.browser.window import PATIENCE

NO_PICTURE = FilePayload(name="report.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n%not a picture\n")

CARRY = """(files) => {
  const carried = new DataTransfer();
  for (const [name, type, data] of files) {
    carried.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type }));
  }
  return carried;
}"""

TO_CLIPBOARD = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
}"""

SHOWN = "() => [...document.querySelectorAll('[data-chip] img')].every((img) => img.complete)"

PASTE = """(field, [carried, text]) => {
  if (text) carried.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
  if (field.dispatchEvent(event) && text) field.setRangeText(text, field.value.length, field.value.length, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def picture(name: str, width: int = 64, height: int = 48, colour: str = "teal", frames: int = 1) -> FilePayload:
    """A picture of one colour; with several frames a GIF."""
    kind = "GIF" if frames > 1 else "PNG"
    made = io.BytesIO()
    first, *rest = [Image.new("RGB", (width, height), colour if n == 0 else "gold") for n in range(frames)]
    if rest:
        first.save(made, kind, save_all=True, append_images=rest)
    else:
        first.save(made, kind)
    return FilePayload(name=name, mimeType=f"image/{kind.lower()}", buffer=made.getvalue())


def coded(file: FilePayload) -> str:
    return base64.b64encode(file["buffer"]).decode()


def chips(tab: Tab) -> Locator:
    """The images in the composer, in their order."""
    return tab.page.get_by_role("list", name="Images to send").get_by_role("listitem")


async def choose(tab: Tab, *files: FilePayload | Path) -> None:
    """Through the picker."""
    await tab.page.get_by_label("Attach images").set_input_files(list(files))  # type: ignore[arg-type]  # either kind


async def attach(tab: Tab, *files: FilePayload) -> None:
    """Choose them and wait until they are uploaded and shown."""
    await choose(tab, *files)
    await uploaded(tab)


async def uploaded(tab: Tab) -> None:
    await expect(tab.page.locator("[data-chip=coming]")).to_have_count(0)
    await tab.page.wait_for_function(SHOWN)


async def ask_by_button(tab: Tab, text: str) -> int:
    """As on a phone, where Enter starts a line; returns the id of the answer, which is settled."""
    before = await tab.newest()
    await tab.field.fill(text)
    await tab.send_button.click()
    answer = await tab.newer(before)
    await tab.settled(answer)
    return answer


async def names(tab: Tab) -> list[str]:
    return [str(await chip.get_attribute("data-name")) for chip in await chips(tab).all()]


async def carried(page: Page, *files: FilePayload) -> JSHandle:
    """What a drag or a clipboard holds."""
    return await page.evaluate_handle(CARRY, [[file["name"], file["mimeType"], coded(file)] for file in files])


async def drop(tab: Tab, onto: str, *files: FilePayload) -> None:
    """Drag files over an element of the page and let go."""
    held = await carried(tab.page, *files)
    for event in ("dragenter", "dragover"):
        await tab.page.dispatch_event(onto, event, {"dataTransfer": held})
    await expect(tab.page.locator("[data-dropping]")).to_be_visible()
    await tab.page.dispatch_event(onto, "drop", {"dataTransfer": held})
    await expect(tab.page.locator("[data-dropping]")).to_have_count(0)


async def paste(tab: Tab, text: str, *files: FilePayload) -> None:
    """As the clipboard of another program gives it: text, files, or both."""
    held = await carried(tab.page, *files)
    await tab.field.evaluate(PASTE, [held, text])


class Gate:
    """Uploads wait at the server's door until they are let in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.held: list[Route] = []

    async def close(self) -> None:
        await self.page.route("**/images/", self._hold)

    async def open(self, how_many: int = 100) -> None:
        """Let so many in, the first that came first."""
        free, self.held = self.held[:how_many], self.held[how_many:]
        for route in free:
            await route.continue_()

    async def until(self, how_many: int) -> None:
        """Until so many wait."""
        async with asyncio.timeout(PATIENCE / 1_000):
            while len(self.held) < how_many:
                await asyncio.sleep(0.02)

    async def cut(self) -> None:
        """The network fails for those that wait."""
        free, self.held = self.held, []
        for route in free:
            await route.abort()

    async def _hold(self, route: Route) -> None:
        self.held.append(route)
