"""Twenty photos at once are taken a few at a time; whatever else is asked for does not wait behind them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatapp.images.gate import MOST_AT_ONCE, Gate


class Application:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.inside.append(f"{scope['method']} {scope['path']}")
        await self.go.wait()
        self.inside.remove(f"{scope['method']} {scope['path']}")


def ask(gate: Gate, method: str, path: str) -> asyncio.Task[None]:
    return asyncio.create_task(gate({"type": "http", "method": method, "path": path}, None, None))


async def test_uploads_go_in_a_few_at_a_time() -> None:
    application = Application()
    gate = Gate(application, application)
    uploads = [ask(gate, "POST", "/images/") for _ in range(20)]
    others = [ask(gate, *asked) for asked in (("POST", "/images/fetch/"), ("GET", "/images/x/"), ("POST", "/new/"))]
    await asyncio.sleep(0)
    assert application.inside.count("POST /images/") == MOST_AT_ONCE
    assert len(application.inside) == MOST_AT_ONCE + len(others)
    application.go.set()
    await asyncio.gather(*uploads, *others)


async def test_one_that_hangs_up_while_waiting_gives_its_place_to_the_next() -> None:
    application = Application()
    gate = Gate(application, application)
    uploads = [ask(gate, "POST", "/images/") for _ in range(MOST_AT_ONCE + 2)]
    await asyncio.sleep(0)
    for upload in (uploads[0], uploads[MOST_AT_ONCE]):
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload
    await asyncio.sleep(0)
    application.go.set()
    await asyncio.gather(*uploads[1:MOST_AT_ONCE], uploads[-1])
