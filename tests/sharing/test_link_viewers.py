"""Live links on a real server: viewers read along, say nothing, and are gone within seconds when the link is."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from chatapp.demo import numbers
from chatapp.sharing.onlookers import ENDED, OTHER_PASSWORD
from tests.live.history import write_long
from tests.live.page import Page
from tests.live.server import Server
from tests.live.test_edit_and_fork import edit
from tests.sharing.onlooker import Onlooker, make_link, revoke

LONG = "demo:numbers=2000 demo:rate=50"
CROWD = 100
# Whoever has lost a link hears nothing any more after so long.
GONE_WITHIN = 5.0


async def chat(server: Server, text: str = "demo:numbers=5 demo:fast") -> Page:
    page, answer = await server.ask(text)
    if text != LONG:
        await page.settled(answer)
    return page


async def test_viewers_read_the_answer_as_it_comes_and_every_word_of_it(server: Server) -> None:
    page = await chat(server)
    onlooker = Onlooker(server, await make_link(server, page, kind="live"))
    assert await onlooker.load() == 200
    await onlooker.connect()
    answer = await page.send("demo:numbers=300 demo:rate=100")
    await onlooker.shows("demo:numbers=300")
    await onlooker.shows(numbers(40))
    late = Onlooker(server, onlooker.token)
    await late.load()
    await late.connect()
    await page.settled(answer)
    for one in (onlooker, late):
        await one.shows(numbers(300))
        while one.turns[4].n is not None:
            await asyncio.sleep(0.05)
        assert one.turns[4].text == numbers(300)
    # Nothing was told by a number of the database.
    told = [json.loads(frame) for frame in onlooker.heard]
    assert {frame["t"] for frame in told} <= {"rows", "live", "snap"}
    assert {frame["m"] for frame in told if "m" in frame} == {4}


async def test_thinking_comes_only_where_it_was_chosen(server: Server) -> None:
    page = await chat(server)
    plain = Onlooker(server, await make_link(server, page, kind="live"))
    chosen = Onlooker(server, await make_link(server, page, kind="live", with_reasoning="on"))
    for one in (plain, chosen):
        await one.load()
        await one.connect()
    answer = await page.send("demo:numbers=5 demo:think=40", think=True)
    thought = (await page.settled(answer)).reasoning
    assert len(thought.split()) > 5
    for one in (plain, chosen):
        while one.turns.get(4) is None or one.turns[4].n is not None:
            await asyncio.sleep(0.05)
    word = max(thought.split(), key=len)
    assert word in "".join(chosen.heard)
    assert word not in "".join(plain.heard)
    assert "hought for" in "".join(chosen.heard)
    assert "hought for" not in "".join(plain.heard)


async def test_another_version_is_shown_in_the_place_of_the_first(server: Server) -> None:
    page = await chat(server)
    onlooker = Onlooker(server, await make_link(server, page, kind="live"))
    await onlooker.load()
    await onlooker.connect()
    first = max(page.articles)
    assert (await page.post(f"/m/{first}/retry/")).status == 200
    await asyncio.sleep(0.1)
    await onlooker.shows(numbers(5))
    assert sorted(onlooker.turns) == [1, 2]
    assert (await page.post(f"/c/{page.conversation}/rename/", title="Under another name")).status == 200
    async with asyncio.timeout(10):
        while onlooker.title != "Under another name":
            await asyncio.sleep(0.05)


async def test_of_another_branch_viewers_hear_nothing_until_the_link_is_bound_to_it(server: Server) -> None:
    page = await chat(server)
    onlooker = Onlooker(server, await make_link(server, page, kind="live"))
    await onlooker.load()
    await onlooker.connect()
    question, answer = sorted(page.articles)
    elsewhere = await edit(page, question, "demo:numbers=60 demo:rate=200 SECRET")
    await page.settled(elsewhere)
    assert (await page.post(f"/m/{answer}/show/")).status == 200
    await page.load()
    await page.send("demo:numbers=7 demo:fast on the shared branch")
    await onlooker.shows("on the shared branch")
    assert "SECRET" not in "".join(onlooker.heard)
    assert numbers(60) not in onlooker.text
    # Its owner has the other one open, and says so.
    assert (await page.post(f"/m/{elsewhere}/show/")).status == 200
    ((pk,),) = server.rows("SELECT max(id) FROM sharing_link")
    asked = await (await page.post(f"/links/{pk}/update/")).text()
    found = re.search(r'name="seen" value="(\w+)"', asked)
    assert found, asked
    assert (await page.post(f"/links/{pk}/update/", seen=found[1])).status == 200
    await onlooker.shows("SECRET", GONE_WITHIN)
    await onlooker.shows(numbers(60), GONE_WITHIN)
    assert "on the shared branch" not in onlooker.text


async def test_a_page_of_many_turns_is_told_what_it_lacks_and_no_more(server: Server) -> None:
    conversation, messages = await write_long(server, [(f"Question {n}", f"Answer {n}") for n in range(700)])
    page = await server.page("Ann", conversation)
    onlooker = Onlooker(server, await make_link(server, page, kind="live"))
    await onlooker.load()
    assert len(onlooker.turns) == 1_400
    await onlooker.connect()
    await page.settled(await page.send("demo:numbers=5 demo:fast"))
    await onlooker.shows(numbers(5))
    assert set(told(onlooker)) == {1_401, 1_402}
    # One of those that the page tells as a sum is another one by now.
    onlooker.heard.clear()
    server.write("UPDATE conversations_message SET revision = revision + 1 WHERE id = ?", messages[5])
    await onlooker.resume()
    while 6 not in told(onlooker):
        await asyncio.sleep(0.05)
    assert not set(told(onlooker)) & {*range(500, 1_400)}


def told(onlooker: Onlooker) -> list[int]:
    """The turns whose HTML has come."""
    frames = [json.loads(frame) for frame in onlooker.heard]
    return [row["m"] for frame in frames if frame["t"] == "rows" for row in frame["rows"]]


async def test_a_viewer_may_say_nothing(server: Server) -> None:
    page = await chat(server)
    token = await make_link(server, page, kind="live")
    before = server.rows("SELECT count(*) FROM conversations_message")
    messages: list[Any] = [
        {"t": "send", "text": "x"},
        {"t": "stop", "m": 1},
        {"t": "writes"},
        {"t": "resume", "rev": 0, "live": {}},
        {"t": "ack", "f": 10**9},
        [],
        "x",
        {"t": "resume", "keys": "x" * 30_000, "before": [0, 0], "live": {}},
        {"t": "resume", "keys": [], "before": ["x"], "live": {}},
    ]
    for message in messages:
        onlooker = Onlooker(server, token)
        await onlooker.load()
        await onlooker.connect()
        await onlooker.say(message)
        assert await onlooker.closed() == 4400, message
    assert server.rows("SELECT count(*) FROM conversations_message") == before
    assert "Traceback" not in server.output.read_text()


@pytest.mark.parametrize("token", ["A" * 32, "x", "%00", "A" * 4000, "%ff"])
async def test_a_wrong_address_is_told_that_it_has_ended(server: Server, token: str) -> None:
    onlooker = Onlooker(server, token)
    with suppress(WSServerHandshakeError):
        await onlooker.connect()
        assert await onlooker.closed() == ENDED
    assert not onlooker.heard
    assert "Traceback" not in server.output.read_text()


async def test_another_origin_is_refused(server: Server) -> None:
    page = await chat(server)
    onlooker = Onlooker(server, await make_link(server, page, kind="live"))
    with pytest.raises(WSServerHandshakeError):
        await onlooker.connect(origin="http://evil.example")


async def test_a_frozen_link_and_one_with_a_password_let_nobody_listen(server: Server) -> None:
    page = await chat(server)
    frozen = Onlooker(server, await make_link(server, page))
    await frozen.connect()
    assert await frozen.closed() == ENDED
    locked = Onlooker(server, await make_link(server, page, kind="live", password="open sesame"))
    await locked.connect()
    assert await locked.closed() == OTHER_PASSWORD
    opened = Onlooker(server, locked.token)
    await opened.http.post(f"{server.base}/s/{locked.token}/open/", data={"password": "open sesame"})
    assert await opened.load() == 200
    await opened.connect()
    await opened.resume()
    ((pk,),) = server.rows("SELECT max(id) FROM sharing_link")
    assert (await page.post(f"/links/{pk}/change/", **{f"link-{pk}-password": "another one"})).status == 200
    assert await opened.closed(GONE_WITHIN) == OTHER_PASSWORD


async def test_a_hundred_viewers_are_gone_within_five_seconds_of_a_revocation(server: Server) -> None:
    page, _ = await server.ask(LONG)
    token = await make_link(server, page, kind="live")
    crowd = [Onlooker(server, token) for _ in range(CROWD)]
    await asyncio.gather(*(one.load() for one in crowd))
    await asyncio.gather(*(one.connect() for one in crowd))
    await asyncio.gather(*(one.shows(numbers(20), 60) for one in crowd))
    began = time.monotonic()
    await revoke(server, page)
    codes = await asyncio.gather(*(one.closed(GONE_WITHIN) for one in crowd))
    took = time.monotonic() - began
    assert set(codes) == {ENDED}
    heard = [len(one.heard) for one in crowd]
    assert await crowd[0].load() == 404
    await asyncio.sleep(0.5)
    assert [len(one.heard) for one in crowd] == heard
    again = Onlooker(server, token)
    await again.connect()
    assert await again.closed() == ENDED
    print(f"{CROWD} viewers were gone {took:.2f} s after the revocation")


# What ends a link without anybody telling this process: the clock, another server, the administration's tables.
ENDS = {
    "expired": "UPDATE sharing_link SET expires_at = '2020-01-01 00:00:00'",
    "revoked elsewhere": "UPDATE sharing_link SET revoked_at = '2020-01-01 00:00:00'",
    "links switched off": "UPDATE sharing_linkrules SET allowed = 0",
    "chat deleted": "UPDATE conversations_conversation SET deleted_at = '2020-01-01 00:00:00'",
    "maker disabled": "UPDATE accounts_user SET is_active = 0 WHERE name = 'Bob'",
}
MENDS = {
    "links switched off": "UPDATE sharing_linkrules SET allowed = 1",
    "maker disabled": "UPDATE accounts_user SET is_active = 1",
}


@pytest.mark.parametrize("end", ENDS)
async def test_whatever_ends_a_link_closes_its_sockets(server: Server, end: str) -> None:
    page, answer = await server.ask("demo:numbers=3 demo:fast", "Bob")
    await page.settled(answer)
    onlooker = Onlooker(server, await make_link(server, page, kind="live"))
    await onlooker.load()
    await onlooker.connect()
    server.write(ENDS[end])
    try:
        assert await onlooker.closed(GONE_WITHIN) == ENDED
    finally:
        if end in MENDS:
            server.write(MENDS[end])


async def test_only_so_many_sockets_come_from_one_address(server: Server) -> None:
    page = await chat(server)
    token = await make_link(server, page, kind="live")
    crowd = [Onlooker(server, token) for _ in range(201)]
    for one in crowd:
        await one.connect()
    # Each is let in once its link is found, whichever is found first.
    ends = [asyncio.create_task(one.closed()) for one in crowd]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    assert Counter(one.code for one in crowd) == {4429: 1, None: 200}
    for end in ends:
        end.cancel()
