"""Per dialect only what its server knows: an unknown field is an error at some of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.upstream.client import ChatRequest, Message, Sampling
from chatapp.upstream.dialects import DIALECTS
from chatapp.upstream.errors import ImageUnsupported
from tests.upstream.conftest import Serve
from tests.upstream.replay import Caller, ask, target

ASK: list[Message] = [{"role": "user", "content": "What is AGI?"}]
TOLD: list[Message] = [
    {"role": "system", "content": "Be brief."},
    {"role": "system", "content": "In English."},
    *ASK,
]
WEATHER = {"type": "function", "function": {"name": "get_current_weather", "parameters": {"type": "object"}}}
PLAIN = {"model": "intern-s1", "messages": ASK}
USAGE = {"stream_options": {"include_usage": True}}
ON, OFF = {"chat_template_kwargs": {"enable_thinking": True}}, {"chat_template_kwargs": {"enable_thinking": False}}
SOME, NONE = {"reasoning_effort": "medium"}, {"reasoning_effort": "none"}

# What says that a model shall think, and that it shall not.
THINKING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "intern": ({"thinking_mode": True}, {"thinking_mode": False}),
    "lmdeploy": (ON, OFF),
    "lmdeploy-old": ({"enable_thinking": True}, {"enable_thinking": False}),
    "vllm": (ON, OFF),
    "sglang": (ON, OFF),
    "ollama": (SOME, NONE),
    "llamacpp": (ON, OFF),
    "litellm": (ON, OFF),
    "openai": (SOME, NONE),
    "deepseek": ({"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}),
    "plain": ({}, {}),
}

EVERYTHING = Sampling(temperature=0.7, top_p=0.9, min_p=0.05, top_k=40, max_tokens=64)
COMMON = {"temperature": 0.7, "top_p": 0.9, "max_tokens": 64}
ALL = COMMON | {"min_p": 0.05, "top_k": 40}
SAMPLED: dict[str, dict[str, Any]] = {
    "intern": COMMON,
    "lmdeploy": ALL,
    "lmdeploy-old": ALL,
    "vllm": ALL,
    "sglang": ALL,
    "ollama": COMMON,
    "llamacpp": ALL,
    "litellm": COMMON,
    "openai": {"temperature": 0.7, "top_p": 0.9, "max_completion_tokens": 64},
    "deepseek": COMMON,
    "plain": COMMON,
}
UNASKED_USAGE = {"intern", "plain"}
WHOLE_TOOLS = {"intern", "lmdeploy-old"}

# Every field that the server behind it documents, of those that could be of use here.
OPENAI_FIELDS = {"model", "messages", "stream", "temperature", "top_p", "max_tokens", "tools", "tool_choice"}
TEMPLATE_FIELDS = OPENAI_FIELDS | {"stream_options", "top_k", "min_p", "chat_template_kwargs"}
DOCUMENTED = {
    "intern": OPENAI_FIELDS | {"thinking_mode"},
    "lmdeploy": TEMPLATE_FIELDS,
    "lmdeploy-old": OPENAI_FIELDS | {"stream_options", "top_k", "min_p", "enable_thinking"},
    "vllm": TEMPLATE_FIELDS,
    "sglang": TEMPLATE_FIELDS,
    "ollama": OPENAI_FIELDS | {"stream_options", "reasoning_effort"},
    "llamacpp": TEMPLATE_FIELDS,
    "litellm": OPENAI_FIELDS | {"stream_options", "chat_template_kwargs"},
    "openai": OPENAI_FIELDS - {"max_tokens"} | {"stream_options", "max_completion_tokens", "reasoning_effort"},
    "deepseek": OPENAI_FIELDS | {"stream_options", "thinking"},
    "plain": OPENAI_FIELDS,
}


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


PICTURE = image("data:image/png;base64,AA==")


def body(dialect: str, *, stream: bool = True, **request: Any) -> dict[str, Any]:
    request.setdefault("messages", ASK)
    return DIALECTS[dialect].body(ChatRequest(**request), "intern-s1", stream=stream)


def test_every_dialect_is_in_every_table() -> None:
    assert set(DIALECTS) == set(THINKING) == set(SAMPLED) == set(DOCUMENTED)
    assert set(DIALECTS) >= UNASKED_USAGE | WHOLE_TOOLS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_bare_question_has_nothing_else_in_it(dialect: str) -> None:
    usage = {} if dialect in UNASKED_USAGE else USAGE
    assert body(dialect) == PLAIN | {"stream": True} | usage
    assert body(dialect, stream=False) == PLAIN | {"stream": False}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_is_told_in_its_own_way_whether_to_think(dialect: str) -> None:
    bare = body(dialect)
    on, off = THINKING[dialect]
    assert body(dialect, think=True) == bare | on
    assert body(dialect, think=False) == bare | off


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_is_told_how_to_write_as_far_as_it_understands(dialect: str) -> None:
    assert body(dialect, sampling=EVERYTHING) == body(dialect) | SAMPLED[dialect]


def test_a_model_of_openai_that_reasons_refuses_to_be_told_how_to_write() -> None:
    assert body("openai", sampling=EVERYTHING, think=True) == body("openai", think=True) | {"max_completion_tokens": 64}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_zero_is_sent_where_it_is_a_number_and_not_where_it_is_a_riddle(dialect: str) -> None:
    sent = body(dialect, sampling=Sampling(temperature=0.0, max_tokens=0))
    assert sent == body(dialect) | {"temperature": 0.0}


@pytest.mark.parametrize(("asked", "sent"), [(1.7, 1), (-1.0, 0), (0.4, 0.4)])
def test_intern_takes_temperatures_up_to_one(asked: float, sent: float) -> None:
    assert body("intern", sampling=Sampling(temperature=asked))["temperature"] == sent
    assert body("vllm", sampling=Sampling(temperature=asked))["temperature"] == asked


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tools_are_sent_with_the_choice_or_without_and_no_choice_alone(dialect: str) -> None:
    bare = body(dialect)
    assert body(dialect, tools=[WEATHER]) == bare | {"tools": [WEATHER]}
    assert body(dialect, tools=[WEATHER], tool_choice="auto") == bare | {"tools": [WEATHER], "tool_choice": "auto"}
    assert body(dialect, tools=[], tool_choice="auto") == bare


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer_with_tools_is_streamed_only_where_the_calls_survive_it(dialect: str) -> None:
    assert DIALECTS[dialect].streams(ChatRequest(ASK, tools=[WEATHER])) is (dialect not in WHOLE_TOOLS)
    assert DIALECTS[dialect].streams(ChatRequest(ASK))
    assert DIALECTS[dialect].streams(ChatRequest(ASK, tools=[]))


def test_with_thinking_intern_gets_the_instructions_in_the_first_question() -> None:
    assert body("intern", messages=TOLD, think=True)["messages"] == [
        {"role": "user", "content": "Be brief.\n\nIn English.\n\nWhat is AGI?"}
    ]
    for think in (False, None):
        assert body("intern", messages=TOLD, think=think)["messages"] == TOLD


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"intern"}))
def test_all_others_take_instructions_with_thinking(dialect: str) -> None:
    assert body(dialect, messages=TOLD, think=True)["messages"] == TOLD


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


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_was_asked_is_left_as_it_was(dialect: str) -> None:
    before = json.dumps(TOLD)
    body(dialect, messages=TOLD, think=True)["messages"].clear()
    assert json.dumps(TOLD) == before


@pytest.mark.parametrize("kind", ["jpeg", "jpg", "png", "webp"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_picture_in_the_message_is_sent_as_it_is(dialect: str, kind: str) -> None:
    turns = [{"role": "user", "content": [{"type": "text", "text": "?"}, image(f"data:image/{kind};base64,AA==")]}]
    assert body(dialect, messages=turns)["messages"] == turns


@pytest.mark.parametrize("url", ["https://host.test/a.png", "data:image/gif;base64,AA==", "data:image/png,AA", ""])
def test_ollama_is_not_sent_a_picture_that_it_cannot_read(url: str) -> None:
    turns = [{"role": "user", "content": [image(url)]}]
    with pytest.raises(ImageUnsupported):
        body("ollama", messages=turns)
    for dialect in set(DIALECTS) - {"ollama"}:
        assert body(dialect, messages=turns)["messages"] == turns


async def test_a_picture_that_cannot_be_asked_about_costs_no_connection(serve: Serve) -> None:
    server = await serve(Caller.gone)
    request = ChatRequest([{"role": "user", "content": [image("https://host.test/a.png")]}])
    assert (await ask(target(server.url, "ollama"), request)).error == "image"
    assert server.callers == []


words = st.text("abc \n三🐼", max_size=8)
parts = st.lists(st.one_of(st.just(PICTURE), words.map(lambda text: {"type": "text", "text": text})), max_size=3)
turns_asked = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant"]), "content": st.one_of(words, parts)}
    ),
    max_size=5,
)
fractions = st.none() | st.floats(-1, 3, allow_nan=False)
counts = st.none() | st.integers(0, 100)
requests = st.builds(
    ChatRequest,
    messages=turns_asked,
    think=st.none() | st.booleans(),
    sampling=st.builds(
        Sampling, temperature=fractions, top_p=fractions, min_p=fractions, top_k=counts, max_tokens=counts
    ),
    tools=st.none() | st.just([]) | st.just([WEATHER]),
    tool_choice=st.none() | st.sampled_from(["auto", "none"]),
    continues=st.booleans(),
)


@given(st.sampled_from(sorted(DIALECTS)), requests, st.booleans())
def test_nothing_is_sent_that_the_server_does_not_document(dialect: str, request: ChatRequest, stream: bool) -> None:
    sent = DIALECTS[dialect].body(request, "intern-s1", stream=stream)
    assert set(sent) <= DOCUMENTED[dialect]
    assert None not in sent.values()
    assert (sent["model"], sent["stream"]) == ("intern-s1", stream)
    assert sent.get("max_tokens") != 0
    assert stream or "stream_options" not in sent
    assert "tools" in sent or "tool_choice" not in sent
    json.dumps(sent, allow_nan=False)


@given(turns_asked)
def test_intern_loses_no_word_when_it_thinks(turns: list[Message]) -> None:
    sent = DIALECTS["intern"].body(ChatRequest(turns, think=True), "intern-s1", stream=True)["messages"]
    assert all(turn["role"] != "system" for turn in sent)
    for word in "abc三🐼":
        assert written(sent).count(word) == written(turns).count(word)


def written(turns: list[Message]) -> str:
    contents = [turn["content"] for turn in turns]
    texts = [
        [content] if isinstance(content, str) else [part.get("text", "") for part in content or ()]
        for content in contents
    ]
    return "".join(text for each in texts for text in each)


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
