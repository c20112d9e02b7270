"""Which routes answer, as this process has seen it in the last hour. Event loop only; nothing is kept on disk."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol, TypeVar

# So many failures in a row open the circuit, for so long; then one answer at a time tries whether the route is back.
FAILURES = 2
OPEN_SECONDS = 60.0
# An answer may be stopped before it has tried: then the next one may try after so long.
PROBE_SECONDS = 30.0
# What is older is not told, and a route without any news since then is forgotten, as one that is gone will be.
HOUR = 3600.0
SWEEP_SECONDS = 60.0
# First words that are remembered of one route, and how many of them are drawn.
FIRST_WORDS = 200
LINE_POINTS = 24


class Candidate(Protocol):
    """A route that may be asked. The lowest priority number goes first; weights share within a priority."""

    @property
    def route_id(self) -> int: ...
    @property
    def priority(self) -> int: ...
    @property
    def weight(self) -> int: ...


C = TypeVar("C", bound=Candidate)


@dataclass(frozen=True, slots=True)
class State:
    """A route's last hour. `circuit` is closed, open or half-open; `line` has first-word seconds, oldest first."""

    circuit: str
    answers: int
    failures: int
    first_word_seconds: float | None
    last_error: str
    line: list[float]


@dataclass(slots=True)
class _Minute:
    """How many answers and failures there were from this moment on."""

    began: float
    answers: int = 0
    failures: int = 0


class _Record:
    """What is remembered of one route."""

    def __init__(self, now: float) -> None:
        self.opened_at: float | None = None
        self.probed_at: float | None = None
        self.failures_in_row = 0
        self.last_error = ""
        self.last_failed_at = self.last_news_at = now
        self.first_words: deque[tuple[float, float]] = deque(maxlen=FIRST_WORDS)
        self._minutes: deque[_Minute] = deque(maxlen=int(HOUR / 60))

    def minute(self, now: float) -> _Minute:
        if not self._minutes or now - self._minutes[-1].began >= 60:
            self._minutes.append(_Minute(now))
        return self._minutes[-1]

    def counted(self, now: float) -> tuple[int, int]:
        """Answers and failures of the last hour."""
        recent = [minute for minute in self._minutes if now - minute.began < HOUR]
        return sum(minute.answers for minute in recent), sum(minute.failures for minute in recent)

    def circuit(self, now: float) -> str:
        if self.opened_at is None:
            return "closed"
        return "open" if now - self.opened_at < OPEN_SECONDS else "half-open"

    def may_be_probed(self, now: float) -> bool:
        return self.circuit(now) == "half-open" and (self.probed_at is None or now - self.probed_at >= PROBE_SECONDS)


def weighted(weights: Sequence[int]) -> int:
    """One index at random, as often as its weight says."""
    return random.choices(range(len(weights)), weights)[0]  # noqa: S311 - spreads load, guards nothing


class Health:
    """The circuits and figures of all routes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._records: dict[int, _Record] = {}
        self._swept_at = clock()

    def order(self, candidates: Sequence[C], pick: Callable[[Sequence[int]], int] = weighted) -> list[C]:
        """All candidates, the one to ask first in front. `pick` chooses an index by the weights.

        Closed circuits by priority, then at random by weight; those that are not, last. One half-open circuit
        is probed: it stands in front of its priority in this list, and in no other until it has been heard of.
        """
        now = self._clock()
        probed = self._probe(candidates, now)
        ranked: dict[tuple[bool, int, bool], list[C]] = {}
        for one in candidates:
            healthy = one is probed or self._circuit(one, now) == "closed"
            ranked.setdefault((not healthy, one.priority, one is not probed), []).append(one)
        return [one for rank in sorted(ranked) for one in _drawn(ranked[rank], pick)]

    def succeeded(self, route_id: int, first_word_seconds: float) -> None:
        """Its first word has come after so many seconds: the circuit closes."""
        now = self._clock()
        record = self._heard_of(route_id, now)
        record.opened_at = record.probed_at = None
        record.failures_in_row = 0
        record.minute(now).answers += 1
        record.first_words.append((now, first_word_seconds))

    def failed(self, route_id: int, code: str) -> None:
        """It gave no answer, for a reason that lies with the route; `code` is one of chatapp.upstream.errors."""
        now = self._clock()
        record = self._heard_of(route_id, now)
        record.minute(now).failures += 1
        record.failures_in_row += 1
        record.last_error, record.last_failed_at = code, now
        circuit = record.circuit(now)
        # Failures of answers that were under way when it opened do not keep it open for longer.
        if circuit == "half-open" or (circuit == "closed" and record.failures_in_row >= FAILURES):
            record.opened_at, record.probed_at = now, None

    def state(self, route_id: int) -> State:
        """What is known of a route; of one that was never asked, nothing, and its circuit is closed."""
        now = self._clock()
        record = self._records.get(route_id) or _Record(now)
        answers, failures = record.counted(now)
        line = [seconds for at, seconds in record.first_words if now - at < HOUR]
        circuit = record.circuit(now)
        told = circuit != "closed" or now - record.last_failed_at < HOUR
        return State(
            circuit=circuit,
            answers=answers,
            failures=failures,
            first_word_seconds=median(line) if line else None,
            last_error=record.last_error if told else "",
            line=line[-LINE_POINTS:],
        )

    def _probe(self, candidates: Sequence[C], now: float) -> C | None:
        """The one to try whether it is back. Never two in one list: a member would wait for both."""
        waiting = [one for one in candidates if self._may_be_probed(one, now)]
        if not waiting:
            return None
        chosen = min(waiting, key=lambda one: one.priority)
        self._records[chosen.route_id].probed_at = now
        return chosen

    def _circuit(self, candidate: Candidate, now: float) -> str:
        record = self._records.get(candidate.route_id)
        return record.circuit(now) if record else "closed"

    def _may_be_probed(self, candidate: Candidate, now: float) -> bool:
        record = self._records.get(candidate.route_id)
        return record is not None and record.may_be_probed(now)

    def _heard_of(self, route_id: int, now: float) -> _Record:
        if now - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = now
            self._records = {pk: one for pk, one in self._records.items() if now - one.last_news_at < HOUR}
        record = self._records.setdefault(route_id, _Record(now))
        record.last_news_at = now
        return record


def _drawn(candidates: list[C], pick: Callable[[Sequence[int]], int]) -> list[C]:
    """These in an order drawn by their weights; without drawing where there is no choice."""
    left, drawn = list(candidates), []
    while len(left) > 1:
        drawn.append(left.pop(pick([max(1, one.weight) for one in left])))
    return drawn + left


health = Health()
