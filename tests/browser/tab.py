"""What a person does in one tab of Parley and reads off it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.live.server import Server

# The words of an answer: maths as its TeX source, without the captions of code and tables.
READ_ANSWER = """(id) => {
  const prose = document.querySelector(`#m${id} > .body > .prose`).cloneNode(true);
  for (const element of prose.querySelectorAll("figcaption")) element.remove();
  for (const element of prose.querySelectorAll("[data-tex]")) element.replaceChildren(element.dataset.tex);
  for (const element of prose.querySelectorAll("p, li, div, pre, td, th, h3, h4, h5, h6, br, blockquote, figure")) {
    element.before("\\n");
    element.after("\\n");
  }
  return prose.textContent;
}"""

IS_SETTLED = """(id) => {
  const article = document.getElementById(`m${id}`);
  return article && !["queued", "streaming"].includes(article.dataset.status) && article.dataset.live === undefined;
}"""

SHOWS = """([id, count]) => {
  const prose = document.querySelector(`#m${id} > .body > .prose`);
  return prose && prose.textContent.split(/\\s+/).length >= count;
}"""

NEWEST = "Math.max(0, ...[...document.querySelectorAll('.turn[data-by=model]')].map((a) => Number(a.id.slice(1))))"

HAS_NEWER = """(before) =>
  [...document.querySelectorAll('.turn[data-by=model]')].some((a) => Number(a.id.slice(1)) > before)"""


def numbers_in(text: str) -> list[str]:
    """What counts of a page's or a source's text, without the marks of Markdown."""
    return [word for word in text.split() if word.isdigit()]


@dataclass(frozen=True)
class Tab:
    page: Page
    server: Server

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.server.base + path)

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def send_button(self) -> Locator:
        return self.page.get_by_role("button", name="Send", exact=True)

    @property
    def stop_button(self) -> Locator:
        return self.page.get_by_role("button", name="Stop")

    @property
    def reason(self) -> Locator:
        """Why a message was not taken."""
        return self.page.locator("[data-refused]")

    @property
    def title(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_role("navigation", name="Conversations")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.server.base)

    def answer(self, pk: int) -> Locator:
        return self.page.locator(f"#m{pk}")

    async def ask(self, text: str, *, think: bool = False) -> int:
        """Type a question and press Enter; returns the id of the answer that begins."""
        before = await self.page.evaluate(NEWEST)
        if think:
            await self.page.get_by_role("button", name="Think before answering").click()
        await self.field.fill(text)
        await self.field.press("Enter")
        return await self.newer(before)

    async def newer(self, before: int) -> int:
        """Wait for an answer newer than this one; returns its id. If it is on a new page, that is there as a whole."""
        await self.page.wait_for_function(HAS_NEWER, arg=before)
        await self.page.wait_for_load_state()
        return int(await self.page.evaluate(NEWEST))

    async def newest(self) -> int:
        return int(await self.page.evaluate(NEWEST))

    async def shows(self, answer: int, words: int) -> None:
        """Wait until so many words of the answer are there."""
        await self.page.wait_for_function(SHOWS, arg=[answer, words])

    async def settled(self, answer: int, status: str = "done") -> None:
        """Wait for the end of the answer, which must be this one."""
        await self.page.wait_for_function(IS_SETTLED, arg=answer)
        await expect(self.answer(answer)).to_have_attribute("data-status", status)

    async def idle(self) -> None:
        """Wait until nothing is under way: what is pressed meanwhile would be taken for a second press of the same."""
        await expect(self.page.locator(".htmx-request")).to_have_count(0)

    async def text(self, answer: int) -> str:
        return str(await self.page.evaluate(READ_ANSWER, answer))

    async def words(self, answer: int) -> str:
        """The answer's words, with single blanks between them."""
        return " ".join((await self.text(answer)).split())

    async def turns(self) -> list[str]:
        """The ids of the turns, from the top down."""
        ids = await self.page.locator(".thread > .turn").evaluate_all("(turns) => turns.map((turn) => turn.id)")
        return [str(one) for one in ids]
