"""What an administrator is told about a server, and which servers are found on this machine."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from chatapp.upstream.errors import BY_CODE
from chatapp.upstream.probe import LOCAL_PORTS, PROBE, PROBE_TOKENS, SENTENCES, Found, find_local, probe
from tests.upstream.conftest import Serve
from tests.upstream.replay import KEY, Caller, Server, target

Script = Callable[[Caller], Awaitable[None]]
SOON = replace(PROBE, silence=0.1, one_piece=0.1)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><title>Welcome</title>"
MISSING = b"HTTP/1.1 404 Not Found\r\n\r\n404 page not found"
READY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    b'data: {"choices":[{"delta":{"content":"ready"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
WHOLE = b'HTTP/1.1 200 OK\r\n\r\n{"choices":[{"message":{"content":"ready"},"finish_reason":"stop"}]}'


def refusal(status: int, body: Any) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n\r\n%s" % (status, json.dumps(body).encode())


def models(*names: str, owner: str = "somebody") -> bytes:
    return refusal(200, {"object": "list", "data": [{"id": name, "owned_by": owner} for name in names]})


def api(*, lists: bytes = MISSING, answers: bytes = MISSING) -> Script:
    async def script(caller: Caller) -> None:
        await caller.send(lists if caller.head.startswith(b"GET /v1/models ") else answers)

    return script


def port_of(server: Server) -> int:
    port = urlsplit(server.url).port
    assert port is not None
    return port


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


async def test_a_server_that_works(serve: Serve) -> None:
    server = await serve(api(lists=models("intern-s1", "other"), answers=READY))
    verdict = await probe(target(server.url, "vllm"))
    assert (verdict.code, verdict.sentence, verdict.models) == ("works", "It works.", 2)
    assert verdict.milliseconds >= 0
    sent = json.loads(server.callers[1].body)
    assert (sent["model"], sent["max_tokens"]) == ("intern-s1", PROBE_TOKENS)
    assert sent["chat_template_kwargs"] == {"enable_thinking": False}


async def test_without_a_model_only_the_list_is_asked_for(serve: Serve) -> None:
    server = await serve(api(lists=models(), answers=READY))
    verdict = await probe(target(server.url, model=""))
    assert (verdict.code, verdict.models) == ("works", 0)
    assert len(server.callers) == 1


async def test_a_server_that_answers_needs_no_list(serve: Serve) -> None:
    server = await serve(api(answers=READY))
    verdict = await probe(target(server.url))
    assert (verdict.code, verdict.models) == ("works", None)


async def test_a_server_that_shall_not_stream_is_tested_so(serve: Serve) -> None:
    server = await serve(api(lists=models("intern-s1"), answers=WHOLE))
    assert (await probe(replace(target(server.url), streams=False))).code == "works"
    assert json.loads(server.callers[1].body)["stream"] is False


async def test_a_model_that_may_not_be_told_about_thinking_is_asked_again_without(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        refuses = b"chat_template_kwargs" in caller.body
        await caller.send(refusal(400, {"error": {"message": "unknown field", "code": 400}}) if refuses else READY)

    server = await serve(script)
    assert (await probe(target(server.url, "vllm"))).code == "works"
    assert b"chat_template_kwargs" not in server.callers[-1].body


@pytest.mark.parametrize("lists", [models("intern-s1"), refusal(401, {"error": "Unauthorized"})])
async def test_a_wrong_key(serve: Serve, lists: bytes) -> None:
    server = await serve(api(lists=lists, answers=refusal(401, {"error": "Unauthorized"})))
    verdict = await probe(target(server.url))
    assert (verdict.code, verdict.sentence) == ("key-wrong", SENTENCES["key-wrong"])
    verdict = await probe(target(server.url, key=""))
    assert (verdict.code, verdict.sentence) == ("key-wrong", "The server asks for a key.")


async def test_a_key_that_no_header_can_carry(serve: Serve) -> None:
    server = await serve(api(lists=models(), answers=READY))
    assert (await probe(target(server.url, key="密钥"))).code == "key-wrong"
    assert server.callers == []


async def test_no_server(closed_port: int) -> None:
    verdict = await probe(target(f"http://127.0.0.1:{closed_port}/v1"))
    assert (verdict.code, verdict.models) == ("network", None)
    assert verdict.sentence == "Nothing answers at this address: Connection refused."


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://no-such-host.invalid/v1", "the name of the host is not known"),
        ("ftp://127.0.0.1/v1", "the address is not an http or https URL"),
        ("", "the address is not"),
    ],
)
async def test_an_address_that_leads_nowhere(url: str, why: str) -> None:
    verdict = await probe(target(url))
    assert verdict.code == "network"
    assert why in verdict.sentence


async def test_http_where_https_was_meant(serve: Serve) -> None:
    server = await serve(api(lists=models()), take_request=False)
    verdict = await probe(target(server.url.replace("http:", "https:")))
    assert verdict.code == "network"
    assert verdict.sentence.startswith("Nothing answers at this address: TLS")


@pytest.mark.parametrize("model", ["", "intern-s1"])
@pytest.mark.parametrize("answer", [PAGE, MISSING, b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n"])
async def test_a_site_that_has_no_api_at_this_address(serve: Serve, answer: bytes, model: str) -> None:
    server = await serve(api(lists=answer, answers=answer))
    verdict = await probe(target(server.url, model=model))
    assert (verdict.code, verdict.sentence) == ("not-a-base-url", SENTENCES["not-a-base-url"])


async def test_a_base_url_with_the_path_of_an_answer(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        right = (b"GET /v1/models ", b"POST /v1/chat/completions ")
        await caller.send(READY if caller.head.startswith(right) else MISSING)

    server = await serve(script)
    assert (await probe(target(server.url + "/chat/completions"))).code == "not-a-base-url"


async def test_a_list_without_answers_is_a_base_url(serve: Serve) -> None:
    server = await serve(api(lists=models("intern-s1"), answers=PAGE))
    verdict = await probe(target(server.url))
    assert (verdict.code, verdict.models) == ("not-an-answer", 1)


async def test_a_server_that_goes_silent(serve: Serve) -> None:
    server = await serve(Caller.gone)
    verdict = await probe(target(server.url), SOON)
    assert (verdict.code, verdict.models) == ("timed-out", None)
    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_a_model_that_the_server_does_not_have(serve: Serve) -> None:
    missing = refusal(404, {"error": {"message": "The model `nope` does not exist.", "code": 404}})
    server = await serve(api(lists=models("intern-s1"), answers=missing))
    verdict = await probe(target(server.url, model="nope"))
    assert (verdict.code, verdict.models) == ("unknown-model", 1)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (refusal(429, {"error": {"message": "x"}}), "rate-limited"),
        (refusal(503, {"error": {"message": "Loading model"}}), "busy"),
        (refusal(403, {"msgCode": "A0211", "msg": "x"}), "key-expired"),
        (refusal(402, {}), "no-access"),
        (refusal(400, {"message": "x"}), "bad-request"),
        (refusal(400, {"error": {"code": "content_filter"}}), "refused"),
        (refusal(500, {"message": "x"}), "upstream-failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "empty"),
        (READY[:90], "broken"),
    ],
)
async def test_every_other_failure_has_its_words(serve: Serve, answers: bytes, code: str) -> None:
    server = await serve(api(lists=models("intern-s1"), answers=answers))
    verdict = await probe(target(server.url, "intern"))
    assert (verdict.code, verdict.sentence) == (code, SENTENCES[code])


async def test_a_verdict_has_none_of_the_servers_words(serve: Serve) -> None:
    told = refusal(401, {"error": {"message": f"{KEY} of /srv/secret at 10.0.0.7"}})
    server = await serve(api(lists=told, answers=told))
    verdict = await probe(target(server.url))
    assert not [word for word in (KEY, "secret", "10.0.0.7") if word in repr(verdict)]


def test_there_are_words_for_every_error_of_an_upstream() -> None:
    of_parley_itself = {"alias-gone"}
    assert set(BY_CODE) - of_parley_itself <= set(SENTENCES)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


@pytest.mark.parametrize(
    ("owner", "dialect", "name"),
    [
        ("library", "ollama", "Ollama"),
        ("LMDeploy", "lmdeploy", "LMDeploy"),
        ("vllm", "vllm", "vLLM"),
        ("sglang", "sglang", "SGLang"),
        ("llamacpp", "llamacpp", "llama.cpp"),
        ("somebody", "sglang", "SGLang"),
    ],
)
async def test_a_server_here_is_known_by_its_models_or_else_by_its_port(
    serve: Serve, owner: str, dialect: str, name: str
) -> None:
    server = await serve(api(lists=models("one", "two", owner=owner)))
    found = await find_local({port_of(server): "sglang"})
    assert found == [Found(dialect, name, server.url, ("one", "two"))]
    assert b"authorization" not in server.callers[0].head.lower()


async def test_a_server_here_without_models_is_a_server(serve: Serve) -> None:
    server = await serve(api(lists=refusal(200, {"object": "list", "data": None})))
    assert await find_local({port_of(server): "ollama"}) == [Found("ollama", "Ollama", server.url, ())]


async def test_other_things_that_listen_here_are_passed_over(serve: Serve, closed_port: int) -> None:
    scripts = [
        api(lists=PAGE),
        api(lists=MISSING),
        api(lists=refusal(401, {"error": "Unauthorized"})),
        api(lists=b"SSH-2.0-OpenSSH_9.2\r\n"),
        Caller.gone,
        api(lists=models("found", owner="vllm")),
    ]
    servers = [await serve(script) for script in scripts]
    ports = {port_of(server): "vllm" for server in servers} | {closed_port: "ollama"}
    assert [found.base_url for found in await find_local(ports)] == [servers[-1].url]
    await asyncio.wait_for(servers[4].hung_up.wait(), 1)


@pytest_asyncio.fixture
async def refused(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """A network where nobody answers: the hosts and ports that were tried."""
    tried: list[tuple[str, int]] = []

    async def create_connection(factory: Any, host: str, port: int, **options: Any) -> Any:
        tried.append((host, port))
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", create_connection)
    return tried


async def test_where_nobody_answers_one_request_is_enough(refused: list[tuple[str, int]]) -> None:
    assert (await probe(target("http://10.0.0.7:8000/v1"))).code == "network"
    assert refused == [("10.0.0.7", 8000)]


async def test_only_this_machine_is_looked_at(refused: list[tuple[str, int]]) -> None:
    assert await find_local() == []
    assert sorted(refused) == sorted(("127.0.0.1", port) for port in LOCAL_PORTS)
