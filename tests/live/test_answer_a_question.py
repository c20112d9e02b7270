"""A question without an answer, as a fork may end in one: its button gets it one answer, and only one."""

from __future__ import annotations

import asyncio

from tests.live.articles import articles_of
from tests.live.page import Page
from tests.live.server import Server
from tests.live.test_routes_and_queues import lead_to, upstreams

BUTTON = "</svg>Answer</button>"


async def forked_at(server: Server, page: Page, question: int) -> tuple[Page, int]:
    """A fork that ends in this question, and the question in it."""
    made = (await page.post(f"/m/{question}/fork/")).headers["HX-Redirect"]
    fork = await server.page("Ann", made.split("/")[2])
    return fork, max(fork.articles)


async def test_a_question_at_the_end_of_a_fork_gets_its_answer(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        assert BUTTON not in page.html
        fork, question = await forked_at(own_server, page, answer - 1)
        assert BUTTON in fork.html
        other_tab = await own_server.page("Ann", fork.conversation)
        response = await fork.post(f"/m/{question}/answer/")
        assert response.status == 200
        body = await response.text()
        assert list(articles_of(body)[0]) == [question, question + 1]
        assert BUTTON not in body
        assert (await other_tab.settled(question + 1)).text == "from P1"
        assert [turn["content"] for turn in only.asked[-1]["messages"]] == ["One"]
        await fork.load()
        assert list(fork.articles) == [question, question + 1]
        assert BUTTON not in fork.html


async def test_without_a_script_the_form_leads_back_to_the_chat(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        fork, question = await forked_at(own_server, page, answer - 1)
        response = await fork.http.post(
            f"{fork.base}/m/{question}/answer/", data={"csrfmiddlewaretoken": fork.token}, allow_redirects=False
        )
        assert (response.status, response.headers["Location"]) == (303, f"/c/{fork.conversation}/")
        await fork.load()
        await fork.connect()
        await fork.settled(question + 1)


async def test_asked_often_at_once_it_is_one_answer(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        fork, question = await forked_at(own_server, page, answer - 1)
        replies = await asyncio.gather(*(fork.post(f"/m/{question}/answer/") for _ in range(5)))
        assert [reply.status for reply in replies] == [200] * 5
        await fork.settled(question + 1)
        assert (await fork.post(f"/m/{question}/answer/")).status == 200
        assert own_server.rows("SELECT id FROM conversations_message WHERE parent_id = ?", question) == [
            (question + 1,)
        ]


async def test_not_while_another_answer_is_written_nor_where_no_question_waits(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["ok", "hang"]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        fork, question = await forked_at(own_server, page, answer - 1)
        # What is asked below the question stands where its answer would.
        below = await fork.send("Two")
        refused = await fork.post(f"/m/{question}/answer/")
        assert (refused.status, "no answer yet" in await refused.text()) == (409, True)
        own_server.write("UPDATE conversations_message SET parent_id = NULL WHERE id = ?", below - 1)
        refused = await fork.post(f"/m/{question}/answer/")
        assert (refused.status, "still being written" in await refused.text()) == (409, True)
        assert (await fork.post(f"/m/{below}/answer/")).status == 409
