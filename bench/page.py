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
OPEN = re.compile(r"<([a-z][a-z0-9]*)\b[^>]*\bdata-open\b[^>]*>")
CARET = re.compile(r'<span\b[^>]*\bclass="[^"]*\bcaret\b[^>]*></span>')
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


class Tail:
    """The open end of an answer: an element that grows, what stands before and behind it, and typed text."""

    __slots__ = ("_after", "_before", "_caret", "_inside", "_open", "_typed")

    def __init__(self, source: str) -> None:
        self._before: list[str] = []
        self._open, self._after = False, ""
        self._put(source)

    def _put(self, source: str) -> None:
        """Find the open element, without one all is inside, and the place for typed text."""
        self._inside, after = source, ""
        self._typed: list[str] = []
        if found := OPEN.search(source):
            end = end_of(source, found)
            self._before.append(source[: found.start()])
            self._inside, after = source[found.start() : end], source[end:]
        self._after = after + self._after
        self._open = found is not None
        self._caret = CARET.search(self._inside)

    def grow(self, source: str) -> None:
        if not self._open:
            raise ValueError("no open element")
        self._put(source)

    def type(self, text: str) -> None:
        if self._caret is None:
            raise ValueError("no caret")
        self._typed.append(text)

    @property
    def html(self) -> str:
        inside = self._inside
        if self._caret is not None:
            typed = html.escape("".join(self._typed), quote=False)
            inside = inside[: self._caret.start()] + typed + inside[self._caret.start() :]
        return "".join(self._before) + inside + self._after


class Article:
    """One message of the page. `live` is the number of the last frame applied, None when it is settled."""

    __slots__ = ("by", "closed", "live", "reasoning", "revision", "status", "tail")

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
        source_of_tail = inner(prose, TAIL)
        self.tail = None if source_of_tail is None else Tail(source_of_tail)
        self.reasoning = [text_of(inner(source, REASONING) or "").text]

    def show(self, n: int, closed: str, tail: str, reasoning: str) -> None:
        self.live, self.closed, self.tail, self.reasoning = n, [closed], Tail(tail), [reasoning]

    def apply(self, op: str, arg: str) -> None:
        """One operation; ValueError for one that a browser could not carry out."""
        match op:
            case "text" if self.tail is not None:
                self.tail.type(arg)
            case "open" if self.tail is not None:
                self.tail.grow(arg)
            case "tail" if self.tail is not None:
                self.tail = Tail(arg)
            case "block" if self.tail is not None:
                self.closed.append(arg)
                self.tail = Tail("")
            case "think":
                self.reasoning.append(arg)
            case "clear":
                self.closed, self.tail = [], Tail("")
            case "thought" | "wait":
                pass
            case _:
                raise ValueError(f"{op} has no place to go")

    @property
    def settled(self) -> bool:
        return self.status in SETTLED

    @property
    def prose(self) -> str:
        """The HTML of the answer as it stands, the open tail included."""
        tail = self.tail.html if self.tail else ""
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
        if present and present.revision >= article.revision:
            return
        if present and keep is not None and present.live == keep:
            article.closed, article.tail = present.closed, present.tail
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
        article = self.articles.get(frame["m"])
        if article is None:
            self.faults.append(f"snapshot of m{frame['m']}, which the page does not have")
        elif article.live is not None:
            article.show(frame["n"], frame["closed"], frame["tail"], frame["reasoning"])

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
    return source[found.end() : source.rindex("<", found.end(), end_of(source, found))]


def end_of(source: str, opening: re.Match[str]) -> int:
    """Where the element of this opening tag ends; ValueError if it never does."""
    name = opening[0][1:].split(">", 1)[0].split(" ", 1)[0]
    depth = 1
    for tag in re.finditer(rf"<(/?){name}\b[^>]*>", source[opening.end() :]):
        depth += -1 if tag[1] else 1
        if not depth:
            return opening.end() + tag.end()
    raise ValueError(f"{opening[0]} does not end")
