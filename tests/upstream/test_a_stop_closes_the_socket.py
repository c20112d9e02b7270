"""Cancelling the reader, at whatever moment, is seen by the upstream within a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from chatapp.upstream.client import ChatRequest, open_answer
from tests.upstream.conftest import Serve
from tests.upstream.replay import HEAD, REQUEST, Caller, Result, Server, ask, target

DELTA = b'data: {"choices":[{"delta":{"content":"word "}}]}\n\n'


async def cancel(reading: asyncio.Task[Result]) -> None:
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def stop_once_arrived(server: Server) -> None:
    reading = asyncio.create_task(ask(target(server.url)))
    await server.arrived.wait()
    await asyncio.sleep(0.02)
    await cancel(reading)
    await asyncio.wait_for(server.hung_up.wait(), 1)


def sending(*pieces: bytes) -> Callable[[Caller], object]:
    async def script(caller: Caller) -> None:
        await caller.send(*pieces)
        await caller.gone()

    return script


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([], id="before the head"),
        pytest.param([b"HTTP/1.1 200 OK\r\nX"], id="in the head"),
        pytest.param([HEAD], id="before the first word"),
        pytest.param([HEAD, b": ping\n\n"], id="between heartbeats"),
        pytest.param([HEAD, DELTA], id="between words"),
        pytest.param([b"HTTP/1.1 500 X\r\n\r\noh"], id="in the body of an error"),
    ],
)
async def test_while_the_upstream_is_silent(serve: Serve, pieces: list[bytes]) -> None:
    await stop_once_arrived(await serve(sending(*pieces)))


async def test_in_the_middle_of_a_flood(serve: Serve) -> None:
    async def flood(caller: Caller) -> None:
        await caller.send(HEAD)
        while True:
            await caller.send(DELTA * 100)

    await stop_once_arrived(await serve(flood))


async def test_while_the_request_is_still_going_out(serve: Serve) -> None:
    async def wait_then_read(caller: Caller) -> None:
        await asyncio.sleep(0.05)
        await caller.gone()

    server = await serve(wait_then_read, take_request=False)
    request = ChatRequest(messages=[{"role": "user", "content": "x" * 30_000_000}])
    reading = asyncio.create_task(ask(target(server.url), request))
    await server.arrived.wait()
    await asyncio.sleep(0.02)
    await cancel(reading)
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_while_tls_is_being_agreed(serve: Serve) -> None:
    server = await serve(Caller.gone, take_request=False)
    reading = asyncio.create_task(ask(target(server.url.replace("http:", "https:"))))
    await server.arrived.wait()
    await cancel(reading)
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_while_the_reader_rests_between_two_reads(serve: Serve) -> None:
    server = await serve(sending(HEAD, DELTA))

    async def read_one_and_rest() -> Result:
        async with open_answer(target(server.url), REQUEST) as answer:
            await answer.read()
            await asyncio.sleep(60)
        return Result()

    reading = asyncio.create_task(read_one_and_rest())
    await server.arrived.wait()
    await asyncio.sleep(0.02)
    await cancel(reading)
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_closing_is_seen_at_once_and_may_be_repeated(serve: Serve) -> None:
    server = await serve(sending(HEAD, DELTA))
    async with open_answer(target(server.url), REQUEST) as answer:
        await answer.read()
        answer.close()
        answer.close()
        await asyncio.wait_for(server.hung_up.wait(), 1)
    answer.close()


async def test_after_the_end_the_socket_closes_though_the_upstream_keeps_it_open(serve: Serve) -> None:
    done = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    server = await serve(sending(HEAD, DELTA + done))
    async with open_answer(target(server.url), REQUEST) as answer:
        while await answer.read() is not None:
            pass
        await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_closing_before_it_was_opened_does_nothing() -> None:
    open_answer(target("http://127.0.0.1:9/v1"), REQUEST).close()
