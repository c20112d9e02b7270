"""The demo's own HTTP: requests are checked, connections are kept, hang-ups are seen."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from chatapp.demo import Demo, numbers, serving
from chatapp.demo.wire import LARGEST_BODY, LARGEST_HEAD
from tests.demo.talking import ask, user

GET = b"GET /v1/models HTTP/1.1\r\nHost: demo\r\n"


async def send(demo: Demo, request: bytes) -> bytes:
    """Send raw bytes and return all that comes back until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", demo.port)
    try:
        writer.write(request)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


def post(body: bytes, *headers: bytes, path: bytes = b"/v1/chat/completions") -> bytes:
    lines = [b"POST %b HTTP/1.1" % path, b"Host: demo", b"Connection: close", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET /v1/models HTTP/1.0\r\nHost: demo\r\n\r\n", 400),
        (b"GET v1/models HTTP/1.1\r\nHost: demo\r\n\r\n", 400),
        (b"get /v1/models HTTP/1.1\r\nHost: demo\r\n\r\n", 400),
        (b"GET /v1/models HTTP/1.1\r\n\r\n", 400),
        (GET + b"Host: other\r\n\r\n", 400),
        (GET + b"No colon\r\n\r\n", 400),
        (GET + b"Blank : before\r\n\r\n", 400),
        (GET + b" folded\r\n\r\n", 400),
        (GET + b"Nul: \x00\r\n\r\n", 400),
        (GET + b"Content-Length: -1\r\n\r\n", 400),
        (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /v1/chat/completions HTTP/1.1\r\nHost: demo\r\n\r\n", 411),
        (GET + b"X: " + b"x" * LARGEST_HEAD, 431),
        (GET + b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1) + b"x" * 100_000, 413),
    ],
)
async def test_a_malformed_request_is_refused_and_the_connection_closed(request_: bytes, status: int) -> None:
    async with serving() as demo:
        answer = await send(demo, request_)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nConnection: close" in head
    assert json.loads(body)["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        ({"model": "other"}, 404),
        ({"model": ["demo"]}, 404),
        ({"messages": None}, 400),
        ({"messages": []}, 400),
        ({"messages": ["hi"]}, 400),
        ({"messages": [{"role": "user"}]}, 400),
        ({"messages": [{"role": "king", "content": "hi"}]}, 400),
        ({"messages": [{"role": ["user"], "content": "hi"}]}, 400),
        ({"messages": [{"role": "user", "content": 7}]}, 400),
        ({"messages": [{"role": "user", "content": [{"type": "sound"}]}]}, 400),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": 7}]}]}, 400),
        ({"messages": [{"role": "system", "content": "hi"}]}, 400),
        ({"stream": "yes"}, 400),
        ({"stream_options": 1}, 400),
        ({"n": 2}, 400),
        ({"max_tokens": 0}, 400),
        ({"max_tokens": True}, 400),
        ({"thinking_mode": "on"}, 400),
        ({"chat_template_kwargs": {"enable_thinking": "true"}}, 400),
        ({"reasoning_effort": "very"}, 400),
        ({"reasoning_effort": ["low"]}, 400),
    ],
)
async def test_a_wrong_body_is_refused(body: bytes | dict[str, Any], status: int) -> None:
    if isinstance(body, dict):
        body = json.dumps({"model": "demo", "messages": [user("hi")], **body}).encode()
    async with serving() as demo:
        answer = await send(demo, post(body))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/models?x=1", 200),
        ("PUT", "/v1/models", 405),
        ("GET", "/v1/chat/completions", 405),
    ],
)
async def test_addresses_and_methods_are_checked(method: str, path: str, status: int) -> None:
    async with serving() as demo, httpx.AsyncClient(trust_env=False) as client:
        response = await client.request(method, f"http://127.0.0.1:{demo.port}{path}")
    assert response.status_code == status


async def test_one_connection_serves_many_requests() -> None:
    async with serving(rate=0) as demo, httpx.AsyncClient(trust_env=False) as client:
        body = {"model": "demo", "messages": [user("demo:numbers=9")], "stream": True}
        for _ in range(3):
            await client.post(f"{demo.base_url}/chat/completions", json=body)
            assert (await client.post(f"{demo.base_url}/chat/completions", json={})).status_code == 404
        assert demo.record.open_connections == 1
    assert demo.record.open_connections == 0


async def test_requests_that_come_together_are_answered_in_turn() -> None:
    async with serving() as demo:
        answer = await send(demo, GET + b"\r\n" + GET + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 2


async def test_a_large_body_is_waited_for_and_its_sender_encouraged() -> None:
    body = json.dumps({"model": "demo", "messages": [user("demo:numbers=3 " + " " * 3_000_000)]}).encode()
    async with serving(rate=0) as demo:
        answer = await send(demo, post(body, b"Expect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert b'"0 1 2"' in answer


async def test_half_a_surrogate_pair_does_no_harm() -> None:
    body = b'{"model": "demo", "messages": [{"role": "user", "content": "half \\ud83d of it"}]}'
    async with serving(rate=0) as demo:
        answer = await send(demo, post(body))
    assert "half \ufffd of it".encode() in answer


async def test_a_client_that_hangs_up_is_seen_at_once() -> None:
    async with serving(rate=200) as demo:
        task = asyncio.create_task(ask(demo, "demo:numbers=100000"))
        await demo.record.until(lambda: bool(demo.record.asked) and demo.record.asked[0].deltas >= 5)
        task.cancel()
        await demo.record.until(lambda: bool(demo.record.hang_ups))
        asked = demo.record.asked[0]
        assert (asked.outcome, asked.ended_at is not None) == ("hung up", True)
        assert demo.record.open_connections == 0


async def test_a_reader_that_does_not_read_holds_the_answer_back() -> None:
    async with serving(rate=0) as demo:
        _, writer = await asyncio.open_connection("127.0.0.1", demo.port, limit=1)
        body = {"model": "demo", "stream": True, "messages": [user("demo:numbers=200000")]}
        writer.write(post(json.dumps(body).encode()))
        await demo.record.until(lambda: bool(demo.record.asked) and demo.record.asked[0].deltas > 0)
        await asyncio.sleep(0.05)
        assert demo.record.asked[0].deltas < 200_000
        writer.transport.abort()
        await demo.record.until(lambda: demo.record.asked[0].outcome == "hung up")


async def test_the_end_of_the_demo_ends_its_answers() -> None:
    async with serving(rate=2) as demo:
        task = asyncio.create_task(ask(demo, "demo:numbers=1000"))
        await demo.record.until(lambda: bool(demo.record.asked))
    assert (await task).error is not None
    assert (demo.record.asked[0].outcome, demo.record.hang_ups) == ("stopped", [])


async def test_the_record_tells_what_was_asked() -> None:
    messages = [{"role": "system", "content": "Be brief."}, user("demo:numbers=5")]
    async with serving(rate=0) as demo, httpx.AsyncClient(trust_env=False) as client:
        body = {"model": "demo", "messages": messages, "thinking_mode": True, "temperature": 0.3}
        headers = {"Authorization": "Bearer of-good-news"}
        await client.post(f"{demo.base_url}/chat/completions", json=body, headers=headers)
        seen = (await client.get(f"{demo.base_url}/_seen")).json()
    [asked] = seen["asked"]
    assert asked["messages"] == messages
    assert asked["parameters"] == {"thinking_mode": True, "temperature": 0.3}
    assert (asked["thinking"], asked["outcome"], asked["authorization"]) == (
        True,
        "answered",
        "Bearer of-good-news",
    )
    assert asked["deltas"] > len(numbers(5).split())
    assert seen["open_connections"] == 1


async def test_without_a_record_nothing_is_kept_or_told() -> None:
    async with serving(rate=0, keep=0) as demo, httpx.AsyncClient(trust_env=False) as client:
        await ask(demo, "demo:numbers=5")
        assert (await client.get(f"{demo.base_url}/_seen")).status_code == 404
        assert not demo.record.asked
