"""A chat request → its answer as it arrives, reasoning and text apart, whatever the upstream's manners."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType

from chatapp.upstream.dialects import ChatRequest, Message, Sampling
from chatapp.upstream.errors import (
    BrokenStream,
    ContentRefused,
    EmptyAnswer,
    NotAnAnswer,
    TimedOut,
    TookTooLong,
    TooLong,
    UpstreamError,
)
from chatapp.upstream.events import GOOD_FINISHES, Body, Reader, parse
from chatapp.upstream.exchange import Target, exchange
from chatapp.upstream.limits import Limits
from chatapp.upstream.reasoning import Splitter
from chatapp.upstream.tool_calls import ToolCall
from chatapp.upstream.transport import Stream

__all__ = [
    "Answer",
    "Batch",
    "ChatRequest",
    "Limits",
    "Message",
    "Outcome",
    "Sampling",
    "Target",
    "ToolCall",
    "complete",
    "open_answer",
]

_DONE = b"[DONE]"
# A server that cuts after so many seconds may be so much early by our clock.
_CUT_EARLY_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """What arrived since the last read, joined in order; `deltas` counts the upstream's pieces in it.

    `moved`, once at most: it turned out that all text given out before was reasoning. It belongs there, in
    front of this batch's reasoning; the text starts afresh with this batch's.
    """

    reasoning: str
    text: str
    deltas: int
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended. `finish`: stop, length, tool_calls, or an upstream's own word for stopping early.

    `thought`: some reasoning came. `all_reasoning`: it ended well, but everything came as reasoning; some servers do
    that to a plain answer.
    """

    finish: str
    tokens_in: int | None
    tokens_out: int | None
    model: str
    all_reasoning: bool = False
    thought: bool = False
    tool_calls: Sequence[ToolCall] = ()


def open_answer(target: Target, request: ChatRequest, limits: Limits | None = None, *, stream: bool = True) -> Answer:
    """To be used as `async with open_answer(…) as answer`, which asks. See Answer.

    It is asked for in one piece where `stream` is False, the target does not stream, or its dialect cannot stream this.
    """
    return Answer(target, request, limits or Limits(), stream=stream)


async def complete(target: Target, request: ChatRequest, limits: Limits | None = None) -> str:
    """The text of a short answer without its reasoning, asked for in one piece. Raises UpstreamError."""
    text = ""
    async with open_answer(target, request, limits, stream=False) as answer:
        while (batch := await answer.read()) is not None:
            text = batch.text if batch.moved else text + batch.text
    return text


class Answer:
    """One answer being made. Entering asks and waits for the head of the response; leaving closes the socket.

    Entering and reading raise UpstreamError. Either may be cancelled at any moment: the socket closes then.
    """

    def __init__(self, target: Target, request: ChatRequest, limits: Limits, *, stream: bool) -> None:
        self._target = target
        self._request = request
        self._dialect = target.speaks
        self._streamed = stream and target.streams and self._dialect.streams(request)
        self._limits = limits if self._streamed else replace(limits, silence=max(limits.silence, limits.one_piece))
        self._connection: Stream | None = None
        self._body: Body
        self._reader: Reader
        self._splitter = Splitter(opened=target.opens_thought, continues=request.continues)
        self._characters = self._pieces = 0
        self._gave_text = self._gave_reasoning = self._moved = False
        self._began = self._last_word = 0.0
        self._epilogue_ends: float | None = None
        self._ended = self._cut_short = False
        self._failure: UpstreamError | None = None
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """How it ended; there is one once read() has returned None."""
        if self._outcome is None:
            raise RuntimeError("the answer has not come to a good end")
        return self._outcome

    async def __aenter__(self) -> Answer:
        self._began = self._last_word = asyncio.get_running_loop().time()
        response = await exchange(self._target, "POST", "/chat/completions", self._question(), self._limits)
        self._connection = response
        self._body = Body(self._limits, event_stream="event-stream" in response.headers.get("content-type", "").lower())
        self._reader = Reader(response.headers, self._dialect.meanings, self._limits)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket at once, any number of times. To end a task that waits in here, cancel it."""
        if self._connection is not None:
            self._connection.abort()

    async def read(self) -> Batch | None:
        """What has arrived, waiting for some reasoning or text; None at a good end.

        Raises UpstreamError at any other end, after everything that came before it was given out.
        """
        while not self._ended:
            self._take(await self._receive())
            batch = self._batch()
            if self._ended:
                self._judge()
            if batch is not None:
                return batch
        if self._failure is not None:
            raise self._failure
        return None

    def _question(self) -> bytes:
        body = self._dialect.body(self._request, self._target.model, stream=self._streamed)
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    async def _receive(self) -> bytes:
        """The next bytes of the body; b"" at its end, be it untimely: that is kept as the failure."""
        connection = self._connection
        if connection is None:
            raise RuntimeError("read() belongs inside `async with`")
        try:
            if not self._reader.finish:
                return await connection.read()
            if self._epilogue_ends is None:
                self._epilogue_ends = asyncio.get_running_loop().time() + self._limits.epilogue
            async with asyncio.timeout_at(self._epilogue_ends):
                return await connection.read()
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
        bad = reader.bad
        for event in parse(payloads):
            reader.take(event)
            if reader.error is not None:
                break
        if reader.has_words:
            self._last_word = asyncio.get_running_loop().time()
        # The end made something of the last bytes that is not JSON: the rest of it is missing.
        self._cut_short = not received and reader.bad > bad and not self._body.is_document
        self._failure = self._failure or self._nonsense()
        self._ended = done or not received or (self._failure or reader.error) is not None

    def _nonsense(self) -> UpstreamError | None:
        """Why to stop listening to a stream that goes on."""
        if self._reader.bad > self._limits.bad_events:
            return NotAnAnswer("too many events that are none")
        silent = asyncio.get_running_loop().time() - self._last_word
        return TimedOut("nothing but heartbeats") if silent > self._limits.wordless else None

    def _batch(self) -> Batch | None:
        """What the reader has gathered since the last time, split; None if there is no word in it."""
        reasoning, content, pieces = self._reader.drain(last=self._ended)
        self._pieces += pieces
        room = self._limits.answer_characters - self._characters
        self._characters += len(reasoning) + len(content)
        if self._characters > self._limits.answer_characters:
            self._failure, self._ended = TooLong("more characters than we keep"), True
            reasoning = reasoning[:room]
            content = content[: room - len(reasoning)]
        splitter = self._splitter
        reasoning = splitter.reason(reasoning)
        thought, text = splitter.feed(content)
        if self._ended:
            held_thought, held_text = splitter.close()
            thought, text = thought + held_thought, text + held_text
        return self._words(reasoning + thought, text)

    def _words(self, reasoning: str, text: str) -> Batch | None:
        moved = self._splitter.moved and not self._moved
        if not (reasoning or text or moved):
            return None
        self._moved = self._splitter.moved
        self._gave_reasoning = self._gave_reasoning or moved or bool(reasoning)
        self._gave_text = bool(text) or (self._gave_text and not moved)
        pieces, self._pieces = self._pieces, 0
        return Batch(reasoning, text, pieces, moved)

    def _judge(self) -> None:
        """Decide how it ended: the outcome, or the failure that the next read raises."""
        self.close()
        reader = self._reader
        failure = self._failure or reader.error
        if reader.finish in GOOD_FINISHES and not isinstance(failure, TooLong):
            # All was said; that the connection broke afterwards is nobody's concern.
            failure = None
        self._failure = failure or self._shortcoming(reader.finish)
        if self._failure is not None:
            self._failure.hide(self._target.key)
            return
        # A document needs no finish_reason to be whole.
        finish = reader.finish or "stop"
        if finish == "stop" and reader.calls:
            finish = "tool_calls"
        self._outcome = Outcome(
            finish,
            reader.tokens_in,
            reader.tokens_out,
            reader.model,
            all_reasoning=finish == "stop" and self._gave_reasoning and not self._gave_text,
            thought=self._gave_reasoning,
            tool_calls=reader.calls.read(),
        )

    def _shortcoming(self, finish: str) -> UpstreamError | None:
        """What keeps a stream that did not fail from being an answer."""
        reader = self._reader
        gave = self._gave_text or self._gave_reasoning or bool(reader.calls)
        if finish == "content_filter" or (reader.sensitive and not gave):
            return ContentRefused("stopped by the upstream's filter")
        if finish == "length" and not gave:
            return self._dialect.wordless_length("finish_reason length without a word")
        if finish in GOOD_FINISHES and not gave:
            return EmptyAnswer(f"finish_reason {finish} without a word")
        if finish:
            return None
        took = asyncio.get_running_loop().time() - self._began
        if self._dialect.cuts_after is not None and took > self._dialect.cuts_after - _CUT_EARLY_SECONDS:
            return TookTooLong(f"cut after {took:.0f} s")
        if gave and self._body.is_document:
            return None
        if not self._cut_short and (not reader.good or (reader.bad and not gave)):
            nothing = not reader.bad and not self._body.is_document
            return EmptyAnswer("no events") if nothing else NotAnAnswer("no event that we know")
        return BrokenStream("the stream ended before the answer did")
