"""The lowest priority number goes first; within it routes share as their weights say."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.catalog.health import weighted
from tests.catalog.routes import Way, half_open, ids, open_circuit, seeded, watched

TIMES = 4000


def firsts(*ways: Way, place: int = 0) -> dict[int, float]:
    """How large a share of many orders each route has at this place."""
    health, _ = watched()
    pick = seeded()
    counted = Counter(health.order(ways, pick)[place].route_id for _ in range(TIMES))
    return {route_id: count / TIMES for route_id, count in counted.items()}


def test_a_lower_number_always_goes_before_a_higher_one_whatever_it_weighs() -> None:
    ways = [Way(1, priority=2, weight=1000), Way(2, priority=1, weight=1), Way(3, priority=5, weight=10)]
    health, _ = watched()
    assert {tuple(ids(health, *ways)) for _ in range(100)} == {(2, 1, 3)}


def test_weights_share_what_comes_first() -> None:
    shares = firsts(Way(1, weight=6), Way(2, weight=3), Way(3, weight=1))
    assert shares == pytest.approx({1: 0.6, 2: 0.3, 3: 0.1}, abs=0.02)


def test_who_comes_second_is_drawn_from_the_rest_in_the_same_way() -> None:
    shares = firsts(Way(1, weight=8), Way(2, weight=1), Way(3, weight=1), place=1)
    # The heavy one where a light one was first: 2 × 0.1 × 8/9.
    assert shares[1] == pytest.approx(0.178, abs=0.02)
    assert shares[2] == pytest.approx(shares[3], abs=0.03)


def test_a_weight_of_nothing_counts_as_the_least_there_is() -> None:
    assert firsts(Way(1, weight=0), Way(2, weight=1)) == pytest.approx({1: 0.5, 2: 0.5}, abs=0.03)


def test_those_that_are_left_share_what_an_open_one_had() -> None:
    health, _ = watched()
    ways = [Way(1, weight=8), Way(2, weight=3), Way(3, weight=1)]
    open_circuit(health, 1)
    pick = seeded()
    orders = [[way.route_id for way in health.order(ways, pick)] for _ in range(TIMES)]
    assert {order[2] for order in orders} == {1}
    assert sum(order[0] == 2 for order in orders) / TIMES == pytest.approx(0.75, abs=0.02)


def test_a_trial_goes_before_those_it_shares_with() -> None:
    health, clock = watched()
    half_open(health, clock, 1)
    assert ids(health, Way(2, weight=1000), Way(1, weight=1), Way(3, priority=0))[:2] == [3, 1]


def test_the_chooser_of_the_product_follows_the_weights() -> None:
    random.seed(3)
    counted = Counter(weighted([5, 0, 15]) for _ in range(TIMES))
    assert counted[1] == 0
    assert counted[2] / TIMES == pytest.approx(0.75, abs=0.03)


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 20)), max_size=8), st.integers(0, 1000))
def test_an_order_has_everybody_once_by_number(kinds: list[tuple[int, int]], seed: int) -> None:
    health, _ = watched()
    ways = [Way(at, priority, weight) for at, (priority, weight) in enumerate(kinds)]
    order = health.order(ways, seeded(seed))
    assert sorted(way.route_id for way in order) == list(range(len(ways)))
    assert [way.priority for way in order] == sorted(way.priority for way in order)
