"""A route that fails is left alone for a while; then one answer at a time tries whether it is back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.catalog.health import FAILURES, OPEN_SECONDS, PROBE_SECONDS
from tests.catalog.routes import Way, half_open, ids, open_circuit, watched

ONE, TWO, THREE = Way(1), Way(2, priority=2), Way(3, priority=3)


def test_a_route_that_nobody_asked_yet_is_closed() -> None:
    health, _ = watched()
    assert health.state(1).circuit == "closed"
    assert ids(health, TWO, ONE) == [1, 2]


def test_two_failures_in_a_row_open_it_and_one_does_not() -> None:
    health, _ = watched()
    health.failed(1, "network")
    assert health.state(1).circuit == "closed"
    health.failed(1, "network")
    assert health.state(1).circuit == "open"
    assert ids(health, ONE, TWO) == [2, 1]


def test_a_success_between_failures_starts_the_count_anew() -> None:
    health, _ = watched()
    for _ in range(10):
        health.failed(1, "network")
        health.succeeded(1, 0.5)
    assert health.state(1).circuit == "closed"


def test_a_route_is_judged_by_its_own_failures_alone() -> None:
    health, _ = watched()
    open_circuit(health, 1)
    assert [health.state(each).circuit for each in (1, 2)] == ["open", "closed"]


def test_it_is_open_for_its_time_and_then_one_answer_tries() -> None:
    health, clock = watched()
    open_circuit(health, 1)
    clock.go(OPEN_SECONDS - 0.1)
    assert ids(health, ONE, TWO) == [2, 1]
    clock.go(0.1)
    assert health.state(1).circuit == "half-open"
    assert [ids(health, ONE, TWO) for _ in range(3)] == [[1, 2], [2, 1], [2, 1]]


def test_a_trial_that_nobody_heard_of_again_is_followed_by_another() -> None:
    health, clock = watched()
    half_open(health, clock, 1)
    assert ids(health, ONE, TWO) == [1, 2]
    clock.go(PROBE_SECONDS - 0.1)
    assert ids(health, ONE, TWO) == [2, 1]
    clock.go(0.1)
    assert [ids(health, ONE, TWO) for _ in range(2)] == [[1, 2], [2, 1]]


def test_a_trial_that_succeeds_closes_it() -> None:
    health, clock = watched()
    half_open(health, clock, 1)
    assert ids(health, ONE, TWO) == [1, 2]
    health.succeeded(1, 0.3)
    assert health.state(1).circuit == "closed"
    assert [ids(health, ONE, TWO) for _ in range(3)] == [[1, 2]] * 3


def test_a_trial_that_fails_opens_it_for_as_long_again() -> None:
    health, clock = watched()
    half_open(health, clock, 1)
    assert ids(health, ONE, TWO) == [1, 2]
    health.failed(1, "network")
    assert health.state(1).circuit == "open"
    clock.go(OPEN_SECONDS - 0.1)
    assert ids(health, ONE, TWO) == [2, 1]
    clock.go(0.1)
    assert ids(health, ONE, TWO) == [1, 2]


def test_failures_of_answers_that_were_under_way_do_not_keep_it_open() -> None:
    health, clock = watched()
    open_circuit(health, 1)
    clock.go(OPEN_SECONDS / 2)
    health.failed(1, "timed-out")
    assert health.state(1).circuit == "open"
    clock.go(OPEN_SECONDS / 2)
    assert health.state(1).circuit == "half-open"


def test_once_it_is_closed_it_takes_as_many_failures_as_before_to_open_it() -> None:
    health, clock = watched()
    half_open(health, clock, 1)
    health.succeeded(1, 0.3)
    for _ in range(FAILURES - 1):
        health.failed(1, "network")
    assert health.state(1).circuit == "closed"


def test_no_list_has_two_trials_and_the_next_list_has_the_other_one() -> None:
    health, clock = watched()
    open_circuit(health, 2)
    half_open(health, clock, 1)
    assert ids(health, ONE, TWO, THREE) == [1, 3, 2]
    # The standby is tried in its own place: nobody who could be answered at once waits for it.
    assert ids(health, ONE, TWO, THREE) == [2, 3, 1]
    assert ids(health, ONE, TWO, THREE) == [3, 1, 2]


def test_where_no_circuit_is_closed_all_are_still_asked() -> None:
    health, _ = watched()
    for route_id in (1, 2, 3):
        open_circuit(health, route_id)
    assert ids(health, THREE, ONE, TWO) == [1, 2, 3]


def test_an_only_route_is_asked_whatever_its_circuit() -> None:
    health, _ = watched()
    open_circuit(health, 1)
    assert ids(health, ONE) == [1]


@pytest.mark.parametrize("ways", [[], [ONE], [ONE, TWO, THREE]])
def test_nobody_is_left_out_or_asked_twice(ways: list[Way]) -> None:
    health, _ = watched()
    assert sorted(ids(health, *ways)) == [way.route_id for way in ways]


events = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "failed", "succeeded", "wait"]),
        st.integers(0, 4),
        st.sampled_from([0.1, 10.0, PROBE_SECONDS, OPEN_SECONDS]),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.integers(1, 3), min_size=5, max_size=5), events)
def test_whatever_happens_the_order_keeps_its_rules(
    priorities: list[int], happened: list[tuple[str, int, float]]
) -> None:
    health, clock = watched()
    ways = [Way(at, priority) for at, priority in enumerate(priorities)]
    tried_at: dict[int, float] = {}
    for what, route_id, seconds in happened:
        match what:
            case "wait":
                clock.go(seconds)
            case "failed":
                health.failed(route_id, "network")
                tried_at.pop(route_id, None)
            case "succeeded":
                health.succeeded(route_id, seconds)
                tried_at.pop(route_id, None)
            case "ask":
                states = {way.route_id: health.state(way.route_id).circuit for way in ways}
                order = ids(health, *ways)
                assert sorted(order) == list(range(5))
                closed = [each for each in order if states[each] == "closed"]
                # All that are closed stand in front in the order of their numbers, one trial at most among them.
                front = order[: order.index(closed[-1]) + 1] if closed else []
                trial = [each for each in front if states[each] != "closed"]
                assert [priorities[each] for each in front] == sorted(priorities[each] for each in front)
                assert len(trial) <= 1
                for each in trial:
                    assert states[each] == "half-open"
                    assert clock.now - tried_at.get(each, -PROBE_SECONDS) >= PROBE_SECONDS
                    tried_at[each] = clock.now
