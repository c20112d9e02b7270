"""Per dialect only what its server knows: an unknown field is an error at some of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatapp.upstream.client import ChatRequest, Message
from chatapp.upstream.dialects import DIALECTS
from tests.upstream.conftest import Serve
from tests.upstream.replay import Caller, ask, target

ASK: list[Message] = [{"role": "user", "content": "What is AGI?"}]
TOLD: list[Message] = [
    {"role": "system", "content": "Be brief."},
    {"role": "system", "content": "In English."},
    *ASK,
]
PICTURE: dict[str, Any] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


def body(dialect: str, *, stream: bool = True, **request: Any) -> dict[str, Any]:
    request.setdefault("messages", ASK)
    return DIALECTS[dialect].body(ChatRequest(**request), "intern-s1", stream=stream)


@pytest.mark.parametrize("think", [True, False])
def test_intern_is_always_told_whether_to_think(think: bool) -> None:
    assert body("intern", think=think) == {
        "model": "intern-s1",
        "messages": ASK,
        "stream": True,
        "thinking_mode": think,
    }


def test_intern_is_told_nothing_about_thinking_by_an_alias_that_cannot() -> None:
    assert body("intern") == {"model": "intern-s1", "messages": ASK, "stream": True}


def test_openai_is_asked_for_the_usage_of_a_stream_only() -> None:
    assert body("openai", think=True) == {
        "model": "intern-s1",
        "messages": ASK,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert body("openai", stream=False) == {"model": "intern-s1", "messages": ASK, "stream": False}


@pytest.mark.parametrize("think", [True, False])
def test_a_server_with_chat_templates_is_told_by_its_template(think: bool) -> None:
    assert body("lmdeploy", think=think)["chat_template_kwargs"] == {"enable_thinking": think}
    assert "chat_template_kwargs" not in body("lmdeploy")
    assert "thinking_mode" not in body("lmdeploy", think=think)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_limits_and_temperature_are_sent_where_they_are_set(dialect: str) -> None:
    sent = body(dialect, max_tokens=40, temperature=0.0)
    assert (sent["max_tokens"], sent["temperature"]) == (40, 0.0)
    assert not {"max_tokens", "temperature"} & set(body(dialect))


def test_with_thinking_intern_gets_the_instructions_in_the_first_question() -> None:
    assert body("intern", messages=TOLD, think=True)["messages"] == [
        {"role": "user", "content": "Be brief.\n\nIn English.\n\nWhat is AGI?"}
    ]
    assert body("intern", messages=TOLD, think=False)["messages"] == TOLD
    assert body("openai", messages=TOLD, think=True)["messages"] == TOLD


def test_instructions_go_in_front_of_pictures_and_behind_earlier_answers() -> None:
    turns: list[Message] = [
        {"role": "assistant", "content": "Hello."},
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": [PICTURE]},
        {"role": "user", "content": "And?"},
    ]
    assert body("intern", messages=turns, think=True)["messages"] == [
        turns[0],
        {"role": "user", "content": [{"type": "text", "text": "Be brief."}, PICTURE]},
        turns[3],
    ]


def test_instructions_without_a_question_become_one() -> None:
    assert body("intern", messages=TOLD[:1], think=True)["messages"] == [{"role": "user", "content": "Be brief."}]


def test_what_was_asked_is_left_as_it_was() -> None:
    before = json.dumps(TOLD)
    body("intern", messages=TOLD, think=True)
    assert json.dumps(TOLD) == before


async def test_the_body_on_the_wire_is_utf_8_whatever_was_asked(serve: Serve) -> None:
    async def refuse(caller: Caller) -> None:
        await caller.send(b"HTTP/1.1 500 X\r\n\r\n")

    server = await serve(refuse)
    await ask(
        target(server.url, "intern"),
        ChatRequest([{"role": "user", "content": "三体 🐼 \ud83d"}], think=False),
    )
    sent = json.loads(server.callers[0].body.decode())
    assert sent["messages"][0]["content"] == "三体 🐼 ?"
