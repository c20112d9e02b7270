"""A request that has arrived whole is carried out, though its browser has gone on before the answer came."""

from __future__ import annotations

import asyncio
import uuid
from urllib.parse import urlencode

import pytest

from tests.live.page import Page
from tests.live.server import Server

# From "at once" to about when the server would answer.
PAUSES = [n / 1000 for n in range(0, 80, 4)]


async def post_and_go(page: Page, path: str, pause: float, **fields: str) -> None:
    """Send a whole form, and hang up so many seconds later without reading anything."""
    host = page.base.removeprefix("http://")
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in page.http.cookie_jar)
    body = urlencode({"csrfmiddlewaretoken": page.token, **fields}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {page.base}\r\nCookie: {cookies}\r\nHX-Request: true\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(head.encode() + body)
    await writer.drain()
    await asyncio.sleep(pause)
    writer.close()


@pytest.mark.parametrize("pause", PAUSES)
async def test_a_question_is_answered_though_its_page_is_gone(server: Server, pause: float) -> None:
    page = await server.page("Ann")
    text = f"demo:numbers=3 demo:fast {uuid.uuid4()}"
    await post_and_go(page, "/new/", pause, client_id=str(uuid.uuid4()), text=text, alias="demo")
    async with asyncio.timeout(20):
        while not (found := server.rows("SELECT id FROM conversations_message WHERE text = ?", text)):
            await asyncio.sleep(0.05)
        while server.stored(found[0][0] + 1)[0] in ("queued", "streaming"):
            await asyncio.sleep(0.05)
    status, error, answer = server.stored(found[0][0] + 1)
    assert (status, error) == ("done", "")
    assert answer


async def test_a_new_title_stays_though_the_page_is_loaded_again_at_once(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=3 demo:fast")
    await page.settled(answer)
    query, key = "SELECT title FROM conversations_conversation WHERE id = ?", uuid.UUID(page.conversation).hex
    for n in range(20):
        await post_and_go(page, f"/c/{page.conversation}/rename/", n / 1000, title=f"Ripples {n}")
        async with asyncio.timeout(5):
            while server.rows(query, key) != [(f"Ripples {n}",)]:
                await asyncio.sleep(0.02)
