"""A slow line between browser and server: `SLOW_LINE=1 bin/test tests/browser` runs all browser tests on it.

Pages come late and in two halves, and the socket's frames late, in their order. What looks too early, in a test or in
a script, fails here much sooner than by chance. These are the server's settings, with another application in them.
"""

from __future__ import annotations

import asyncio
import random

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope

from chatapp.settings import *  # noqa: F403

ASGI_APPLICATION = f"{__name__}.application"
ANSWER_SECONDS = 0.25
HALF_SECONDS = 0.4
FRAME_SECONDS = (0, 0, 0, 0.02, 0.2)
# Smaller pages are fragments, which a browser swaps in whole.
PAGE_BYTES = 2_000


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    # What it imports needs the settings first.
    from chatapp.asgi import application as parley  # noqa: PLC0415

    if scope["type"] == "websocket":
        send = held_back(send)
    elif scope["type"] == "http" and not scope["path"].startswith("/static/"):
        await asyncio.sleep(random.uniform(0, ANSWER_SECONDS))  # noqa: S311
        send = in_halves(send)
    await parley(scope, receive, send)


def held_back(send: ASGISendCallable) -> ASGISendCallable:
    turn = asyncio.Lock()

    async def later(message: ASGISendEvent) -> None:
        async with turn:
            if message["type"] == "websocket.send":
                await asyncio.sleep(random.choice(FRAME_SECONDS))  # noqa: S311
            await send(message)

    return later


def in_halves(send: ASGISendCallable) -> ASGISendCallable:
    is_page = False

    async def halves(message: ASGISendEvent) -> None:
        nonlocal is_page
        if message["type"] == "http.response.start":
            is_page = any(name == b"content-type" and b"text/html" in value for name, value in message["headers"])
        elif message["type"] == "http.response.body" and is_page and len(message["body"]) > PAGE_BYTES:
            body = message["body"]
            cut = random.randrange(PAGE_BYTES // 2, len(body))  # noqa: S311
            await send({**message, "body": body[:cut], "more_body": True})
            await asyncio.sleep(random.uniform(0, HALF_SECONDS))  # noqa: S311
            message = {**message, "body": body[cut:]}
        await send(message)

    return halves
