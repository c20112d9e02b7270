"""A streamed answer has OpenAI's form, and reasoning comes when it is asked for, in every dialect."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from chatapp.demo import numbers, script_for, serving
from chatapp.demo.pieces import LONGEST_PIECE, pieces_of
from tests.demo.talking import ask, ask_whole

QUESTION = "How wide is this peak?"


async def test_the_deltas_joined_are_the_script() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, QUESTION)
    assert heard.text == script_for(QUESTION, False).text
    assert heard.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (heard.finishes, heard.is_done) == (["stop"], True)


async def test_the_role_comes_first_and_the_finish_last() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, QUESTION)
    assert heard.events[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert heard.events[-1]["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert {event["id"] for event in heard.events} == {heard.events[0]["id"]}


async def test_usage_comes_last_and_only_if_it_is_asked_for() -> None:
    async with serving(rate=0) as demo:
        without = await ask(demo, QUESTION)
        heard = await ask(demo, QUESTION, thinking_mode=True, stream_options={"include_usage": True})
    assert not any("usage" in event for event in without.events)
    usage, thoughts = heard.events[-1]["usage"], len(heard.pieces("reasoning_content"))
    assert heard.events[-1]["choices"] == []
    assert usage["completion_tokens"] == thoughts + len(heard.pieces("content"))
    assert usage["completion_tokens_details"] == {"reasoning_tokens": thoughts}
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@pytest.mark.parametrize(
    ("parameters", "thinks"),
    [
        ({}, False),
        ({"thinking_mode": True}, True),
        ({"thinking_mode": False}, False),
        ({"chat_template_kwargs": {"enable_thinking": True}}, True),
        ({"chat_template_kwargs": {"enable_thinking": False}}, False),
        ({"reasoning_effort": "low"}, True),
        ({"reasoning_effort": "none"}, False),
        ({"thinking_mode": True, "model": "demo-plain"}, False),
    ],
)
async def test_it_thinks_when_it_is_asked_to(parameters: dict[str, Any], thinks: bool) -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, QUESTION, **parameters)
        assert demo.record.asked[0].thinking is thinks
    assert heard.reasoning == script_for(QUESTION, thinks).reasoning
    assert bool(heard.reasoning) is thinks
    assert heard.text == script_for(QUESTION, thinks).text


async def test_all_reasoning_comes_before_the_text() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, QUESTION, thinking_mode=True)
    kinds = ["content" in event["choices"][0]["delta"] for event in heard.events[1:-1]]
    assert kinds == sorted(kinds)


async def test_reasoning_can_come_in_tags_that_are_cut() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, f"{QUESTION} demo:think=tags", thinking_mode=True)
    script = script_for(f"{QUESTION} demo:think=tags", True)
    assert heard.text == f"<think>\n{script.reasoning}\n</think>\n\n{script.text}"
    assert not any("<think>" in piece or "</think>" in piece for piece in heard.pieces("content"))


async def test_reasoning_can_come_in_the_other_field() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, f"{QUESTION} demo:think=field2", thinking_mode=True)
    assert "".join(heard.pieces("reasoning")) == script_for(QUESTION, True).reasoning
    assert heard.reasoning == ""


async def test_reasoning_can_come_although_it_was_forbidden() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, f"{QUESTION} demo:think=anyway", thinking_mode=False)
        plain = await ask(demo, f"{QUESTION} demo:think=anyway", model="demo-plain")
    assert heard.reasoning == script_for(QUESTION, True).reasoning
    assert plain.reasoning == ""


async def test_a_limit_of_tokens_ends_the_answer_with_length() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, "demo:numbers=50", max_tokens=20)
    assert heard.text == numbers(20)
    assert heard.finishes == ["length"]


async def test_without_streaming_the_same_comes_as_one_object() -> None:
    async with serving(rate=0) as demo:
        response = await ask_whole(demo, QUESTION, thinking_mode=True)
    script, body = script_for(QUESTION, True), response.json()
    message = {"role": "assistant", "content": script.text, "reasoning_content": script.reasoning}
    assert body["choices"] == [{"index": 0, "message": message, "finish_reason": "stop"}]
    assert body["object"] == "chat.completion"
    assert body["usage"]["completion_tokens"] > 0


async def test_the_models_are_listed() -> None:
    async with serving() as demo, httpx.AsyncClient(trust_env=False) as client:
        listed = (await client.get(f"{demo.base_url}/models")).json()
    assert [model["id"] for model in listed["data"]] == ["demo", "demo-plain"]


@pytest.mark.parametrize("topic", ["hi", "long", "中文", "公式", "maths", "demo:html", "代码"])
def test_deltas_have_one_to_six_characters(topic: str) -> None:
    text = script_for(topic, False).text
    pieces = list(pieces_of(text))
    assert "".join(pieces) == text
    assert {len(piece) for piece in pieces} <= set(range(1, LONGEST_PIECE + 1))
