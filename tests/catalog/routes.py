"""Routes to order, a clock that goes when told to, and a chooser that can be repeated."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatapp.catalog.health import FAILURES, OPEN_SECONDS, Health


@dataclass(frozen=True)
class Way:
    route_id: int
    priority: int = 1
    weight: int = 1


class Clock:
    def __init__(self) -> None:
        self.now = 5_000.0

    def __call__(self) -> float:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += seconds


def watched() -> tuple[Health, Clock]:
    clock = Clock()
    return Health(clock), clock


def seeded(seed: int = 7) -> Callable[[Sequence[int]], int]:
    chance = random.Random(seed)
    return lambda weights: chance.choices(range(len(weights)), weights)[0]


def ids(health: Health, *ways: Way) -> list[int]:
    """The order in which they would be asked."""
    return [way.route_id for way in health.order(ways, seeded())]


def open_circuit(health: Health, route_id: int) -> None:
    for _ in range(FAILURES):
        health.failed(route_id, "network")


def half_open(health: Health, clock: Clock, route_id: int) -> None:
    open_circuit(health, route_id)
    clock.go(OPEN_SECONDS)
