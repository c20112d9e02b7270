"""Members share a provider's rate: each in turn, told its place, and cancelled without a trace."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from chatapp.generation import rate
from chatapp.generation.rate import Budget, Place, Rates, Ticket
from tests.generation.desk import Asked, Desk
from tests.generation.hurry import hurried, now

ANN, BOB, EVE = 1, 2, 3
MINUTE = 61


def came(asked: list[Asked]) -> list[float]:
    """The seconds that each waited."""
    return [round(one.waited, 3) for one in asked]


def served(rates: Rates, asked: list[Asked]) -> list[Asked]:
    """All in the order in which they had their turn."""

    async def work() -> None:
        await Desk(rates).serve(asked)

    hurried(work())
    return sorted((one for one in asked if one.came_at is not None), key=lambda one: (one.came_at, one.number))


def test_without_limits_everybody_passes_at_once_and_is_told_nothing() -> None:
    asked = [Asked(ANN, holds=100) for _ in range(500)]
    served(Rates(), asked)
    assert came(asked) == [0] * 500
    assert not any(one.told for one in asked)


def test_a_burst_up_to_the_limit_passes_at_once_and_the_next_waits_for_the_window() -> None:
    asked = [Asked(ANN, holds=0) for _ in range(7)]
    served(Rates(requests_per_minute=3), asked)
    assert came(asked) == [0, 0, 0, MINUTE, MINUTE, MINUTE, 2 * MINUTE]


def test_the_window_slides_it_does_not_start_anew_each_minute() -> None:
    asked = [Asked(ANN, at=at, holds=0) for at in (0, 30, 59, 60, 60.5)]
    served(Rates(requests_per_minute=3), asked)
    assert came(asked) == [0, 0, 0, 1, 30.5]


def test_tokens_a_minute_are_a_limit_of_their_own() -> None:
    asked = [Asked(ANN, tokens=tokens, holds=0) for tokens in (60, 40, 30, 70)]
    served(Rates(tokens_per_minute=100), asked)
    assert came(asked) == [0, 0, MINUTE, MINUTE]


def test_a_request_beyond_the_whole_limit_goes_alone_rather_than_never() -> None:
    asked = [Asked(ANN, tokens=tokens, holds=0) for tokens in (10, 500, 10)]
    served(Rates(tokens_per_minute=100), asked)
    assert came(asked) == [0, MINUTE, 2 * MINUTE]


def test_only_so_many_are_under_way_at_once() -> None:
    asked = [Asked(ANN, holds=10) for _ in range(5)]
    served(Rates(concurrent=2), asked)
    assert came(asked) == [0, 0, 10, 10, 20]


def test_members_take_turns_however_much_one_of_them_asks() -> None:
    asked = [*(Asked(ANN) for _ in range(6)), *(Asked(BOB, at=0.1) for _ in range(3)), Asked(EVE, at=0.2)]
    order = [one.member for one in served(Rates(concurrent=1), asked)]
    # Ann's first was under way when the others came.
    assert order == [ANN, ANN, BOB, EVE, ANN, BOB, ANN, BOB, ANN, ANN]


def test_what_one_member_asks_stays_in_order() -> None:
    asked = [Asked(member, at=at) for at in range(20) for member in (ANN, BOB)]
    order = served(Rates(requests_per_minute=5, concurrent=2), asked)
    for member in (ANN, BOB):
        numbers = [one.number for one in order if one.member == member]
        assert numbers == sorted(numbers)


def test_who_gives_up_while_waiting_moves_the_own_next_one_up_and_nobody_back() -> None:
    asked = [
        Asked(EVE, holds=5),
        Asked(ANN, at=1, holds=5, gives_up=1),
        Asked(BOB, at=1.1, holds=5),
        Asked(ANN, at=1.2, holds=5),
        Asked(BOB, at=1.3, holds=5),
    ]
    order = [(one.member, one.at) for one in served(Rates(concurrent=1), asked)]
    assert order == [(EVE, 0), (BOB, 1.1), (ANN, 1.2), (BOB, 1.3)]


def test_giving_up_and_asking_again_gains_nothing() -> None:
    asked = [
        Asked(EVE, holds=5),
        Asked(ANN, at=1, holds=5),
        Asked(ANN, at=1.1, gives_up=4.5),
        Asked(BOB, at=1.2, holds=5),
        Asked(BOB, at=1.3, holds=5),
        Asked(ANN, at=5.7, holds=5),
    ]
    order = [(one.member, one.at) for one in served(Rates(concurrent=1), asked)]
    assert order == [(EVE, 0), (ANN, 1), (BOB, 1.2), (BOB, 1.3), (ANN, 5.7)]


def test_a_cancel_between_the_turn_and_its_start_gives_everything_back() -> None:
    async def work() -> float:
        budget = Budget(Rates(requests_per_minute=1, concurrent=1), clock=asyncio.get_running_loop().time)
        async with budget.place(ANN, 10):
            waiting = asyncio.create_task(enter(budget))
            await asyncio.sleep(100)
        # Its turn has come by now, its task has not run yet.
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        assert waiting.cancelled()
        began = now()
        await enter(budget)
        return now() - began

    assert hurried(work()) == 0


async def enter(budget: Budget, member: int = ANN, holds: float = 0) -> Ticket:
    async with budget.place(member, 10) as ticket:
        await asyncio.sleep(holds)
    return ticket


def test_a_cancel_while_under_way_frees_the_place_but_what_was_asked_stays_counted() -> None:
    asked = [Asked(ANN, holds=100, gives_up=3), Asked(BOB, at=1), Asked(EVE, at=1)]
    served(Rates(requests_per_minute=2, concurrent=1), asked)
    assert came(asked) == [0, 2, MINUTE - 1]


def test_an_error_in_the_body_frees_the_place() -> None:
    async def work() -> None:
        budget = Budget(Rates(concurrent=1), clock=asyncio.get_running_loop().time)
        with pytest.raises(ValueError, match="broken"):
            async with budget.place(ANN, 10):
                raise ValueError("broken")
        await enter(budget)

    hurried(work())


def test_a_page_that_cannot_be_told_costs_its_own_turn_alone() -> None:
    def tell(place: Place) -> None:
        raise ValueError("no page")

    async def work() -> None:
        budget = Budget(Rates(concurrent=1), clock=asyncio.get_running_loop().time)
        first = asyncio.create_task(enter(budget, holds=5))
        await asyncio.sleep(1)
        with pytest.raises(ValueError, match="no page"):
            async with budget.place(BOB, 10, tell):
                pass
        await asyncio.gather(first, enter(budget), enter(budget, BOB))

    hurried(work())


def test_the_place_is_told_at_once_then_when_it_changes_and_its_end_is_told() -> None:
    asked = [Asked(ANN, holds=10), Asked(BOB, at=1, holds=10), Asked(EVE, at=2, gives_up=3.5), Asked(ANN, at=3)]
    served(Rates(requests_per_minute=1), asked)
    told = [(round(at - asked[3].asked_at, 1), place.ahead, round(place.seconds)) for at, place in asked[3].told]
    # Eve gave up 2.5 s later: at the next full second it is one less, and a minute less.
    assert told == [(0, 2, 3 * MINUTE - 3), (3, 1, 2 * MINUTE - 6), (MINUTE - 3, 0, MINUTE), (2 * MINUTE - 3, 0, 0)]


def test_a_place_is_told_at_most_once_a_second_whatever_happens() -> None:
    asked = [Asked(member, at=member / 10, holds=0.3) for member in range(60)]
    served(Rates(concurrent=1), asked)
    for one in asked:
        told = [at for at, place in one.told if place != Place(0, 0)]
        assert all(later - sooner >= 1 for sooner, later in zip(told, told[1:], strict=False))
        assert [place.ahead for _, place in one.told] == sorted((place.ahead for _, place in one.told), reverse=True)
        assert one.waited == 0 or one.told[-1] == (one.came_at, Place(0, 0))
        assert not one.told or one.told[0][0] == one.asked_at
    assert len(asked[-1].told) >= 10


def test_the_seconds_that_are_told_are_those_that_it_takes() -> None:
    asked = [Asked(member, at=member) for member in range(25)]
    served(Rates(requests_per_minute=4, tokens_per_minute=35), asked)
    for one in asked:
        for at, place in one.told:
            assert one.came_at is not None
            assert at + place.seconds == pytest.approx(one.came_at, abs=0.2)


def test_where_only_so_many_go_at_once_the_seconds_follow_how_long_answers_take() -> None:
    asked = [Asked(ANN, holds=6) for _ in range(40)]
    served(Rates(concurrent=2), asked)
    at, place = asked[39].told[-3]
    assert asked[39].came_at is not None
    assert at + place.seconds == pytest.approx(asked[39].came_at, abs=6)


def test_nobody_is_let_through_while_the_provider_rests() -> None:
    async def work() -> list[Asked]:
        desk = Desk(Rates())
        asked = [Asked(ANN, at=0), Asked(BOB, at=10), Asked(EVE, at=39), Asked(ANN, at=41)]
        asyncio.get_running_loop().call_later(5, desk.rest, 35)
        # A shorter one that is said later does not end the longer one.
        asyncio.get_running_loop().call_later(6, desk.rest, 1)
        await desk.serve(asked)
        return asked

    asked = hurried(work())
    assert came(asked) == [0, 30, 1, 0]
    assert asked[1].told[0][1] == Place(0, 30)


def test_a_rest_that_is_said_while_members_wait_is_told_to_them() -> None:
    async def work() -> list[Asked]:
        desk = Desk(Rates(requests_per_minute=1))
        asked = [Asked(ANN), Asked(BOB, at=1)]
        asyncio.get_running_loop().call_later(2.5, desk.rest, 100)
        await desk.serve(asked)
        return asked

    asked = hurried(work())
    assert came(asked) == [0, 101.5]
    assert [round(place.seconds, 1) for _, place in asked[1].told] == [60, 99.5, 0]


@pytest.mark.parametrize(("limit", "seconds"), [(3, 4), (None, 4), (2, MINUTE - 1), (1, MINUTE - 1)])
def test_a_limit_that_is_changed_holds_for_those_who_wait(limit: int | None, seconds: float) -> None:
    async def work() -> list[Asked]:
        desk = Desk(Rates(requests_per_minute=2))
        asked = [Asked(ANN), Asked(ANN), Asked(BOB, at=1)]
        asyncio.get_running_loop().call_later(5, lambda: desk.change(Rates(limit)))
        await desk.serve(asked)
        return asked

    assert came(hurried(work())) == [0, 0, seconds]


def test_a_limit_that_was_read_before_the_change_does_not_undo_it() -> None:
    async def work() -> float:
        desk = Desk(Rates(requests_per_minute=1, read_at=1))
        desk.budget.change(Rates(requests_per_minute=2, read_at=3))
        desk.budget.change(Rates(requests_per_minute=1, read_at=2))
        asked = [Asked(ANN), Asked(ANN)]
        await desk.serve(asked)
        return asked[1].waited

    assert hurried(work()) == 0


def test_what_was_asked_before_there_was_a_limit_counts() -> None:
    async def work() -> list[Asked]:
        desk = Desk(Rates())
        asked = [*(Asked(ANN) for _ in range(3)), Asked(BOB, at=11)]
        asyncio.get_running_loop().call_later(10, lambda: desk.change(Rates(requests_per_minute=3)))
        await desk.serve(asked)
        return asked

    assert came(hurried(work())) == [0, 0, 0, MINUTE - 11]


def test_tokens_that_were_not_needed_are_given_back_and_those_beyond_the_estimate_are_counted_when_they_came() -> None:
    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        budget = Budget(Rates(tokens_per_minute=100), clock=loop.time)
        began, moments = loop.time(), []
        for estimated, used in ((90, 40), (50, 80), (20, 20)):
            async with budget.place(ANN, estimated) as ticket:
                moments.append(loop.time() - began)
                await asyncio.sleep(10)
                ticket.used(used)
        return moments

    # After the second: 40 at 0 s, 50 at 10 s and 30 more at 20 s; the third fits when the first 40 are gone.
    assert hurried(work()) == [0, 10, MINUTE]


def test_an_automatic_request_waits_for_everybody_and_goes_when_nobody_waits() -> None:
    asked = [
        Asked(ANN, holds=10),
        Asked(ANN, at=1, holds=10, patient=True),
        Asked(BOB, at=1.5, holds=10, patient=True),
        Asked(BOB, at=2, holds=10),
        Asked(EVE, at=25, holds=10),
    ]
    order = [(one.member, one.at, one.patient) for one in served(Rates(concurrent=1), asked)]
    assert order == [(ANN, 0, False), (BOB, 2, False), (ANN, 1, True), (EVE, 25, False), (BOB, 1.5, True)]
    assert asked[1].told[0][1].ahead == 0
    assert asked[1].told[1][1].ahead == 1


def test_an_automatic_request_that_gives_up_holds_nobody_up() -> None:
    asked = [Asked(ANN, holds=10), Asked(ANN, at=1, gives_up=5, patient=True), Asked(BOB, at=2)]
    served(Rates(concurrent=1), asked)
    assert came([asked[2]]) == [8]


def test_providers_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "_budgets", {})

    async def work() -> None:
        one = Rates(concurrent=1)
        async with rate.place(1, one, ANN, 10), rate.place(2, one, ANN, 10):
            pass
        rate.rest(3, 1000)
        async with rate.place(1, one, ANN, 10):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01), rate.place(3, Rates(), ANN, 10):
                    pass
            waiting = asyncio.create_task(rate.place(1, one, BOB, 10).__aenter__())
            await asyncio.sleep(0)
            assert not waiting.done()
            rate.change(1, Rates(concurrent=2))
            await waiting

    asyncio.run(work())
