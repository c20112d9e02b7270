"""Answers that are not streamed: by the provider's switch, for tools that would not survive it, or by our own wish."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from chatapp.upstream.client import Limits, Target, complete, open_answer
from chatapp.upstream.errors import BrokenStream, EmptyAnswer
from tests.upstream.conftest import Serve
from tests.upstream.replay import HEAD, REQUEST, Caller, Server, ask, play, target

WEATHER = {"type": "function", "function": {"name": "get_current_weather", "parameters": {"type": "object"}}}
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MESSAGE = {"role": "assistant", "content": "\n\nHello.", "reasoning_content": "\nA greeting.\n"}
USAGE = {"prompt_tokens": 3, "completion_tokens": 5}


def document(finish: str | None = "stop", **message: Any) -> bytes:
    choice = {"index": 0, "message": MESSAGE | message, "finish_reason": finish}
    return json.dumps({"choices": [choice], "usage": USAGE}).encode()


async def answer(caller: Caller) -> None:
    body = document()
    await caller.send(JSON, b"Content-Length: %d\r\n\r\n" % len(body), body)


def unstreamed(server: Server, dialect: str = "openai") -> Target:
    return replace(target(server.url, dialect), streams=False)


def sent_to(server: Server) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(server.callers[-1].body)
    return sent


async def test_a_provider_that_shall_not_stream_is_asked_for_one_piece(serve: Serve) -> None:
    server = await serve(answer)
    result = await ask(unstreamed(server))
    assert (result.reasoning, result.text, result.finish) == ("A greeting.\n", "Hello.", "stop")
    assert (result.tokens, result.thought, result.deltas) == ((3, 5), True, 2)
    assert sent_to(server)["stream"] is False
    assert "stream_options" not in sent_to(server)


async def test_all_others_are_asked_for_a_stream(serve: Serve) -> None:
    server = await serve(answer)
    await ask(target(server.url))
    assert sent_to(server)["stream"] is True


async def test_whoever_asks_may_want_one_piece(serve: Serve) -> None:
    server = await serve(answer)
    async with open_answer(target(server.url), REQUEST, stream=False) as reading:
        while await reading.read() is not None:
            pass
    assert sent_to(server)["stream"] is False


@pytest.mark.parametrize(("dialect", "streams"), [("intern", False), ("lmdeploy-old", False), ("lmdeploy", True)])
async def test_tools_are_asked_about_in_one_piece_where_a_stream_would_lose_the_calls(
    serve: Serve, dialect: str, streams: bool
) -> None:
    server = await serve(answer)
    await ask(target(server.url, dialect), replace(REQUEST, tools=[WEATHER]))
    assert sent_to(server)["stream"] is streams
    await ask(target(server.url, dialect), REQUEST)
    assert sent_to(server)["stream"] is True


async def test_one_that_streams_all_the_same_is_read(serve: Serve) -> None:
    async def stream(caller: Caller) -> None:
        await caller.send(HEAD, b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n')

    assert (await ask(unstreamed(await serve(stream)))).text == "Hi"


async def test_it_may_take_longer_than_a_stream_may_be_silent(serve: Serve) -> None:
    async def think_first(caller: Caller) -> None:
        await asyncio.sleep(0.2)
        await answer(caller)

    server = await serve(think_first)
    limits = Limits(silence=0.05, one_piece=5)
    assert (await ask(unstreamed(server), limits=limits)).text == "Hello."
    assert (await ask(target(server.url), limits=limits)).error == "timed-out"


async def test_it_may_not_take_for_ever(serve: Serve) -> None:
    server = await serve(Caller.gone)
    limits = Limits(silence=0.05, one_piece=0.1)
    assert (await ask(unstreamed(server), limits=limits)).error == "timed-out"
    await asyncio.wait_for(server.hung_up.wait(), 1)


@pytest.mark.parametrize("begun", [b"", JSON, JSON + b"\r\n", JSON + b"\r\n" + document()[:40]])
async def test_a_stop_in_the_wait_closes_the_socket(serve: Serve, begun: bytes) -> None:
    async def stall(caller: Caller) -> None:
        await caller.send(begun)
        await caller.gone()

    server = await serve(stall)
    reading = asyncio.create_task(ask(unstreamed(server)))
    await server.arrived.wait()
    await asyncio.sleep(0.02)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_closing_in_the_wait_closes_the_socket_and_ends_the_read(serve: Serve) -> None:
    async def stall(caller: Caller) -> None:
        await caller.send(JSON, b"\r\n", document()[:40])
        await caller.gone()

    server = await serve(stall)
    async with open_answer(unstreamed(server), REQUEST) as reading:
        waiting = asyncio.create_task(reading.read())
        await asyncio.sleep(0.02)
        reading.close()
        with pytest.raises(BrokenStream):
            await waiting
        await asyncio.wait_for(server.hung_up.wait(), 1)


def test_a_document_needs_no_finish_reason_to_be_whole() -> None:
    for finish in (None, ""):
        result = play([JSON, b"\r\n", document(finish)])
        assert (result.text, result.finish) == ("Hello.", "stop")


def test_a_document_says_when_it_was_cut_for_its_length() -> None:
    assert play([JSON, b"\r\n", document("length")]).finish == "length"
    assert play([JSON, b"\r\n", document("length", content="", reasoning_content=None)]).error == "empty"


def test_a_document_of_reasoning_alone_says_so() -> None:
    result = play([JSON, b"\r\n", document(content=None)])
    assert (result.reasoning, result.text, result.all_reasoning) == ("A greeting.\n", "", True)


def test_tags_in_a_document_are_split_too() -> None:
    result = play([JSON, b"\r\n", document(content="<think>\nhm\n</think>\n\nHi", reasoning_content=None)])
    assert (result.reasoning, result.text) == ("hm\n", "Hi")


def test_white_space_around_a_document_does_no_harm() -> None:
    assert play([JSON, b"\r\n", b" \r\n", document(), b"\n\n"]).text == "Hello."


def test_an_error_in_a_document_under_a_good_status_is_an_error() -> None:
    assert play([JSON, b"\r\n", b'{"error":{"message":"x","code":"429"}}']).error == "rate-limited"


async def test_a_title_is_asked_for_in_one_piece_and_comes_without_its_reasoning(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        assert json.loads(caller.body)["stream"] is False
        message = {"content": "<think>\nhm\n</think>\n\nA title", "role": "assistant"}
        body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
        await caller.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    server = await serve(script)
    assert await complete(target(server.url), REQUEST) == "A title"


async def test_a_title_that_is_streamed_all_the_same_comes_without_its_reasoning(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD, b'data: {"choices":[{"delta":{"content":"I think of"}}]}\n\n')
        await asyncio.sleep(0.05)
        rest = {"delta": {"content": " a title.\n</think>\n\nA title"}, "finish_reason": "stop"}
        await caller.send(b"data: " + json.dumps({"choices": [rest]}).encode() + b"\n\n")

    server = await serve(script)
    assert await complete(target(server.url), REQUEST) == "A title"


async def test_a_title_that_cannot_be_had_raises(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server = await serve(script)
    with pytest.raises(EmptyAnswer):
        await complete(target(server.url), REQUEST)
