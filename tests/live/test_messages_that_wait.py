"""What is sent while an answer is written waits on the server, in its order, and goes out when the answer ends."""

from __future__ import annotations

import asyncio
import uuid

from tests.live.articles import articles_of
from tests.live.page import Page
from tests.live.scripted import scripted
from tests.live.server import Server
from tests.live.test_routes_and_queues import lead_to, upstreams

SLOW = "demo:numbers=60 demo:rate=40"


async def add(page: Page, text: str, client_id: str = "", alias: str = "demo") -> int:
    """Send a message to the open conversation; the status of the response."""
    fields = {"client_id": client_id or str(uuid.uuid4()), "text": text, "alias": alias}
    response = await page.post(f"/c/{page.conversation}/send/", **fields)
    return response.status


async def until_quiet(server: Server, messages: int) -> None:
    """Until there are so many messages, all settled."""
    async with asyncio.timeout(30):
        while statuses(server).count("done") * 2 < messages or len(statuses(server)) < messages:
            await asyncio.sleep(0.05)


def statuses(server: Server) -> list[str]:
    return [row[0] for row in server.rows("SELECT status FROM conversations_message ORDER BY id")]


def branch(server: Server) -> list[str]:
    """The texts from the root to the open leaf."""
    rows = {row[0]: row[1:] for row in server.rows("SELECT id, parent_id, text FROM conversations_message")}
    at = server.rows("SELECT leaf_id FROM conversations_conversation")[0][0]
    texts = []
    while at is not None:
        texts.append(rows[at][1])
        at = rows[at][0]
    return texts[::-1]


async def test_three_messages_go_out_in_their_order(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask(SLOW)
    other = await own_server.page("Ann", page.conversation)
    await page.shows(answer, 3)
    texts = ["demo:numbers=2 demo:fast one", "demo:numbers=3 demo:fast two", "demo:numbers=4 demo:fast three"]
    for text in texts:
        assert await add(page, text) == 200
    async with asyncio.timeout(5):
        while other.queue != texts:
            await asyncio.sleep(0.02)
    await other.load()
    assert other.queue == texts
    await until_quiet(own_server, 8)
    said = branch(own_server)
    assert said[0::2] == [SLOW, *texts]
    assert said[3::2] == ["0 1", "0 1 2", "0 1 2 3"]
    async with asyncio.timeout(5):
        while page.queue or len(page.articles) < 8:
            await asyncio.sleep(0.02)


async def test_who_reads_another_branch_by_then_stays_there(own_server: Server) -> None:
    await own_server.start()
    page, first = await own_server.ask("demo:numbers=2 demo:fast")
    await page.settled(first)
    response = await page.post(f"/m/{first}/retry/", alias="demo")
    second = max(articles_of(await response.text())[0])
    await page.settled(second)
    running = await page.send(SLOW)
    await page.shows(running, 3)
    assert await add(page, "demo:numbers=3 demo:fast") == 200
    other = await own_server.page("Ann", page.conversation)
    response = await page.post(f"/m/{first}/show/")
    assert response.status == 200
    # Two questions and their answers, and the first answer, which both pages show.
    await until_quiet(own_server, 7)
    await asyncio.sleep(0.3)
    fresh = await own_server.page("Ann", page.conversation)
    assert list(fresh.articles)[-1] == first
    assert list(page.articles) == list(other.articles) == list(fresh.articles)
    assert branch(own_server)[-1] == "0 1 2"


async def test_a_repeated_send_waits_once(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask(SLOW)
    await page.shows(answer, 3)
    name = str(uuid.uuid4())
    assert set(await asyncio.gather(*(add(page, "demo:fast again", name) for _ in range(5)))) == {200}
    assert statuses(own_server).count("waiting") == 1
    await until_quiet(own_server, 4)
    assert await add(page, "demo:fast again", name) == 200
    assert len(statuses(own_server)) == 4


async def test_what_waits_can_be_reworded_and_taken_back(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=200 demo:rate=40")
    await page.shows(answer, 3)
    await add(page, "first")
    await add(page, "second")
    form = {"client_id": str(uuid.uuid4()), "text": "the first, in other words", "alias": "demo"}
    assert (await page.post(f"/m/{answer + 1}/edit/", **form)).status == 200
    assert (await page.post(f"/m/{answer + 1}/edit/", **form | {"text": " "})).status == 422
    assert (await page.post(f"/m/{answer + 2}/remove/")).status == 200
    assert (await page.post(f"/m/{answer + 2}/remove/")).status == 404
    await page.load()
    assert page.queue == ["the first, in other words"]
    for path in ("retry", "continue", "show", "fork"):
        assert (await page.post(f"/m/{answer + 1}/{path}/")).status == 404
    eve = await own_server.page("Eve")
    assert (await eve.post(f"/m/{answer + 1}/remove/")).status == 404
    assert (await eve.post(f"/m/{answer + 1}/edit/", **form)).status == 404
    assert (await eve.post(f"/c/{page.conversation}/send-on/")).status == 404


async def test_a_stop_lets_the_next_one_go(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=900 demo:rate=40")
    await page.shows(answer, 3)
    await add(page, "demo:numbers=2 demo:fast next")
    await page.post(f"/m/{answer}/stop/")
    async with asyncio.timeout(10):
        while statuses(own_server) != ["sent", "stopped", "sent", "done"]:
            await asyncio.sleep(0.05)


async def test_a_failed_answer_pauses_the_queue_until_somebody_says_so(own_server: Server) -> None:
    await own_server.start()
    async with scripted("P1", "hold", "500") as upstream:
        lead_to(own_server, upstream.base_url)
        page, _ = await own_server.ask("One")
        while not upstream.asked:
            await asyncio.sleep(0.02)
        await add(page, "Two")
        await add(page, "Three")
        upstream.let_go.set()
        async with asyncio.timeout(10):
            while statuses(own_server) != ["sent", "done", "sent", "waiting", "failed"]:
                await asyncio.sleep(0.05)
        await page.load()
        assert "The last answer did not come to its end" in page.html
        assert page.queue == ["Three"]
        await asyncio.sleep(4)
        assert statuses(own_server).count("waiting") == 1
        assert (await page.post(f"/c/{page.conversation}/send-on/")).status == 200
        async with asyncio.timeout(10):
            while "waiting" in statuses(own_server) or statuses(own_server)[-1] != "done":
                await asyncio.sleep(0.05)
        assert branch(own_server)[-2:] == ["Three", "from P1"]


async def test_what_waits_for_a_model_that_is_gone_says_so_and_may_ask_another_one(own_server: Server) -> None:
    await own_server.start()
    other = second_alias(own_server)
    page, answer = await own_server.ask(SLOW)
    await page.shows(answer, 3)
    texts = ["demo:numbers=2 demo:fast", "demo:numbers=3 demo:fast"]
    for text in texts:
        assert await add(page, text, alias="other") == 200
    own_server.write("UPDATE catalog_alias SET enabled = 0 WHERE id = ?", other)
    await page.settled(answer)
    async with asyncio.timeout(10):
        while "<bdi>other</bdi> is not available any more" not in page.html:
            await page.load()
    assert "“Send now” asks <bdi>demo</bdi>." in page.html
    assert "did not come to its end" not in page.html
    assert page.queue == texts
    assert (await page.post(f"/c/{page.conversation}/send-on/")).status == 200
    await until_quiet(own_server, 6)
    assert branch(own_server)[2:] == [texts[0], "0 1", texts[1], "0 1 2"]
    assert own_server.rows("SELECT DISTINCT alias_name FROM conversations_message WHERE role != 'user'") == [("demo",)]


def second_alias(server: Server) -> int:
    """Another one, "other", that leads where the first one does; its id."""
    names = server.rows("SELECT name FROM pragma_table_info('catalog_alias') WHERE name NOT IN ('id','name','default')")
    same = ", ".join(f'"{name}"' for (name,) in names)
    alias = server.write(
        f"INSERT INTO catalog_alias (name, \"default\", {same}) SELECT 'other', 0, {same} FROM catalog_alias"
    )
    route = "provider_id, upstream_model, priority, weight, enabled"
    server.write(f"INSERT INTO catalog_route (alias_id, {route}) SELECT ?, {route} FROM catalog_route", alias)
    return alias


async def test_what_waits_survives_a_crash_and_says_that_it_waits(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=900 demo:rate=40")
    await page.shows(answer, 3)
    await add(page, "demo:numbers=2 demo:fast next")
    own_server.kill()
    await own_server.start()
    page = await own_server.page("Ann", page.conversation)
    await page.settled(answer)
    await page.load()
    assert page.queue == ["demo:numbers=2 demo:fast next"]
    assert "did not come to its end" in page.html
    await page.post(f"/c/{page.conversation}/send-on/")
    async with asyncio.timeout(10):
        while statuses(own_server) != ["sent", "interrupted", "sent", "done"]:
            await asyncio.sleep(0.05)


async def test_what_waits_goes_out_after_a_crash_between_the_answer_and_the_next(own_server: Server) -> None:
    await own_server.start()
    page, answer = await own_server.ask("demo:numbers=3 demo:fast")
    await page.settled(answer)
    own_server.kill()
    own_server.write(
        "INSERT INTO conversations_message (conversation_id, author_id, role, text, reasoning, html, reasoning_html,"
        " html_version, status, error, alias_name, upstream_model, ref_model, shown_model, repointed, fallback, unseen,"
        " think, compared, lane, revision, created_at)"
        " SELECT conversation_id, author_id, 'user', 'demo:fast late', '', '', '', '', 'waiting', '', 'demo', '', '',"
        " '', 0, 0, '{}', 0, 0, 0, 9, created_at FROM conversations_message LIMIT 1"
    )
    await own_server.start()
    await own_server.page("Ann", page.conversation)
    await until_quiet(own_server, 4)


async def test_more_than_twenty_are_refused_and_the_text_stays_with_the_member(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["hang"]) as (only,):
        lead_to(own_server, only.base_url)
        page, _ = await own_server.ask("One")
        results = [await add(page, f"message {i}") for i in range(21)]
        assert results == [200] * 20 + [409]
