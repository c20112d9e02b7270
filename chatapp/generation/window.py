"""What was used of a limit within the last minute."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

# A provider counts requests as they arrive, and one may be on its way for longer than the next: hence a second more.
WINDOW_SECONDS = 61.0


@dataclass(slots=True)
class Use:
    """So much was used at that moment."""

    at: float
    amount: int


class Window:
    """The uses of the last WINDOW_SECONDS and their sum. Moments are seconds of any one clock."""

    def __init__(self) -> None:
        self._uses: deque[Use] = deque()
        self._total = 0

    def copy(self) -> Window:
        """Another window with the same past."""
        twin = Window()
        twin._uses, twin._total = self._uses.copy(), self._total
        return twin

    def add(self, amount: int, now: float) -> Use:
        self._forget(now)
        use = Use(now, amount)
        self._uses.append(use)
        self._total += amount
        return use

    def correct(self, use: Use, amount: int, now: float) -> None:
        """It was this much; what is older than the window counts no more anyway."""
        self._forget(now)
        if now - use.at < WINDOW_SECONDS:
            self._total += amount - use.amount
            use.amount = amount

    def free_at(self, amount: int, limit: int | None, now: float) -> float:
        """When there is room for this much. More than the whole limit fits into an empty window, or it never would."""
        self._forget(now)
        over = 0 if limit is None else min(self._total + amount - limit, self._total)
        free = now
        for use in self._uses:
            if over <= 0:
                break
            if use.amount:
                # Not simply the last one's: a use may have been put off after the next one was added.
                free = max(free, use.at + WINDOW_SECONDS)
                over -= use.amount
        return free

    def _forget(self, now: float) -> None:
        while self._uses and now >= self._uses[0].at + WINDOW_SECONDS:
            self._total -= self._uses.popleft().amount
