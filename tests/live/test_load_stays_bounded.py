"""INV-11 and INV-13: browsers that do not read and browsers that come and go cost a bounded amount."""

from __future__ import annotations

import asyncio
import json
import random

from chatapp.demo import numbers
from tests.live.page import Page
from tests.live.raw import RawSocket
from tests.live.server import Server

MB = 1024 * 1024
WORDS = 4_000


async def test_thirty_sockets_that_do_not_read_cost_little_and_an_honest_viewer_is_exact(own_server: Server) -> None:
    server = own_server
    await server.start()
    whole = numbers(WORDS, "paragraphs")
    asked = [await server.ask("demo:numbers=3 demo:fast") for _ in range(10)]
    for page, answer in asked:
        await page.settled(answer)
    deaf = []
    for page, _ in asked:
        for _ in range(3):
            cookie = f"parley={server.sessions['Ann']}"
            socket = await RawSocket.open(server.port, f"/ws/c/{page.conversation}/", cookie)
            socket.send(json.dumps({"t": "resume", "rev": 0, "live": {}}).encode())
            socket.writer.transport.pause_reading()  # type: ignore[attr-defined]
            deaf.append(socket)
    before = server.memory()
    answers = [await page.send(f"demo:numbers={WORDS} shape=paragraphs demo:rate=400") for page, _ in asked]
    for (page, _), answer in zip(asked, answers, strict=True):
        assert (await page.settled(answer, 120)).text == " ".join(whole.split())
    assert server.memory() - before < 150 * MB
    for socket in deaf:
        socket.writer.transport.abort()


async def come_and_go(server: Server, page: Page, chance: random.Random) -> None:
    socket = await RawSocket.open(server.port, f"/ws/c/{page.conversation}/", f"parley={server.sessions['Bob']}")
    socket.send(json.dumps({"t": "resume", "rev": 0, "live": {}}).encode())
    await socket.receive()
    if chance.random() < 0.5:
        socket.writer.transport.abort()
    else:
        socket.send(b"\x03\xe8", opcode=8)
        await socket.close_code()
        await socket.close()


async def test_fifteen_hundred_connections_half_of_them_aborted_leave_nothing(own_server: Server) -> None:
    server = own_server
    await server.start()
    chance = random.Random(13)
    page, answer = await server.ask("demo:numbers=50 demo:fast", "Bob")
    await page.settled(answer)
    for _ in range(10):
        await asyncio.gather(*(come_and_go(server, page, chance) for _ in range(10)))
    await asyncio.sleep(2)
    memory, descriptors = server.memory(), server.descriptors()
    for _ in range(150):
        await asyncio.gather(*(come_and_go(server, page, chance) for _ in range(10)))
    async with asyncio.timeout(15):
        while server.descriptors() - descriptors >= 20:
            await asyncio.sleep(0.2)
    assert server.memory() - memory < 25 * MB
