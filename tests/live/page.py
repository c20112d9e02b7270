"""A browser without a screen: fetches pages, opens the socket, applies frames as the page's own script does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp


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


@dataclass
class Page:
    """One tab. `base` is the server's origin, `cookies` those of a signed-in member."""

    base: str
    http: aiohttp.ClientSession
    conversation: str = ""
    articles: dict[int, Article] = field(default_factory=dict)
    revision: int = 0
    html: str = ""
    close_code: int | None = None
    frames: int = 0
    side: list[dict[str, str]] = field(default_factory=list)
    refusal: str = ""
    # The texts of the messages that wait, the next one first.
    queue: list[str] = field(default_factory=list)
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _reader: asyncio.Task[None] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def load(self, conversation: str = "") -> None:
        """Fetch the page as a reload does; everything known before is forgotten."""
        self.conversation = conversation or self.conversation
        path = f"/c/{self.conversation}/" if self.conversation else "/"
        async with self.http.get(self.base + path) as response:
            response.raise_for_status()
            self.html = await response.text()
        self.articles, self.revision = articles_of(self.html)
        self.queue = queue_of(self.html)

    @property
    def token(self) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.html)
        assert found, "the page has no CSRF token"
        return found[1]

    async def post(self, path: str, *pairs: tuple[str, str], **fields: str) -> aiohttp.ClientResponse:
        data = [("csrfmiddlewaretoken", self.token), *pairs, *fields.items()]
        headers = {"HX-Request": "true", "Referer": self.base, "Origin": self.base}
        return await self.http.post(self.base + path, data=data, headers=headers, allow_redirects=False)

    async def attach(self, picture: bytes, name: str = "picture.png") -> str:
        """Upload an image; returns its id."""
        form = aiohttp.FormData({"csrfmiddlewaretoken": self.token})
        form.add_field("image", picture, filename=name, content_type="image/png")
        headers = {"HX-Request": "true", "Referer": self.base, "Origin": self.base}
        async with self.http.post(self.base + "/images/", data=form, headers=headers) as response:
            chip = await response.text()
            assert response.status == 201, chip
        found = re.search(r'name="image" value="([^"]+)"', chip)
        assert found, chip
        return found[1]

    async def send(
        self,
        text: str,
        *,
        client_id: str = "",
        alias: str = "demo",
        think: bool = False,
        images: Sequence[str] = (),
    ) -> int:
        """Send a message; returns the answer's id. A refusal raises with the sentence that was shown."""
        path = f"/c/{self.conversation}/send/" if self.conversation else "/new/"
        fields = [("client_id", client_id or str(uuid.uuid4())), ("text", text), ("alias", alias)]
        fields += [("think", "1")] if think else []
        response = await self.post(path, *fields, *(("image", image) for image in images))
        body = await response.text()
        if response.status != 200:
            self.refusal = " ".join(text_of(body).split())
            raise AssertionError(f"{response.status}: {self.refusal}")
        if redirect := response.headers.get("HX-Redirect"):
            await self.load(redirect.split("/")[2])
        else:
            self._upsert(body)
        return max(self.articles)

    async def connect(self, path: str = "", origin: str = "") -> None:
        """Open the socket and say what this page has."""
        path = path or (f"/ws/c/{self.conversation}/" if self.conversation else "/ws/")
        self._socket = await self.http.ws_connect(
            self.base + path, headers={"Origin": origin or self.base}, max_msg_size=0, autoping=True
        )
        self.close_code, self.frames = None, 0
        await self._resume()
        self._reader = asyncio.create_task(self._read())

    async def cut(self) -> None:
        """Lose the socket without a goodbye."""
        if self._socket is None or self._reader is None:
            return
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        connection = self._socket._response.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()
        self._socket = None

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            self._reader.cancel()

    async def settled(self, pk: int, seconds: float = 60) -> Article:
        """Wait until the answer's row is settled in this page."""
        async with asyncio.timeout(seconds):
            while pk not in self.articles or self.articles[pk].status in ("queued", "streaming"):
                self._changed.clear()
                await self._changed.wait()
        return self.articles[pk]

    async def shows(self, pk: int, words: int, seconds: float = 60) -> Article:
        """Wait until the answer shows at least so many words."""
        async with asyncio.timeout(seconds):
            while pk not in self.articles or len(self.articles[pk].text.split()) < words:
                self._changed.clear()
                await self._changed.wait()
        return self.articles[pk]

    async def closed(self, seconds: float = 30) -> int:
        """Wait for the server to close the socket; returns the code."""
        async with asyncio.timeout(seconds):
            while self.close_code is None:
                self._changed.clear()
                await self._changed.wait()
        return self.close_code

    async def say(self, text: str) -> None:
        assert self._socket is not None
        await self._socket.send_str(text)

    async def _resume(self) -> None:
        live = {str(a.pk): a.n for a in self.articles.values() if a.n is not None}
        await self.say(json.dumps({"t": "resume", "rev": self.revision, "live": live}))

    async def _read(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type != aiohttp.WSMsgType.TEXT:
                continue
            self.frames += 1
            if self.frames % 64 == 0:
                await self.say(json.dumps({"t": "ack", "f": self.frames}))
            await self.apply(json.loads(message.data))
            self._changed.set()
        self.close_code = self._socket.close_code
        self._changed.set()

    async def apply(self, frame: dict[str, object]) -> None:
        match frame:
            case {"t": "row", "html": str(html), "rev": int(revision)}:
                self._upsert(html)
                self.revision = max(self.revision, revision)
            case {"t": "branch", "ids": list(ids)}:
                self.articles = {pk: a for pk, a in self.articles.items() if pk in ids}
            case {"t": "snap", "m": int(pk)} if pk in self.articles:
                article = self.articles[pk]
                article.n = int(str(frame["n"]))
                article.closed, article.tail = str(frame["closed"]), str(frame["tail"])
                article.reasoning = str(frame["reasoning"])
                match frame["wait"]:
                    case [int(ahead), int(seconds)]:
                        article.wait = (ahead, seconds)
            case {"t": "live", "m": int(pk), "n": int(n), "ops": list(ops)} if pk in self.articles:
                await self._live(self.articles[pk], n, ops)
            case {"t": "side"}:
                self.side.append({key: str(value) for key, value in frame.items()})
            case {"t": "queue", "html": str(html)}:
                self.queue = queue_of(html)
            case {"t": "again"}:
                await self._resume()

    async def _live(self, article: Article, n: int, ops: list[list[Any]]) -> None:
        if article.n is None or n <= article.n:
            return
        if n != article.n + 1:
            await self._resume()
            return
        article.n = n
        for op, value in ops:
            apply_op(article, op, value)

    def _upsert(self, html: str) -> None:
        for pk, article in articles_of(html)[0].items():
            present = self.articles.get(pk)
            if present is None or present.revision <= article.revision:
                self.articles[pk] = article


def queue_of(html: str) -> list[str]:
    """The texts of the messages that wait."""
    section = html.partition('id="waiting"')[2].partition("</section>")[0]
    return [" ".join(text_of(text).split()) for text in re.findall(r'<p dir="auto">(.*?)</p>', section, re.DOTALL)]


def apply_op(article: Article, op: str, value: Any) -> None:
    """One operation of a live frame, as live.js does it on the document."""
    if op == "wait":
        article.wait = (value[0], value[1])
    elif op == "think":
        article.reasoning += value
    elif op == "block":
        article.closed, article.tail = article.closed + value, ""
    elif op == "tail":
        article.tail = value
    elif op == "open":
        article.tail = _replace_open(article.tail, value)
    elif op == "clear":
        article.closed = article.tail = ""
    elif op == "text":
        head, caret, rest = article.tail.partition('<span class="caret"')
        assert caret, f"no place for text in {article.tail[:80]!r}"
        escaped = value.replace("&", "&amp;").replace("<", "&lt;")
        article.tail = head + escaped + caret + rest
    else:
        assert op == "thought", op


def _replace_open(tail: str, html: str) -> str:
    """The tail with `html` in the place of its element with the attribute data-open."""
    start = re.search(r"<(\w+)[^>]*\sdata-open\b[^>]*>", tail)
    assert start, f"no open element in {tail[:80]!r}"
    depth = 0
    for tag in re.finditer(rf"<(/?){start[1]}\b[^>]*>", tail[start.start() :]):
        depth += -1 if tag[1] else 1
        if not depth:
            return tail[: start.start()] + html + tail[start.start() + tag.end() :]
    raise AssertionError("the open element does not end")
