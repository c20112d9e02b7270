import pytest

from chatapp.generation.pace import LEAST_REST_SECONDS, MOST_REST_SECONDS, Pace


def settled(cost: float, running: int) -> float:
    pace = Pace()
    for _ in range(2000):
        rest = pace.rest(running, cost)
    return rest


def test_one_cheap_answer_gets_the_shortest_rest() -> None:
    assert settled(cost=0.0002, running=1) == LEAST_REST_SECONDS


def test_many_answers_share_half_of_the_loop() -> None:
    rest = settled(cost=0.0002, running=500)
    assert 0.19 < rest < 0.21


def test_one_dear_frame_rests_ten_times_as_long_but_never_beyond_the_most() -> None:
    assert Pace().rest(1, 0.04) == pytest.approx(0.4)
    assert Pace().rest(1, 5.0) == MOST_REST_SECONDS
