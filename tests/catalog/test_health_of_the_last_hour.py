"""What the administration is told of a route is of its last hour, and no more than that is kept."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from chatapp.catalog.health import HOUR, LINE_POINTS
from tests.catalog.routes import Way, ids, open_circuit, watched

MINUTE = 60.0


def test_nothing_is_told_of_what_was_never_asked() -> None:
    health, _ = watched()
    state = health.state(1)
    assert (state.circuit, state.answers, state.failures) == ("closed", 0, 0)
    assert (state.first_word_seconds, state.last_error, state.line) == (None, "", [])


def test_answers_failures_and_the_last_error_are_counted() -> None:
    health, clock = watched()
    for _ in range(3):
        health.succeeded(1, 0.2)
        clock.go(MINUTE)
    health.failed(1, "network")
    health.succeeded(1, 0.2)
    health.failed(1, "timed-out")
    state = health.state(1)
    assert (state.answers, state.failures, state.last_error) == (4, 2, "timed-out")


def test_the_middle_first_word_and_the_newest_of_them_are_told() -> None:
    health, _ = watched()
    for seconds in range(1, LINE_POINTS + 10):
        health.succeeded(1, float(seconds))
    state = health.state(1)
    assert state.line == [float(seconds) for seconds in range(10, LINE_POINTS + 10)]
    assert state.first_word_seconds == pytest.approx((LINE_POINTS + 10) / 2)


def test_what_is_older_than_an_hour_is_not_told() -> None:
    health, clock = watched()
    health.succeeded(1, 9.0)
    health.failed(1, "network")
    clock.go(HOUR / 2)
    health.succeeded(1, 1.0)
    assert (health.state(1).answers, health.state(1).failures) == (2, 1)
    clock.go(HOUR / 2)
    state = health.state(1)
    assert (state.answers, state.failures, state.last_error) == (1, 0, "")
    assert (state.first_word_seconds, state.line) == (1.0, [1.0])


def test_what_happens_in_each_minute_of_a_long_day_adds_up_to_an_hour() -> None:
    health, clock = watched()
    for _ in range(24 * 60 * 4):
        health.succeeded(1, 0.1)
        clock.go(MINUTE / 4)
    assert health.state(1).answers == pytest.approx(60 * 4, abs=4)


def test_the_reason_of_an_open_circuit_is_told_however_old() -> None:
    health, clock = watched()
    open_circuit(health, 1)
    clock.go(2 * HOUR)
    assert (health.state(1).circuit, health.state(1).last_error) == ("half-open", "network")


def test_a_route_without_news_for_an_hour_is_forgotten() -> None:
    health, clock = watched()
    open_circuit(health, 1)
    clock.go(HOUR)
    health.succeeded(2, 0.1)
    assert health.state(1).circuit == "closed"
    assert ids(health, Way(1), Way(2, priority=2)) == [1, 2]


def records() -> int:
    gc.collect()
    return sum(type(each).__name__ == "_Record" for each in gc.get_objects())


def test_routes_that_come_and_go_leave_nothing_behind() -> None:
    health, clock = watched()
    before = records()
    most = 0
    for route_id in range(3000):
        health.failed(route_id, "network")
        health.succeeded(route_id, 0.1)
        clock.go(MINUTE / 2)
        if route_id % 300 == 0:
            most = max(most, records() - before)
    # Two come each minute, and each stays for an hour after its last news.
    assert most <= 125
    clock.go(HOUR)
    health.succeeded(1, 0.1)
    assert records() - before == 1


def test_a_route_that_is_always_asked_takes_no_more_memory_after_a_day() -> None:
    health, clock = watched()

    def load(hours: int) -> int:
        for _ in range(hours * int(HOUR / 10)):
            health.succeeded(1, 0.1)
            clock.go(10.0)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = load(hours=2)
        assert load(hours=24) - before < 4_000
    finally:
        tracemalloc.stop()
