"""A request for a title gets a short one, in the question's language."""

from __future__ import annotations

import pytest

from chatapp.demo import serving
from chatapp.demo.titles import title_for
from tests.demo.talking import ask_whole

OPENING = "Write a title of at most six words"


@pytest.mark.parametrize(
    ("request_", "title"),
    [
        (f'{OPENING} for this: "Can you explain the Arrhenius equation to me?"', "Arrhenius equation to me"),
        (
            f"{OPENING}.\n\nQuestion: How do I fit a peak with two Gaussians in Python?\n\nAnswer: …",
            "Fit a peak with two Gaussians",
        ),
        (f"{OPENING}, in its language:\n\n请问如何测量钠电池的首效？谢谢", "测量钠电池的首效"),
        (f"{OPENING} for “比较三种正极材料，并给出表格”", "比较三种正极材料"),
        (f"{OPENING}:\n<question>\nThe colour of gold\n</question>", "Colour of gold"),
        (f"{OPENING}: demo:numbers=400 demo:fast", "A try of the demo"),
        (OPENING, "A try of the demo"),
    ],
)
def test_the_title_is_made_from_the_question(request_: str, title: str) -> None:
    assert title_for(request_) == title


async def test_a_title_comes_whatever_trouble_the_question_asks_for() -> None:
    async with serving(rate=0) as demo:
        response = await ask_whole(demo, f'{OPENING} for: "Draw a phase diagram demo:cut demo:busy demo:numbers=9"')
    assert response.json()["choices"][0]["message"] == {
        "role": "assistant",
        "content": "Draw a phase diagram",
    }


async def test_a_title_is_made_without_thinking() -> None:
    async with serving(rate=0) as demo:
        response = await ask_whole(demo, f'{OPENING} for: "Hello there"', thinking_mode=True)
    assert "reasoning_content" not in response.json()["choices"][0]["message"]


async def test_a_title_fails_on_request() -> None:
    async with serving(rate=0) as demo:
        response = await ask_whole(demo, f'{OPENING} for: "Hello demo:untitled"')
    assert response.status_code == 500
