"""One HTTP/1.1 request on a connection of its own, over asyncio and llhttp: fast to read, and bounded.

No pool: a chat stream is long, and a pooled connection that dies under a request costs more than a handshake.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import os
import socket
import ssl
from typing import cast

import httptools

from chatapp.upstream.addresses import Permit, may_be_provider
from chatapp.upstream.errors import (
    BrokenStream,
    Forbidden,
    Network,
    NotAnAnswer,
    TimedOut,
    TookTooLong,
    UpstreamError,
)
from chatapp.upstream.limits import Limits

# What is handed to the socket before we wait for room in it.
WRITE_BYTES = 64 * 1024


@functools.cache
def tls() -> ssl.SSLContext:
    """Trusts what the system trusts; SSL_CERT_FILE replaces that."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def connect(
    host: str, port: int, *, secure: bool, limits: Limits, permit: Permit = may_be_provider
) -> Connection:
    """Open a connection, or raise Network within `limits.connect`. Cancelling it closes the socket at once.

    The name is resolved once, and only addresses that `permit` allows are tried. Raises Forbidden when none is left.
    """
    try:
        async with asyncio.timeout(limits.connect):
            return await _first(await _addresses(host, port, permit), host, port, secure=secure, limits=limits)
    except TimeoutError:
        raise Network(f"no connection within {limits.connect:g} s") from None
    except ssl.SSLError as error:
        raise Network(f"TLS: {error.reason or 'the handshake failed'}") from None
    except (OSError, ValueError) as error:
        raise Network(_reason(error)) from None


async def _addresses(host: str, port: int, permit: Permit) -> list[str]:
    """Where the host is, as far as it is permitted; with the scope of link-local ones."""
    try:
        ipaddress.ip_address(host)
        named = [host]
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        named = list(dict.fromkeys(str(where[0]) for *_, where in found))
    allowed = [name for name in named if permit(ipaddress.ip_address(name.partition("%")[0]))]
    if not allowed:
        raise Forbidden("an address that we do not connect to")
    return allowed


async def _first(addresses: list[str], host: str, port: int, *, secure: bool, limits: Limits) -> Connection:
    """A connection to the first of these addresses that takes one; the certificate must be the host's."""
    loop = asyncio.get_running_loop()
    for address in addresses:
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(loop, limits),
                address,
                port,
                ssl=tls() if secure else None,
                server_hostname=host if secure else None,
            )
        except OSError:
            if address == addresses[-1]:
                raise
        else:
            return connection
    raise Network("no address")


def _reason(error: OSError | ValueError) -> str:
    """Without the error's own words, which hold the address."""
    if isinstance(error, socket.gaierror):
        return "the name of the host is not known"
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else type(error).__name__


class Connection(asyncio.Protocol):
    """Sends one request, gives the head of its response, then its body as it comes.

    Reading pauses whenever something was received: what comes meanwhile waits in the kernel and costs one wake-up,
    not many. One timer, set anew only when it rings, watches over silence and the whole.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._loop = loop
        self._limits = limits
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle
        self._began = self._alive = loop.time()
        self._parts: list[bytes] = []
        self._head_done = self._complete = self._framed = self._paused = False
        self._failure: UpstreamError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._header_bytes = self._barren_bytes = 0

    # For the owner.

    async def send(self, head: bytes, body: bytes) -> None:
        """Send the request and wait for the head of the response: `status` and `headers` are set then."""
        self._transport.write(head + body[:WRITE_BYTES])
        for start in range(WRITE_BYTES, len(body), WRITE_BYTES):
            if self._room is not None:
                self._alive = self._loop.time()
                await self._room
            if self._head_done or self._failure is not None:
                break
            self._transport.write(body[start : start + WRITE_BYTES])
        self._alive = self._loop.time()
        while not self._head_done:
            await self._more()

    async def read(self) -> bytes:
        """Everything of the body that has arrived, waiting for something; b"" at its end."""
        while not self._parts:
            if self._complete:
                return b""
            self._alive = self._loop.time()
            await self._more()
        data = b"".join(self._parts)
        self._parts.clear()
        return data

    def abort(self) -> None:
        """Close the socket at once. A read that waits ends as a broken stream."""
        self._end(BrokenStream("closed on our side"))

    # For the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not of asyncio's class.
        self._transport = cast("asyncio.Transport", transport)
        self._timer = self._loop.call_at(self._deadline(), self._watch)

    def data_received(self, data: bytes) -> None:
        if not self._paused:
            self._transport.pause_reading()
            self._paused = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end(NotAnAnswer("another protocol"))
        except httptools.HttpParserError as error:
            kind = BrokenStream if self._head_done else NotAnAnswer
            self._end(self._failure or kind(f"not HTTP: {error}"))
        else:
            self._check_barren(len(data))
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._head_done and not self._framed and exc is None and self._failure is None:
            self._complete = True
        self._end(BrokenStream("cut" if self._head_done else "closed without an answer"))

    def pause_writing(self) -> None:
        self._room = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    # For the parser.

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head_done:
            return
        self.headers.append((name, value))
        self._header_bytes += len(name) + len(value)
        if len(self.headers) > self._limits.head_lines or self._header_bytes > self._limits.head_bytes:
            self._failure = NotAnAnswer("the head of the response is too large")
            raise ValueError

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self.headers.clear()
            return
        self._framed = any(
            name.lower() == b"content-length"
            or (name.lower() == b"transfer-encoding" and value.lower().endswith(b"chunked"))
            for name, value in self.headers
        )
        self._head_done = True
        # An answer before the whole request was taken: whoever waits for room need not.
        self.resume_writing()

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        self._complete = self._head_done

    # Waiting, waking, watching, ending.

    async def _more(self) -> None:
        """Wait until something has happened; raise what went wrong once there is nothing left to give."""
        if self._failure is None:
            if self._paused:
                self._paused = False
                self._transport.resume_reading()
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._failure is not None and not self._parts:
            raise self._failure

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _check_barren(self, size: int) -> None:
        """Endless heads, interim responses and trailers never become a body, so no other limit ends them."""
        self._barren_bytes = 0 if self._parts else self._barren_bytes + size
        if self._barren_bytes > self._limits.head_bytes:
            self._end(NotAnAnswer("much that is no body"))

    def _deadline(self) -> float:
        return min(self._began + self._limits.total, self._alive + self._limits.silence)

    def _watch(self) -> None:
        now = self._loop.time()
        if self._waiter is None and self._room is None:
            # Nobody waits, so the silence is ours.
            self._alive = now
        if now >= self._began + self._limits.total:
            self._end(TookTooLong(f"not done after {self._limits.total:g} s"))
        elif now >= self._alive + self._limits.silence:
            self._end(TimedOut(f"nothing for {self._limits.silence:g} s"))
        else:
            self._timer = self._loop.call_at(self._deadline(), self._watch)

    def _end(self, failure: UpstreamError) -> None:
        if not self._complete and self._failure is None:
            self._failure = failure
        self._timer.cancel()
        self._transport.abort()
        self.resume_writing()
        self._wake()
