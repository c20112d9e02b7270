"""An answer on its way to the client: as events or as one JSON object, with the trouble asked for.

The order of events is OpenAI's: a chunk with the role, deltas, a chunk with finish_reason, the usage if it
was asked for, `[DONE]`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chatapp.demo.asks import Ask
from chatapp.demo.dialogue import Reply
from chatapp.demo.pieces import pieces_of
from chatapp.demo.record import Asked
from chatapp.demo.script import Script
from chatapp.demo.trouble import BREAK_AFTER, GARBAGE, LENGTH_AFTER, STALL_AFTER
from chatapp.demo.wire import Line, RefusalError

LONGEST_WHOLE_SECONDS = 2.0  # that an answer without streaming pretends to be worked on
RESET_PAUSE_SECONDS = 0.05  # so that the client has read the last deltas before the reset
LATEST_SECONDS = 1.0  # a reader so far behind gets no burst to catch up
FREE_RUN = 32  # deltas between two pauses at full speed
GARBAGE_EVERY = 5  # deltas
GARBAGE_ALONE = 24  # events
PICTURE_TOKENS = 256
LETTERS_PER_TOKEN = 4

TEXT_BEFORE_TROUBLE = {
    "rubbish": 0,
    "empty": 0,
    "refuse": 0,
    "stall": STALL_AFTER,
    "cut": BREAK_AFTER,
    "eof": BREAK_AFTER,
    "midfail": BREAK_AFTER,
    "length": LENGTH_AFTER,
}
TROUBLES = (*TEXT_BEFORE_TROUBLE, "garbage")
FINISHES = {"length": "length", "refuse": "content_filter"}
FAILURE = "The demo model failed in the middle, as asked."


@dataclass
class Answer:
    """One answer on its way. The rate is in deltas a second; 0 is full speed.

    `completion` and `thoughts` count the deltas given out, all of them and those of reasoning. They are cut
    off the text one by one, since lists of them would take megabytes for each answer that is on its way.
    """

    ask: Ask
    script: Script
    think_styles: frozenset[str]
    trouble: str
    finish: str
    rate: float
    id: str = field(default_factory=lambda: f"chatcmpl-demo-{uuid.uuid4().hex[:12]}")
    created: int = field(default_factory=lambda: int(time.time()))
    completion: int = 0
    thoughts: int = 0

    def deltas(self) -> Iterator[dict[str, str]]:
        """The deltas up to where the answer ends or breaks; a limit of tokens comes before trouble."""
        content = ({"content": piece} for piece in pieces_of(self.script.text))
        shown = itertools.islice(content, TEXT_BEFORE_TROUBLE.get(self.trouble))
        for delta in itertools.chain(self._reasoning_deltas(), shown):
            if self.completion == self.ask.token_limit:
                self.trouble, self.finish = "", "length"
                return
            self.completion += 1
            yield delta

    def _reasoning_deltas(self) -> Iterator[dict[str, str]]:
        text, name = self.script.reasoning, "reasoning_content"
        if text and "tags" in self.think_styles:
            text, name = f"<think>\n{text}\n</think>\n\n", "content"
        elif "field2" in self.think_styles:
            name = "reasoning"
        for piece in pieces_of(text):
            yield {name: piece}
            self.thoughts += 1

    def event(self, delta: dict[str, str], finish: str | None = None) -> bytes:
        """One chunk of the stream."""
        return self._event(choices=[{"index": 0, "delta": delta, "finish_reason": finish}])

    def usage_event(self) -> bytes:
        """The chunk without choices that comes last."""
        return self._event(choices=[], usage=self._usage())

    def _event(self, **members: Any) -> bytes:
        head = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.ask.model,
        }
        return _data({**head, **members})

    def whole(self) -> bytes:
        """The answer without streaming."""
        message: dict[str, list[str]] = {"content": []}
        for delta in self.deltas():
            for name, piece in delta.items():
                message.setdefault(name, []).append(piece)
        texts = {name: "".join(pieces) for name, pieces in message.items()}
        choice = {"index": 0, "message": {"role": "assistant", **texts}, "finish_reason": self.finish}
        body = {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.ask.model,
            "choices": [choice],
            "usage": self._usage(),
        }
        return json.dumps(body, ensure_ascii=False).encode()

    def _usage(self) -> dict[str, Any]:
        """Tokens: a delta is one; of the prompt they are estimated."""
        letters = len(self.ask.instructions) + sum(len(turn.text) for turn in self.ask.turns)
        pictures = sum(len(turn.pictures) for turn in self.ask.turns)
        prompt = letters // LETTERS_PER_TOKEN + 1 + pictures * PICTURE_TOKENS
        return {
            "prompt_tokens": prompt,
            "completion_tokens": self.completion,
            "total_tokens": prompt + self.completion,
            "completion_tokens_details": {"reasoning_tokens": self.thoughts},
        }


def prepare(ask: Ask, reply: Reply, words: frozenset[str], rate: float) -> Answer:
    """An answer to send; `words` are those in force, `rate` is for messages that wish for none."""
    trouble = next((word for word in TROUBLES if word in words), "")
    return Answer(
        ask=ask,
        script=reply.script,
        think_styles=reply.wishes.think,
        trouble=trouble,
        finish=FINISHES.get(trouble, "stop"),
        rate=rate if reply.wishes.rate is None else reply.wishes.rate,
    )


async def send_stream(line: Line, answer: Answer, asked: Asked) -> None:
    """Send the events at their pace, and whatever trouble is asked for."""
    await line.begin_events()
    if answer.trouble == "rubbish":
        await _send_garbage_alone(line, answer, asked)
        return
    await line.send_chunk(answer.event({"role": "assistant", "content": ""}))
    pace = Pace(answer.rate)
    for place, delta in enumerate(answer.deltas()):
        await pace.wait()
        if answer.trouble == "garbage" and place % GARBAGE_EVERY == 0:
            await line.send_chunk(GARBAGE[place // GARBAGE_EVERY % len(GARBAGE)])
        await line.send_chunk(answer.event(delta))
        asked.deltas += 1
    if answer.trouble in ("stall", "cut", "eof"):
        await _break_off(line, answer.trouble, asked)
        return
    if answer.trouble == "midfail":
        await line.send_chunk(_data({"error": {"message": FAILURE, "type": "server_error", "code": 500}}))
    else:
        await line.send_chunk(answer.event({}, answer.finish))
        if answer.ask.wants_usage:
            await line.send_chunk(answer.usage_event())
    await line.send_chunk(b"data: [DONE]\n\n")
    await line.end_events()
    asked.end("broken" if answer.trouble == "midfail" else "answered")


async def _send_garbage_alone(line: Line, answer: Answer, asked: Asked) -> None:
    pace = Pace(answer.rate)
    for place in range(GARBAGE_ALONE):
        await pace.wait()
        await line.send_chunk(GARBAGE[place % len(GARBAGE)])
    await line.end_events()
    asked.end("broken")


async def _break_off(line: Line, trouble: str, asked: Asked) -> None:
    if trouble == "stall":
        await silence()
    if trouble == "eof":
        await line.end_events()
        asked.end("broken")
        return
    await asyncio.sleep(RESET_PAUSE_SECONDS)
    asked.end("broken")
    line.reset()


async def send_whole(line: Line, answer: Answer, asked: Asked) -> None:
    """Send the answer as one JSON object, or break in the middle of it."""
    body = answer.whole()
    if answer.rate:
        await asyncio.sleep(min(answer.completion / answer.rate, LONGEST_WHOLE_SECONDS))
    if answer.trouble == "midfail":
        raise RefusalError(500, FAILURE)
    if answer.trouble in ("garbage", "rubbish"):
        body = b"".join(GARBAGE)
    if answer.trouble not in ("stall", "cut", "eof"):
        await line.respond(200, "application/json", body)
        asked.deltas = answer.completion
        asked.end("answered" if answer.trouble not in ("garbage", "rubbish") else "broken")
        return
    await line.begin(200, "application/json", {"Content-Length": str(len(body))})
    await line.send(body[: len(body) // 2])
    if answer.trouble == "eof":
        asked.end("broken")
        line.close()
        return
    await _break_off(line, answer.trouble, asked)


async def silence() -> None:
    """Say nothing until the client hangs up, which cancels the answer."""
    await asyncio.Event().wait()


class Pace:
    """Lets deltas go at an even rate, measured from the first, so that small delays do not add up."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._due = time.monotonic() + self._interval
        self._run = 0

    async def wait(self) -> None:
        """Wait for the turn of the next delta."""
        if not self._interval:
            self._run += 1
            if self._run % FREE_RUN == 0:
                await asyncio.sleep(0)
            return
        late = time.monotonic() - self._due
        await asyncio.sleep(max(-late, 0))
        self._due += self._interval if late < LATEST_SECONDS else late + self._interval


def _data(event: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"
