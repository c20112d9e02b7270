"""A member's browser without a screen: pages and forms by HTTP, frames by websocket."""

from __future__ import annotations

import asyncio
import io
import random
import re
import socket
import struct
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.page import Page, text_of, words

FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
HANDSHAKE_SECONDS = 30
COME_BACK_SECONDS = (0.15, 0.3)
# When to acknowledge, as the page's own script does.
ACK_FRAMES = 64
ACK_CHARACTERS = 64_000


@dataclass(frozen=True)
class Cookies:
    """The names that the server uses."""

    session: str
    csrf: str


class Member:
    """One signed-in person: session and form token."""

    def __init__(self, http: aiohttp.ClientSession, base: str, names: Cookies, session: str, alias: str) -> None:
        self.http, self.base, self.alias = http, base, alias
        self._names = names
        self.cookies = {names.session: session}
        self._token = ""

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def get(self, path: str) -> str:
        """A page's HTML; RuntimeError unless the answer is 200."""
        async with self.http.get(self.base + path, headers=self._headers(), allow_redirects=False) as answer:
            return await self._read(answer)

    async def new_conversation(self, text: str, think: bool = False) -> str:
        """Send the first message; returns the conversation's path, /c/<uuid>/."""
        if not self._token:
            await self.get("/")
        return (await self._send("/new/", text, think))[1]

    async def ask(self, conversation: str, text: str, think: bool = False) -> str:
        """Send a message; returns the new rows' HTML."""
        return (await self._send(f"{conversation}send/", text, think))[0]

    async def attach(self, picture: bytes) -> str:
        """Upload an image; returns its chip's HTML. RuntimeError unless it is taken."""
        if not self._token:
            await self.get("/")
        form = aiohttp.FormData({"csrfmiddlewaretoken": self._token})
        form.add_field("image", io.BytesIO(picture), filename="photo.jpg", content_type="image/jpeg")
        headers = {**self._headers(), "HX-Request": "true", "Origin": self.base, "Referer": self.base}
        async with self.http.post(self.base + "/images/", data=form, headers=headers) as answer:
            return await self._read(answer)

    async def _send(self, path: str, text: str, think: bool) -> tuple[str, str]:
        form = {
            "csrfmiddlewaretoken": self._token,
            "client_id": str(uuid.uuid4()),
            "text": text,
            "alias": self.alias,
        }
        if think:
            form["think"] = "1"
        headers = {**self._headers(), "HX-Request": "true", "Origin": self.base, "Referer": self.base + path}
        async with self.http.post(self.base + path, data=form, headers=headers, allow_redirects=False) as answer:
            return await self._read(answer), answer.headers.get("HX-Redirect", "")

    async def _read(self, answer: aiohttp.ClientResponse) -> str:
        text = await answer.text()
        if answer.status not in (200, 201, 204):
            said = words(text_of(text).text)[:100]
            raise RuntimeError(f"HTTP {answer.status} {answer.headers.get('location', '')} {said}")
        if cookie := answer.cookies.get(self._names.csrf):
            self.cookies[self._names.csrf] = cookie.value
        if found := FORM_TOKEN.search(text):
            self._token = found[1]
        return text

    def _headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie}


class Viewer:
    """One tab on one conversation. `on_frame` sees each frame with the moment of its arrival, in ns."""

    def __init__(self, member: Member, conversation: str, page: Page) -> None:
        self.member, self.conversation, self.page = member, conversation, page
        self.on_frame: Callable[[dict[str, Any], int], None] | None = None
        self.frames = self.characters = 0
        self.closed_by_server: int | None = None
        # How often the server's end closed the socket, by close code.
        self.closings: Counter[int] = Counter()
        self._socket: _Socket | None = None
        self._changed = asyncio.Event()
        self._asked_again = False

    @classmethod
    async def open(cls, member: Member, conversation: str) -> Viewer:
        """Load the page, then connect."""
        viewer = cls(member, conversation, Page(await member.get(conversation)))
        await viewer.connect()
        return viewer

    async def reload(self) -> None:
        """Forget the page and load it anew."""
        self.cut()
        self.page = Page(await self.member.get(self.conversation))
        await self.connect()

    async def connect(self) -> None:
        url = self.member.base.replace("http", "ws", 1) + "/ws" + self.conversation
        headers = {"Origin": self.member.base, "Cookie": self.member.cookie}
        await ws_connect(
            lambda: _Socket(self), url, extra_headers=headers, websocket_handshake_timeout=HANDSHAKE_SECONDS
        )
        self.ask_again()

    def cut(self, *, hard: bool = False) -> None:
        """Drop the socket: politely, or as a network that has gone."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.drop(hard)

    def ask_again(self) -> None:
        """Tell the server what this page has."""
        self._asked_again = True
        if self._socket is not None:
            self._socket.send(self.page.resume())

    def received(self, frame: dict[str, Any]) -> None:
        now = time.monotonic_ns()
        self.frames += 1
        kind = frame["t"]
        if kind != "side":
            self._apply(frame)
        if self.on_frame is not None:
            self.on_frame(frame, now)
        self._changed.set()

    def _apply(self, frame: dict[str, Any]) -> None:
        # Frames sent before the answer to a resume show the same gap again; one question is enough.
        if self.page.apply(frame):
            self._asked_again = False
        elif not self._asked_again or frame["t"] == "again":
            self.ask_again()

    def attached(self, connection: _Socket) -> None:
        self._socket, self.closed_by_server = connection, None

    def lost(self, code: int | None, connection: _Socket) -> None:
        if connection is self._socket:
            self._socket = None
            self.closed_by_server = code or 1006
            self._changed.set()

    @property
    def connected(self) -> bool:
        return self._socket is not None

    async def settled(self, message: int, seconds: float) -> bool:
        """Wait until this answer has ended on the page; False after so many seconds or without a socket."""
        until = time.monotonic() + seconds
        while not self.has_settled(message):
            self._changed.clear()
            if not self.connected:
                return False
            try:
                await asyncio.wait_for(self._changed.wait(), until - time.monotonic())
            except TimeoutError:
                return False
        return True

    async def follow(self, message: int, seconds: float) -> bool:
        """As `settled`, but coming back as a browser does when the server closes the socket or it breaks."""
        until = time.monotonic() + seconds
        while not await self.settled(message, until - time.monotonic()):
            if time.monotonic() >= until:
                return False
            self.closings[self.closed_by_server or 0] += 1
            await asyncio.sleep(random.uniform(*COME_BACK_SECONDS))
            await self.connect()
        return True

    def state(self, message: int) -> str:
        """For the report of an answer that did not end."""
        article = self.page.articles.get(message)
        shown = f"{article.status}, frame {article.live}" if article else "not on the page"
        faults = "; ".join(self.page.faults[:2])
        return f"{shown}, {self.frames} frames, closings {dict(self.closings)}, {self.page.gaps} gaps {faults}"

    def has_settled(self, message: int) -> bool:
        article = self.page.articles.get(message)
        return article is not None and article.settled


class _Socket(WSListener):
    """One connection of a viewer: puts messages together and acknowledges."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._transport: WSTransport | None = None
        self._parts = b""
        self._frames = self._acknowledged = self._since = 0
        self._code: int | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._viewer.attached(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        match frame.msg_type:
            case WSMsgType.PING:
                transport.send_pong(frame.get_payload_as_bytes())
            case WSMsgType.CLOSE:
                self._code = int.from_bytes(frame.get_payload_as_bytes()[:2], "big") or None
                transport.disconnect()
            case WSMsgType.TEXT | WSMsgType.CONTINUATION:
                self._parts += frame.get_payload_as_bytes()
                if frame.fin:
                    data, self._parts = self._parts, b""
                    self._take(data)

    def _take(self, data: bytes) -> None:
        # What is still on its way when the viewer cuts must not reach the page.
        if self._transport is None:
            return
        self._frames += 1
        self._since += len(data)
        self._viewer.characters += len(data)
        if self._frames - self._acknowledged >= ACK_FRAMES or self._since >= ACK_CHARACTERS:
            self._acknowledged, self._since = self._frames, 0
            self.send({"t": "ack", "f": self._frames})
        self._viewer.received(orjson.loads(data))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self._viewer.lost(self._code, self)

    def send(self, message: dict[str, object]) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, orjson.dumps(message))

    def drop(self, hard: bool) -> None:
        transport, self._transport = self._transport, None
        if transport is None:
            return
        if hard:
            # Closing with a linger of zero seconds sends a reset.
            tcp = transport.underlying_transport.get_extra_info("socket")
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.disconnect(graceful=False)
        else:
            transport.send_close()
            transport.disconnect()
