"""What a browser's page holds, rebuilt from the same HTML and frames: the reading half of static/js.

Faithful to the frames' rules (numbers, revisions, keep, gap → resume) and to nothing else: no layout.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

ARTICLE = re.compile(r"<article\b[^>]*>.*?</article>", re.DOTALL)
ARTICLE_ID = re.compile(r'<article\b[^>]*\bid="?m(\d+)')
PROSE = re.compile(r'<div\b(?![^>]*data-reasoning)[^>]*\bclass="[^"]*\bprose\b[^>]*>')
TAIL = re.compile(r'<div\b[^>]*\bclass="[^"]*\btail\b[^>]*>')
REASONING = re.compile(r"<div\b[^>]*\bdata-reasoning\b[^>]*>")
CARET = re.compile(r'<span\b[^>]*\bclass="[^"]*\bcaret\b[^>]*></span>')
DIV = re.compile(r"<(/?)div\b")
THREAD_REVISION = re.compile(r'<[a-z]+\b[^>]*\bid="?thread\b[^>]*>')
SETTLED = frozenset({"sent", "done", "stopped", "interrupted", "failed"})
BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "pre",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "br",
        "hr",
    ]
    + ["h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "section", "details"]
)
# Controls around an answer's text are not its text.
SKIPPED = frozenset(["button", "svg", "script", "style", "template", "summary", "figcaption"])


class Text(HTMLParser):
    """The text of a fragment; blocks are set apart by line breaks, <pre> is also kept exactly."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.exact: list[str] = []
        self._pre = self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS and not self._pre:
            self.parts.append("\n")
        self._pre += tag == "pre"
        self._skipped += tag in SKIPPED

    def handle_endtag(self, tag: str) -> None:
        self._pre -= tag == "pre"
        self._skipped -= tag in SKIPPED
        if tag in BLOCKS and not self._pre:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        self.parts.append(data)
        if self._pre:
            self.exact.append(data)

    @property
    def text(self) -> str:
        return "".join(self.parts)


def text_of(fragment: str) -> Text:
    parser = Text()
    parser.feed(fragment)
    parser.close()
    return parser


def words(text: str) -> str:
    """White space made even, so that texts compare as a reader sees them."""
    return " ".join(text.split())


class Article:
    """One message of the page. `live` is the number of the last frame applied, None when it is settled."""

    __slots__ = ("by", "closed", "live", "reasoning", "revision", "status", "tail", "typed")

    def __init__(self, source: str) -> None:
        head = source[: source.index(">") + 1]
        self.by = attribute(head, "data-by")
        self.status = attribute(head, "data-status")
        self.revision = int(attribute(head, "data-rev") or 0)
        live = attribute(head, "data-live")
        self.live = int(live) if live else None
        prose = inner(source, PROSE) or ""
        tail = TAIL.search(prose)
        self.closed = [prose[: tail.start()] if tail else prose]
        self.tail = inner(prose, TAIL)
        self.typed: list[str] = []
        self.reasoning = [text_of(inner(source, REASONING) or "").text]

    def show(self, n: int, closed: str, tail: str, reasoning: str) -> None:
        self.live, self.closed, self.tail, self.typed, self.reasoning = n, [closed], tail, [], [reasoning]

    def apply(self, op: str, arg: str) -> None:
        """One operation; ValueError for one that a browser could not carry out."""
        match op:
            case "text" if CARET.search(self.tail or ""):
                self.typed.append(arg)
            case "tail" if self.tail is not None:
                self.tail, self.typed = arg, []
            case "block" if self.tail is not None:
                self.closed.append(arg)
                self.tail, self.typed = "", []
            case "think":
                self.reasoning.append(arg)
            case "thought":
                pass
            case _:
                raise ValueError(f"{op} has no place to go")

    @property
    def settled(self) -> bool:
        return self.status in SETTLED

    @property
    def prose(self) -> str:
        """The HTML of the answer as it stands, the open tail included."""
        tail = self.tail or ""
        if self.typed and (caret := CARET.search(tail)):
            typed = html.escape("".join(self.typed), quote=False)
            tail = tail[: caret.start()] + typed + tail[caret.start() :]
        return f"{''.join(self.closed)}<div>{tail}</div>"


class Page:
    """The articles of one conversation's page, kept up to date by frames."""

    def __init__(self, source: str = "") -> None:
        thread = THREAD_REVISION.search(source)
        self.revision = int(attribute(thread[0], "data-rev") or 0) if thread else 0
        self.articles: dict[int, Article] = {}
        self.gaps = self.doubled = 0
        self.faults: list[str] = []
        self.add_rows(source)

    def add_rows(self, source: str) -> None:
        """Take the articles of a page or of an answer to a form; those that frames brought first stay."""
        for found in ARTICLE.findall(source):
            self.articles.setdefault(message_id(found), Article(found))

    def upsert(self, message: int, article: Article, keep: int | None) -> None:
        present = self.articles.get(message)
        if present and present.revision > article.revision:
            return
        if present and keep is not None and present.live == keep:
            article.closed, article.tail, article.typed = present.closed, present.tail, present.typed
        self.articles[message] = article

    def apply(self, frame: Mapping[str, Any]) -> bool:
        """Apply one frame; False when a frame is missing and the page must ask again."""
        match frame["t"]:
            case "row":
                self.upsert(frame["m"], Article(frame["html"]), frame.get("keep"))
                self.revision = max(self.revision, frame["rev"])
            case "snap":
                self.snap(frame)
            case "live":
                return self.advance(frame["m"], frame["n"], frame["ops"])
            case "branch":
                self.articles = {key: self.articles[key] for key in self.articles if key in frame["ids"]}
            case "again":
                return False
        return True

    def snap(self, frame: Mapping[str, Any]) -> None:
        message = frame["m"]
        if "html" in frame:
            self.articles[message] = Article(frame["html"])
            self.articles[message].live = frame["n"]
        elif message in self.articles:
            self.articles[message].show(frame["n"], frame["closed"], frame["tail"], frame["reasoning"])
        else:
            self.faults.append(f"snapshot of m{message}, which the page does not have")

    def advance(self, message: int, n: int, ops: Sequence[tuple[str, str]]) -> bool:
        article = self.articles.get(message)
        present = article.live if article else None
        if article is None or present is None:
            if article is None or not article.settled:
                self.gaps += 1
                return False
            return True
        if n <= present:
            self.doubled += 1
            return True
        if n > present + 1:
            self.gaps += 1
            return False
        for op, arg in ops:
            try:
                article.apply(op, arg)
            except ValueError as fault:
                self.faults.append(f"m{message} frame {n}: {fault}")
        article.live = n
        return True

    def resume(self) -> dict[str, object]:
        """What the page tells the server after each connect."""
        live = {str(key): article.live for key, article in self.articles.items() if article.live is not None}
        return {"t": "resume", "rev": self.revision, "live": live}

    @property
    def last_answer(self) -> int:
        """The id of the newest answer; 0 without one."""
        return max((key for key, article in self.articles.items() if article.by == "model"), default=0)


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="?([^"\s>]*)', tag)
    return found[1] if found else ""


def message_id(article: str) -> int:
    found = ARTICLE_ID.match(article)
    if found is None:
        raise ValueError(f"an article without a message's id: {article[:80]}")
    return int(found[1])


def inner(source: str, opening: re.Pattern[str]) -> str | None:
    """What stands inside the first <div> whose opening tag matches; None if there is none."""
    found = opening.search(source)
    if found is None:
        return None
    depth = 1
    for div in DIV.finditer(source, found.end()):
        depth += -1 if div[1] else 1
        if not depth:
            return source[found.end() : div.start()]
    return source[found.end() :]
