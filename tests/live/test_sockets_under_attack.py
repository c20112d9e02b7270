"""WS-01 to WS-18: what a hostile or broken browser sends, and that nobody else notices."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from yarl import URL

from chatapp.demo import numbers
from tests.live.raw import RawSocket
from tests.live.server import Server

MB = 1024 * 1024


async def opened(server: Server, name: str = "Ann", path: str = "/ws/") -> RawSocket:
    return await RawSocket.open(server.port, path, f"parley={server.sessions[name]}")


async def nobody_else_noticed(server: Server) -> None:
    """Bob still gets an exact answer, and the server has written no traceback."""
    page, answer = await server.ask("demo:numbers=20 demo:fast", "Bob")
    assert (await page.settled(answer)).text == numbers(20)
    assert "Traceback" not in server.output.read_text()


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "file://",
        "http://evil.example",
        "http://127.0.0.1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1.evil.example:{port}",
        "http://evil.example/http://127.0.0.1:{port}",
        "http://user@evil.example:{port}",
    ],
)
async def test_another_origin_is_refused_before_the_socket_opens(server: Server, origin: str | None) -> None:
    origin = origin and origin.format(port=server.port)
    socket = await RawSocket.open(server.port, "/ws/", f"parley={server.sessions['Ann']}", origin)
    assert socket.status in (400, 403)
    await socket.close()


@pytest.mark.parametrize("cookie", ["", "parley=nonsense", "parley=", "other=1; parley=" + "x" * 3000])
async def test_without_a_session_the_socket_closes_with_4401_and_not_a_byte_of_data(
    server: Server, cookie: str
) -> None:
    page, answer = await server.ask("demo:numbers=900 demo:rate=50")
    socket = await RawSocket.open(server.port, f"/ws/c/{page.conversation}/", cookie)
    opcode, payload = await socket.receive()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 4401)
    await socket.close()
    await page.post(f"/m/{answer}/stop/")


async def test_a_strangers_socket_closes_with_4404_and_not_a_byte_of_data(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=900 demo:rate=50")
    socket = await opened(server, "Eve", f"/ws/c/{page.conversation}/")
    socket.send(json.dumps({"t": "resume", "rev": 0, "live": {}}).encode())
    opcode, payload = await socket.receive()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 4404)
    await socket.close()
    await page.post(f"/m/{answer}/stop/")


async def test_an_address_without_a_socket_is_refused(server: Server) -> None:
    for path in ("/ws/other/", "/ws/c/1/", "/ws", "/"):
        socket = await opened(server, path=path)
        assert socket.status == 403
        await socket.close()
    await nobody_else_noticed(server)


BAD_TEXTS = [
    b"",
    b"hello",
    b"null",
    b"1",
    b"1e999",
    b'"text"',
    b"[]",
    b"[" * 20_000,
    b'{"t":' * 4_000,
    b"{}",
    b'{"t":"resume"}',
    b'{"t":"resume","rev":"1","live":{}}',
    b'{"t":"resume","rev":1,"live":[]}',
    b'{"t":"resume","rev":1.5,"live":{}}',
    b'{"t":"ack"}',
    b'{"t":"ack","f":-1}',
    b'{"t":"ack","f":99999}',
    b'{"t":"ack","f":1' + b"0" * 4_000 + b"}",
    b'{"t":"ack","f":1' + b"0" * 10_000 + b"}",
    b'{"t":"websocket.connect"}',
    b'{"t":"_close"}',
    b'{"t":"stop","m":1}',
    b'{"type":"websocket.disconnect","code":1000}',
    b'{"t":null}',
]


@pytest.mark.parametrize("text", BAD_TEXTS, ids=lambda text: text[:24].decode() or "empty")
async def test_a_malformed_message_closes_the_socket_with_4400(server: Server, text: bytes) -> None:
    socket = await opened(server)
    socket.send(text)
    assert await socket.close_code() == 4400
    await socket.close()


async def test_malformed_messages_leave_no_traceback_and_disturb_nobody(server: Server) -> None:
    await nobody_else_noticed(server)


@pytest.mark.parametrize("size", [MB, 8 * MB, 32 * MB])
async def test_an_oversized_message_is_cut_off_and_costs_no_memory(server: Server, size: int) -> None:
    before = server.memory()
    socket = await opened(server)
    try:
        socket.send(b"x" * size)
        await socket.writer.drain()
    except ConnectionError:
        pass
    assert await socket.close_code() in (1009, 1006)
    await socket.close()
    assert server.memory() - before < 60 * MB


async def test_endless_fragments_are_cut_off(server: Server) -> None:
    before = server.memory()
    socket = await opened(server)
    try:
        socket.send(b"x", fin=False)
        for _ in range(50_000):
            socket.send(b"x", opcode=0, fin=False)
        for _ in range(450):
            socket.send(b"x" * 10_000, opcode=0, fin=False)
        await socket.writer.drain()
    except ConnectionError:
        pass
    assert await socket.close_code() in (1009, 1006)
    await socket.close()
    assert server.memory() - before < 60 * MB


async def test_invalid_utf8_closes_with_1007(server: Server) -> None:
    socket = await opened(server)
    socket.send(b'{"t":"\xff\xfe"}')
    assert await socket.close_code() == 1007
    await socket.close()


@pytest.mark.parametrize(
    "frame",
    [
        {"payload": b"{}", "mask": False},
        {"payload": b"{}", "rsv": 4},
        {"payload": b"{}", "opcode": 3},
        {"payload": b"x" * 200, "opcode": 9},
        {"payload": b"{}", "opcode": 0},
        {"payload": b"x", "opcode": 8},
    ],
    ids=["unmasked", "reserved bit", "unknown opcode", "long ping", "lone continuation", "one-byte close"],
)
async def test_a_breach_of_the_protocol_closes_the_socket(server: Server, frame: dict[str, object]) -> None:
    socket = await opened(server)
    socket.send(**frame)  # type: ignore[arg-type]
    assert await socket.close_code() in (1002, 1006)
    await socket.close()


async def test_a_binary_message_closes_the_socket(server: Server) -> None:
    socket = await opened(server)
    socket.send(b"\0\1\2", opcode=2)
    assert await socket.close_code() == 4400
    await socket.close()


async def test_a_flood_of_messages_closes_the_socket_and_disturbs_nobody(server: Server) -> None:
    socket = await opened(server)
    message = json.dumps({"t": "resume", "rev": 0, "live": {}}).encode()
    try:
        for _ in range(2_000):
            socket.send(message)
        await socket.writer.drain()
    except ConnectionError:
        pass
    assert await socket.close_code() in (4400, 1006)
    await socket.close()
    await nobody_else_noticed(server)


async def test_sockets_of_one_member_are_capped(server: Server) -> None:
    sockets = [await opened(server, "Eve") for _ in range(105)]
    codes = []
    for socket in sockets[100:]:
        codes.append(await socket.close_code())
    assert codes == [4429] * 5
    for socket in sockets:
        await socket.close()


async def test_half_finished_handshakes_do_not_keep_an_honest_one_out(server: Server) -> None:
    half = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(200)]
    for _, writer in half:
        writer.write(b"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n")
    async with asyncio.timeout(2):
        socket = await opened(server)
    assert socket.status == 101
    await socket.close()
    for _, writer in half:
        writer.close()


async def test_signing_out_closes_the_sockets_of_that_session_within_five_seconds(server: Server) -> None:
    page = await server.page("Bob", connect=False)
    key = server.sessions["Bob"]
    form = {"csrfmiddlewaretoken": page.token, "email": "bob@example.org", "password": "correct horse battery"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
        async with other.get(server.base + "/sign-in/") as response:
            page.html = await response.text()
        form["csrfmiddlewaretoken"] = page.token
        async with other.post(server.base + "/sign-in/", data=form, headers={"Referer": server.base}) as response:
            assert response.status == 200
        cookies = other.cookie_jar.filter_cookies(URL(server.base))
        session = cookies["parley"].value
        assert session != key
        socket = await RawSocket.open(server.port, "/ws/", f"parley={session}")
        page.http = other
        await page.load()
        await page.post("/sign-out/")
    assert await socket.close_code(6) == 4401
    await socket.close()
