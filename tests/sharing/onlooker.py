"""Somebody without an account in front of a live link: the page, and the socket as the page's script uses it."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Any

import aiohttp

from tests.live.articles import Article, articles_of, text_of
from tests.live.page import Page, apply_op
from tests.live.server import Server
from tests.sharing.talk import form

ALLOWED = (
    "INSERT INTO sharing_linkrules (id, allowed, most_days, reasoning) VALUES (1, true, 30, true)"
    " ON CONFLICT DO NOTHING"
)
# As static/js/shared.js has it.
TOLD = 1_000


async def make_link(server: Server, page: Page, **fields: Any) -> str:
    """A link to the chat in this tab of its owner, made with the dialog's form."""
    server.write(ALLOWED)
    response = await page.post(f"/c/{page.conversation}/share/", **form(**fields))
    found = re.search(r"/s/([^/\"]+)/\"", await response.text())
    assert found, response.status
    return found[1]


async def revoke(server: Server, page: Page) -> None:
    ((pk,),) = server.rows("SELECT max(id) FROM sharing_link")
    assert (await page.post(f"/links/{pk}/revoke/")).status == 200


@dataclass
class Onlooker:
    server: Server
    token: str
    turns: dict[int, Article] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    slips: dict[int, str] = field(default_factory=dict)
    title: str = ""
    html: str = ""
    heard: list[str] = field(default_factory=list)
    code: int | None = None
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.http = self.server.client()

    async def load(self) -> int:
        async with self.http.get(f"{self.server.base}/s/{self.token}/") as response:
            self.html = await response.text()
            self._take(self.html)
            return response.status

    async def connect(self, origin: str = "") -> None:
        headers = {"Origin": origin or self.server.base}
        self._socket = await self.http.ws_connect(f"{self.server.base}/ws/s/{self.token}/", headers=headers)
        await self.resume()
        self._reader = asyncio.create_task(self._read(self._socket))

    async def resume(self) -> None:
        live = {str(at): turn.n for at, turn in self.turns.items() if turn.n is not None}
        keys = [self.keys[at] for at in sorted(self.keys)]
        before = keys[:-TOLD]
        total = reduce(xor, (int(key[:8], 16) for key in before), 0)
        await self.say({"t": "resume", "keys": keys[-TOLD:], "before": [len(before), total], "live": live})

    async def say(self, message: Any) -> None:
        assert self._socket is not None
        await self._socket.send_str(json.dumps(message))

    async def shows(self, text: str, seconds: float = 30) -> None:
        """Wait until this text stands on the page."""
        async with asyncio.timeout(seconds):
            while text not in self.text:
                self._changed.clear()
                await self._changed.wait()

    async def closed(self, seconds: float = 30) -> int:
        async with asyncio.timeout(seconds):
            await asyncio.wait([self._reader])
        assert self.code is not None
        return self.code

    @property
    def text(self) -> str:
        return " ".join([*self.slips.values(), *(turn.text for turn in self.turns.values())])

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            self.heard.append(message.data)
            await self._apply(json.loads(message.data))
            self._changed.set()
        self.code = socket.close_code

    def _take(self, html: str) -> None:
        plain = re.sub(r'data-rev="(\w+)"', 'data-rev="0"', html.replace('id="thread"', 'id="thread" data-rev="0"'))
        self.turns |= articles_of(plain)[0]
        self.slips |= {
            int(at): slip for at, slip in re.findall(r'id="m(\d+)-by".*?<p dir="auto">(.*?)</p>', html, re.DOTALL)
        }
        self.keys |= {int(at): key for at, key in re.findall(r'<article[^>]* id="m(\d+)"[^>]* data-rev="(\w+)"', html)}

    async def _apply(self, frame: dict[str, Any]) -> None:
        match frame:
            case {"t": "rows", "keys": list(keys), "rows": list(rows), "title": str(title)}:
                self.title = title
                for row in rows:
                    self._take(row["html"])
                for extra in [at for at in self.turns if at > len(keys)]:
                    del self.turns[extra], self.keys[extra]
                    self.slips.pop(extra, None)
                if [self.keys.get(at) for at in range(1, len(keys) + 1)] != keys:
                    await self.resume()
            case {"t": "snap", "m": int(at)} if at in self.turns:
                turn = self.turns[at]
                turn.n, turn.closed, turn.tail = frame["n"], frame["closed"], frame["tail"]
                turn.reasoning = text_of(frame["reasoning"])
            case {"t": "live", "m": int(at), "n": int(n), "ops": list(ops)}:
                await self._live(at, n, ops)

    async def _live(self, at: int, n: int, operations: list[Any]) -> None:
        turn = self.turns.get(at)
        if turn is None or turn.n is None or n > turn.n + 1:
            await self.resume()
        elif n == turn.n + 1:
            turn.n = n
            for operation, value in operations:
                apply_op(turn, operation, value)
