"""One question to several models: their answers stand side by side until one is kept to go on from."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from tests.browser.database import add_alias
from tests.live.page import Page
from tests.live.server import Server
from tests.live.test_messages_that_wait import add
from tests.live.test_routes_and_queues import lead_to, upstreams

LONG = "demo:numbers=400 demo:rate=60"


@pytest.fixture
async def three(own_server: Server) -> Server:
    """A server with the aliases demo, second and third, all of the demo upstream."""
    await own_server.start()
    add_alias(own_server, "second")
    add_alias(own_server, "third")
    return own_server


async def compare(page: Page, text: str, *others: str, client_id: str = "") -> list[int]:
    """Ask the alias demo and these others; the ids of the answers, the first one's in front."""
    path = f"/c/{page.conversation}/send/" if page.conversation else "/new/"
    fields = {"client_id": client_id or str(uuid.uuid4()), "text": text, "alias": "demo"}
    response = await page.post(path, *(("beside", other) for other in others), **fields)
    assert response.status == 200, await response.text()
    await page.load(response.headers.get("HX-Redirect", "//" + page.conversation).split("/")[2])
    await page.connect()
    return sorted(page.articles)[-1 - len(others) :]


def said(server: Server, *answers: int) -> list[str]:
    return [server.stored(answer)[2] for answer in answers]


async def test_three_models_answer_at_once_in_every_tab(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    answers = await compare(page, "demo:numbers=80 demo:rate=60", "second", "third")
    other = await three.page("Ann", page.conversation)
    await asyncio.gather(*(page.shows(answer, 5) for answer in answers))
    again = await three.page("Ann", page.conversation)
    for tab in (page, other, again):
        for answer in answers:
            assert (await tab.settled(answer)).text == " ".join(map(str, range(80)))
    await page.load()
    assert [f'data-beside="{place}/3"' in page.html for place in (1, 2, 3)] == [True] * 3
    names = three.rows("SELECT alias_name, lane FROM conversations_message WHERE role = 'assistant' ORDER BY id")
    assert names == [("demo", 0), ("second", 1), ("third", 2)]


async def test_one_is_kept_and_the_others_stay_as_versions(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        add_alias(own_server, "second")
        own_server.write("DELETE FROM catalog_route WHERE upstream_model = 'demo' AND provider_id = 1")
        page = await own_server.page("Ann", connect=False)
        first, second = await compare(page, "Which?", "second")
        await page.settled(first)
        await page.settled(second)
        other = await own_server.page("Ann", page.conversation)
        assert (await page.post(f"/m/{second}/keep/")).status == 200
        async with asyncio.timeout(5):
            while first in other.articles:
                await asyncio.sleep(0.02)
        await page.load()
        assert sorted(page.articles) == [second - 2, second]
        assert "2/2" in page.html
        assert 'data-beside="' not in page.html
        assert (await page.post(f"/m/{second}/keep/")).status == 409
        third = await page.send("And then?")
        await page.settled(third)
        assert [turn["content"] for turn in only.asked[-1]["messages"]] == ["Which?", "from P1", "And then?"]


async def test_nothing_goes_on_before_one_is_kept(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    answers = await compare(page, "demo:numbers=3 demo:fast", "second")
    for answer in answers:
        await page.settled(answer)
    with pytest.raises(AssertionError, match="Keep one of them"):
        await page.send("And then?")
    assert (await page.post(f"/m/{answers[0]}/retry/")).status == 409
    assert len(three.rows("SELECT id FROM conversations_message")) == 3


async def test_what_is_sent_meanwhile_waits_until_one_is_kept(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    answers = await compare(page, "demo:numbers=60 demo:rate=60", "second")
    await page.shows(answers[1], 3)
    assert await add(page, "demo:fast demo:numbers=2") == 200
    for answer in answers:
        await page.settled(answer)
    await asyncio.sleep(0.5)
    assert three.rows("SELECT status FROM conversations_message WHERE role = 'user'") == [("sent",), ("waiting",)]
    await page.post(f"/m/{answers[1]}/keep/")
    async with asyncio.timeout(20):
        while len(three.rows("SELECT id FROM conversations_message WHERE status = 'done'")) < 3:
            await asyncio.sleep(0.05)
    late = three.rows("SELECT parent_id FROM conversations_message WHERE role = 'user' ORDER BY id DESC LIMIT 1")
    assert late == [(answers[1],)]


async def test_stop_stops_all_and_each_can_be_stopped_alone(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    answers = await compare(page, LONG, "second", "third")
    await asyncio.gather(*(page.shows(answer, 3) for answer in answers))
    assert (await page.post(f"/m/{answers[1]}/stop/")).status == 204
    await page.settled(answers[1])
    assert [three.stored(answer)[0] for answer in answers] == ["streaming", "stopped", "streaming"]
    assert (await page.post(f"/c/{page.conversation}/stop/")).status == 204
    for answer in answers:
        assert (await page.settled(answer, 5)).status == "stopped"
    assert (await page.post(f"/c/{page.conversation}/stop/")).status == 204


async def test_keeping_one_stops_those_that_are_still_written(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    first, second = await compare(page, LONG, "second")
    await page.shows(first, 3)
    assert (await page.post(f"/m/{first}/keep/")).status == 200
    async with asyncio.timeout(5):
        while three.stored(second)[0] != "stopped":
            await asyncio.sleep(0.05)
    assert three.stored(first)[0] == "streaming"
    await page.post(f"/m/{first}/stop/")
    await page.settled(first)


async def test_a_crash_interrupts_them_all_and_each_goes_on_in_its_place(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    answers = await compare(page, "demo:numbers=200 demo:rate=60", "second")
    await asyncio.gather(*(page.shows(answer, 70) for answer in answers))
    await asyncio.sleep(1.2)
    three.kill()
    await three.start()
    await page.load()
    await page.connect()
    for answer in answers:
        assert (await page.settled(answer, 30)).status == "interrupted"
    before = said(three, *answers)
    for answer in answers:
        assert (await page.post(f"/m/{answer}/continue/")).status == 200
    for answer in answers:
        await page.settled(answer)
    after = said(three, *answers)
    assert all(new.startswith(old) and len(new) > len(old) for new, old in zip(after, before, strict=True))
    assert (await page.post(f"/m/{answers[0]}/keep/")).status == 200


async def test_one_that_fails_is_made_again_in_its_place_while_the_other_goes_on(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([], ["400"]) as (good, bad):
        lead_to(own_server, good.base_url, bad.base_url)
        add_alias(own_server, "second")
        own_server.write("DELETE FROM catalog_route WHERE id NOT IN (SELECT min(id) FROM catalog_route)")
        own_server.write(
            "INSERT INTO catalog_route (alias_id, provider_id, upstream_model, priority, weight, enabled)"
            " SELECT a.id, p.id, 'm', 1, 1, 1 FROM catalog_alias a, catalog_provider p"
            " WHERE a.name = 'second' AND p.name = 'P2'"
        )
        page = await own_server.page("Ann", connect=False)
        answers = await compare(page, "Which?", "second")
        for answer in answers:
            await page.settled(answer)
        assert own_server.stored(answers[1])[0] == "failed"
        assert (await page.post(f"/m/{answers[1]}/retry/")).status == 200
        await page.settled(answers[1])
        assert own_server.stored(answers[1])[0] == "done"
        assert len(own_server.rows("SELECT id FROM conversations_message")) == 3


async def test_a_repeated_question_to_several_is_one(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    name = str(uuid.uuid4())
    first = await compare(page, "demo:fast demo:numbers=2", "second", "third", client_id=name)
    assert await compare(page, "demo:fast demo:numbers=2", "second", "third", client_id=name) == first
    assert len(three.rows("SELECT id FROM conversations_message")) == 4


async def test_the_same_model_twice_answers_once(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    await compare(page, "demo:fast demo:numbers=2", "demo")
    assert three.rows("SELECT compared FROM conversations_message WHERE role = 'user'") == [(0,)]
    assert len(three.rows("SELECT id FROM conversations_message")) == 2


@pytest.mark.parametrize("others", [("nobody",), ("second", "third", "fourth")], ids=str)
async def test_unknown_models_and_too_many_are_refused(three: Server, others: tuple[str, ...]) -> None:
    add_alias(three, "fourth")
    page = await three.page("Ann", connect=False)
    fields = {"client_id": str(uuid.uuid4()), "text": "Which?", "alias": "demo"}
    response = await page.post("/new/", *(("beside", other) for other in others), **fields)
    assert response.status == 422
    assert three.rows("SELECT id FROM conversations_message") == []


async def test_two_that_keep_at_once_keep_one(three: Server) -> None:
    page = await three.page("Ann", connect=False)
    answers = await compare(page, "demo:fast demo:numbers=2", "second")
    for answer in answers:
        await page.settled(answer)
    results = await asyncio.gather(*(page.post(f"/m/{answer}/keep/") for answer in answers * 3))
    assert sorted(result.status for result in results) == [200, 409, 409, 409, 409, 409]
    leaf = three.rows("SELECT leaf_id FROM conversations_conversation")[0][0]
    winner = next(at for at, result in enumerate(results) if result.status == 200)
    assert leaf == (answers * 3)[winner]
