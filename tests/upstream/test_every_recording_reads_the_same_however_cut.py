"""Real and constructed responses → what a reader gets, for any way that the network may cut them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.upstream.client import Limits
from tests.upstream.expected import (
    ANSWERED_ALL_THE_SAME,
    BLANK_PIECES,
    ENDS_BLANK,
    EXPECTED,
    STALLED,
    STREAMS,
    failed,
)
from tests.upstream.replay import RECORDINGS, Recording, Result, replay, replay_cut_in_two

SHORT_BYTES = 2500
SHORT = [name for name in EXPECTED if len(Recording.named(name).raw) <= SHORT_BYTES]


def check(name: str, result: Result, cut: str = "") -> None:
    """The error itself is left out: no table holds its words."""
    expected = EXPECTED[name]
    if name == ENDS_BLANK and 0 <= expected.deltas - result.deltas <= BLANK_PIECES:
        expected = replace(expected, deltas=result.deltas)
    assert replace(result, failure=None) == expected, cut


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_as_it_came(name: str) -> None:
    check(name, replay(name))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_in_one_piece(name: str) -> None:
    check(name, replay(name, sizes=[]))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_byte_by_byte(name: str) -> None:
    check(name, replay(name, sizes=[1] * len(Recording.named(name).raw)))


@pytest.mark.parametrize("name", SHORT)
def test_a_short_recording_cut_in_two_at_each_byte(name: str) -> None:
    for at, result in enumerate(replay_cut_in_two(name), start=1):
        check(name, result, f"cut at byte {at}")


@given(st.sampled_from(sorted(STREAMS)), st.lists(st.integers(1, 400), max_size=60))
@settings(deadline=None, max_examples=300)
def test_a_recording_cut_anyhow(name: str, sizes: list[int]) -> None:
    check(name, replay(name, sizes=sizes))


def test_a_recording_that_stalls() -> None:
    result = replay(STALLED, limits=Limits(silence=0.5))
    assert replace(result, failure=None) == failed("timed-out", "The answer stalls", 2)


def test_no_recording_of_a_good_status_is_left_out() -> None:
    names = [f"{path.parent.name}/{path.stem}" for path in RECORDINGS.glob("*/*.http")]
    good = {name for name in names if Recording.named(name).raw.startswith(b"HTTP/1.1 200")}
    lists = {name for name in good if "/models" in name}
    refusals = {name for name in good if "/err_" in name and name not in ANSWERED_ALL_THE_SAME}
    assert good - lists - refusals == {STALLED, *EXPECTED}
