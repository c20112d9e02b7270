"""What the demo was asked and what became of it: for tests, which must know when the upstream saw a stop.

All moments are seconds of `time.monotonic()`, comparable between the processes of one machine.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

SHOWN_OF_DATA_URL = 48  # characters
LOOK_AGAIN_SECONDS = 0.005


@dataclass
class Asked:
    """One request for an answer, as it was sent, and how far the answer came.

    outcome: `answering`; `answered`; `refused` (an HTTP error); `broken` (by the trouble that was asked for);
    `hung up` (by the client, at `hung_up_at`); `stopped` (by the end of the demo); `failed` (a mistake of
    ours). `deltas` counts those sent.
    """

    model: str
    messages: list[Any]
    parameters: dict[str, Any]
    thinking: bool
    streaming: bool
    authorization: str = ""
    at: float = field(default_factory=time.monotonic)
    deltas: int = 0
    outcome: str = "answering"
    ended_at: float | None = None
    hung_up_at: float | None = None

    def end(self, outcome: str) -> None:
        """Say what became of it; the first word counts."""
        if self.outcome == "answering":
            self.outcome = outcome
            self.ended_at = time.monotonic()


class Record:
    """The requests, oldest first (of the last `keep`), and the number of open connections."""

    def __init__(self, keep: int) -> None:
        self.asked: deque[Asked] = deque(maxlen=keep)
        self.open_connections = 0

    @property
    def hang_ups(self) -> list[float]:
        """The moments at which clients hung up on an answer."""
        return [asked.hung_up_at for asked in self.asked if asked.hung_up_at is not None]

    async def until(self, claim: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait for a claim about this record to come true; TimeoutError after so many seconds."""
        async with asyncio.timeout(seconds):
            while not claim():  # noqa: ASYNC110 - a claim may be about anything, so nobody can announce it
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def as_json(self) -> dict[str, Any]:
        """Everything, for /v1/_seen; pictures are shortened to the beginning of their data URLs."""
        return {
            "now": time.monotonic(),
            "open_connections": self.open_connections,
            "hang_ups": self.hang_ups,
            "asked": [_shortened(asdict(asked)) for asked in self.asked],
        }


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shortened(member) for member in value]
    if isinstance(value, str) and value.startswith("data:") and len(value) > SHOWN_OF_DATA_URL:
        return f"{value[:SHOWN_OF_DATA_URL]}… ({len(value)} characters)"
    return value
