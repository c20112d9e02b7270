"""A question in other words, an answer by another alias, a branch on its own: what was there before stays."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from tests.browser.database import add_alias
from tests.live.page import Page
from tests.live.server import Server
from tests.live.test_routes_and_queues import lead_to, upstreams


async def edit(page: Page, question: int, text: str, client_id: str = "") -> int:
    """Send a question in other words; the new answer's id."""
    fields = {"client_id": client_id or str(uuid.uuid4()), "text": text, "alias": "demo"}
    response = await page.post(f"/m/{question}/edit/", **fields)
    assert response.status == 200, await response.text()
    await page.load()
    return max(page.articles)


def tree(server: Server) -> list[tuple[object, ...]]:
    return server.rows("SELECT id, parent_id, role, text FROM conversations_message ORDER BY id")


async def test_an_edited_question_is_a_branch_of_its_own(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, first = await own_server.ask("One")
        await page.settled(first)
        second = await page.send("Two")
        await page.settled(second)
        before = tree(own_server)
        third = await edit(page, second - 1, "Two, in other words")
        await page.connect()
        await page.settled(third)
        assert [turn["content"] for turn in only.asked[-1]["messages"]] == ["One", "from P1", "Two, in other words"]
        assert tree(own_server)[:4] == before
        assert tree(own_server)[4][1:] == (first, "user", "Two, in other words")
        assert "2/2" in page.html
        assert second - 1 not in page.articles
        response = await page.post(f"/m/{second - 1}/show/")
        assert response.status == 200
        await page.load()
        assert second in page.articles
        assert third not in page.articles


async def test_a_repeated_edit_is_one(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        name = str(uuid.uuid4())
        again = await asyncio.gather(*(edit(page, answer - 1, "Uno", name) for _ in range(5)))
        assert set(again) == {answer + 2}
        assert len(tree(own_server)) == 4


async def test_the_first_question_can_be_edited_and_an_answer_cannot(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        refused = await page.post(f"/m/{answer}/edit/", client_id=str(uuid.uuid4()), text="Uno", alias="demo")
        assert refused.status == 422
        assert "Only a question" in await refused.text()
        other = await edit(page, answer - 1, "Uno")
        assert own_server.rows("SELECT parent_id FROM conversations_message WHERE id = ?", other - 1) == [(None,)]
        assert [turn["content"] for turn in only.asked[-1]["messages"]][-1] == "Uno"


@pytest.mark.parametrize(
    "form", [{"text": ""}, {"text": "x", "client_id": "none"}, {"text": "x", "alias": "none"}], ids=str
)
async def test_a_bad_edit_changes_nothing(own_server: Server, form: dict[str, str]) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        before = tree(own_server)
        whole = {"client_id": str(uuid.uuid4()), "alias": "demo"} | form
        assert (await page.post(f"/m/{answer - 1}/edit/", **whole)).status in (400, 422)
        assert tree(own_server) == before


async def test_nothing_is_edited_while_an_answer_is_written(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["hang"]) as (only,):
        lead_to(own_server, only.base_url)
        page, answer = await own_server.ask("One")
        form = {"client_id": str(uuid.uuid4()), "text": "Uno", "alias": "demo"}
        assert (await page.post(f"/m/{answer - 1}/edit/", **form)).status == 409
        assert (await page.post(f"/m/{answer}/fork/")).status == 409
        assert len(tree(own_server)) == 2


async def test_a_fork_is_a_conversation_of_its_own(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page, first = await own_server.ask("One")
        await page.settled(first)
        await page.settled(await page.send("Two"))
        own_server.write("UPDATE conversations_conversation SET instructions = 'Be brief.', temperature = 0.3")
        made = (await page.post(f"/m/{first}/fork/")).headers["HX-Redirect"]
        copy = await own_server.page("Ann", made.split("/")[2])
        assert [article.text for article in copy.articles.values()] == ["", "from P1"]
        assert "One" in copy.html
        assert "Two" not in copy.html.partition('id="thread"')[2]
        await copy.settled(await copy.send("Three"))
        asked = only.asked[-1]
        assert [turn["content"] for turn in asked["messages"]] == ["Be brief.", "One", "from P1", "Three"]
        assert asked["temperature"] == 0.3
        await page.load()
        assert len(page.articles) == 4


async def test_an_answer_by_another_alias(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        add_alias(own_server, "other")
        own_server.write(
            "DELETE FROM catalog_route WHERE provider_id IN (SELECT id FROM catalog_provider WHERE name != 'P1')"
        )
        page, answer = await own_server.ask("One")
        await page.settled(answer)
        assert (await page.post(f"/m/{answer}/retry/", alias="other")).status == 200
        await page.settled(answer + 1)
        names = own_server.rows("SELECT alias_name, parent_id FROM conversations_message WHERE role = 'assistant'")
        assert names == [("demo", answer - 1), ("other", answer - 1)]
        assert [asked["model"] for asked in only.asked if len(asked["messages"][0]["content"]) < 10] == [
            "model-1",
            "demo",
        ]
