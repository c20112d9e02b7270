"""Numbered text holds every number once and in order, in each shape."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.demo import SHAPES, numbers, script_for, serving
from chatapp.demo.pieces import pieces_of
from tests.demo.talking import ask


@given(st.integers(0, 700), st.sampled_from(SHAPES))
def test_every_number_comes_once_and_in_order(n: int, shape: str) -> None:
    assert [int(word) for word in re.findall(r"\d+", numbers(n, shape))] == list(range(n))


@given(st.integers(1, 700), st.sampled_from(SHAPES))
def test_the_text_has_no_blanks_at_its_ends(n: int, shape: str) -> None:
    text = numbers(n, shape)
    assert text == text.strip()
    assert "\n\n\n" not in text


def test_the_shapes_are_what_they_are_called() -> None:
    assert numbers(4) == "0 1 2 3"
    assert numbers(12, "list") == "- 0 1 2 3 4 5 6 7 8 9\n- 10 11"
    assert numbers(11, "fence") == "```text\n0 1 2 3 4 5 6 7 8 9\n10\n```"
    assert len(numbers(100, "paragraphs").split("\n\n")) == 3
    assert {"- ", "> ", "``", "##"} <= {block[:2] for block in numbers(400, "mixed").split("\n\n")}


def test_an_unknown_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match="heap"):
        numbers(3, "heap")


def test_a_paragraph_of_numbers_has_one_delta_for_each() -> None:
    assert len(list(pieces_of(numbers(3000)))) == 3000


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_demo_answers_with_exactly_the_numbers(shape: str) -> None:
    question = f"demo:numbers=123 shape={shape}"
    async with serving(rate=0) as demo:
        heard = await ask(demo, question)
    assert heard.text == numbers(123, shape) == script_for(question, False).text


async def test_the_shape_is_a_paragraph_unless_another_is_named() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, "Please count: demo:numbers=5, and nothing else.")
    assert heard.text == "0 1 2 3 4"
