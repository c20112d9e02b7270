"""The one place that imports httpx. It builds requests and reads addresses; the bytes take our own connection.

httpx's own stack costs three times as much for each piece of a stream. To swap, give `_client` another transport.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Literal, Protocol

import httpx

from chatapp.upstream.addresses import Permit, may_be_provider
from chatapp.upstream.connection import Connection, connect
from chatapp.upstream.errors import BadRequest, BrokenStream, Network, TimedOut, UpstreamError
from chatapp.upstream.limits import Limits

# httpx writes the address of every request to its log at INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)

_PORTS = {"http": 80, "https": 443}


class DirectTransport(httpx.AsyncBaseTransport):
    """One connection per request, as the request's extensions "limits" and "permit" say. Raises UpstreamError."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in _PORTS or not url.raw_host:
            raise Network("the address is not an http or https URL")
        head, body = _head(request), await request.aread()
        connection = await connect(
            url.raw_host.decode("ascii"),
            url.port or _PORTS[url.scheme],
            secure=url.scheme == "https",
            limits=request.extensions.get("limits") or Limits(),
            permit=request.extensions.get("permit") or may_be_provider,
        )
        try:
            await connection.send(head, body)
        except BaseException:
            connection.abort()
            raise
        return httpx.Response(
            connection.status,
            headers=connection.headers,
            stream=ConnectionStream(connection),
            extensions={"connection": connection},
        )


class ConnectionStream(httpx.AsyncByteStream):
    """A body as httpx wants it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self._connection.read():
            yield data

    async def aclose(self) -> None:
        self._connection.abort()


def _head(request: httpx.Request) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw if header[0].lower() != b"connection"]
    lines.append(b"Connection: close")
    if any(forbidden in line for line in lines for forbidden in (b"\r", b"\n", b"\0")):
        raise BadRequest("a line break in a header")
    return b"\r\n".join(lines) + b"\r\n\r\n"


# Without a pool it holds nothing that belongs to an event loop, so one serves all.
_client = httpx.AsyncClient(
    transport=DirectTransport(),
    trust_env=False,
    follow_redirects=False,
    headers={"User-Agent": "Parley", "Accept-Encoding": "identity"},
)


class Stream(Protocol):
    """A response whose head has arrived, and its body to read."""

    status: int
    headers: Mapping[str, str]

    async def read(self) -> bytes:
        """What has arrived, waiting for something; b"" at the end. Raises UpstreamError."""

    def abort(self) -> None:
        """Close the socket at once, any number of times."""


async def send(
    method: Literal["GET", "POST"],
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    permit: Permit = may_be_provider,
) -> Stream:
    """Send a request and wait for the head of the response, whatever its status. Redirects are not followed.

    Raises UpstreamError; Forbidden where `permit` allows none of the host's addresses.
    """
    try:
        extensions = {"limits": limits, "permit": permit}
        request = _client.build_request(method, url, headers=dict(headers), content=body, extensions=extensions)
        response = await _client.send(request, stream=True)
    except httpx.InvalidURL:
        raise Network("the address is not a URL") from None
    except httpx.HTTPError as error:
        raise _translated(error) from None
    return DirectStream(response) if "connection" in response.extensions else ForeignStream(response)


class DirectStream:
    """Reads past httpx, whose generators cost as much as the rest of a read."""

    def __init__(self, response: httpx.Response) -> None:
        connection: Connection = response.extensions["connection"]
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.read = connection.read
        self.abort = connection.abort


class ForeignStream:
    """Over any other transport of httpx, with httpx's own timeouts."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._body = response.aiter_raw()

    async def read(self) -> bytes:
        try:
            return await anext(self._body, b"")
        except httpx.HTTPError as error:
            raise _translated(error) from None

    def abort(self) -> None:
        task = asyncio.get_running_loop().create_task(self._response.aclose())
        _closing.add(task)
        task.add_done_callback(_closing.discard)


_closing: set[asyncio.Task[None]] = set()


def _translated(error: httpx.HTTPError) -> UpstreamError:
    """What httpx itself, or a transport of its own, has to say; not its text, which may hold the address."""
    kind = type(error).__name__
    if isinstance(error, httpx.ReadTimeout):
        return TimedOut(kind)
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)):
        return Network(kind)
    return BrokenStream(kind)
