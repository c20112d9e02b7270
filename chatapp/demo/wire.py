"""One client's connection: as much of HTTP/1.1 as a chat client on the same machine needs.

Source of the rules: RFC 9112 (message syntax), section 6 (lengths) and section 5 (fields). A request is
refused rather than guessed at. The connection stays open between requests.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

LARGEST_HEAD = 32 * 1024  # bytes
LARGEST_BODY = 40 * 1024 * 1024
IDLE_SECONDS = 75.0
HEAD_SECONDS = 10.0
BODY_SECONDS = 60.0
FAREWELL_SECONDS = 2.0

REQUEST_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.1")
HEADER_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00\r\n]*)")
LENGTH = re.compile(r"[0-9]{1,12}")
LINGER_NOT = struct.pack("ii", 1, 0)

log = logging.getLogger(__name__)


class RefusalError(Exception):
    """A request that gets an error for an answer, in OpenAI's shape."""

    def __init__(self, status: int, message: str, *, code: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def body(self) -> bytes:
        """The JSON object that says so."""
        kind = "server_error" if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
        error = {"message": self.message, "type": kind, "param": None, "code": self.code}
        return json.dumps({"error": error}).encode()


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case, the path is without its query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


class Line(asyncio.Protocol):
    """One connection, answering its requests in turn by `answer`; `opened` and `closed` are told of it."""

    def __init__(
        self,
        answer: Callable[[Line, Request], Awaitable[None]],
        opened: Callable[[Line], None],
        closed: Callable[[Line], None],
    ) -> None:
        self._answer, self._opened, self._closed = answer, opened, closed
        self._received = bytearray()
        self._arrival = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_answering = False
        self._ignores_input = False
        self._head_sent = False
        self.closed_at: float | None = None

    # What asyncio tells us.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._opened(self)
        self.task = asyncio.get_running_loop().create_task(self._converse())

    def data_received(self, data: bytes) -> None:
        if self._ignores_input:
            return
        self._received += data
        self._arrival.set()
        if self._is_answering and len(self._received) > LARGEST_HEAD:
            # Reading cannot be paused instead: a paused transport does not notice that the client hangs up.
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self.closed_at = time.monotonic()
        self.task.cancel()
        self._closed(self)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # Requests.

    async def _converse(self) -> None:
        try:
            while request := await self._next_request():
                self._is_answering = True
                self._head_sent = False
                await self._answer_safely(request)
                self._is_answering = False
                if request.headers.get("connection", "").lower() == "close" or self.transport.is_closing():
                    break
        except RefusalError as refusal:
            await self._part(refusal)
        finally:
            self.transport.close()

    async def _answer_safely(self, request: Request) -> None:
        try:
            await self._answer(self, request)
        except RefusalError as refusal:
            await self.refuse(refusal)
        except Exception:
            log.exception("the demo could not answer %s", request.path)
            if self._head_sent:
                self.transport.abort()
            else:
                await self.refuse(RefusalError(500, "The demo failed."))

    async def _part(self, refusal: RefusalError) -> None:
        """Refuse and close, yet read on for a moment: closing on unread bytes would take the answer back."""
        self._ignores_input = True
        refusal.headers["Connection"] = "close"
        await self.refuse(refusal)
        self.transport.write_eof()
        await asyncio.sleep(FAREWELL_SECONDS)

    async def _next_request(self) -> Request | None:
        """The next one, or None when the client has nothing more to ask."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._until(lambda: len(self._received) > 0)
        except TimeoutError:
            return None
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await self._take_head()
            method, path, headers = _read_head(head)
            length = _body_length(method, headers)
            if headers.get("expect", "").lower() == "100-continue":
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            async with asyncio.timeout(BODY_SECONDS):
                await self._until(lambda: len(self._received) >= length)
        except TimeoutError:
            raise RefusalError(408, "The request took too long to arrive.") from None
        body = bytes(self._received[:length])
        del self._received[:length]
        return Request(method, path, headers, body)

    async def _take_head(self) -> bytes:
        await self._until(lambda: b"\r\n\r\n" in self._received[:LARGEST_HEAD] or len(self._received) > LARGEST_HEAD)
        end = self._received.find(b"\r\n\r\n", 0, LARGEST_HEAD)
        if end < 0:
            raise RefusalError(431, "The head of the request is too large.")
        head = bytes(self._received[:end])
        del self._received[: end + 4]
        return head

    async def _until(self, claim: Callable[[], bool]) -> None:
        while not claim():
            self._arrival.clear()
            await self._arrival.wait()

    # Responses.

    async def send(self, data: bytes) -> None:
        """Write, and wait while the client reads slowly."""
        self.transport.write(data)
        await self._writable.wait()

    async def respond(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        """A whole response; kind is its content type."""
        await self.begin(status, kind, {"Content-Length": str(len(body)), **(headers or {})})
        await self.send(body)

    async def refuse(self, refusal: RefusalError) -> None:
        await self.respond(refusal.status, "application/json", refusal.body(), refusal.headers)

    async def begin(self, status: int, kind: str, headers: dict[str, str]) -> None:
        """Status line and headers only."""
        self._head_sent = True
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            f"Content-Type: {kind}",
            "Cache-Control: no-store",
        ]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def begin_events(self) -> None:
        """Start a stream of server-sent events, in chunks."""
        await self.begin(200, "text/event-stream; charset=utf-8", {"Transfer-Encoding": "chunked"})

    async def send_chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def end_events(self) -> None:
        await self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        """Break the connection, so that the client sees "connection reset by peer"."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self.transport.abort()

    def close(self) -> None:
        self.transport.close()


def _read_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *rest = head.split(b"\r\n")
    request_line = REQUEST_LINE.fullmatch(first)
    if not request_line:
        raise RefusalError(400, "This is not a request of HTTP/1.1.")
    headers: dict[str, str] = {}
    for line in rest:
        header = HEADER_LINE.fullmatch(line)
        if not header:
            raise RefusalError(400, "A header of the request is malformed.")
        name, value = header[1].decode("ascii").lower(), header[2].decode("latin-1").strip(" \t")
        if name in headers and name in ("host", "content-length", "transfer-encoding"):
            raise RefusalError(400, f"The header {name} is given twice.")
        headers[name] = value
    if "host" not in headers:
        raise RefusalError(400, "The header Host is missing.")
    return request_line[1].decode("ascii"), request_line[2].decode("ascii").partition("?")[0], headers


def _body_length(method: str, headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise RefusalError(411, "Send the body with a Content-Length.")
    length = headers.get("content-length")
    if length is None:
        if method == "POST":
            raise RefusalError(411, "Send the body with a Content-Length.")
        return 0
    if not LENGTH.fullmatch(length):
        raise RefusalError(400, "The Content-Length is not a number.")
    if int(length) > LARGEST_BODY:
        raise RefusalError(413, f"The body may have at most {LARGEST_BODY} bytes.")
    return int(length)
