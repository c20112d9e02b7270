"""What the client sends to the Intern API keeps its rules; and the server that checks it does refuse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.upstream.client import ChatRequest, Message, Sampling, Target, open_answer
from chatapp.upstream.dialects import DIALECTS
from chatapp.upstream.errors import BadRequest, KeyExpired, KeyWrong, RateLimited, UpstreamError
from chatapp.upstream.models import list_models
from tests.upstream.intern import MODELS, THOUGHT, Intern, answer_to, faults, serving_intern
from tests.upstream.replay import Result, ask

QUESTION: Message = {"role": "user", "content": "What is AGI?"}
INSTRUCTIONS: Message = {"role": "system", "content": "Be brief."}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
BODY = {"model": "intern-s1", "messages": [QUESTION]}


@pytest_asyncio.fixture
async def intern() -> AsyncIterator[Intern]:
    async with serving_intern() as running:
        yield running


def intern_target(intern: Intern, token: str = "ours", model: str = "intern-latest") -> Target:
    return Target("intern", intern.base_url, token, model)


async def asked_of(intern: Intern, request: ChatRequest, token: str = "ours") -> Result:
    return await ask(intern_target(intern, token), request)


async def post(intern: Intern, **body: Any) -> tuple[int, Any]:
    """As somebody who knows no rules: straight to the socket."""
    headers = {"Authorization": "Bearer ours"}
    url = intern.base_url + "/chat/completions"
    async with aiohttp.ClientSession(headers=headers) as http, http.post(url, json=BODY | body) as response:
        return response.status, json.loads(await response.text()).get("code")


async def test_a_plain_answer_and_one_after_thinking(intern: Intern) -> None:
    plain = await asked_of(intern, ChatRequest([QUESTION], think=False))
    thought = await asked_of(intern, ChatRequest([QUESTION], think=True))
    assert (plain.text, plain.reasoning) == (answer_to("What is AGI?"), "")
    assert (thought.text, thought.reasoning) == (answer_to("What is AGI?"), THOUGHT)
    assert [asked.streamed for asked in intern.asked] == [True, True]
    assert intern.broken == intern.noted == []


async def test_instructions_go_along_with_and_without_thinking(intern: Intern) -> None:
    for think in (True, False):
        result = await asked_of(intern, ChatRequest([INSTRUCTIONS, QUESTION], think=think))
        assert not result.error
    assert all("Be brief." in json.dumps(asked.body) for asked in intern.asked)
    assert intern.broken == []


async def test_a_request_with_tools_is_never_streamed(intern: Intern) -> None:
    result = await asked_of(intern, ChatRequest([QUESTION], think=False, tools=[WEATHER]))
    assert result.calls == (("weather", {"place": "Shanghai"}),)
    assert [asked.streamed for asked in intern.asked] == [False]
    assert intern.broken == []


async def test_the_list_tells_what_an_id_stands_for(intern: Intern) -> None:
    listed = await list_models(intern_target(intern))
    assert {one.id: one.ref_model for one in listed} == MODELS


async def test_leaving_an_answer_is_seen_at_the_other_end() -> None:
    async with serving_intern(seconds=30) as slow:
        async with open_answer(intern_target(slow), ChatRequest([QUESTION], think=True)):
            pass
        async with asyncio.timeout(2):
            while not slow.asked[0].hung_up:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(("token", "error"), [("", KeyWrong), ("bad-token", KeyWrong), ("expired-token", KeyExpired)])
async def test_a_token_that_is_not_good_is_told_apart(intern: Intern, token: str, error: type[UpstreamError]) -> None:
    result = await asked_of(intern, ChatRequest([QUESTION]), token)
    assert result.error == error.code


async def test_the_window_slides_and_each_token_has_its_own() -> None:
    request, errors = ChatRequest([QUESTION]), []
    async with serving_intern(per_minute=3) as strict:
        for moment in (0, 30, 59, 59.9, 60, 61):
            strict.clock = partial(float, moment)
            errors.append((await asked_of(strict, request)).error)
        assert errors == ["", "", "", RateLimited.code, "", RateLimited.code]
        assert strict.refused == 2
        assert (await asked_of(strict, request, "another")).error == ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"stream_options": {"include_usage": True}}, -10002),
        ({"top_k": 5}, -10002),
        ({"temperature": 1.1}, -10002),
        ({"temperature": "0.5"}, -10002),
        ({"top_p": -0.1}, -10002),
        ({"max_tokens": None}, -10002),
        ({"thinking_mode": "yes"}, -10002),
        ({"messages": []}, -10002),
        ({"messages": [INSTRUCTIONS, QUESTION], "thinking_mode": True}, -10002),
        ({"stream": True, "tools": [WEATHER]}, -10002),
        ({"model": "gone"}, -20013),
        ({"messages": [{"role": "robot", "content": "x"}]}, -20018),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, -20018),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "a.png"}]}]}, -20018),
        ({"messages": [{"role": "user", "content": [PICTURE | {"image_url": {"url": "file:///a"}}]}]}, -20018),
    ],
)
async def test_each_rule_that_is_broken_is_refused_and_written_down(
    intern: Intern, body: dict[str, Any], code: int
) -> None:
    assert await post(intern, **body) == (400, code)
    assert len(intern.broken) == 1


async def test_no_length_at_all_is_no_error_there_but_it_is_noted(intern: Intern) -> None:
    assert (await post(intern, max_tokens=0))[0] == 200
    assert (intern.broken, intern.noted) == ([], ["max_tokens 0"])


async def test_a_question_that_breaks_a_rule_is_an_error_of_the_request(intern: Intern) -> None:
    odd: Message = {"role": "robot", "content": "x"}
    result = await asked_of(intern, ChatRequest([odd]))
    assert result.error == BadRequest.code


texts = st.text(max_size=20)
parts = st.lists(st.builds(dict, type=st.just("text"), text=texts) | st.just(PICTURE), min_size=1, max_size=3)
turns: st.SearchStrategy[Message] = st.builds(
    lambda role, content: Message(role=role, content=content),
    st.sampled_from(["system", "user", "user", "assistant"]),
    texts | parts,
)
share = st.none() | st.floats(0, 2, allow_nan=False)
samplings = st.builds(
    Sampling,
    temperature=share,
    top_p=st.none() | st.floats(0.01, 1),
    min_p=st.none() | st.floats(0, 1),
    top_k=st.none() | st.integers(1, 1000),
    max_tokens=st.none() | st.integers(0, 100_000),
)


@settings(max_examples=500, deadline=None, database=None)
@given(st.lists(turns, max_size=6), samplings, st.booleans() | st.none(), st.booleans(), st.booleans())
def test_whatever_is_asked_no_rule_is_broken(
    messages: list[Message], sampling: Sampling, think: bool | None, uses_tools: bool, stream: bool
) -> None:
    request = ChatRequest(
        [*messages, QUESTION], think=think, sampling=sampling, tools=[WEATHER] if uses_tools else None
    )
    dialect = DIALECTS["intern"]
    body = dialect.body(request, "intern-s1", stream=stream and dialect.streams(request))
    assert list(faults(json.loads(json.dumps(body)))) == []
    assert body.get("max_tokens") != 0
