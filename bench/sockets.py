"""What idle sockets cost, and whether an answer still comes among them (INV-12).

bench/sockets --sockets 10000      (needs as many descriptors on both sides: ulimit -n)
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import resource
import sys
import time

from bench.figures import run, show_json, show_table
from bench.processes import MB, resident_bytes, tree
from bench.session import Viewer
from bench.stack import Stack, browsers, stack

PER_MEMBER = 100  # the server's own cap
OPENED_AT_ONCE = 100
MOST_KB = 150
MOST_ANSWER_SECONDS = 5.0
LEFT_OVER_DESCRIPTORS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=2000)
    count = parser.parse_args().sockets
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with stack(-(-count // PER_MEMBER) + 1) as bench:
        return run(measure(bench, count))


async def measure(bench: Stack, count: int) -> int:
    *many, last = bench.seed.sessions
    before, descriptors = memory(bench), descriptors_of(bench)
    began = time.monotonic()
    writers: list[asyncio.StreamWriter] = []
    for start in range(0, count, OPENED_AT_ONCE):
        batch = range(start, min(start + OPENED_AT_ONCE, count))
        writers += await asyncio.gather(*(opened(bench, many[at // PER_MEMBER]) for at in batch))
    opening = time.monotonic() - began
    each = (memory(bench) - before) / count / 1024
    async with browsers() as http:
        member = bench.member(http, last)
        began = time.monotonic()
        viewer = await Viewer.open(member, await member.new_conversation("load n=20 interval_ms=5"))
        answered = await viewer.settled(viewer.page.last_answer, 30)
        answer = time.monotonic() - began
        viewer.cut()
    for writer in writers:
        writer.close()
    await asyncio.sleep(5)
    left = descriptors_of(bench) - descriptors
    passed = each < MOST_KB and answered and answer < MOST_ANSWER_SECONDS and left < LEFT_OVER_DESCRIPTORS
    figures = {"sockets": count, "kb_each": each, "opening_s": opening, "answer_s": answer}
    show_json({**figures, "left": left, "pass": passed})
    row = [count, f"{each:.1f}", f"{opening:.1f}", f"{answer:.2f}", left, "pass" if passed else "FAIL"]
    show_table(["sockets", "kB each", "opening s", "answer s", "descriptors left", ""], [row])
    return 0 if passed else 1


async def opened(bench: Stack, session: str) -> asyncio.StreamWriter:
    """One socket after its handshake."""
    host, port = bench.parley.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /ws/ HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nOrigin: {bench.parley.base}\r\n"
        f"Cookie: {bench.seed.cookies.session}={session}\r\n\r\n".encode()
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    if b" 101 " not in head:
        raise RuntimeError(f"refused: {head[:80]!r}")
    return writer


def memory(bench: Stack) -> int:
    return resident_bytes(tree([bench.parley.process.pid]))


def descriptors_of(bench: Stack) -> int:
    return len(os.listdir(f"/proc/{bench.parley.process.pid}/fd"))


if __name__ == "__main__":
    print(f"at most {MOST_KB} kB a socket; this process holds {resident_bytes([os.getpid()]) / MB:.0f} MB", flush=True)
    sys.exit(main())
