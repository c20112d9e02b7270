"""WEB-03 to WEB-12, MD-19 and fact 5 of the bodies: the plain manners of an HTTP server that faces people."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.live.raw import RawSocket
from tests.live.server import Server

MB = 1024 * 1024


async def raw_request(server: Server, request: bytes, seconds: float = 10) -> bytes:
    """What the server says to these very bytes, to the end of the connection or of our patience."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request.replace(b"{port}", str(server.port).encode()))
    answer = b""
    try:
        async with asyncio.timeout(seconds):
            await writer.drain()
            while chunk := await reader.read(65536):
                answer += chunk
                if b"Connection: close" not in request:
                    break
    except (TimeoutError, ConnectionError):
        pass
    writer.close()
    return answer


def status_of(answer: bytes) -> int:
    return int(answer.split()[1]) if answer else 0


@pytest.mark.parametrize("path", ["/sign-in/", "/", "/no-such-page/", "/c/00000000-0000-0000-0000-000000000000/"])
async def test_every_page_says_how_little_it_may_do(server: Server, path: str) -> None:
    client = server.client("" if path == "/sign-in/" else "Ann")
    async with client.get(server.base + path) as response:
        headers = response.headers
        page = await response.text()
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "<script>" not in page
    assert "style=" not in page
    assert " onclick" not in page


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "x/?", "x#", "", "a\tb"])
async def test_a_host_that_is_not_ours_is_a_bad_request(server: Server, host: str) -> None:
    answer = await raw_request(server, f"GET /sign-in/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert status_of(answer) == 400


async def test_a_forwarded_host_changes_no_address(server: Server) -> None:
    client = server.client()
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    async with client.get(server.base + "/", headers=headers, allow_redirects=False) as response:
        assert response.headers["Location"] == "/sign-in/?next=/"


@pytest.mark.parametrize("name", ["Remote-User", "X-Forwarded-User", "X-Email", "X-Remote-User"])
async def test_a_header_signs_nobody_in(server: Server, name: str) -> None:
    client = server.client()
    async with client.get(server.base + "/", headers={name: "ann@example.org"}, allow_redirects=False) as response:
        assert response.status == 302


@pytest.mark.parametrize(
    "path",
    [
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2fmanage.py",
        "/.git/config",
        "/.env",
        "/db.sqlite3",
        "/parley.sqlite3",
        "/media/",
        "/static/",
        "/secret-key",
    ],
)
async def test_no_file_of_ours_is_served(server: Server, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\nConnection: close\r\n\r\n".encode()
    answer = await raw_request(server, request)
    assert status_of(answer) in (302, 400, 404)
    assert b"SECRET" not in answer
    assert b"DJANGO_SETTINGS" not in answer


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "FOO"])
async def test_other_methods_are_refused(server: Server, method: str) -> None:
    client = server.client("Ann")
    async with client.request(method, server.base + "/", allow_redirects=False) as response:
        assert response.status in (403, 405)


SMUGGLED = [
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A\x0b: 1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length : 0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-A: 1\r\n" * 2_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"x" * MB + b"\r\n\r\n",
    b"GET /" + b"x" * 65_536 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", SMUGGLED, ids=lambda b: str(b[34:60]))
async def test_a_request_that_can_be_read_in_two_ways_or_is_huge_is_refused_once(
    server: Server, request_bytes: bytes
) -> None:
    answer = await raw_request(server, request_bytes, 5)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert status_of(answer) in (0, 400, 414, 431)


async def test_a_body_of_400_megabytes_is_refused_and_costs_no_memory(server: Server) -> None:
    before, highest, refused = server.memory(), 0, b""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = f"POST /nowhere/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {400 * MB}\r\n\r\n"
    try:
        writer.write(head.encode())
        for _ in range(400):
            writer.write(b"x" * MB)
            await writer.drain()
            highest = max(highest, server.memory())
        refused = await reader.read(64)
    except ConnectionError:
        refused = b"reset"
    assert refused
    assert highest - before < 60 * MB
    writer.close()


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(server: Server) -> None:
    async with server.client().get(server.base + "/sign-in/") as response:
        cookies = response.headers.getall("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite" in cookie


async def test_behind_https_cookies_are_secure_and_bound_to_the_host(own_server: Server) -> None:
    own_server.environment["PARLEY_ORIGIN"] = "https://chat.example.org"
    await own_server.start()
    async with aiohttp.ClientSession() as client:
        url = own_server.base + "/sign-in/"
        async with client.get(url, headers={"Host": "chat.example.org"}) as response:
            cookies = response.headers.getall("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie


async def test_health_tells_nothing_but_life(server: Server) -> None:
    async with server.client().get(server.base + "/healthz") as response:
        assert (response.status, await response.text()) == (200, "ok\n")


async def test_a_socket_upgrade_on_a_page_is_refused(server: Server) -> None:
    socket = await RawSocket.open(server.port, "/sign-in/")
    assert socket.status == 403
    await socket.close()
