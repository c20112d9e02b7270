"""Upstreams that hang, lie, flood or never end: each comes to an end within its limit, and what was good is kept."""

from __future__ import annotations

import asyncio
import json

import pytest

from chatapp.upstream.client import ChatRequest, Limits
from chatapp.upstream.dialects.intern import Intern
from tests.upstream.conftest import Serve
from tests.upstream.replay import HEAD, Caller, ask, play, target

STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
SOON = Limits(silence=0.1)


def delta(text: str) -> bytes:
    return b'data: {"choices":[{"index":0,"delta":{"content":%s}}]}\n\n' % json.dumps(text).encode()


async def test_one_that_accepts_and_never_answers_ends_in_silence(serve: Serve) -> None:
    server = await serve(Caller.gone)
    assert (await ask(target(server.url), limits=SOON)).error == "timed-out"
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_one_that_never_reads_the_request_ends_in_silence(serve: Serve) -> None:
    async def sleep(_: Caller) -> None:
        await asyncio.Event().wait()

    server = await serve(sleep, take_request=False)
    request = ChatRequest(messages=[{"role": "user", "content": "x" * 30_000_000}])
    assert (await ask(target(server.url), request, SOON)).error == "timed-out"


async def test_words_then_silence_keep_the_words(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD, delta("Half an"))
        await caller.gone()

    server = await serve(script)
    result = await ask(target(server.url), limits=SOON)
    assert (result.text, result.error) == ("Half an", "timed-out")
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_words_then_a_reset_keep_the_words(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD, *[delta("word ")] * 10)
        await asyncio.sleep(0.05)
        caller.reset()

    server = await serve(script)
    result = await ask(target(server.url))
    assert (result.text, result.error) == ("word " * 10, "broken")


async def drip(caller: Caller, piece: bytes) -> None:
    while True:
        await caller.send(piece)
        await asyncio.sleep(0.01)


async def test_words_that_keep_coming_are_no_silence(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD)
        for _ in range(20):
            await caller.send(delta("word "))
            await asyncio.sleep(0.02)
        await caller.send(STOP)

    server = await serve(script)
    result = await ask(target(server.url), limits=Limits(silence=0.2))
    assert (result.text, result.finish) == ("word " * 20, "stop")


async def test_a_head_that_drips_ends_in_silence(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(b"HTTP/1.1 200 OK\r\n")
        await drip(caller, b"X: y\r\n")

    server = await serve(script)
    limits = Limits(silence=0.1, head_lines=1000)
    assert (await ask(target(server.url), limits=limits)).error == "timed-out"


async def test_a_body_that_drips_ends_by_the_total(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD, delta("Slow"))
        await drip(caller, b"x")

    server = await serve(script)
    result = await ask(target(server.url), limits=Limits(total=0.2))
    assert (result.text, result.error) == ("Slow", "took-too-long")


async def test_heartbeats_alone_do_not_keep_an_answer_alive(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD, delta("Then"))
        await drip(caller, b": ping\n\n")

    server = await serve(script)
    result = await ask(target(server.url), limits=Limits(wordless=0.1))
    assert (result.text, result.error) == ("Then", "timed-out")


async def test_the_body_of_an_error_does_not_drip_for_long(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(b"HTTP/1.1 500 X\r\n\r\n")
        await drip(caller, b"x")

    server = await serve(script)
    assert (await ask(target(server.url), limits=Limits(complaint=0.05))).error == "upstream-failed"


async def test_after_the_finish_nobody_waits_for_the_end(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD, delta("All"), STOP.partition(b"data: [DONE]")[0])
        await caller.gone()

    server = await serve(script)
    result = await ask(target(server.url), limits=Limits(epilogue=0.05))
    assert (result.text, result.finish) == ("All", "stop")


async def test_a_reset_after_the_finish_harms_nothing(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD, delta("All"), STOP.partition(b"data: [DONE]")[0])
        await asyncio.sleep(0.05)
        caller.reset()

    server = await serve(script)
    assert (await ask(target(server.url))).finish == "stop"


async def test_a_line_of_sixty_megabytes_is_cut_off_early(serve: Serve) -> None:
    sent = 0

    async def script(caller: Caller) -> None:
        nonlocal sent
        await caller.send(HEAD, b"data: ")
        for _ in range(60):
            await caller.send(b"x" * 1_000_000)
            sent += 1_000_000

    server = await serve(script)
    assert (await ask(target(server.url))).error == "not-an-answer"
    await asyncio.wait_for(server.hung_up.wait(), 1)
    assert sent < 20_000_000


async def test_a_document_without_end_is_cut_off(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
        await drip(caller, b" " * 10_000)

    server = await serve(script)
    assert (await ask(target(server.url), limits=Limits(document_bytes=50_000))).error == "too-long"


async def test_words_for_ever_end_at_the_greatest_length(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(HEAD)
        while True:
            await caller.send(delta("0123456789") * 100)

    server = await serve(script)
    result = await ask(target(server.url), limits=Limits(answer_characters=12_345))
    assert result.error == "too-long"
    assert result.text == ("0123456789" * 2000)[:12_345]
    await asyncio.wait_for(server.hung_up.wait(), 1)


def test_reasoning_counts_for_the_greatest_length_too() -> None:
    thought = b'data: {"choices":[{"delta":{"reasoning_content":"12345678","content":"abcd"}}]}\n\n'
    result = play([HEAD, thought, STOP], limits=Limits(answer_characters=10))
    assert (result.reasoning, result.text, result.error) == ("12345678", "ab", "too-long")
    result = play([HEAD, thought, STOP], limits=Limits(answer_characters=5))
    assert (result.reasoning, result.text, result.error) == ("12345", "", "too-long")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 540_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 540_000,
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50",
    ],
)
def test_a_head_that_is_no_good_is_a_clean_error(head: bytes) -> None:
    result = play([head, delta("x"), STOP])
    assert result.error == "not-an-answer"


def test_a_large_head_that_is_within_bounds_is_read() -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 40_000 + b"\r\nContent-Type: text/event-stream\r\n\r\n"
    assert play([head, delta("x"), STOP]).text == "x"
    assert play([head[:20_000], head[20_000:], delta("x"), STOP]).text == "x"


def test_interim_responses_are_skipped_but_not_for_ever() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nContent-Encoding: br\r\n\r\n"
    assert play([interim * 3 + HEAD, delta("x"), STOP]).text == "x"
    assert play([interim * 100] * 100).error == "not-an-answer"


def test_trailers_without_end_are_cut_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%s\r\n0\r\n" % (len(delta("x")), delta("x"))
    result = play([head, chunk, *[b"X: " + b"y" * 1000 + b"\r\n"] * 100], "hang")
    assert (result.text, result.error) == ("x", "not-an-answer")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(serve: Serve, status: int) -> None:
    other = await serve(Caller.gone)

    async def script(caller: Caller) -> None:
        await caller.send(b"HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, other.url.encode()))

    server = await serve(script)
    assert (await ask(target(server.url))).error == "not-an-answer"
    assert other.callers == []


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_web_page_instead_of_an_answer_is_an_error(head: bytes) -> None:
    assert play([head + b"<!doctype html><title>Sign in to the network</title>"]).error == "not-an-answer"


def test_a_web_page_is_told_by_its_type_too() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    assert play([head, delta("x"), STOP]).error == "not-an-answer"


NESTED = b'{"choices":' + b"[" * 2000 + b"]" * 2000 + b"}"
ODD_EVENTS = [
    b"[]",
    b"17",
    b'"text"',
    b"null",
    b"NaN",
    b"{",
    b"1" * 5000,
    NESTED,
    b'{"choices":{"a":1}}',
    b'{"choices":"x"}',
    b'{"choices":5}',
    b'{"choices":[]}',
    b'{"choices":[null]}',
    b'{"choices":[[]]}',
    b'{"choices":["x"]}',
    b'{"choices":[{"delta":"x"}]}',
    b'{"choices":[{"delta":[1]}]}',
    b'{"choices":[{"delta":5,"message":[1]}]}',
    b'{"choices":[{"delta":{"content":{"a":1}}}]}',
    b'{"choices":[{"delta":{"content":5}}]}',
    b'{"choices":[{"delta":{"content":[null,5,{"text":null},[]]}}]}',
    b'{"choices":[{"delta":{"reasoning":{"a":1},"reasoning_content":7}}]}',
    b'{"choices":[{"index":"x","delta":{"content":"other"}}]}',
    b'{"choices":[{"delta":{"content":"","tool_calls":"x"}}],"usage":"none","model":5,"moderation":[]}',
    b'{"usage":{"prompt_tokens":"7","completion_tokens":-1}}',
    b'{"data":{"choices":null}}',
]


def test_events_of_odd_shapes_are_passed_over() -> None:
    odd = [b"data: " + event + b"\n\n" for event in ODD_EVENTS]
    for events in ([*odd], [b"".join(odd)]):
        result = play([HEAD, delta("Good "), *events, delta("words"), STOP])
        assert (result.reasoning, result.text, result.finish) == ("", "Good words", "stop")
        assert result.tokens == (None, None)


@pytest.mark.parametrize("event", ODD_EVENTS)
def test_an_answer_of_odd_events_alone_is_an_error(event: bytes) -> None:
    result = play([HEAD, b"data: " + event + b"\n\n", b"data: [DONE]\n\n"])
    assert result.error in ("empty", "broken", "not-an-answer")


def test_a_document_of_an_odd_shape_is_an_error() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    for event in ODD_EVENTS:
        assert play([head + event]).error in ("empty", "broken", "not-an-answer", "too-long"), event


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_document_that_is_cut_is_a_cut(end: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    part = b'{"choices":[{"message":{"content":"Half a'
    assert play([head + b"Content-Length: 500\r\n\r\n" + part], end).error == "broken"
    assert play([head + b"\r\n" + part], "reset").error == "broken"


def test_garbage_for_ever_is_given_up() -> None:
    result = play([HEAD, delta("Good"), *[b"data: garbage\n\n"] * 200], "hang")
    assert (result.text, result.error) == ("Good", "not-an-answer")


def test_garbage_alone_is_not_an_answer() -> None:
    assert play([HEAD, b"data: garbage\n\ndata: more\n\n"]).error == "not-an-answer"


def test_a_cut_in_the_very_first_event_is_a_cut() -> None:
    assert play([HEAD, delta("x")[:30]]).error == "broken"


def test_an_event_that_is_not_json_costs_only_itself() -> None:
    result = play([HEAD, delta("a") + b"data: {bad}\n\n" + delta("b") + STOP])
    assert (result.text, result.finish) == ("ab", "stop")


def test_two_objects_in_one_event_are_not_two_events() -> None:
    twins = b'data: {"choices":[{"delta":{"content":"x"}}]},{"choices":[{"delta":{"content":"y"}}]}\n\n'
    result = play([HEAD, delta("a") + twins + b"data: {}]\n\n" + delta("b") + STOP])
    assert (result.text, result.finish) == ("ab", "stop")


def test_an_error_in_mid_stream_keeps_the_words_before_it_and_drops_those_after() -> None:
    error = b'data: {"error":{"message":"boom","code":500}}\n\n'
    result = play([HEAD, delta("Some") + error + delta("ignored") + STOP])
    assert (result.text, result.error) == ("Some", "upstream-failed")


def test_ten_thousand_small_pieces_at_once_are_one_exact_text() -> None:
    text = "".join(chr(0x4E00 + number % 5000) for number in range(10_000))
    result = play([HEAD + b"".join(delta(character) for character in text) + STOP])
    assert (result.text, result.deltas) == (text, 10_000)


def test_an_intern_answer_that_is_cut_at_its_time_limit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Intern, "cuts_after", 0.0)
    assert play([HEAD, delta("So far")], dialect="intern").error == "took-too-long"
    assert play([HEAD, delta("So far")], dialect="openai").error == "broken"


def test_an_answer_that_turns_out_to_be_a_thought_alone_says_so() -> None:
    result = play([HEAD, delta("I think.\n"), delta("</think>\n"), STOP])
    assert (result.reasoning, result.text, result.all_reasoning) == ("I think.\n", "", True)


async def test_many_at_once_do_not_mix(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        name = json.loads(caller.body)["model"]
        await caller.send(HEAD)
        for _ in range(50):
            await caller.send(delta(name))
            await asyncio.sleep(0)
        await caller.send(STOP)

    server = await serve(script)
    names = [f"[{number}]" for number in range(40)]
    results = await asyncio.gather(*(ask(target(server.url, model=name)) for name in names))
    assert [result.text for result in results] == [name * 50 for name in names]
