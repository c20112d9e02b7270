"""Who is named in a text."""

from __future__ import annotations

import pytest

from chatapp.unread.names import named_in

ANN, ANN_LEE, WANG, WANG_TWO, DOT = 1, 2, 3, 4, 5
PEOPLE = {ANN: "Ann", ANN_LEE: "Ann Lee", WANG: "王伟", WANG_TWO: "王伟明", DOT: "J. (R.) D+"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ann look", {ANN}),
        ("@ann, look", {ANN}),
        ("Look, @ANN!", {ANN}),
        ("(@Ann)", {ANN}),
        ("@Ann Lee and @Ann", {ANN, ANN_LEE}),
        ("@Ann Lee", {ANN_LEE}),
        ("@Ann Leeson", {ANN}),
        ("@Anna", set()),
        ("@Ann_2", set()),
        ("@Ann你好", {ANN}),
        ("请@王伟看一下", {WANG}),
        ("请@王伟明看一下", {WANG_TWO}),
        ("＠王伟", {WANG}),
        ("@J. (R.) D+ says", {DOT}),
        ("mail@ann", set()),
        ("ann@Ann.org", set()),
        ("Ann", set()),
        ("@", set()),
        ("@ Ann", set()),
        ("@nobody", set()),
        ("`@Ann` is code", set()),
        ("```\n@Ann\n```", set()),
        ("```\n@Ann\n", set()),
        ("`one` @Ann `two`", {ANN}),
        ("@Ann\n@王伟", {ANN, WANG}),
        ("", set()),
    ],
)
def test_who_is_named(text: str, named: set[int]) -> None:
    assert named_in(text, PEOPLE) == named


def test_two_people_of_one_name_are_both_named() -> None:
    assert named_in("@Ann", {1: "Ann", 2: "ANN"}) == {1, 2}


def test_nobody_is_there() -> None:
    assert named_in("@Ann", {}) == set()
    assert named_in("@", {1: ""}) == set()


def test_a_hostile_text_takes_no_time() -> None:
    text = "@" * 50_000 + "`" * 50_001 + "```" * 10_000
    assert named_in(text, PEOPLE) == set()
