"""An upstream that does what it is told for each request in turn: its speech is true, its manners are not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@dataclass
class Scripted:
    """`script`: one word per answer, "ok" once it is used up and for titles.

    ok             an answer of its own name
    reason         the same, after a thought
    cut            the first words, then a reset
    hang           nothing, for ever
    hold           an answer once `let_go` is set
    500, 503, 429  that status; "429 2" asks to come back in two seconds
    """

    name: str
    script: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    hung_up: int = 0
    base_url: str = ""
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        body = json.loads(await reader.readexactly(size))
        self.asked.append(body)
        # Titles come whenever they like, and are asked for in one piece.
        word, _, seconds = (self.script.pop(0) if self.script and body["stream"] else "ok").partition(" ")
        if word == "hold":
            await self.let_go.wait()
            word = "ok"
        if word == "hang":
            await reader.read()
            self.hung_up += 1
        elif word == "cut":
            writer.write(HEAD + event("The first words "))
            await writer.drain()
            writer.transport.abort()
            return
        elif word in ("ok", "reason"):
            thought = event("A thought.", "reasoning_content") if word == "reason" else b""
            writer.write(HEAD + thought + event(f"from {self.name}") + event("", finish="stop") + b"data: [DONE]\n\n")
        else:
            retry = f"Retry-After: {seconds}\r\n" if seconds else ""
            writer.write(f"HTTP/1.1 {word} No\r\n{retry}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()


def event(text: str, part: str = "content", finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {part: text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], "model": "scripted"}).encode() + b"\n\n"


@asynccontextmanager
async def scripted(name: str, *script: str) -> AsyncIterator[Scripted]:
    upstream = Scripted(name, list(script))
    server = await asyncio.start_server(upstream.handle, "127.0.0.1", 0)
    upstream.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield upstream
    finally:
        server.close()
