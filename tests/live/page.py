"""A browser without a screen: fetches pages, opens the socket, applies frames as the page's own script does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.live.articles import Article, articles_of, end_of, queue_of, text_of


@dataclass
class Page:
    """One tab. `base` is the server's origin, `cookies` those of a signed-in member."""

    base: str
    http: aiohttp.ClientSession
    conversation: str = ""
    # In the order of the branch, without a gap; `end` is the branch's last message, which may be beyond them.
    articles: dict[int, Article] = field(default_factory=dict)
    end: int | None = None
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

    async def load(self, conversation: str = "", **place: int) -> None:
        """Fetch the page as a reload does, at its end or at this place; everything known before is forgotten."""
        self.conversation = conversation or self.conversation
        path = f"/c/{self.conversation}/" if self.conversation else "/"
        async with self.http.get(self.base + path, params=place) as response:
            response.raise_for_status()
            self.html = await response.text()
        self.articles, self.revision = articles_of(self.html)
        self.queue, self.end = queue_of(self.html), end_of(self.html)

    def beyond(self, where: str) -> int | None:
        """The article at this edge, "before" or "after", if the branch goes on beyond it."""
        order = list(self.articles)
        edge = order[0] if where == "before" else order[-1]
        whole = self.articles[edge].after is None if where == "before" else edge == self.end
        return None if whole else edge

    async def more(self, where: str) -> bool:
        """Load what comes before or after the articles here; False where there is nothing."""
        edge, end = self.beyond(where), self.end
        if edge is None:
            return False
        path = f"{self.base}/c/{self.conversation}/"
        async with self.http.get(path, params={where: edge}, headers={"HX-Request": "true"}) as response:
            html = await response.text()
        found, revision = articles_of(html)
        # As the page's script does: where this page knows something newer by now, it asks again another time.
        if response.status != 200 or revision < self.revision or (self.beyond(where), self.end) != (edge, end):
            return True
        if where == "before":
            self.articles = {pk: one for pk, one in found.items() if pk not in self.articles} | self.articles
        else:
            for article in found.values():
                self._put(article)
        self.end = end_of(html)
        return True

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
        return max(articles_of(body)[0] or self.articles)

    async def connect(self, path: str = "", origin: str = "") -> None:
        """Open the socket and say what this page has."""
        path = path or (f"/ws/c/{self.conversation}/" if self.conversation else "/ws/")
        self._socket = await self.http.ws_connect(
            self.base + path, headers={"Origin": origin or self.base}, max_msg_size=0, autoping=True
        )
        self.close_code, self.frames = None, 0
        await self._resume()
        self._reader = asyncio.create_task(self._read())

    @property
    def connected(self) -> bool:
        return self._socket is not None

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
            case {"t": "branch", "ids": list(ids), "rows": list(rows)}:
                self.articles = {pk: a for pk, a in self.articles.items() if pk in ids}
                self.end = ids[-1]
                for row in rows:
                    await self.apply(row)
            case {"t": "anew"}:
                await self.load()
                await self._resume()
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
            if present is None:
                self._put(article)
            elif present.revision <= article.revision:
                self.articles[pk] = article

    def _put(self, article: Article) -> None:
        """Behind the one that it follows. Where that is missing so is this; another one in its place has to go."""
        order = list(self.articles)
        whole = not order or order[-1] == self.end
        if article.after == self.end:
            self.end = article.pk
        if article.after not in self.articles and (article.after is not None or order and self._begins_late()):
            return
        at = order.index(article.after) + 1 if article.after is not None else 0
        if at < len(order) and self.articles[order[at]].after != article.pk:
            order[at:] = []
            self.end = article.pk if whole else self.end
        order.insert(at, article.pk)
        self.articles = {pk: article if pk == article.pk else self.articles[pk] for pk in order}

    def _begins_late(self) -> bool:
        return next(iter(self.articles.values())).after is not None


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
