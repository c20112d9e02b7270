"""The demo provider: a small OpenAI-compatible server on this machine only.

GET  /v1/models             demo (may think, sees pictures) and demo-plain (text only, never thinks)
POST /v1/chat/completions   streaming or not
GET  /v1/_seen              what was asked, and who hung up; only where a record is kept, that is in tests
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from chatapp.demo.answer import prepare, send_stream, send_whole, silence
from chatapp.demo.asks import MODELS, Ask, read_ask
from chatapp.demo.dialogue import reply_to
from chatapp.demo.record import Asked, Record
from chatapp.demo.trouble import DEFAULT_RATE, FAILURE_PAGE, RETRY_AFTER_SECONDS, SLOW_HEADERS_SECONDS
from chatapp.demo.wire import Line, RefusalError, Request

HOST = "127.0.0.1"
KEPT_IN_TESTS = 500  # requests
MOST_CUT_ONCE = 1000  # conversations
LOOKS_AT_ONCE = 2

REFUSALS: dict[str, Callable[[], RefusalError]] = {
    "busy": lambda: RefusalError(503, "The demo plays a busy server.", code="overloaded"),
    "key": lambda: RefusalError(401, "The demo plays a server that does not know this key.", code="invalid_api_key"),
    "untitled": lambda: RefusalError(500, "The demo makes no title for this conversation."),
    "limit": lambda: RefusalError(
        429,
        "The demo plays a server whose limit of requests is reached.",
        code="rate_limit_exceeded",
        Retry_After=str(RETRY_AFTER_SECONDS),
    ),
}


class Demo:
    """A demo that runs: where it listens and, if it keeps one, the record of what it was asked."""

    def __init__(self, rate: float, keep: int) -> None:
        self.record = Record(keep)
        self.port = 0
        self._rate = rate
        self._started = int(time.time())
        self._seats = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._cut_once: deque[bytes] = deque(maxlen=MOST_CUT_ONCE)
        self._lines: set[Line] = set()

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"

    def line(self) -> Line:
        """A protocol for a new connection."""
        return Line(self._answer, self._opened, self._closed)

    async def hang_up(self) -> None:
        """End all connections and wait until they have ended."""
        lines = list(self._lines)
        for line in lines:
            line.task.cancel()
        await asyncio.gather(*(line.task for line in lines), return_exceptions=True)
        for line in lines:
            line.transport.abort()

    def _opened(self, line: Line) -> None:
        self._lines.add(line)
        self.record.open_connections += 1

    def _closed(self, line: Line) -> None:
        self._lines.discard(line)
        self.record.open_connections -= 1

    async def _answer(self, line: Line, request: Request) -> None:
        match request.method, request.path:
            case "GET", "/v1/models":
                await line.respond(200, "application/json", self._models())
            case "POST", "/v1/chat/completions":
                await self._complete(line, request)
            case "GET", "/v1/_seen" if self.record.asked.maxlen:
                await line.respond(200, "application/json", json.dumps(self.record.as_json()).encode())
            case _, "/v1/models" | "/v1/chat/completions":
                raise RefusalError(405, "This address does not take that method.")
            case _:
                raise RefusalError(404, "There is nothing at this address.")

    def _models(self) -> bytes:
        models = [{"id": name, "object": "model", "created": self._started, "owned_by": "parley"} for name in MODELS]
        return json.dumps({"object": "list", "data": models}).encode()

    async def _complete(self, line: Line, request: Request) -> None:
        ask = read_ask(request.body)
        asked = Asked(
            model=ask.model,
            messages=ask.messages,
            parameters=ask.parameters,
            thinking=ask.thinks,
            streaming=ask.streams,
            authorization=request.headers.get("authorization", ""),
        )
        self.record.asked.append(asked)
        try:
            await self._reply(line, ask, asked)
        except RefusalError:
            asked.end("refused")
            raise
        except asyncio.CancelledError:
            asked.hung_up_at = line.closed_at
            asked.end("stopped" if line.closed_at is None else "hung up")
            raise
        finally:
            asked.end("failed")

    async def _reply(self, line: Line, ask: Ask, asked: Asked) -> None:
        reply = await reply_to(ask, self._seats)
        words = self._words_in_force(reply.wishes.words, ask)
        if "silent" in words:
            await silence()
        if "headers" in words:
            await asyncio.sleep(SLOW_HEADERS_SECONDS)
        for word, refusal in REFUSALS.items():
            if word in words:
                raise refusal()
        if "fail" in words:
            await line.respond(500, "text/html", FAILURE_PAGE)
            asked.end("refused")
            return
        answer = prepare(ask, reply, words, self._rate)
        send = send_stream if ask.streams else send_whole
        await send(line, answer, asked)

    def _words_in_force(self, words: frozenset[str], ask: Ask) -> frozenset[str]:
        """`once-cut` becomes `cut` when this conversation is asked for the first time."""
        if "once-cut" not in words:
            return words
        conversation = hashlib.sha256(json.dumps([ask.model, ask.messages]).encode()).digest()
        if conversation in self._cut_once:
            return words
        self._cut_once.append(conversation)
        return words | {"cut"}


@asynccontextmanager
async def serving(port: int = 0, *, rate: float = DEFAULT_RATE, keep: int = KEPT_IN_TESTS) -> AsyncIterator[Demo]:
    """Run a demo on a port of this machine (0: a free one) until the block ends.

    `rate` is the speed in deltas a second (0: full speed) where a message asks for none; `keep` is how many
    requests the record holds. OSError if the port is taken.
    """
    demo = Demo(rate, keep)
    server = await asyncio.get_running_loop().create_server(demo.line, HOST, port)
    demo.port = server.sockets[0].getsockname()[1]
    try:
        yield demo
    finally:
        server.close()
        await demo.hang_up()
