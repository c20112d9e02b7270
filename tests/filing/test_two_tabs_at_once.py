"""Several tabs of a member file the same things in the same moment: each change holds, and none is half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest_asyncio

from tests.browser.desk import add_chat, clear
from tests.live.page import Page
from tests.live.server import Server


@pytest_asyncio.fixture(scope="module")
async def running(tmp_path_factory: Any) -> AsyncIterator[Server]:
    started = Server(tmp_path_factory.mktemp("filing"), "http://127.0.0.1:9/v1")
    await started.start()
    try:
        yield started
    finally:
        await started.close()


@pytest_asyncio.fixture
async def server(running: Server) -> AsyncIterator[Server]:
    clear(running)
    running.write("DELETE FROM conversations_message")
    running.write("DELETE FROM conversations_conversation")
    yield running
    await running.close_tabs()


async def tabs(server: Server, count: int) -> list[Page]:
    return [await server.page(connect=False) for _ in range(count)]


def chats(server: Server, count: int) -> list[str]:
    return [add_chat(server, f"Chat {number}") for number in range(count)]


def ids(paths: list[str]) -> list[tuple[str, str]]:
    return [("id", path.split("/")[2]) for path in paths]


def folder(server: Server, name: str = "Papers", order: int = 0) -> int:
    ann = server.rows("SELECT id FROM accounts_user WHERE name = 'Ann'")[0][0]
    return server.write('INSERT INTO conversations_folder (owner_id, name, "order") VALUES (?, ?, ?)', ann, name, order)


def count(server: Server, condition: str) -> int:
    found = server.rows(f"SELECT count(*) FROM conversations_conversation WHERE {condition}")  # noqa: S608
    return int(found[0][0])


async def at_once(*posts: Any) -> list[int]:
    answers: list[aiohttp.ClientResponse] = await asyncio.gather(*posts)
    return [answer.status for answer in answers]


async def test_pin_archive_and_move_at_once_all_hold(server: Server) -> None:
    path, drawer = add_chat(server, "Waves"), folder(server)
    first, second, third = await tabs(server, 3)
    statuses = await at_once(
        first.post(path + "pin/"), second.post(path + "archive/"), third.post(path + "move/", folder=str(drawer))
    )
    assert statuses == [200, 200, 200]
    assert count(server, f"pinned_at NOT NULL AND archived_at NOT NULL AND folder_id = {drawer}") == 1


async def test_one_name_in_ten_tabs_makes_one_folder(server: Server) -> None:
    statuses = await at_once(*(tab.post("/folders/", name="Papers") for tab in await tabs(server, 10)))
    assert sorted(statuses) == [200] + [422] * 9
    assert len(server.rows("SELECT id FROM conversations_folder")) == 1


async def test_one_new_folder_for_ten_chats(server: Server) -> None:
    made, opened = chats(server, 10), await tabs(server, 10)
    posts = (tab.post(path + "move/", name="Papers") for tab, path in zip(opened, made, strict=True))
    assert await at_once(*posts) == [200] * 10
    [(drawer,)] = server.rows("SELECT id FROM conversations_folder")
    assert count(server, f"folder_id = {drawer}") == 10


async def test_folders_that_are_moved_at_once_keep_one_place_each(server: Server) -> None:
    made, opened = [folder(server, name, at) for at, name in enumerate("abcde")], await tabs(server, 5)
    ways = ["up", "down", "up", "down", "up"]
    posts = (tab.post(f"/folders/{pk}/{way}/") for tab, pk, way in zip(opened, made, ways, strict=True))
    assert await at_once(*posts) == [200] * 5
    orders = server.rows('SELECT "order" FROM conversations_folder ORDER BY 1')
    assert orders == [(0,), (1,), (2,), (3,), (4,)]


async def test_a_folder_is_deleted_while_chats_are_moved_into_it(server: Server) -> None:
    drawer, made, opened = folder(server), chats(server, 6), await tabs(server, 7)
    posts = [tab.post(path + "move/", folder=str(drawer)) for tab, path in zip(opened[1:], made, strict=True)]
    posts.insert(3, opened[0].post(f"/folders/{drawer}/delete/"))
    assert set(await at_once(*posts)) <= {200, 303, 404}
    assert count(server, "folder_id IS NULL") == 6


async def test_bulks_that_overlap_end_in_one_of_the_two_states(server: Server) -> None:
    made = chats(server, 40)
    first, second = await tabs(server, 2)
    statuses = await at_once(
        first.post("/chats/", ("do", "archive"), *ids(made[:30])),
        second.post("/chats/", ("do", "delete"), *ids(made[10:][::-1])),
    )
    # Deleted first: then the archiving finds some of its chats gone, and changes none.
    assert statuses in ([200, 200], [404, 200])
    assert count(server, "deleted_at NOT NULL") == 30
    assert count(server, "archived_at NOT NULL") == (30 if statuses == [200, 200] else 0)
