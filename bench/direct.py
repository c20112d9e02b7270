"""The zero of every measurement: the driver reads the emitter itself, with nothing between them.

bench/direct --streams 500
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import cast

from bench.figures import run, show_json, spread_ms
from bench.shapes import TOKEN
from bench.stack import Emitting, emitting

DEADLINE_SECONDS = 60


class Reader(asyncio.Protocol):
    """One streamed answer, read as it comes; each token is stamped on arrival."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.latencies: list[int] = []
        self.next = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        for number, emitted in TOKEN.findall(data.decode()):
            if int(number) == self.next:
                self.next += 1
                self.latencies.append(now - int(emitted))
        if b"[DONE]" in data:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def measure(emitter: Emitting, streams: int, n: int, interval_ms: float) -> dict[str, object]:
    before, began, used = emitter.stats(), time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    async with asyncio.timeout(DEADLINE_SECONDS):
        readers = await asyncio.gather(*[one(emitter, i, streams, n, interval_ms) for i in range(streams)])
    wall, now_used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    after = emitter.stats()
    return {
        "direct": streams,
        "complete": sum(reader.next == n for reader in readers),
        "latency_ms": spread_ms([latency for reader in readers for latency in reader.latencies]),
        "deltas_per_s": round((after["deltas"] - before["deltas"]) / wall),
        "emitter_cpu": round((after["cpu_s"] - before["cpu_s"]) / wall, 2),
        "driver_cpu": round((now_used.ru_utime + now_used.ru_stime - used.ru_utime - used.ru_stime) / wall, 2),
    }


async def one(emitter: Emitting, i: int, streams: int, n: int, interval_ms: float) -> Reader:
    await asyncio.sleep(i / streams)
    question = {"role": "user", "content": f"load n={n} interval_ms={interval_ms} rid=d{i}"}
    body = json.dumps({"model": "load", "stream": True, "messages": [question]}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n\r\n"
    loop = asyncio.get_running_loop()
    _, reader = await loop.create_connection(lambda: Reader(head.encode() + body), "127.0.0.1", emitter.port)
    await reader.done
    return reader


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--interval-ms", type=float, default=20)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="parley-bench-") as directory,
        emitting(Path(directory)) as emitter,
    ):
        result = run(measure(emitter, asked.streams, asked.n, asked.interval_ms))
    show_json(result)
    if result["complete"] != asked.streams:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
