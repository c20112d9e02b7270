"""One answer as numbered frames: what every viewer gets, and what a newcomer needs to catch up."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Any

from chatapp.conversations.fragments import thought_label
from chatapp.rendering.live import Live

# The end of a longer tail (a table of thousands of rows) would hold the event loop for up to two seconds.
LONG_TAIL_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live state of an answer after frame `n`. `closed` and `tail` are safe HTML, `reasoning` is plain text.

    `reasoning_seconds` is how long the thinking took, once it is over; `thinking_seconds` how long it goes on.
    """

    n: int
    closed: str
    tail: str
    reasoning: str
    reasoning_seconds: float | None
    thinking_seconds: int
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Why no word has come yet: so many answers have their turn before this one, about so many seconds from now."""

    ahead: int
    seconds: int


class Frames:
    """Turns arriving text into frames and keeps what they add up to. Belongs to one run."""

    def __init__(self, message_id: int, text: str = "", reasoning: str = "") -> None:
        self.message_id = message_id
        self.n = 0
        self.live = Live(text)
        self.live.flush()
        self.reasoning_parts = [reasoning] if reasoning else []
        self.reasoning_seconds: float | None = None
        self._thinking_since: float | None = None
        self._new_reasoning = ""
        self._answering = False
        self._cleared = False
        self._before_last: Snapshot | None = None
        self._wait: tuple[int, float] | None = None

    @property
    def reasoning(self) -> str:
        return "".join(self.reasoning_parts)

    def feed(self, reasoning: str, text: str, *, moved: bool = False) -> None:
        """Take what arrived; costs nothing that grows with the answer.

        `moved`: what came as text so far turned out to be reasoning (a lone closing tag).
        """
        if moved:
            reasoning = self.live.text + reasoning
            self.live = Live()
            self._cleared = True
        if reasoning:
            if self._thinking_since is None:
                self._thinking_since = time.monotonic()
            self.reasoning_parts.append(reasoning)
            self._new_reasoning += reasoning
        if text:
            self._answering = True
            self.live.feed(text)

    def take_reasoning_for_text(self) -> None:
        """Some servers send a plain answer as reasoning alone: it is the answer then."""
        self.live = Live(self.reasoning)
        self.reasoning_parts.clear()
        self._thinking_since = self.reasoning_seconds = None

    def wait(self, ahead: int, seconds: float) -> dict[str, Any]:
        """The frame that tells the place of this answer in its queue; nothing ahead and no seconds: its turn came."""
        self._wait = (ahead, time.monotonic() + seconds) if ahead or seconds else None
        self.n += 1
        return {"t": "live", "m": self.message_id, "n": self.n, "ops": [("wait", [ahead, math.ceil(seconds)])]}

    def frame(self, *, last: bool = False) -> dict[str, Any] | None:
        """What is new since the last frame, as the next one; None if a viewer would see no change."""
        ops: list[tuple[str, str]] = [("clear", "")] if self._cleared else []
        self._cleared = False
        if self._new_reasoning:
            ops.append(("think", self._new_reasoning))
            self._new_reasoning = ""
        thinking = self._thinking_since is not None and self.reasoning_seconds is None
        if thinking and (last or self._answering):
            self.reasoning_seconds = time.monotonic() - (self._thinking_since or 0)
            ops.append(("thought", thought_label(self.reasoning_seconds)))
        ops += self.live.finish() if last else self.live.flush()
        if not ops:
            return None
        self.n += 1
        return {"t": "live", "m": self.message_id, "n": self.n, "ops": ops}

    async def last_frame(self) -> dict[str, Any] | None:
        """The frame with the end of everything. Whoever comes while a long one is made gets the state before it."""
        if self.live.open_chars < LONG_TAIL_CHARACTERS:
            return self.frame(last=True)
        self._before_last = self.snapshot()
        try:
            return await asyncio.to_thread(self.frame, last=True)
        finally:
            self._before_last = None

    def snapshot(self) -> Snapshot:
        if self._before_last is not None:
            return self._before_last
        since = self._thinking_since
        return Snapshot(
            n=self.n,
            closed=self.live.closed,
            tail=self.live.tail(),
            reasoning=self.reasoning,
            reasoning_seconds=self.reasoning_seconds,
            thinking_seconds=0 if since is None else round(time.monotonic() - since),
            wait=self._waits(),
        )

    def _waits(self) -> Wait | None:
        if self._wait is None:
            return None
        ahead, until = self._wait
        return Wait(ahead, max(0, math.ceil(until - time.monotonic())))


def snapshot_frame(message_id: int, state: Snapshot) -> dict[str, Any]:
    label = "" if state.reasoning_seconds is None else thought_label(state.reasoning_seconds)
    return {
        "t": "snap",
        "m": message_id,
        "n": state.n,
        "closed": state.closed,
        "tail": state.tail,
        "reasoning": state.reasoning,
        "label": label,
        "thinking": state.thinking_seconds,
        "wait": [state.wait.ahead, state.wait.seconds] if state.wait else None,
    }
