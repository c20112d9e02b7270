"""A chat request → its answer as it arrives: reasoning and text apart, whatever the upstream's dialect and manners."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType

from chatapp.upstream.cleaning import Cleaner
from chatapp.upstream.diagnosis import diagnose
from chatapp.upstream.dialects import DIALECTS, ChatRequest, Message
from chatapp.upstream.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    KeyWrong,
    NotAnAnswer,
    TimedOut,
    TooLong,
    TookTooLong,
    UpstreamError,
)
from chatapp.upstream.events import GOOD_FINISHES, Reader, parse
from chatapp.upstream.limits import Limits
from chatapp.upstream.reasoning import Splitter
from chatapp.upstream.sse import EventStream
from chatapp.upstream.transport import Stream, post

__all__ = ["Answer", "Batch", "ChatRequest", "Limits", "Message", "Outcome", "Target", "complete", "open_answer"]

_DONE = b"[DONE]"
# A server that cuts after so many seconds may be this much early by our clock.
_CUT_EARLY_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask. `base_url` goes up to and with /v1; `dialect` is a name of DIALECTS."""

    dialect: str
    base_url: str
    key: str = field(repr=False)
    model: str
    # The upstream's template writes <think> itself, so content starts inside the thought.
    opens_thought: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What arrived since the last read, joined in order; `deltas` counts the upstream's events in it.

    `moved`, once at most: it turned out that all text given out before was reasoning; move it there, then add these.
    """

    reasoning: str
    text: str
    deltas: int
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended. `finish`: stop, length, tool_calls, or an upstream's own word for stopping early.

    `all_reasoning`: it ended well, but everything came as reasoning; some servers do that to a plain answer.
    """

    finish: str
    tokens_in: int | None
    tokens_out: int | None
    model: str
    all_reasoning: bool = False


def open_answer(target: Target, request: ChatRequest, limits: Limits | None = None, *, stream: bool = True) -> Answer:
    """An answer to be used as `async with open_answer(…) as answer`, which asks; see Answer."""
    return Answer(target, request, limits or Limits(), stream=stream)


async def complete(target: Target, request: ChatRequest, limits: Limits | None = None) -> str:
    """The text of a short answer, without its reasoning, asked for in one piece. Raises UpstreamError."""
    parts: list[str] = []
    async with open_answer(target, request, limits, stream=False) as answer:
        while (batch := await answer.read()) is not None:
            if batch.moved:
                parts.clear()
            parts.append(batch.text)
    return "".join(parts)


class Answer:
    """One answer being made. Entering asks and waits for the head of the response; leaving closes the connection.

    Both entering and reading raise UpstreamError, and may be cancelled at any moment: the socket closes at once.
    """

    def __init__(self, target: Target, request: ChatRequest, limits: Limits, *, stream: bool) -> None:
        self._target = target
        self._request = request
        self._limits = limits
        self._streamed = stream
        self._dialect = DIALECTS[target.dialect]
        self._connection: Stream | None = None
        self._body: Body
        self._reader: Reader
        self._splitter = Splitter(opened=target.opens_thought, continues=request.continues)
        self._content = Cleaner()
        self._reasoning = Cleaner()
        self._characters = self._deltas = 0
        self._gave_text = self._gave_reasoning = False
        self._began = self._last_word = 0.0
        self._ended = False
        self._failure: UpstreamError | None = None
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """How it ended; there is one once read() has returned None."""
        assert self._outcome is not None, "the answer has not ended"
        return self._outcome

    async def __aenter__(self) -> Answer:
        self._began = self._last_word = asyncio.get_running_loop().time()
        try:
            url = self._target.base_url.rstrip("/") + "/chat/completions"
            self._connection = await post(url, self._headers(), self._question(), self._limits)
            await self._check(self._connection)
        except BaseException as error:
            self.close()
            if isinstance(error, UpstreamError):
                error.hide(self._target.key)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection at once, at any moment, any number of times."""
        if self._connection is not None:
            self._connection.abort()

    async def read(self) -> Batch | None:
        """What has arrived, waiting for some reasoning or text; None at a good end.

        Raises UpstreamError at any other end, after everything that came before it was given out.
        """
        while not self._ended:
            self._take(await self._receive())
            batch = self._batch()
            if batch is not None:
                return batch
        if self._failure is not None:
            raise self._failure
        return None

    def _headers(self) -> dict[str, str]:
        key = self._target.key
        if not (key.isascii() and key.isprintable()):
            raise KeyWrong("the key has characters that no header can carry")
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        return headers | {"Authorization": f"Bearer {key}"} if key else headers

    def _question(self) -> bytes:
        body = self._dialect.body(self._request, self._target.model, stream=self._streamed)
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    async def _check(self, response: Stream) -> None:
        """Raise what the head of the response, and the body of an error, say."""
        if not 200 <= response.status < 300:
            raise diagnose(response.status, response.headers, await _start_of_body(response))
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise NotAnAnswer("compressed, though we asked for plain bytes")
        kind = response.headers.get("content-type", "").lower()
        if "html" in kind:
            raise NotAnAnswer("a web page")
        self._body = Body(self._limits, event_stream="event-stream" in kind)
        self._reader = Reader(response.headers)

    async def _receive(self) -> bytes:
        """The next bytes of the body, b"" at its end; what cuts it short is kept as the failure, and ends it too."""
        assert self._connection is not None, "read() belongs inside `async with`"
        try:
            if not self._reader.finish:
                return await self._connection.read()
            async with asyncio.timeout(self._limits.epilogue):
                return await self._connection.read()
        except TimeoutError:
            return b""
        except UpstreamError as error:
            self._failure = error
            return b""

    def _take(self, received: bytes) -> None:
        """Move what arrived into the reader, and see whether that was the end."""
        try:
            payloads = self._body.feed(received) if received else self._body.close()
        except UpstreamError as error:
            self._failure, payloads = error, []
        done = _DONE in payloads
        if done:
            del payloads[payloads.index(_DONE) :]
        reader = self._reader
        if payloads:
            for event in parse(payloads):
                reader.take(event)
                if reader.error is not None:
                    break
        if reader.bad > self._limits.bad_events:
            self._failure = NotAnAnswer("too many events that are none")
        self._ended = done or not received or (self._failure or reader.error) is not None

    def _batch(self) -> Batch | None:
        """What the reader has gathered since the last time, cleaned and split; the verdict too, if that was all."""
        reader = self._reader
        content = reasoning = ""
        if reader.content:
            content = self._content.clean("".join(reader.content))
            self._deltas += len(reader.content)
            reader.content.clear()
        if reader.reasoning:
            reasoning = self._reasoning.clean("".join(reader.reasoning))
            self._deltas += len(reader.reasoning)
            reader.reasoning.clear()
        if self._ended:
            content += self._content.close()
            reasoning += self._reasoning.close()
        self._characters += len(content) + len(reasoning)
        if self._characters > self._limits.answer_characters:
            content, reasoning = self._cut(content, reasoning)
        was_moved = self._splitter.moved
        reasoning = self._splitter.reason(reasoning)
        thought, text = self._splitter.feed(content)
        ...
