"""Members who ask a budget for turns, on a loop that hurries; what happened to each is written down."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from chatapp.generation.rate import Budget, Place, Rates
from tests.generation.hurry import now


@dataclass(eq=False)
class Asked:
    """One request: who asks when for how much, how long it is under way, and after how long it is cancelled."""

    member: int
    at: float = 0.0
    tokens: int = 10
    holds: float = 1.0
    gives_up: float | None = None
    patient: bool = False
    # What happened.
    number: int = -1
    asked_at: float = math.nan
    came_at: float | None = None
    ended_at: float | None = None
    told: list[tuple[float, Place]] = field(default_factory=list)

    @property
    def waited(self) -> float:
        assert self.came_at is not None
        return self.came_at - self.asked_at


class Desk:
    """A budget, everything that was asked of it, and the limits as they were set."""

    def __init__(self, rates: Rates) -> None:
        self.budget = Budget(rates, clock=asyncio.get_running_loop().time)
        self.limits = [(-math.inf, rates)]
        self.rests: list[tuple[float, float]] = []
        self.began = now()
        self._numbers = count()

    async def serve(self, asked: Sequence[Asked]) -> None:
        """Until all have had their turn or given up."""
        await asyncio.gather(*(self.one(one) for one in asked))

    async def one(self, asked: Asked) -> None:
        await asyncio.sleep(self.began + asked.at - now())
        task = asyncio.create_task(self._ask(asked))
        if asked.gives_up is not None:
            asyncio.get_running_loop().call_later(asked.gives_up, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _ask(self, asked: Asked) -> None:
        asked.number, asked.asked_at = next(self._numbers), now()

        def tell(place: Place) -> None:
            asked.told.append((now(), place))

        try:
            async with self.budget.place(asked.member, asked.tokens, tell, patient=asked.patient):
                asked.came_at = now()
                await asyncio.sleep(asked.holds)
        finally:
            asked.ended_at = now()

    def change(self, rates: Rates) -> None:
        self.budget.change(rates)
        self.limits.append((now(), rates))

    def rest(self, seconds: float) -> None:
        self.budget.rest(seconds)
        self.rests.append((now(), seconds))

    def limits_at(self, moment: float) -> list[Rates]:
        """Those in force; several where they were changed at that very moment."""
        last = max(at for at, _ in self.limits if at < moment)
        return [rates for at, rates in self.limits if last <= at <= moment]
