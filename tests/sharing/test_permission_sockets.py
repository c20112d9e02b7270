"""PERM-01, PERM-05, PERM-07: every person × every word on a socket; permission_table.py is the table."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client

from chatapp.asgi import sockets
from chatapp.database import in_order
from chatapp.generation import hub
from chatapp.generation.consumers import Viewer
from chatapp.sharing.link_sockets import LinkViewer
from tests.sharing.permission_table import SOCKETS, Line, lines_of
from tests.sharing.permission_world import World, kept, make_world

LINES = lines_of(SOCKETS)
# How long a socket is watched that is to stay still, and one that is to say something.
STILL, AT_MOST = 0.05, 10.0


class Neighbour:
    """Another page of the same conversation."""

    def __init__(self, user_id: int) -> None:
        self.user_id, self.name = user_id, f"Neighbour {user_id}"
        self.heard: list[str] = []

    def push(self, frame: str) -> None:
        self.heard.append(frame)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


WORDS: dict[str, dict[str, Any]] = {
    "resume": {"t": "resume", "rev": 0, "live": {}},
    "resume-link": {"t": "resume", "keys": [], "before": [0, 0], "live": {}},
    "ack": {"t": "ack", "f": 0},
    "list": {"t": "list", "told": ""},
    "seen": {"t": "seen", "m": 0},
    "writes": {"t": "writes"},
    "send": {"t": "send", "text": "Hello", "alias": "demo"},
    "stop": {"t": "stop", "m": 2},
    "edit": {"t": "edit", "m": 1, "text": "Hello"},
}


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_who_may_say_and_hear_what(world: World, tasks_end: None, line: Line) -> None:
    before, got = await in_order(kept), {}
    for person, wanted in line.expected.items():
        browser = await in_order(world.browser, person)
        await in_order(world.disable, person)
        got[person] = await on_socket(world, line, person, browser, wanted)
        await in_order(world.disable, person, active=True)
    assert got == line.expected
    assert await in_order(kept) == before


async def on_socket(world: World, line: Line, person: str, browser: Client, wanted: str) -> str:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    socket = WebsocketCommunicator(sockets, "/" + world.put(line.ask, person), headers=[(b"cookie", cookies.encode())])
    neighbours = [Neighbour(-1), Neighbour(-2)]
    topic = hub.conversation_topic(world.ids["CHAT"])
    for neighbour in neighbours:
        hub.watch(topic, neighbour)
    assert (await socket.connect(timeout=AT_MOST))[0]
    if word := WORDS.get(line.path):
        await socket.send_to(text_data=json.dumps(word))
    try:
        told = await outcome(socket, neighbours[0], STILL if wanted == "still" else AT_MOST)
    finally:
        for neighbour in neighbours:
            hub.leave(topic, neighbour)
    await socket.disconnect()
    return told


async def outcome(socket: WebsocketCommunicator, neighbour: Neighbour, seconds: float) -> str:
    """The word of the table for what happens first."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if not await socket.receive_nothing(timeout=0.01, interval=0.01):
            frame = await socket.receive_output()
            return str(frame["code"]) if frame["type"] == "websocket.close" else "told"
        if neighbour.heard:
            return "heard"
    return "still"


def test_every_socket_and_every_word_that_one_knows_is_in_the_table() -> None:
    told = {line.ask for line in LINES}
    for route in (str(one.pattern) for one in sockets.routes if str(one.pattern)):
        address = route.replace("<uuid:conversation_id>", "CHAT").replace("<str:token>", "TOKEN")
        assert address in told, route
        kind = LinkViewer if "token" in route else Viewer
        known = set(re.findall(r'"t": "(\w+)"', inspect.getsource(kind.obey)))
        said = {line.path.removesuffix("-link") for line in LINES if line.ask == address}
        assert known, kind
        assert known <= said or address == "ws/", address
