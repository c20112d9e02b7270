"""The browsers that are connected to this process: what each may still be sent, and whether it may stay."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from chatapp.database import in_order
from chatapp.generation import hub

logger = logging.getLogger("parley.viewers")

# Daphne's send never waits, so this bounds what a browser that does not read can cost.
WINDOW_CHARACTERS = 1_000_000
# A browser that has acknowledged nothing for so long while frames are out is gone.
SILENT_SECONDS = 60
SOCKETS_PER_MEMBER = 100

# Close codes. Autobahn lets an application use 1000 and those from 3000 on.
BAD_MESSAGE = 4400
NOT_SIGNED_IN = 4401
NO_SUCH_CONVERSATION = 4404
STUCK = 4408
TOO_MANY = 4429

_CATCH_UP = '{"t":"again"}'

Send = Callable[[str], Awaitable[None]]
Close = Callable[[int], Awaitable[None]]


class Connection:
    """One socket's outbox. Frames beyond the window are left out; the browser is then told to ask again."""

    def __init__(self, user: User, session_key: str, send: Send, close: Close) -> None:
        self.user_id = user.pk
        # Changes with the password and with "sign out everywhere".
        self.session_hash = user.get_session_auth_hash()
        self.session_key = session_key
        self.topics: list[str] = []
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
        connections.add(self)
        per_member[self.user_id] += 1

    def watch(self, topic: str) -> None:
        self.topics.append(topic)
        hub.watch(topic, self)

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
        """Forget this socket; harmless when repeated."""
        if self in connections:
            connections.discard(self)
            per_member[self.user_id] -= 1
            if not per_member[self.user_id]:
                del per_member[self.user_id]
        for topic in self.topics:
            hub.leave(topic, self)
        self.topics.clear()
        self._outbox.clear()
        self._task.cancel()


connections: set[Connection] = set()
per_member: Counter[int] = Counter()


async def close_signed_out() -> None:
    """Close the sockets whose session or member is gone, and those that do not read."""
    for connection in [c for c in connections if c.stuck]:
        await connection.close(STUCK)
    # Those that open while we look are not judged: their sessions are not among the ones looked for.
    looked_at = list(connections)
    if not looked_at:
        return
    sessions, members = {c.session_key for c in looked_at}, {c.user_id for c in looked_at}
    alive, hashes = await in_order(_alive, sessions, members)
    for connection in looked_at:
        if connection.session_key not in alive or hashes.get(connection.user_id) != connection.session_hash:
            await connection.close(NOT_SIGNED_IN)


def _alive(sessions: set[str], members: set[int]) -> tuple[set[str], dict[int, str]]:
    """The sessions that still exist, and the active members' present session hashes."""
    found = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    active = User.objects.filter(pk__in=members, is_active=True)
    return set(found.values_list("pk", flat=True)), {user.pk: user.get_session_auth_hash() for user in active}
