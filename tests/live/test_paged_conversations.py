"""Pages that show a part of a long conversation: whatever happens meanwhile, that part is as a fresh page has it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import astuple, replace

import pytest
import pytest_asyncio

from tests.live.articles import Article
from tests.live.history import write_long
from tests.live.page import Page
from tests.live.server import Server

EXCHANGES = 60
SHORT = "demo:numbers=4 demo:fast"
SLOW = "demo:numbers=40 demo:rate=60"


@pytest_asyncio.fixture(loop_scope="session")
async def long(server: Server) -> AsyncIterator[tuple[str, list[int]]]:
    """A conversation of Ann's and its messages."""
    yield await write_long(server, [(f"Question {n}", f"Answer **{n}**") for n in range(EXCHANGES)])


async def whole(server: Server, conversation: str) -> Page:
    """All of the open branch, as somebody sees it who opens the page now and goes up to its beginning."""
    page = await server.page("Ann", conversation, connect=False)
    while await page.more("before"):
        pass
    return page


async def quiet(server: Server, conversation: str) -> None:
    """Wait until nothing is being made and nothing waits."""
    going = (
        "SELECT id FROM conversations_message WHERE conversation_id = ? AND status IN ('queued','streaming','waiting')"
    )
    async with asyncio.timeout(60):
        while server.rows(going, uuid.UUID(conversation).hex):
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


def is_a_part_of(page: Page, fresh: Page) -> None:
    """The page shows a stretch of the branch without a gap, each message in its last state, and knows if it goes on."""
    everything = list(fresh.articles)
    start = everything.index(next(iter(page.articles)))
    shown = list(page.articles)
    assert shown == everything[start : start + len(shown)]
    assert page.end == everything[-1]
    assert page.beyond("before") == (None if start == 0 else shown[0])
    assert page.beyond("after") == (None if shown[-1] == everything[-1] else shown[-1])
    for pk in shown:
        assert as_read(page.articles[pk]) == as_read(fresh.articles[pk])


async def becomes_a_part_of(page: Page, fresh: Page) -> None:
    """Nothing is lost, but on a busy machine the last frames may still be on their way."""
    for _ in range(200):
        with contextlib.suppress(AssertionError):
            is_a_part_of(page, fresh)
            break
        await asyncio.sleep(0.1)
    is_a_part_of(page, fresh)


def as_read(article: Article) -> tuple[object, ...]:
    """What a reader sees of it. A notice loses its offers when the branch goes on: the style sheet hides them."""
    words = article.notice.split("\n")[0].split(".")[0].strip()
    return astuple(replace(article, revision=0, closed=article.text, tail="", notice=words))


async def test_it_is_loaded_from_its_end_to_its_beginning(server: Server, long: tuple[str, list[int]]) -> None:
    conversation, messages = long
    page = await server.page("Ann", conversation)
    assert list(page.articles) == messages[-30:]
    pages = 1
    while await page.more("before"):
        pages += 1
    assert list(page.articles) == messages
    assert pages == 4
    is_a_part_of(page, await whole(server, conversation))


async def test_a_new_turn_does_not_follow_a_gap(server: Server, long: tuple[str, list[int]]) -> None:
    conversation, messages = long
    window = await server.page("Ann", connect=False)
    await window.load(conversation, near=messages[40])
    await window.connect()
    before = list(window.articles)
    page = await server.page("Ann", conversation)
    answer = await page.send(SHORT)
    await page.settled(answer)
    assert list(page.articles)[-2:] == [answer - 1, answer]
    assert list(window.articles) == before
    while await window.more("after"):
        pass
    assert window.articles[answer].text == page.articles[answer].text
    is_a_part_of(window, await whole(server, conversation))


async def test_a_running_answer_goes_on_where_it_is_loaded(server: Server, long: tuple[str, list[int]]) -> None:
    conversation, messages = long
    window = await server.page("Ann", connect=False)
    await window.load(conversation, near=messages[40])
    await window.connect()
    page = await server.page("Ann", conversation)
    answer = await page.send("demo:numbers=150 demo:rate=60")
    await page.shows(answer, 20)
    while await window.more("after"):
        pass
    assert window.articles[answer].status in ("queued", "streaming")
    assert (await window.settled(answer)).text == " ".join(map(str, range(150)))


async def test_a_page_that_missed_more_than_a_page_starts_anew(server: Server, long: tuple[str, list[int]]) -> None:
    conversation, messages = long
    page = await server.page("Ann", conversation)
    await page.cut()
    await write_long(server, [(f"More {n}", f"Answer {n}") for n in range(40)], to=conversation)
    server.write(
        "UPDATE conversations_message SET revision = 1 WHERE conversation_id = ? AND id > ?",
        _hex(conversation),
        messages[-1],
    )
    server.write("UPDATE conversations_conversation SET revision = 1 WHERE id = ?", _hex(conversation))
    await page.connect()
    async with asyncio.timeout(10):
        while messages[-1] in page.articles:
            await asyncio.sleep(0.02)
    is_a_part_of(page, await whole(server, conversation))


async def test_another_version_far_above_is_shown_from_there_on(server: Server, long: tuple[str, list[int]]) -> None:
    conversation, messages = long
    question = messages[20]
    page, other = await server.page("Ann", conversation), await server.page("Ann", connect=False)
    await other.load(conversation, near=question)
    await other.connect()
    response = await page.post(f"/m/{question}/edit/", client_id=str(uuid.uuid4()), text=SHORT, alias="demo")
    assert response.status == 200
    await quiet(server, conversation)
    fresh = await whole(server, conversation)
    assert len(fresh.articles) == 22
    is_a_part_of(other, fresh)
    # Nothing of this branch is in the page at the end of the other one.
    assert not page.articles
    response = await other.post(f"/m/{question}/show/")
    assert response.status == 200
    assert len(await response.text()) < 200_000
    await asyncio.sleep(0.3)
    is_a_part_of(other, await whole(server, conversation))
    assert other.beyond("after")
    assert other.end == messages[-1]


@pytest.mark.parametrize("seed", range(6))
async def test_a_page_of_any_moment_and_what_came_since_equal_a_fresh_one(
    server: Server, long: tuple[str, list[int]], seed: int
) -> None:
    conversation, _ = long
    chance = random.Random(seed)
    pages = [await server.page("Ann", conversation)]
    for _ in range(40):
        await happen(server, conversation, pages, chance)
        await asyncio.sleep(chance.choice([0, 0, 0.05, 0.3]))
    for page in pages:
        if not page.connected:
            await page.connect()
    await quiet(server, conversation)
    fresh = await whole(server, conversation)
    assert sum(bool(page.articles) for page in pages) >= 3
    for page in filter(lambda one: one.articles, pages):
        await becomes_a_part_of(page, fresh)


async def happen(server: Server, conversation: str, pages: list[Page], chance: random.Random) -> None:
    """One thing that a member or the network does. What is refused, since an answer is being made, changes nothing."""
    page = chance.choice(pages)
    shown = [*page.articles] or [0]
    questions = [int(pk) for pk in re.findall(r"/m/(\d+)/edit/", page.html) if int(pk) in page.articles] or shown
    match chance.choice(["send", "send", "edit", "show", "retry", "more", "more", "open", "near", "cut", "stop"]):
        case "send":
            fields = {"client_id": str(uuid.uuid4()), "text": chance.choice([SHORT, SLOW]), "alias": "demo"}
            response = await page.post(f"/c/{conversation}/send/", **fields)
            if response.status == 200 and chance.random() < 0.7:
                page._upsert(await response.text())
        case "edit":
            fields = {"client_id": str(uuid.uuid4()), "text": SHORT, "alias": "demo"}
            await page.post(f"/m/{chance.choice(questions)}/edit/", **fields)
        case "show":
            found = server.rows("SELECT id FROM conversations_message WHERE conversation_id = ?", _hex(conversation))
            await page.post(f"/m/{chance.choice(found)[0]}/show/")
        case "retry":
            await page.post(f"/m/{shown[-1]}/retry/", alias="demo")
        case "more" if page.articles:
            await page.more(chance.choice(["before", "after"]))
        case "open" if len(pages) < 8:
            pages.append(await server.page("Ann", conversation))
        case "near" if len(pages) < 8:
            opened = await server.page("Ann", connect=False)
            await opened.load(conversation, near=chance.choice(shown))
            await opened.connect()
            pages.append(opened)
        case "cut":
            await (page.cut() if page.connected else page.connect())
        case "stop":
            await page.post(f"/c/{conversation}/stop/")


def _hex(conversation: str) -> str:
    return uuid.UUID(conversation).hex
