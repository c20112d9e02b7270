from __future__ import annotations

import asyncio
import datetime
import ipaddress
import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chatapp.upstream import connection, transport
from chatapp.upstream.client import ChatRequest, Limits
from tests.upstream.conftest import Serve
from tests.upstream.replay import KEY, Caller, Result, Server, ask, target

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


async def answer(caller: Caller) -> None:
    await caller.send(ANSWER)


def told(result: Result) -> str:
    """Everything about a failure that could end up in a log."""
    failure = result.failure
    assert failure is not None
    assert failure.__cause__ is None
    return f"{failure} {failure!r} {failure.detail}"


async def test_a_refused_port_is_a_network_error_that_names_no_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = await ask(target(f"http://127.0.0.1:{port}/v1"))
    assert result.error == "network"
    assert "127.0.0.1" not in told(result)
    assert str(port) not in told(result)


async def test_an_unknown_host_is_a_network_error_that_names_no_address() -> None:
    result = await ask(target("http://no-such-host.invalid/v1"), limits=Limits(connect=5))
    assert result.error == "network"
    assert "invalid" not in told(result)


async def test_a_host_that_does_not_respond_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        result = await ask(target(f"http://127.0.0.1:{address[1]}/v1"), limits=Limits(connect=0.1))
        for each in waiting:
            each.close()
    assert result.error == "network"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "upstream",
        "ftp://127.0.0.1/v1",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://a b/",
        "http://\0/",
    ],
)
async def test_an_address_that_is_none_is_a_network_error(url: str) -> None:
    assert (await ask(target(url))).error == "network"


async def test_an_upstream_that_speaks_only_ipv6(serve: Serve) -> None:
    server = await serve(answer, host="::1")
    assert (await ask(target(server.url))).text == "Hi"
    assert b"\r\nHost: [::1]:" in server.callers[0].head


async def test_the_request_is_what_a_strict_server_expects(serve: Serve) -> None:
    server = await serve(answer)
    await ask(target(server.url + "/"))
    lines = server.callers[0].head.decode().split("\r\n")
    assert lines[0] == "POST /v1/chat/completions HTTP/1.1"
    assert f"Authorization: Bearer {KEY}" in lines
    assert "Accept-Encoding: identity" in lines
    assert "Connection: close" in lines
    assert sum(line.lower().startswith("connection:") for line in lines) == 1
    assert "User-Agent: Parley" in lines


async def test_without_a_key_no_authorization_is_sent(serve: Serve) -> None:
    server = await serve(answer)
    await ask(target(server.url, key=""))
    assert b"authorization" not in server.callers[0].head.lower()


@pytest.mark.parametrize("key", ["two\r\nlines", "sk-密钥", "nul\0", "tab\t"])
async def test_a_key_that_no_header_can_carry_is_refused_before_anything_is_sent(serve: Serve, key: str) -> None:
    server = await serve(answer)
    result = await ask(target(server.url, key=key))
    assert result.error == "key-wrong"
    assert server.callers == []


async def test_a_large_request_arrives_whole(serve: Serve) -> None:
    server = await serve(answer)
    request = ChatRequest(messages=[{"role": "user", "content": "x" * 5_000_000}])
    assert (await ask(target(server.url), request)).text == "Hi"
    assert server.callers[0].body.count(b"x") > 5_000_000 - 1


async def test_a_refusal_before_the_whole_request_was_taken_is_read(serve: Serve) -> None:
    async def refuse(caller: Caller) -> None:
        await caller.reader.readuntil(b"\r\n\r\n")
        await caller.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.Event().wait()

    server = await serve(refuse, take_request=False)
    request = ChatRequest(messages=[{"role": "user", "content": "x" * 30_000_000}])
    assert (await ask(target(server.url), request)).error == "context"


async def test_environment_proxies_are_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = await serve(answer), await serve(answer)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert (await ask(target(server.url))).text == "Hi"
    assert proxy.callers == []


async def test_the_address_is_in_no_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = await serve(answer)
    with caplog.at_level(logging.INFO):
        await ask(target(server.url))
    assert "127.0.0.1" not in caplog.text


def test_a_target_does_not_show_its_key() -> None:
    assert KEY not in repr(target("http://upstream.test/v1"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake upstream")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "upstream.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connection.tls.cache_clear()
    yield
    connection.tls.cache_clear()


@pytest.mark.usefixtures("trusted")
async def test_tls_with_a_certificate_that_the_system_trusts(serve: Serve, tls_server_side: ssl.SSLContext) -> None:
    server = await serve(answer, ssl=tls_server_side)
    assert (await ask(target(server.url))).text == "Hi"


@pytest.mark.usefixtures("trusted")
async def test_tls_with_a_certificate_for_another_host(serve: Serve, tls_server_side: ssl.SSLContext) -> None:
    server = await serve(answer, ssl=tls_server_side)
    result = await ask(target(server.url.replace("127.0.0.1", "localhost")))
    assert result.error == "network"
    assert server.callers == []


async def test_tls_with_a_certificate_that_nobody_trusts(serve: Serve, tls_server_side: ssl.SSLContext) -> None:
    server = await serve(answer, ssl=tls_server_side)
    result = await ask(target(server.url))
    assert result.error == "network"
    assert "127.0.0.1" not in told(result)
    assert server.callers == []


async def test_tls_to_a_server_that_speaks_none(serve: Serve) -> None:
    server = await serve(answer, take_request=False)
    assert (await ask(target(server.url.replace("http:", "https:")))).error == "network"


@pytest.mark.usefixtures("trusted")
def test_all_of_it_runs_on_uvloop_too(tls_server_side: ssl.SSLContext) -> None:
    async def cut(caller: Caller) -> None:
        await caller.send(ANSWER[:90])

    async def scenario() -> list[Result]:
        good, broken, silent, secure = Server(answer), Server(cut), Server(Caller.gone), Server(answer)
        for server in (good, broken, silent):
            await server.start()
        await secure.start(ssl=tls_server_side)
        results = [
            await ask(target(server.url), limits=Limits(silence=0.1)) for server in (good, broken, silent, secure)
        ]
        await asyncio.wait_for(silent.hung_up.wait(), 1)
        for server in (good, broken, silent, secure):
            await server.stop()
        return results

    good, broken, silent, secure = uvloop.Loop().run_until_complete(scenario())
    assert [good.text, secure.text] == ["Hi", "Hi"]
    assert [broken.error, silent.error] == ["broken", "timed-out"]


async def test_another_transport_of_httpx_can_take_its_place(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve(answer)
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(), trust_env=False) as client:
        monkeypatch.setattr(transport, "_client", client)
        assert (await ask(target(server.url))).text == "Hi"
        await server.stop()
        assert (await ask(target(server.url))).error == "network"


async def test_our_transport_serves_plain_httpx(serve: Serve) -> None:
    server = await serve(answer)
    async with httpx.AsyncClient(transport=transport.DirectTransport(), trust_env=False) as client:
        response = await client.post(server.url, content=b"{}")
    assert response.status_code == 200
    assert response.text.endswith("[DONE]\n\n")
