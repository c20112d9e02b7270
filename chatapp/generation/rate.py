"""A provider's rate as a budget that members share: each in turn, and never beyond what the provider allows.

Event loop only; the memory is this process's.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from types import TracebackType

from chatapp.generation.line import Line
from chatapp.generation.window import Use, Window

# A place is told at once, then at most so often, and only if it or its moment has changed by as much.
TELL_SECONDS = 1.0
# Told of who is next to go, but has to wait for a moment that nobody knows.
SOON_SECONDS = 0.1
# How long an answer is under way, before any was seen; and the weight of each that is. For forecasts alone.
UNDER_WAY_SECONDS = 20.0
UNDER_WAY_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Rates:
    """What a provider allows; None: no limit. `concurrent` counts the answers under way.

    `read_at`: the newest reading counts, as a plan may be older than an administrator's change.
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None
    read_at: float = field(default_factory=time.monotonic, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request stands: so many go first, its turn comes in about so many seconds. Both 0: it has come."""

    ahead: int
    seconds: float


Tell = Callable[[Place], None]


def place(
    provider_id: int, rates: Rates, member_id: int, tokens: int, tell: Tell | None = None, *, patient: bool = False
) -> Ticket:
    """To be used as `async with place(…) as ticket`, which waits for this member's turn. See Ticket.

    `tokens`: an estimate of the request. `tell` hears of the place where there is a wait, and of its end.
    `patient`: behind everybody, let through only when nobody waits.
    """
    budget = _budgets.get(provider_id)
    if budget is None:
        budget = _budgets[provider_id] = Budget(rates)
    budget.change(rates)
    return budget.place(member_id, tokens, tell, patient=patient)


def change(provider_id: int, rates: Rates) -> None:
    """An administrator has changed what the provider allows: that holds for those who wait, too."""
    if provider_id in _budgets:
        _budgets[provider_id].change(rates)


def rest(provider_id: int, seconds: float) -> None:
    """The provider said Retry-After: nobody is let through before that is over."""
    if provider_id not in _budgets:
        _budgets[provider_id] = Budget(Rates(read_at=-math.inf))
    _budgets[provider_id].rest(seconds)


def rests(provider_id: int) -> float:
    """Seconds until a provider that said Retry-After is asked again; 0 if it is now."""
    return _budgets[provider_id].rests() if provider_id in _budgets else 0.0


class Ticket:
    """One request's share of a budget: waited for on entering, its place among the concurrent given back on leaving.

    May be cancelled at any moment. What has entered stays counted: the provider may have seen it.
    """

    __slots__ = (
        "_budget",
        "_tell",
        "_told",
        "came",
        "entered_at",
        "member_id",
        "patient",
        "request",
        "spent",
        "tokens",
    )

    def __init__(self, budget: Budget, member_id: int, tokens: int, tell: Tell | None, patient: bool) -> None:
        self._budget, self._tell = budget, tell
        self._told: tuple[Place, float] | None = None
        self.member_id, self.tokens, self.patient = member_id, tokens, patient
        self.came: asyncio.Future[None] | None = None
        self.entered_at = 0.0
        self.request: Use
        self.spent: Use

    async def __aenter__(self) -> Ticket:
        if not self._budget.enter(self):
            await self._wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._budget.leave(self)

    def used(self, tokens: int) -> None:
        """So many tokens it was in the end, question and answer together. At most once."""
        self._budget.correct(self, tokens)

    def tell(self, place: Place, now: float) -> None:
        """Pass the place on, unless it is no news or comes too soon after the last."""
        if self._tell is None:
            return
        if self._told is not None:
            before, then = self._told
            # Its turn may be due, and not come: that is no news every second.
            moved = abs(now + place.seconds - max(now, then + before.seconds)) >= TELL_SECONDS
            if now - then < TELL_SECONDS or not (moved or place.ahead != before.ahead):
                return
        self._told = place, now
        self._tell(place)

    async def _wait(self) -> None:
        self.came = asyncio.get_running_loop().create_future()
        try:
            self._budget.queue(self)
            await self.came
            self._budget.start(self)
            if self._tell is not None and self._told is not None:
                self._tell(Place(0, 0.0))
        except BaseException:
            self._budget.withdraw(self)
            raise


class Budget:
    """What a provider allows, what of it is used, and who waits for it."""

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates, self._clock = rates, clock
        self._requests, self._tokens = Window(), Window()
        self._under_way: set[Ticket] = set()
        self._under_way_seconds = UNDER_WAY_SECONDS
        self._rests_until = -math.inf
        self._line: Line[Ticket] = Line()
        self._patient: Line[Ticket] = Line()
        self._timer: asyncio.TimerHandle | None = None
        self._tells_at = 0.0

    def place(self, member_id: int, tokens: int, tell: Tell | None = None, *, patient: bool = False) -> Ticket:
        return Ticket(self, member_id, tokens, tell, patient)

    def change(self, rates: Rates) -> None:
        """Follow these limits, unless what we follow was read later."""
        if rates.read_at < self._rates.read_at:
            return
        before, self._rates = self._rates, rates
        if before != rates:
            self._go_on()

    def rest(self, seconds: float) -> None:
        self._rests_until = max(self._rests_until, self._clock() + seconds)

    def rests(self) -> float:
        return max(0.0, self._rests_until - self._clock())

    def enter(self, ticket: Ticket) -> bool:
        """Let it through if there is room and nobody waits whom it would overtake."""
        now = self._clock()
        overtakes = len(self._line) or (ticket.patient and len(self._patient))
        if overtakes or self._ready_at(ticket, now) > now:
            return False
        self._count(ticket, now)
        return True

    def queue(self, ticket: Ticket) -> None:
        """Put it in its line, and tell it its place unless its turn comes at once."""
        now = self._clock()
        if not self._waiting():
            self._tells_at = now + TELL_SECONDS
        self._line_of(ticket).add(ticket)
        self._go_on()
        for told, its_place in self._forecast(now):
            if told is ticket:
                ticket.tell(its_place, now)
                break

    def start(self, ticket: Ticket) -> None:
        """Its task goes on now, which may be later than its turn came: the loop was busy."""
        ticket.entered_at = ticket.request.at = ticket.spent.at = self._clock()

    def leave(self, ticket: Ticket) -> None:
        """Give back its place among the concurrent."""
        lasted = self._clock() - ticket.entered_at
        self._under_way.remove(ticket)
        self._under_way_seconds += UNDER_WAY_WEIGHT * (lasted - self._under_way_seconds)
        self._go_on()

    def withdraw(self, ticket: Ticket) -> None:
        """It gives up waiting. If its turn has come already it gives that back: nothing was asked."""
        self._line_of(ticket).remove(ticket)
        if ticket.came is not None and ticket.came.done() and not ticket.came.cancelled():
            now = self._clock()
            self._requests.correct(ticket.request, 0, now)
            self._tokens.correct(ticket.spent, 0, now)
            self._under_way.remove(ticket)
        self._go_on()

    def correct(self, ticket: Ticket, tokens: int) -> None:
        now = self._clock()
        if tokens > ticket.tokens:
            # They came with the answer, so they are newer than its question.
            self._tokens.add(tokens - ticket.tokens, now)
        else:
            self._tokens.correct(ticket.spent, tokens, now)
            self._go_on()

    def _line_of(self, ticket: Ticket) -> Line[Ticket]:
        return self._patient if ticket.patient else self._line

    def _waiting(self) -> int:
        return len(self._line) + len(self._patient)

    def _count(self, ticket: Ticket, now: float) -> None:
        ticket.entered_at = now
        ticket.request = self._requests.add(1, now)
        ticket.spent = self._tokens.add(ticket.tokens, now)
        self._under_way.add(ticket)

    def _ready_at(self, ticket: Ticket, now: float) -> float:
        """When the limits let it through; infinity while as many are under way as may be."""
        rates = self._rates
        # A limit of none at all lets one through: a queue that never moves helps nobody.
        if rates.concurrent is not None and len(self._under_way) >= max(1, rates.concurrent):
            return math.inf
        return max(
            self._rests_until,
            self._requests.free_at(1, rates.requests_per_minute, now),
            self._tokens.free_at(ticket.tokens, rates.tokens_per_minute, now),
        )

    def _go_on(self) -> None:
        """Let through whose turn it is, and look again when the next one's comes or places are to be told."""
        if not self._waiting():
            return
        now = self._clock()
        ready_at = now
        while (ticket := self._line.first() or self._patient.first()) is not None:
            line, came = self._line_of(ticket), ticket.came
            if came is None or came.done():
                # Cancelled, but its task has not run since.
                line.remove(ticket)
                continue
            ready_at = self._ready_at(ticket, now)
            if ready_at > now:
                break
            line.serve(ticket)
            self._count(ticket, now)
            came.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting():
            seconds = max(0.0, min(ready_at, self._tells_at) - now)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._look_again)

    def _look_again(self) -> None:
        now = self._clock()
        tells = now >= self._tells_at
        if tells:
            self._tells_at = now + TELL_SECONDS
        self._go_on()
        if tells:
            for ticket, its_place in self._forecast(now):
                ticket.tell(its_place, now)

    def _forecast(self, now: float) -> Iterator[tuple[Ticket, Place]]:
        """Everybody who waits with their place, as it will be if all goes on as it did."""
        rates, at = self._rates, max(now, self._rests_until)
        requests, tokens = self._requests.copy(), self._tokens.copy()
        ends = [max(now, ticket.entered_at + self._under_way_seconds) for ticket in self._under_way]
        heapify(ends)
        for ahead, ticket in enumerate([*self._line.in_order(), *self._patient.in_order()]):
            while rates.concurrent and len(ends) >= rates.concurrent:
                at = max(at, heappop(ends))
            at = max(at, requests.free_at(1, rates.requests_per_minute, at))
            at = max(at, tokens.free_at(ticket.tokens, rates.tokens_per_minute, at))
            heappush(ends, at + self._under_way_seconds)
            requests.add(1, at)
            tokens.add(ticket.tokens, at)
            yield ticket, Place(ahead, max(SOON_SECONDS, at - now))


_budgets: dict[int, Budget] = {}
