"""One request to an upstream and the head of its response: what is no answer is an error before it is read."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Literal

from chatapp.upstream.diagnosis import diagnose
from chatapp.upstream.dialects import DIALECTS, Dialect
from chatapp.upstream.errors import KeyWrong, NotAnAnswer, UpstreamError
from chatapp.upstream.limits import Limits
from chatapp.upstream.transport import Stream, send


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask. `base_url` goes up to and with /v1; `dialect` is a name of DIALECTS."""

    dialect: str
    base_url: str
    key: str = field(repr=False)
    model: str
    # False: answers are asked for in one piece.
    streams: bool = True
    # The upstream's template writes <think> itself, so that the content starts inside the thought.
    opens_thought: bool = False

    @property
    def speaks(self) -> Dialect:
        return DIALECTS[self.dialect]


async def exchange(
    target: Target, method: Literal["GET", "POST"], path: str, body: bytes | None, limits: Limits
) -> Stream:
    """Ask, and give the response when its head promises an answer. Raises UpstreamError; the socket is closed then."""
    try:
        url = target.base_url.rstrip("/") + path
        response = await send(method, url, _headers(target.key), body, limits)
        try:
            await _check(response, target, limits)
        except BaseException:
            response.abort()
            raise
    except UpstreamError as error:
        error.hide(target.key)
        raise
    return response


def _headers(key: str) -> dict[str, str]:
    if not (key.isascii() and key.isprintable()):
        raise KeyWrong("the key has characters that no header can carry")
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
    return headers | {"Authorization": f"Bearer {key}"} if key else headers


async def _check(response: Stream, target: Target, limits: Limits) -> None:
    """Raise what the head of the response says, with the body of an error."""
    if not 200 <= response.status < 300:
        complaint = await _complaint(response, limits)
        raise diagnose(response.status, response.headers, complaint, target.speaks.meanings)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise NotAnAnswer("compressed, though we asked for plain bytes")
    if "html" in response.headers.get("content-type", "").lower():
        raise NotAnAnswer("a web page")


async def _complaint(response: Stream, limits: Limits) -> bytes:
    """The start of an error's body. What cannot be read of it is not worth another error."""
    body, most = b"", limits.complaint_bytes
    with contextlib.suppress(UpstreamError, TimeoutError):
        async with asyncio.timeout(limits.complaint):
            while len(body) < most and (chunk := await response.read()):
                body += chunk
    return body[:most]
