"""How long the event loop is held by text that is made to be slow (INV-23): a probe asks for /healthz all the while.

bench/hostile
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import run, show_json, show_table
from bench.probe import probing
from bench.session import Viewer
from bench.stack import Stack, browsers, emitting, make_seed, serving

MOST_SECONDS = 0.6
PIECE = 2_000
TEXTS = {
    "quotes": "> " * 10_000,
    "lists": "\n".join("  " * depth + "- x" for depth in range(300)),
    "emphases": "*a **b " * 12_000,
    "brackets": "[" * 50_000,
    "links": "[a](" * 20_000,
    "backticks": "`" * 25_000 + " `a" * 10_000,
    "dollars": "$a " * 25_000,
    "tags": "<div>" * 50_000,
    "wide table": "|" + "a|" * 3_000 + "\n|" + "-|" * 3_000 + "\n" + ("|" + "b|" * 3_000 + "\n") * 5,
    "long table": "|" + "a|" * 20 + "\n|" + "-|" * 20 + "\n" + ("|" + "b|" * 20 + "\n") * 5_000,
    "one word": "x" * 900_000,
    "paragraphs": "a paragraph of some words\n\n" * 10_000,
    "long code": "```python\n" + "def f(x): return x  # and so on\n" * 8_000 + "```\n",
    "entities": "&amp;" * 40_000,
    "escapes": "\\*" * 50_000,
}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An upstream that streams the text named in the question, as fast as it is read."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    body = json.loads(await reader.readexactly(size))
    text = TEXTS.get(str(body["messages"][-1]["content"]), "A title")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    for at in range(0, len(text), PIECE):
        event = {"choices": [{"index": 0, "delta": {"content": text[at : at + PIECE]}}]}
        writer.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        await writer.drain()
    writer.write(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    writer.close()


async def measure(bench: Stack) -> int:
    rows, worst = [], 0.0
    async with browsers() as http:
        for name in TEXTS:
            member = bench.member(http, bench.seed.sessions[0])
            async with probing(bench.parley.base) as waits:
                began = time.monotonic()
                viewer = await Viewer.open(member, await member.new_conversation(name))
                ended = await viewer.settled(viewer.page.last_answer, 60)
                took = time.monotonic() - began
            viewer.cut()
            longest = waits[0]
            worst = max(worst, longest)
            fault = "" if ended else "did not end"
            rows.append([name, len(TEXTS[name]), f"{took:.1f}", f"{longest * 1000:.0f}", fault])
            show_json({"text": name, "probe_ms": longest * 1000, "answer_s": took, "ended": ended})
    show_table(["text", "characters", "answer s", "longest probe ms", ""], rows)
    return 0 if worst < MOST_SECONDS and not any(row[-1] for row in rows) else 1


async def main() -> int:
    upstream = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        directory = Path(folder)
        with emitting(directory) as emitter, serving(directory) as parley:
            seed = await asyncio.to_thread(make_seed, directory, 1, f"http://127.0.0.1:{port}")
            return await measure(Stack(directory, emitter, parley, seed))


if __name__ == "__main__":
    sys.exit(run(main()))
