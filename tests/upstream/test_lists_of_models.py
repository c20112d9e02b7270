"""What servers list, of whatever shape and size → ids and what else is told; anything that is no list is an error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chatapp.upstream.errors import UpstreamError
from chatapp.upstream.limits import Limits
from chatapp.upstream.models import MOST_TOKENS, Listed, list_models
from tests.upstream.conftest import Serve
from tests.upstream.replay import KEY, RECORDINGS, Caller, Recording, dialect_of, target

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

RECORDED = {
    "intern/models": [
        Listed(name, ref_model, owner="SH-AILab")
        for name, ref_model in (
            ("intern-s1-mini", "intern-s1-mini"),
            ("internvl3.5-241b-a28b", "internvl3.5-241b-a28b"),
            ("internvl3.5-latest", "internvl3.5-241b-a28b"),
            ("internvl-latest", "internvl3.5-241b-a28b"),
            ("intern-latest", "intern-s1-pro"),
            ("intern-s1", "Intern-S1"),
            ("intern-s1-pro", "intern-s1-pro"),
        )
    ],
    "intern/models_ollama_empty": [],
    "lmdeploy-0.18/models": [Listed("intern-s1", owner="lmdeploy")],
    "ollama-constructed/models": [Listed("qwen3:8b", owner="library")],
    "ollama-constructed/models_none": [],
    "sglang-constructed/models": [Listed("internlm/Intern-S1", context_tokens=32768, owner="sglang")],
    "transformers-serve/models": [Listed("tiny/qwen3", owner="tiny")],
    "vllm-constructed/models": [Listed("internlm/Intern-S1", context_tokens=32768, owner="vllm")],
}


def sending(*pieces: bytes) -> Callable[[Caller], Awaitable[None]]:
    async def script(caller: Caller) -> None:
        await caller.send(*pieces)

    return script


async def listed(serve: Serve, answer: Any, **options: Any) -> list[Listed]:
    """The list that a server with this answer gives: the bytes of a whole response, or what is to be its JSON."""
    raw = answer if isinstance(answer, bytes) else JSON + json.dumps(answer).encode()
    server = await serve(sending(raw))
    return await list_models(target(server.url), **options)


async def error_of(serve: Serve, answer: Any, **options: Any) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        await listed(serve, answer, **options)
    return caught.value


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_list(serve: Serve, name: str) -> None:
    raw = Recording.named(name).raw
    for pieces in ([raw], [raw[at : at + 1] for at in range(len(raw))]):
        server = await serve(sending(*pieces))
        assert await list_models(target(server.url, dialect_of(name))) == RECORDED[name]


def test_no_recorded_list_is_left_out() -> None:
    assert {f"{path.parent.name}/{path.stem}" for path in RECORDINGS.glob("*/models*.http")} == set(RECORDED)


async def test_a_list_is_asked_for_with_the_key_and_without_a_body(serve: Serve) -> None:
    server = await serve(sending(JSON + b'{"data":[]}'))
    await list_models(target(server.url + "/"))
    caller = server.callers[0]
    assert caller.head.startswith(b"GET /v1/models HTTP/1.1\r\n")
    assert f"\r\nAuthorization: Bearer {KEY}\r\n".encode() in caller.head
    assert caller.body == b""


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        ({"data": []}, []),
        ({"data": None}, []),
        ({"models": None}, []),
        ([{"id": "a"}], ["a"]),
        (["a", "b"], ["a", "b"]),
        ({"models": [{"model": "a"}, {"name": "b"}]}, ["a", "b"]),
        ({"models": [{"name": "not this"}], "data": [{"id": "a"}]}, ["a"]),
        ({"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, ["a", "b", "a"]),
        ({"data": [{"id": 7}, {"id": None}, {"id": ""}, {"id": " "}, {"id": ["a"]}, {}, None, 7, [], "", True]}, []),
        ({"data": [{"id": 7, "name": "a"}]}, ["a"]),
        ({"data": [{"id": " a\0b \ud83d"}, {"id": "\0"}, {"id": "\ud83d\udc3c"}]}, ["ab \ufffd", "🐼"]),
        ({"data": [{"id": "<b>&\x1b[31m\u202e"}]}, ["<b>&\x1b[31m\u202e"]),
        ({"data": [{"id": "x" * 100_000}]}, ["x" * 100_000]),
    ],
)
async def test_a_list_of_any_shape_and_its_ids_in_order(serve: Serve, answer: Any, ids: list[str]) -> None:
    assert [model.id for model in await listed(serve, answer)] == ids


@pytest.mark.parametrize(
    ("told", "tokens"),
    [
        ({"max_model_len": 8192}, 8192),
        ({"context_length": 8192}, 8192),
        ({"context_window": 8192}, 8192),
        ({"max_context_length": 8192}, 8192),
        ({"meta": {"n_ctx": 4096, "n_ctx_train": 32768}}, 4096),
        ({"meta": {"n_ctx_train": 32768}}, 32768),
        ({"max_model_len": None, "context_length": 8192}, 8192),
        ({"max_model_len": MOST_TOKENS}, MOST_TOKENS),
        ({"max_model_len": MOST_TOKENS + 1}, None),
        ({"max_model_len": 0}, None),
        ({"max_model_len": -1}, None),
        ({"max_model_len": True}, None),
        ({"max_model_len": 8192.0}, None),
        ({"max_model_len": "8192"}, None),
        ({"meta": [8192]}, None),
    ],
)
async def test_how_much_a_model_can_read(serve: Serve, told: dict[str, Any], tokens: int | None) -> None:
    (model,) = await listed(serve, {"data": [{"id": "a"} | told]})
    assert model.context_tokens == tokens


async def test_what_is_told_of_a_model_in_another_type_is_not_told(serve: Serve) -> None:
    assert await listed(serve, {"data": [{"id": "a", "ref_model": 7, "owned_by": {"a": 1}}]}) == [Listed("a")]


async def test_a_hundred_thousand_models_are_a_list(serve: Serve) -> None:
    models = await listed(serve, {"data": [{"id": f"model-{number}"} for number in range(100_000)]})
    assert len(models) == 100_000
    assert models[-1].id == "model-99999"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({}, "not-an-answer"),
        ({"data": "none"}, "not-an-answer"),
        ({"data": {"id": "a"}}, "not-an-answer"),
        ({"object": "list"}, "not-an-answer"),
        ("models", "not-an-answer"),
        (7, "not-an-answer"),
        (JSON, "empty"),
        (JSON + b'{"data":[{"id":"a"}', "not-an-answer"),
        (JSON + b"[" * 100_000, "not-an-answer"),
        (JSON + b"\xff\xfe", "not-an-answer"),
        (JSON + b"<!doctype html><title>Sign in</title>", "not-an-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n[]", "not-an-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", "not-an-answer"),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "not-an-answer"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n404 page not found", "not-an-answer"),
        (b'HTTP/1.1 401 X\r\n\r\n{"error":"Unauthorized"}', "key-wrong"),
        (b"HTTP/1.1 500 X\r\n\r\nInternal Server Error", "upstream-failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "broken"),
        ({"error": {"message": "Invalid API key", "code": 401}}, "key-wrong"),
        ({"success": False, "msg": "user authenticate failed", "data": None}, "key-wrong"),
        ({"object": "error", "message": "The queue is full", "code": 503}, "busy"),
    ],
)
async def test_what_is_no_list_is_an_error(serve: Serve, answer: Any, code: str) -> None:
    assert (await error_of(serve, answer)).code == code


@pytest.mark.parametrize(
    "raw",
    [
        JSON + b'{"error":"the key hunter2 is wrong"}',
        JSON + b"the key hunter2 is wrong",
        b"HTTP/1.1 401 X\r\n\r\nthe key hunter2 is wrong",
    ],
)
async def test_the_key_is_hidden_in_what_goes_to_the_log(serve: Serve, raw: bytes) -> None:
    server = await serve(sending(raw))
    with pytest.raises(UpstreamError) as caught:
        await list_models(target(server.url, key="hunter2"))
    assert "key [hidden] is" in caught.value.detail


async def test_a_list_without_end_is_cut_off_and_the_socket_closed(serve: Serve) -> None:
    async def flood(caller: Caller) -> None:
        await caller.send(JSON, b'{"data":[')
        while True:
            await caller.send(b'{"id":"model"},' * 100)

    server = await serve(flood)
    with pytest.raises(UpstreamError) as caught:
        await list_models(target(server.url), Limits(document_bytes=100_000))
    assert caught.value.code == "too-long"
    await asyncio.wait_for(server.hung_up.wait(), 1)


@pytest.mark.parametrize(
    ("limits", "code"), [(Limits(silence=0.05), "timed-out"), (Limits(total=0.05), "took-too-long")]
)
async def test_a_list_that_does_not_come_is_given_up(serve: Serve, limits: Limits, code: str) -> None:
    async def stall(caller: Caller) -> None:
        await caller.send(JSON, b'{"data":[')
        await caller.gone()

    server = await serve(stall)
    with pytest.raises(UpstreamError) as caught:
        await list_models(target(server.url), limits)
    assert caught.value.code == code
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_a_server_that_keeps_the_connection_open_is_left_all_the_same(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        await caller.send(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"data":[]}')
        await caller.gone()

    server = await serve(script)
    assert await list_models(target(server.url)) == []
    await asyncio.wait_for(server.hung_up.wait(), 1)
