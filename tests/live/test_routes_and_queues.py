"""An alias with several routes, a provider with a rate: nobody sees a failure that another way or a wait can mend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.live.scripted import Scripted, scripted
from tests.live.server import Server, free_port

PROVIDER = (
    "INSERT INTO catalog_provider (name, dialect, base_url, sealed_key, key_prefix, enabled, streams,"
    " requests_per_minute, concurrent) VALUES (?, 'lmdeploy', ?, '', '', 1, 1, ?, ?)"
)
ROUTE = (
    "INSERT INTO catalog_route (alias_id, provider_id, upstream_model, priority, weight, enabled)"
    " VALUES ((SELECT id FROM catalog_alias), ?, ?, ?, 1, 1)"
)


def lead_to(
    server: Server, *base_urls: str, requests_per_minute: int | None = None, concurrent: int | None = None
) -> list[int]:
    """Make the alias lead to these, one priority after the other; the ids of the routes."""
    server.write("UPDATE catalog_alias SET shows_target = 1")
    server.write("UPDATE conversations_message SET route_id = NULL")
    server.write("DELETE FROM catalog_route")
    server.write("DELETE FROM catalog_provider WHERE name != 'Upstream'")
    routes = []
    for place, base_url in enumerate(base_urls, start=1):
        provider = server.write(PROVIDER, f"P{place}", base_url, requests_per_minute, concurrent)
        routes.append(server.write(ROUTE, provider, f"model-{place}", place))
    return routes


@asynccontextmanager
async def upstreams(*scripts: Sequence[str]) -> AsyncIterator[list[Scripted]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(scripted(f"P{at}", *script)) for at, script in enumerate(scripts, 1)]


def made_by(server: Server, answer: int) -> tuple[object, ...]:
    return server.rows("SELECT route_id, upstream_model, fallback FROM conversations_message WHERE id = ?", answer)[0]


@pytest.mark.parametrize("trouble", ["500", "503", "429", "429 1"])
async def test_a_route_that_fails_before_the_first_word_is_passed_by(own_server: Server, trouble: str) -> None:
    await own_server.start()
    async with upstreams([trouble], []) as (first, second):
        routes = lead_to(own_server, first.base_url, second.base_url)
        page, answer = await own_server.ask("Hello")
        article = await page.settled(answer)
        assert article.text == "from P2"
        assert made_by(own_server, answer) == (routes[1], "model-2", 1)
        assert (len(first.asked), second.asked[0]["model"]) == (1, "model-2")
        await page.load()
        assert "by scripted" in page.html


async def test_nobody_at_the_door_and_then_somebody(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (alive,):
        routes = lead_to(own_server, f"http://127.0.0.1:{free_port()}/v1", alive.base_url)
        page, answer = await own_server.ask("Hello")
        assert (await page.settled(answer)).text == "from P1"
        assert made_by(own_server, answer) == (routes[1], "model-2", 1)


async def test_after_the_first_word_there_is_no_other_way(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["cut"], []) as (first, second):
        lead_to(own_server, first.base_url, second.base_url)
        page, answer = await own_server.ask("Hello")
        article = await page.settled(answer)
        assert own_server.stored(answer)[:2] == ("interrupted", "broken")
        assert article.text.startswith("The first words")
        assert second.asked == []


async def test_a_dead_route_is_not_asked_again_and_again(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["500"] * 99, []) as (dead, alive):
        lead_to(own_server, dead.base_url, alive.base_url)
        for _ in range(5):
            page, answer = await own_server.ask("Hello")
            assert (await page.settled(answer)).text == "from P2"
        assert len(dead.asked) == 2


async def test_what_the_question_itself_caused_is_asked_of_nobody_else(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["400"], []) as (first, second):
        lead_to(own_server, first.base_url, second.base_url)
        page, answer = await own_server.ask("Hello")
        await page.settled(answer)
        assert own_server.stored(answer)[:2] == ("failed", "bad-request")
        assert (len(first.asked), second.asked) == (1, [])


async def test_too_many_requests_become_a_wait_that_is_shown(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["429 2"]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("Hello")
        async with asyncio.timeout(10):
            while page.articles[answer].wait == (0, 0):
                await asyncio.sleep(0.02)
        later = await own_server.page(conversation=page.conversation)
        assert "Its turn is next" in later.html
        assert (await page.settled(answer)).text == "from P1"
        assert own_server.stored(answer)[:2] == ("done", "")
        assert len([asked for asked in only.asked if asked["stream"]]) == 2


async def test_a_wait_of_days_is_said_and_not_made(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["429 999999999"]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("Hello")
        await page.settled(answer, 10)
        assert own_server.stored(answer)[:2] == ("failed", "rate-limited")


async def test_members_share_a_provider_of_one_place(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["hang"]) as (only,):
        lead_to(own_server, only.base_url, concurrent=1)
        first, held = await own_server.ask("First")
        second, waiting = await own_server.ask("Second", "Bob")
        async with asyncio.timeout(10):
            while second.articles[waiting].wait == (0, 0):
                await asyncio.sleep(0.02)
        assert len(only.asked) == 1
        await first.post(f"/m/{held}/stop/")
        assert (await second.settled(waiting)).text == "from P1"
        assert own_server.stored(held)[0] == "stopped"


async def test_stop_leaves_the_queue_at_once(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["hang"]) as (only,):
        lead_to(own_server, only.base_url, concurrent=1)
        first, held = await own_server.ask("First")
        second, waiting = await own_server.ask("Second", "Bob")
        while not only.asked:
            await asyncio.sleep(0.02)
        await second.post(f"/m/{waiting}/stop/")
        await second.settled(waiting, 2)
        assert own_server.stored(waiting)[0] == "stopped"
        await first.post(f"/m/{held}/stop/")
        await first.settled(held, 2)
        assert (len(only.asked), only.hung_up) == (1, 1)


async def test_a_route_that_is_removed_meanwhile_loses_no_answer(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["429 2"]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("Hello")
        while not only.asked:
            await asyncio.sleep(0.02)
        own_server.write("DELETE FROM catalog_route")
        assert (await page.settled(answer)).text == "from P1"
        assert made_by(own_server, answer) == (None, "model-1", 0)


async def test_thinking_unasked_is_noted_for_the_administrator(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["reason"]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("Hello", think=False)
        await page.settled(answer)
        assert own_server.rows("SELECT thought_unasked_at IS NOT NULL FROM catalog_alias") == [(1,)]


async def test_instructions_and_parameters_go_along(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        own_server.write("UPDATE catalog_alias SET temperature = 0.8, top_k = 50, answer_tokens = 900")
        page, answer = await own_server.ask("Hello")
        await page.settled(answer)
        own_server.write("UPDATE conversations_conversation SET instructions = 'Be brief.', temperature = 0.1")
        answer = await page.send("Again")
        await page.settled(answer)
        first, last = only.asked[0], only.asked[-1]
        assert (first["temperature"], first["top_k"], first["max_tokens"]) == (0.8, 50, 900)
        assert (last["temperature"], last["top_k"]) == (0.1, 50)
        assert last["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_a_chat_that_is_too_long_loses_its_oldest_turns_and_says_where(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        own_server.write("UPDATE catalog_alias SET context_tokens = 4000, answer_tokens = 1000")
        page, answer = await own_server.ask("old " * 2500)
        await page.settled(answer)
        answer = await page.send("new " * 1000)
        await page.settled(answer)
        asked = only.asked[-1]["messages"]
        assert [turn["content"][:3] for turn in asked] == ["new"]
        await page.load()
        assert "from this turn on" in page.html


async def test_a_change_of_what_an_alias_points_to_is_noted_in_the_conversation(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([], []) as (first, second):
        lead_to(own_server, first.base_url)
        own_server.write("UPDATE catalog_provider SET base_url = base_url")
        page, answer = await own_server.ask("Hello")
        await page.settled(answer)
        own_server.write("UPDATE conversations_message SET shown_model = 'intern-s1' WHERE id = ?", answer)
        lead_to(own_server, second.base_url)
        await page.settled(await page.send("And now?"))
        await page.load()
        assert "now scripted" in page.html
