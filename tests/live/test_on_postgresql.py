"""The promises that a database could break, on PostgreSQL; INV-19: it may restart in the middle of an answer."""

from __future__ import annotations

import asyncio
import shutil
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from chatapp.demo import Demo, numbers
from tests.live.page import Page
from tests.live.server import ROOT, Server
from tests.postgres import Cluster, needs_postgres, running

pytestmark = needs_postgres
LONG = "demo:numbers=400 demo:rate=50"
# Longer than it takes until a silent server counts as dead.
OUTAGE_SECONDS = 11
_names = count()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running() as made:
        yield made


@pytest_asyncio.fixture(scope="module")
async def furnished(cluster: Cluster, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that has ended, with people in its database."""
    url = cluster.make("furnished")
    made = Server(tmp_path_factory.mktemp("furnished"), demo.base_url, PARLEY_DATABASE_URL=url)
    await made.start()
    await made.terminate()
    return made


@pytest_asyncio.fixture
async def server(cluster: Cluster, furnished: Server, tmp_path: Path) -> AsyncIterator[Server]:
    """A server on a database of its own, started."""
    shutil.copytree(furnished.data, tmp_path, dirs_exist_ok=True)
    url = cluster.make(f"parley{next(_names)}", template="furnished")
    own = Server(tmp_path, furnished.upstream, PARLEY_DATABASE_URL=url, PARLEY_DRAIN_SECONDS="3")
    own.sessions = dict(furnished.sessions)
    await own.start()
    try:
        yield own
    finally:
        await own.close()


async def add(page: Page, text: str) -> int:
    """Send a message to the open conversation; the status of the response."""
    fields = {"client_id": str(uuid.uuid4()), "text": text, "alias": "demo"}
    async with await page.post(f"/c/{page.conversation}/send/", **fields) as response:
        return response.status


async def until(server: Server, statuses: list[str], seconds: float = 30) -> None:
    """Until the messages of the database have these statuses, by their ids."""
    async with asyncio.timeout(seconds):
        while [row[0] for row in server.rows("SELECT status FROM conversations_message ORDER BY id")] != statuses:
            await asyncio.sleep(0.1)


async def test_an_answer_is_exact_in_every_tab_and_after_a_reload(server: Server) -> None:
    page, answer = await server.ask(LONG)
    late = await server.page("Ann", page.conversation)
    for tab in (page, late):
        assert (await tab.settled(answer)).text == numbers(400)
    assert server.stored(answer) == ("done", "", numbers(400))
    await page.load()
    assert page.articles[answer].text == numbers(400)


async def test_a_repeated_send_is_one_message(server: Server) -> None:
    name = str(uuid.uuid4())
    tabs = [await server.page("Ann", connect=False) for _ in range(8)]
    answers = await asyncio.gather(*(tab.send("demo:numbers=5 demo:fast", client_id=name) for tab in tabs))
    assert len(set(answers)) == 1
    await until(server, ["sent", "done"])


async def test_a_stop_keeps_what_was_seen_and_the_next_send_works(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=2000 demo:rate=50")
    await page.shows(answer, 30)
    for _ in range(3):
        assert (await page.post(f"/m/{answer}/stop/")).status == 204
    assert (await page.settled(answer, 5)).status == "stopped"
    assert numbers(2000).startswith(server.stored(answer)[2])
    following = await page.send("demo:numbers=20 demo:fast")
    assert (await page.settled(following)).text == numbers(20)


async def test_messages_that_wait_go_out_in_their_order(server: Server) -> None:
    page, answer = await server.ask(LONG)
    await page.shows(answer, 3)
    for words in range(1, 4):
        assert await add(page, f"demo:numbers={words} demo:fast") == 200
    await until(server, ["sent", "done", *["sent"] * 3, *["done"] * 3])
    said = [row[0] for row in server.rows("SELECT text FROM conversations_message ORDER BY id")]
    assert said[-3:] == ["0", "0 1", "0 1 2"]


async def test_a_killed_server_leaves_an_interrupted_answer_with_its_text(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=900 demo:rate=50")
    seen = await page.shows(answer, 250)
    server.kill()
    await server.start()
    await until(server, ["sent", "interrupted"], 15)
    kept = server.stored(answer)[2]
    assert numbers(900).startswith(kept)
    assert len(kept.split()) >= len(seen.text.split()) * 0.6
    page = await server.page("Ann", page.conversation)
    following = await page.send("demo:numbers=40 demo:fast")
    assert (await page.settled(following)).text == numbers(40)


async def test_forty_answers_at_once_are_exact(server: Server) -> None:
    asked = await asyncio.gather(*(server.ask("demo:numbers=100 demo:rate=50") for _ in range(40)))
    for page, answer in asked:
        assert (await page.settled(answer)).text == numbers(100)
        assert server.stored(answer) == ("done", "", numbers(100))


@pytest.mark.parametrize("at_once", [False, True], ids=["restart", "crash"])
async def test_postgresql_restarts_in_the_middle_of_an_answer(server: Server, cluster: Cluster, at_once: bool) -> None:
    page, answer = await server.ask("demo:numbers=600 demo:rate=50")
    await page.shows(answer, 60)
    await asyncio.to_thread(cluster.stop, at_once=at_once)
    try:
        for path in (f"/c/{page.conversation}/", f"/m/{answer}/source/"):
            async with page.http.get(server.base + path) as response:
                assert response.status == 503
                assert "The database is away for a moment" in await response.text()
        await page.shows(answer, 200)
    finally:
        await asyncio.to_thread(cluster.start)
    assert (await page.settled(answer)).text == numbers(600)
    assert server.stored(answer) == ("done", "", numbers(600))
    following = await page.send("demo:numbers=20 demo:fast")
    assert (await page.settled(following)).text == numbers(20)


async def test_after_a_deadlock_the_one_that_had_to_yield_is_done_again(server: Server) -> None:
    command = [sys.executable, "-m", "tests.live.deadlock"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=server.environment, stdout=-1)
    attempts, _ = await process.communicate()
    assert int(attempts) == 3
    names = [row[0] for row in server.rows("SELECT name FROM accounts_user WHERE name LIKE 'Ann%' OR name LIKE 'Bob%'")]
    assert {frozenset(name[3:]) for name in names} == {frozenset("ab")}


@pytest_asyncio.fixture
async def twin(server: Server) -> AsyncIterator[Server]:
    """Another server on the same database, started."""
    other = server.twin()
    await other.start()
    try:
        yield other
    finally:
        await other.close()


async def test_a_server_ends_the_answers_of_another_one_that_died(server: Server, twin: Server) -> None:
    page, answer = await server.ask("demo:numbers=900 demo:rate=50")
    own, running_here = await twin.ask(LONG)
    await page.shows(answer, 60)
    server.kill()
    await until(twin, ["sent", "interrupted", "sent", "done"])
    assert numbers(900).startswith(twin.stored(answer)[2])
    assert (await own.settled(running_here)).text == numbers(400)
    page = await twin.page("Ann", page.conversation)
    assert "Everything above is saved" in page.articles[answer].notice
    following = await page.send("demo:numbers=40 demo:fast")
    assert (await page.settled(following)).text == numbers(40)


async def test_after_an_outage_no_server_takes_another_one_for_dead(
    server: Server, twin: Server, cluster: Cluster
) -> None:
    page, answer = await server.ask("demo:numbers=1200 demo:rate=50")
    await page.shows(answer, 60)
    await asyncio.to_thread(cluster.stop)
    await asyncio.sleep(OUTAGE_SECONDS)
    await asyncio.to_thread(cluster.start)
    assert (await page.settled(answer)).text == numbers(1200)
    assert server.stored(answer) == ("done", "", numbers(1200))
