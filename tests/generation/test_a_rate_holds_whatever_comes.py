"""Whoever asks, gives up, and whatever is changed meanwhile: the limits hold, nobody is lost, everybody gets a turn."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.generation.rate import Budget, Rates
from chatapp.generation.window import WINDOW_SECONDS
from tests.generation.desk import Asked, Desk
from tests.generation.hurry import hurried, now

many = settings(max_examples=200, deadline=None, database=None)

# Moments on a coarse grid meet often, and that is where the trouble is.
# In milliseconds: two moments that differ by less are one to the clock.
seconds = st.one_of(st.integers(0, 90).map(float), st.integers(0, 90_000).map(lambda at: at / 1000))
limits = st.builds(
    Rates,
    requests_per_minute=st.none() | st.integers(1, 12),
    tokens_per_minute=st.none() | st.integers(1, 200),
    concurrent=st.none() | st.integers(1, 5),
    read_at=st.just(0.0),
)
requests = st.lists(
    st.builds(
        Asked,
        member=st.integers(1, 5),
        at=seconds,
        tokens=st.integers(0, 120),
        holds=st.sampled_from([0.0, 0.5, 7.0, 70.0]),
        gives_up=st.none() | st.none() | st.sampled_from([0.0, 0.5, 3.0, 40.0]) | st.floats(0, 100),
        patient=st.sampled_from([False, False, False, True]),
    ),
    max_size=40,
)


@dataclass(frozen=True)
class Meanwhile:
    """What else happens: new limits, and rests that the provider asks for."""

    changes: Sequence[tuple[float, Rates]] = ()
    rests: Sequence[tuple[float, float]] = ()


meanwhile = st.builds(
    Meanwhile,
    changes=st.lists(st.tuples(seconds, limits), max_size=3),
    rests=st.lists(st.tuples(seconds, st.floats(0.5, 60)), max_size=2),
)


def played(rates: Rates, asked: Sequence[Asked], events: Meanwhile) -> Desk:
    """All that, to its end; then a last request that shows whether the budget is whole."""

    async def work() -> Desk:
        desk = Desk(rates)
        loop = asyncio.get_running_loop()
        for at, changed in events.changes:
            loop.call_later(at, desk.change, replace(changed, read_at=at))
        for at, rest in events.rests:
            loop.call_later(at, desk.rest, rest)
        await desk.serve(asked)
        await asyncio.sleep(200)
        await assert_whole(desk.budget, desk.limits[-1][1])
        return desk

    return hurried(work())


async def assert_whole(budget: Budget, rates: Rates) -> None:
    """After a quiet minute the whole of every limit is there again, and not more."""
    burst = min(rates.requests_per_minute or 30, rates.concurrent or 30, (rates.tokens_per_minute or 30))
    began = now()
    tickets = [budget.place(7, 1) for _ in range(burst)]
    for ticket in tickets:
        await ticket.__aenter__()
    assert now() == began
    if burst < 30:
        waiting = asyncio.create_task(budget.place(7, 1).__aenter__())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        waiting.cancel()
    for ticket in tickets:
        await ticket.__aexit__(None, None, None)


def came(asked: Sequence[Asked]) -> list[Asked]:
    return sorted((one for one in asked if one.came_at is not None), key=lambda one: one.came_at or 0)


@many
@given(limits, requests, meanwhile)
def test_no_limit_is_passed_in_any_minute(rates: Rates, asked: list[Asked], events: Meanwhile) -> None:
    desk = played(rates, asked, events)
    for one in came(asked):
        at = one.came_at or 0
        minute = [other for other in came(asked) if at - 60 < (other.came_at or 0) <= at]
        allowed = desk.limits_at(at)
        assert any(len(minute) <= (limit.requests_per_minute or 10**9) for limit in allowed)
        tokens = sum(other.tokens for other in minute)
        # One that is larger than the whole limit goes alone; what takes no tokens at all may go with it.
        alone = sum(other.tokens > 0 for other in minute) <= 1
        assert alone or any(tokens <= (limit.tokens_per_minute or 10**9) for limit in allowed)


@many
@given(limits, requests, meanwhile)
def test_never_are_more_under_way_than_may_be(rates: Rates, asked: list[Asked], events: Meanwhile) -> None:
    desk = played(rates, asked, events)
    for one in came(asked):
        at = one.came_at or 0
        # Who starts and ends at one moment makes room for the next at that moment.
        under_way = [other for other in came(asked) if (other.came_at or 0) <= at < (other.ended_at or 0)]
        assert any(len(under_way) <= (limit.concurrent or 10**9) for limit in desk.limits_at(at))


@many
@given(limits, requests, meanwhile)
def test_nobody_is_lost_and_nobody_starts_during_a_rest(rates: Rates, asked: list[Asked], events: Meanwhile) -> None:
    desk = played(rates, asked, events)
    assert all(one.ended_at is not None for one in asked)
    assert all(one.came_at is not None for one in asked if one.gives_up is None)
    for began, rest in desk.rests:
        assert not [one for one in asked if one.came_at and began < one.came_at < began + rest]


@many
@given(limits, requests, meanwhile)
def test_what_one_member_asks_stays_in_order(rates: Rates, asked: list[Asked], events: Meanwhile) -> None:
    played(rates, asked, events)
    for member, patient in {(one.member, one.patient) for one in asked}:
        own = [one for one in came(asked) if (one.member, one.patient) == (member, patient)]
        for sooner, later in zip(own, own[1:], strict=False):
            assert sooner.number < later.number or sooner.came_at == later.came_at


@many
@given(limits, requests, meanwhile)
def test_nobody_passes_a_waiting_member_twice(rates: Rates, asked: list[Asked], events: Meanwhile) -> None:
    """That is: once in this round, and once more who had a number of the next one already."""
    played(rates, asked, events)
    for one in came(asked):
        if one.patient or has_others_waiting(one, asked):
            continue
        passed = Counter(
            other.member
            for other in came(asked)
            if not other.patient and one.asked_at < (other.came_at or 0) < (one.came_at or 0)
        )
        del passed[one.member]
        assert max(passed.values(), default=0) <= 2


def has_others_waiting(one: Asked, asked: Sequence[Asked]) -> bool:
    """Whether its member waits with an earlier request when this one comes."""
    return any(
        other.member == one.member
        and not other.patient
        and other.number < one.number
        and (other.ended_at if other.came_at is None else other.came_at or 0) >= one.asked_at  # type: ignore[operator]
        for other in asked
    )


@many
@given(limits, requests, meanwhile)
def test_an_automatic_request_never_goes_before_a_member(rates: Rates, asked: list[Asked], events: Meanwhile) -> None:
    played(rates, asked, events)
    for one in came(asked):
        at = one.came_at or 0
        if one.patient:
            waiting = [
                other
                for other in asked
                if not other.patient
                and other.asked_at < at
                and (other.came_at if other.came_at is not None else other.ended_at or 0) > at
            ]
            assert not waiting


@settings(many, max_examples=100)
@given(
    st.integers(2, 12),
    st.integers(1, 40),
    st.integers(1, 8),
    st.randoms(use_true_random=False),
    st.sampled_from([0.0, 20.0, 300.0]),
)
def test_nobody_waits_twice_the_mean_where_all_ask_alike(
    members: int, limit: int, each: int, chance: random.Random, spread: float
) -> None:
    asked = [
        Asked(member, at=chance.uniform(0, spread), holds=chance.uniform(0, 30))
        for member in range(members)
        for _ in range(each)
    ]
    chance.shuffle(asked)
    played(Rates(requests_per_minute=limit), asked, Meanwhile())
    mean = sum(one.waited for one in asked) / len(asked)
    for member in range(members):
        own = [one.waited for one in asked if one.member == member]
        # Turns come in bursts, a minute apart: who is last in a burst and who is first in the next differ by one.
        assert sum(own) / each <= 2 * mean + WINDOW_SECONDS


def test_in_an_hour_of_ten_members_on_thirty_a_minute_the_order_is_fair() -> None:
    """All ask again a while after their answer, more than the limit allows: no member waits twice the mean."""
    chance = random.Random(30)
    members, hour = range(10), 3600
    asked: list[Asked] = []

    async def member(desk: Desk, number: int) -> None:
        await asyncio.sleep(chance.uniform(0, 20))
        while now() < desk.began + hour:
            one = Asked(number, at=now() - desk.began, holds=chance.uniform(1, 6))
            asked.append(one)
            await desk.one(one)
            await asyncio.sleep(chance.expovariate(1 / 3))

    async def work() -> None:
        desk = Desk(Rates(requests_per_minute=30))
        await asyncio.gather(*(member(desk, number) for number in members))

    hurried(work())
    means = []
    for number in members:
        waits = [one.waited for one in asked if one.member == number]
        means.append(sum(waits) / len(waits))
    mean = sum(one.waited for one in asked) / len(asked)
    assert len(asked) > 30 * 55
    assert mean > 5
    assert max(means) < 1.25 * mean
    # Not one single question, either, beyond a window.
    assert max(one.waited for one in asked) < WINDOW_SECONDS
