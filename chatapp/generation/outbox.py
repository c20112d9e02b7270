"""What one socket may still be sent: a browser that does not read costs a bounded amount, and nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable

logger = logging.getLogger("parley.viewers")

# Daphne's send never waits, so this bounds what a browser that does not read can cost.
WINDOW_CHARACTERS = 1_000_000
# A browser that has acknowledged nothing for so long while frames are out is gone.
SILENT_SECONDS = 60
# The close code of a socket that cannot be sent to, or whose browser is gone.
STUCK = 4408

_CATCH_UP = '{"t":"again"}'

Send = Callable[[str], Awaitable[None]]
Close = Callable[[int], Awaitable[None]]


class Outbox:
    """Frames beyond the window are left out; the browser is then told to ask again."""

    def __init__(self, send: Send, close: Close) -> None:
        self._send = send
        self._close = close
        self._outbox: deque[str] = deque()
        self._ready = asyncio.Event()
        self._unacknowledged: deque[int] = deque()
        self._outstanding = 0
        self._acknowledged = 0
        self._heard = time.monotonic()
        self._behind = False
        self._held: list[str] | None = None
        self._task = asyncio.get_running_loop().create_task(self._pump())

    def push(self, frame: str) -> None:
        """Queue one frame, or note that this browser has fallen behind. Never waits."""
        if self._held is not None:
            self._held.append(frame)
        elif not self._behind:
            self._queue(frame)

    def hold(self) -> None:
        """Keep frames back while the page is brought up to date, or it would see a gap that is none."""
        self._held = self._held or []

    def release(self, first: list[str]) -> None:
        """Send these frames, then the ones held back; those that `first` already covers are numbered."""
        held, self._held = self._held or [], None
        for frame in (*first, *held):
            self.push(frame)

    def _queue(self, frame: str) -> None:
        if self._outstanding > WINDOW_CHARACTERS:
            self._behind = True
            return
        if not self._outstanding:
            self._heard = time.monotonic()
        self._outstanding += len(frame)
        self._unacknowledged.append(len(frame))
        self._outbox.append(frame)
        self._ready.set()

    def acknowledge(self, frames: int) -> None:
        """The browser has received so many frames on this socket. Raises ValueError for a number that cannot be."""
        new = frames - self._acknowledged
        if new < 0 or new > len(self._unacknowledged):
            raise ValueError("frames that were never sent")
        self._acknowledged = frames
        self._heard = time.monotonic()
        for _ in range(new):
            self._outstanding -= self._unacknowledged.popleft()
        if self._behind and self._outstanding < WINDOW_CHARACTERS // 4:
            self._behind = False
            self.push(_CATCH_UP)

    @property
    def stuck(self) -> bool:
        """It reads nothing: more is out than a live browser leaves unread for long."""
        return self._behind and time.monotonic() - self._heard > SILENT_SECONDS

    async def _pump(self) -> None:
        """A socket that cannot be sent to is closed, or it would stay open and deaf."""
        try:
            while True:
                await self._ready.wait()
                self._ready.clear()
                while self._outbox:
                    await self._send(self._outbox.popleft())
        except Exception:
            logger.exception("a frame could not be sent")
            await self._close(STUCK)

    async def close(self, code: int) -> None:
        self.leave()
        await self._close(code)

    def leave(self) -> None:
        """Send nothing more; harmless when repeated."""
        self._outbox.clear()
        self._task.cancel()
