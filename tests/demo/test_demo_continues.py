"""An answer that broke off is continued exactly where it stopped."""

from __future__ import annotations

import pytest

from chatapp.demo import numbers, script_for, serving
from tests.demo.talking import CONTINUE, ask, model, user


@pytest.mark.parametrize("question", ["Hello", "你好", "a long answer", "demo:numbers=90 shape=mixed", "demo:html"])
@pytest.mark.parametrize("said", [1, 17, 60])
async def test_the_joined_text_is_the_whole_script(question: str, said: int) -> None:
    script = script_for(question, False)
    async with serving(rate=0) as demo:
        heard = await ask(demo, question, model(script.text[:said]), CONTINUE)
    assert script.text[:said] + heard.text == script.text
    assert heard.finishes == ["stop"]


async def test_it_continues_in_the_middle_of_a_conversation() -> None:
    turns = (user("One"), model("Uno"), user("Two"))
    script = script_for("Two", False, earlier=["One"])
    async with serving(rate=0) as demo:
        heard = await ask(demo, *turns, model(script.text[:300]), CONTINUE)
    assert script.text[:300] + heard.text == script.text


async def test_it_can_be_continued_more_than_once() -> None:
    async with serving(rate=0) as demo:
        said = (await ask(demo, "Hello", max_tokens=30)).text
        said += (await ask(demo, "Hello", model(said), CONTINUE, max_tokens=30)).text
        said += (await ask(demo, "Hello", model(said), CONTINUE)).text
    assert said == script_for("Hello", False).text


async def test_nothing_said_yet_means_all_of_it_and_the_reasoning_too() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, "Hello", CONTINUE, thinking_mode=True)
    assert heard.text == script_for("Hello", False).text
    assert heard.reasoning == script_for("Hello", True).reasoning


async def test_it_does_not_think_again_in_the_middle_of_an_answer() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, "Hello", model("This is"), CONTINUE, thinking_mode=True)
    assert heard.reasoning == ""
    assert heard.text.startswith(" Parley's demo model")


async def test_a_changed_beginning_does_no_harm() -> None:
    script = script_for("Hello", False)
    async with serving(rate=0) as demo:
        heard = await ask(demo, "Hello", model("Other words. " + script.text[100:400]), CONTINUE)
    assert heard.text == script.text[400:]


async def test_foreign_words_are_answered_with_an_apology() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, "Hello", model("What another model said."), CONTINUE)
    assert heard.text.startswith("I cannot find the place")


async def test_an_answer_that_was_cut_is_not_cut_again_by_continue() -> None:
    question = "demo:cut demo:numbers=80"
    async with serving(rate=0) as demo:
        broken = await ask(demo, question)
        rest = await ask(demo, question, model(broken.text), CONTINUE)
    assert broken.text == numbers(40)
    assert broken.text + rest.text == numbers(80)
    assert rest.is_done


async def test_once_cut_is_cut_once_for_each_conversation() -> None:
    question = "demo:once-cut demo:numbers=80"
    async with serving(rate=0) as demo:
        first, second = await ask(demo, question), await ask(demo, question)
        other = await ask(demo, "Hello", model("Hello."), question)
    assert (first.text, first.is_done) == (numbers(40), False)
    assert (second.text, second.is_done) == (numbers(80), True)
    assert (other.text, other.is_done) == (numbers(40), False)
