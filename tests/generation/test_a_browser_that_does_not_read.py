"""A window bounds what a socket may cost; a browser that catches up asks again and loses nothing."""

from __future__ import annotations

import asyncio

import pytest

from accounts.models import User
from chatapp.generation import viewers
from chatapp.generation.outbox import WINDOW_CHARACTERS
from chatapp.generation.viewers import Connection


class Browser:
    """Takes frames only when told to."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.code: int | None = None

    async def send(self, text: str) -> None:
        self.received.append(text)

    async def close(self, code: int) -> None:
        self.code = code


@pytest.fixture
async def connected() -> tuple[Browser, Connection]:
    browser = Browser()
    return browser, Connection(User(pk=1), "session", browser.send, browser.close)


FRAME = "x" * 100_000


async def test_frames_beyond_the_window_are_left_out_and_the_browser_is_told_once_it_has_read(
    connected: tuple[Browser, Connection],
) -> None:
    browser, connection = connected
    for _ in range(50):
        connection.push(FRAME)
    await asyncio.sleep(0.01)
    taken = len(browser.received)
    assert WINDOW_CHARACTERS <= taken * len(FRAME) <= WINDOW_CHARACTERS + 2 * len(FRAME)
    connection.acknowledge(taken - 2)
    await asyncio.sleep(0.01)
    assert browser.received[taken:] == ['{"t":"again"}']
    connection.leave()


async def test_acknowledging_what_was_never_sent_is_an_error(connected: tuple[Browser, Connection]) -> None:
    _, connection = connected
    connection.push("one")
    with pytest.raises(ValueError, match="never sent"):
        connection.acknowledge(2)
    connection.acknowledge(1)
    with pytest.raises(ValueError, match="never sent"):
        connection.acknowledge(0)
    connection.leave()


async def test_frames_held_back_follow_those_that_bring_the_page_up_to_date(
    connected: tuple[Browser, Connection],
) -> None:
    browser, connection = connected
    connection.hold()
    connection.push("held")
    connection.release(["row", "snapshot"])
    connection.push("later")
    await asyncio.sleep(0.01)
    assert browser.received == ["row", "snapshot", "held", "later"]
    connection.leave()


async def test_a_closed_socket_leaves_nothing_behind(connected: tuple[Browser, Connection]) -> None:
    browser, connection = connected
    connection.watch("member:1")
    await connection.close(viewers.NOT_SIGNED_IN)
    connection.leave()
    assert browser.code == viewers.NOT_SIGNED_IN
    assert connection not in viewers.connections
    assert not viewers.per_member
