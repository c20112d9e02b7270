"""INV-01, INV-08, INV-09, INV-10: kill -9 and SIGTERM."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import uuid

import aiohttp

from chatapp.demo import numbers
from tests.live.page import Page
from tests.live.server import Server

KILLS = 5
WRITERS = 4


async def settled_after_restart(server: Server, answer: int, seconds: float = 15) -> str:
    async with asyncio.timeout(seconds):
        while server.stored(answer)[0] in ("queued", "streaming"):
            await asyncio.sleep(0.1)
    return server.stored(answer)[0]


async def test_a_killed_server_leaves_an_interrupted_answer_with_its_text(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=900 demo:rate=50")
    seen = await page.shows(answer, 250)
    words_seen = len(seen.text.split())
    own_server.kill()
    await own_server.start()
    assert await settled_after_restart(own_server, answer) == "interrupted"
    kept = own_server.stored(answer)[2]
    assert numbers(900).startswith(kept)
    assert len(kept.split()) >= words_seen * 0.6
    page = await own_server.page("Ann", page.conversation)
    assert "Everything above is saved" in page.articles[answer].notice
    following = await page.send("demo:numbers=40 demo:fast")
    assert (await page.settled(following)).text == numbers(40)


async def test_a_page_that_outlives_the_server_learns_of_the_interruption(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=900 demo:rate=50")
    await page.shows(answer, 80)
    own_server.kill()
    await own_server.start()
    await page.connect()
    article = await page.settled(answer, 20)
    assert article.status == "interrupted"
    assert article.text == own_server.stored(answer)[2].strip()


async def test_sigterm_lets_a_short_answer_finish_and_refuses_new_connections(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=100 demo:rate=50")
    await page.shows(answer, 10)
    ending = asyncio.create_task(own_server.terminate())
    await asyncio.sleep(0.5)
    try:
        async with aiohttp.ClientSession() as client, client.get(own_server.base + "/healthz"):
            refused = False
    except aiohttp.ClientConnectorError:
        refused = True
    assert refused
    assert await page.closed() == 1012
    assert await ending <= 30
    assert page.articles[answer].status == "done"
    assert own_server.stored(answer) == ("done", "", numbers(100))


async def test_sigterm_interrupts_a_long_answer_and_nothing_seen_is_lost(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=2000 demo:rate=50")
    await page.shows(answer, 30)
    assert await own_server.terminate() <= 30
    await page.closed()
    status, _, text = own_server.stored(answer)
    assert status == "interrupted"
    assert text.startswith(page.articles[answer].text)
    assert page.articles[answer].status == "interrupted"


async def write_on(server: Server, name: str, acknowledged: dict[str, str], over: asyncio.Event) -> None:
    """Send numbered messages with names of our own, again until each is acknowledged."""
    page: Page | None = None
    count = 0
    while not over.is_set():
        client_id, text = str(uuid.uuid4()), f"{name} {count} demo:numbers=3 demo:fast demo:untitled"
        while not over.is_set():
            try:
                if page is None:
                    page = await server.page(name, connect=False)
                await page.send(text, client_id=client_id)
            except (aiohttp.ClientError, AssertionError, ConnectionError):
                await asyncio.sleep(0.1)
            else:
                acknowledged[client_id] = text
                break
        count += 1
        await asyncio.sleep(0.05)


async def test_repeated_crashes_lose_and_double_nothing(own_server: Server) -> None:
    chance = random.Random(10)
    await own_server.start()
    acknowledged: dict[str, str] = {}
    over = asyncio.Event()
    names = ["Ann", "Bob", "Eve", "Ann"][:WRITERS]
    writers = [asyncio.create_task(write_on(own_server, name, acknowledged, over)) for name in names]
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        own_server.kill()
        await own_server.start()
    await asyncio.sleep(1)
    over.set()
    await asyncio.gather(*writers)
    stored = own_server.rows("SELECT client_id, text FROM conversations_message WHERE client_id IS NOT NULL")
    assert len(acknowledged) >= KILLS
    by_id = {str(uuid.UUID(client_id)): text for client_id, text in stored}
    assert len(by_id) == len(stored)
    assert {key: by_id.get(key) for key in acknowledged} == acknowledged
    await asyncio.sleep(13)
    stuck = own_server.rows("SELECT id FROM conversations_message WHERE status IN ('queued', 'streaming')")
    assert stuck == []
    own_server.kill()
    connection = sqlite3.connect(own_server.data / "parley.sqlite3")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
