"""What a page's HTML says: its articles, how far it reaches, and what waits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser


@dataclass
class Article:
    """One message as the page shows it. `n` is the last frame applied, None when it is settled."""

    pk: int
    revision: int
    status: str
    n: int | None
    closed: str = ""
    tail: str = ""
    reasoning: str = ""
    notice: str = ""
    # How many answers go first, and in how many seconds its turn comes.
    wait: tuple[int, int] = (0, 0)
    # The message before it on the branch.
    after: int | None = None

    @property
    def text(self) -> str:
        """The words of the answer, with single blanks between them."""
        return " ".join(text_of(self.closed + self.tail).split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._in_caption = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_caption += tag == "figcaption"
        if tag in ("p", "li", "div", "pre", "td", "th", "h3", "h4", "h5", "h6", "br", "figure"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._in_caption -= tag == "figcaption"

    def handle_data(self, data: str) -> None:
        if not self._in_caption:
            self.parts.append(data)


def text_of(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts)


_VOID = {"br", "hr", "img", "input", "link", "meta", "path", "circle", "use", "rect", "line"}


class _Articles(HTMLParser):
    """Finds articles, their data, the HTML inside .prose and inside its .tail, the reasoning and the notice."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Article] = []
        self.revision = 0
        self._stack: list[str] = []
        self._pieces: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        data = {name: value or "" for name, value in attrs}
        if data.get("id") == "thread":
            self.revision = int(data["data-rev"])
        if tag == "article":
            live = data.get("data-live")
            status = data.get("data-status", "")
            self.found.append(Article(int(data["id"][1:]), int(data["data-rev"]), status, int(live) if live else None))
            self.found[-1].after = int(data["data-after"]) if data["data-after"] else None
            self._pieces = {}
        classes = data.get("class", "").split()
        part = next((name for name in ("prose", "tail", "notice") if name in classes), "")
        part = "reasoning" if "data-reasoning" in data else part
        if queue := data.get("data-queue"):
            ahead, seconds = queue.split()
            self.found[-1].wait = (int(ahead), int(seconds))
        self._emit(self.get_starttag_text() or "", skip=part in ("prose", "tail", "reasoning"))
        if tag not in _VOID:
            self._stack.append(part)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._emit(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self._stack:
            return
        part = self._stack.pop()
        self._emit(f"</{tag}>", skip=part in ("prose", "tail", "reasoning"))
        if tag == "article":
            article = self.found[-1]
            article.closed = "".join(self._pieces.get("prose", []))
            article.tail = "".join(self._pieces.get("tail", []))
            article.reasoning = text_of("".join(self._pieces.get("reasoning", [])))
            article.notice = text_of("".join(self._pieces.get("notice", [])))

    def handle_data(self, data: str) -> None:
        self._emit(data)

    def handle_entityref(self, name: str) -> None:
        self._emit(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._emit(f"&#{name};")

    def _emit(self, html: str, skip: bool = False) -> None:
        part = next((part for part in reversed(self._stack) if part), "")
        if part and not skip:
            self._pieces.setdefault(part, []).append(html)


def articles_of(html: str) -> tuple[dict[int, Article], int]:
    parser = _Articles()
    parser.feed(html)
    return {article.pk: article for article in parser.found}, parser.revision


def end_of(html: str) -> int | None:
    """The last message of the branch that a page shows a part of."""
    found = re.search(r' data-end="(\d+)"', html)
    return int(found[1]) if found else None


def queue_of(html: str) -> list[str]:
    """The texts of the messages that wait."""
    section = html.partition('id="waiting"')[2].partition("</section>")[0]
    return [" ".join(text_of(text).split()) for text in re.findall(r'<p dir="auto">(.*?)</p>', section, re.DOTALL)]
