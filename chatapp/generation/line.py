"""Who waits, in the order of their turns: round-robin between members, first come first served within one's own."""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, TypeVar


class Waiter(Protocol):
    @property
    def member_id(self) -> int: ...


W = TypeVar("W", bound=Waiter)


class Line(Generic[W]):
    """Each member's first waiter has a number, the next one the next number, and so on; the lowest number goes first.

    Who comes anew gets the number that goes now: in front of everybody's second, behind nobody's tenth. This is
    start-time fair queueing (Goyal, Vin and Cheng, 1996) where all turns cost the same.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, deque[W]] = {}
        # Of each member's first waiter or, for who has none left, of the one that may still come.
        self._numbers: dict[int, int] = {}
        self._now = 0
        # When each came: decides between equal numbers.
        self._came: dict[W, int] = {}
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._came)

    def add(self, waiter: W) -> None:
        member_id = waiter.member_id
        if member_id not in self._waiting:
            self._waiting[member_id] = deque()
            self._numbers[member_id] = max(self._now, self._numbers.get(member_id, 0))
        self._waiting[member_id].append(waiter)
        self._arrivals += 1
        self._came[waiter] = self._arrivals

    def first(self) -> W | None:
        heads = [queue[0] for queue in self._waiting.values()]
        return min(heads, key=lambda head: (self._numbers[head.member_id], self._came[head]), default=None)

    def serve(self, waiter: W) -> None:
        """Its turn has come; that of its member's next one is a round later."""
        self._now = self._numbers[waiter.member_id]
        self._numbers[waiter.member_id] += 1
        self.remove(waiter)

    def remove(self, waiter: W) -> None:
        """It gives up, if it still waits: its member's others move up, nobody else's turn changes."""
        if self._came.pop(waiter, None) is None:
            return
        queue = self._waiting[waiter.member_id]
        queue.remove(waiter)
        if not queue:
            del self._waiting[waiter.member_id]
        if not self._waiting:
            self._numbers.clear()
            self._now = 0

    def in_order(self) -> list[W]:
        """All, as they would go if nobody else came."""
        keyed = [
            (self._numbers[member_id] + later, self._came[waiter], waiter)
            for member_id, queue in self._waiting.items()
            for later, waiter in enumerate(queue)
        ]
        return [waiter for _, _, waiter in sorted(keyed, key=lambda one: one[:2])]
