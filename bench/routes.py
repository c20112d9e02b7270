"""Three routes of which the first fails: is anything lost, and what does a dead route cost a member (INV-14).

bench/routes
bench/routes --sends 1000 --samples 250
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from time import monotonic_ns

from bench.figures import percentile, run, show_json, show_table
from bench.processes import run_json
from bench.receipts import Receipt
from bench.session import Member, Viewer
from bench.stack import Stack, browsers, free_port, parley_environment, sha, stack

MEMBERS = 10
# A conversation is so long, or its page would become what is measured.
TURNS = 25
SETTLE_SECONDS = 90
MOST_ADDED_MS = 20.0
# Each manner of failing has so many aliases whose first route always fails, and so many where every second time does.
DEAD, FLAPPING = 3, 2
MANNERS = ("refused", "500", "429", "cut")
FIRST_SAID = "from the first route"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
ANSWER = (
    HEAD + b'data: {"choices":[{"index":0,"delta":{"content":"%b"},"finish_reason":"stop"}]}\n\n' % FIRST_SAID.encode()
)
REFUSALS = {
    "500": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "429": b"HTTP/1.1 429 No\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    # A stream that ends before its first word.
    "cut": HEAD,
}


@dataclass
class First:
    """A first route: it fails in its manner, always or every second time. Its alias is named after it."""

    manner: str
    flaps: bool
    number: int
    port: int = 0
    asked: int = 0
    failed: int = 0
    sends: int = 0

    @property
    def alias(self) -> str:
        return f"{self.manner}-{'flapping' if self.flaps else 'dead'}-{self.number}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await reader.readexactly(size)
        self.asked += 1
        if self.flaps and self.asked % 2 == 0:
            writer.write(ANSWER)
        else:
            self.failed += 1
            if self.manner == "refused":
                writer.transport.abort()
            else:
                writer.write(REFUSALS[self.manner])
        writer.close()


@contextlib.asynccontextmanager
async def failing() -> AsyncIterator[list[First]]:
    """All the first routes, on sockets of their own; where a dead one refuses, nobody listens."""
    firsts = [
        First(manner, flaps, number)
        for manner in MANNERS
        for flaps, often in ((False, DEAD), (True, FLAPPING))
        for number in range(often)
    ]
    async with contextlib.AsyncExitStack() as ending:
        for first in firsts:
            if first.manner == "refused" and not first.flaps:
                first.port = free_port()
            else:
                server = await ending.enter_async_context(await asyncio.start_server(first.handle, "127.0.0.1", 0))
                first.port = server.sockets[0].getsockname()[1]
        yield firsts


def lead(bench: Stack, aliases: Mapping[str, Sequence[str]]) -> None:
    """Each alias to these addresses, one after the other."""
    routes = {
        name: [{"base_url": f"{base}/v1", "dialect": "openai"} for base in bases] for name, bases in aliases.items()
    }
    run_json([sys.executable, "-m", "bench.catalog", json.dumps(routes)], parley_environment(bench.directory, 0))


@dataclass
class Sends:
    """The sends of the first part: which question went to which alias, and as which answer."""

    bench: Stack
    work: list[First]
    numbers: count[int] = field(default_factory=count)
    sent: dict[int, tuple[str, First]] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)

    async def member(self, member: Member) -> None:
        """Send until there is nothing left to send; a new conversation after some turns."""
        viewer: Viewer | None = None
        for turn in count():
            if not self.work:
                break
            first = self.work.pop()
            first.sends += 1
            rid, member.alias = f"r{next(self.numbers)}", first.alias
            question = f"load n=5 interval_ms=2 rid={rid}"
            if viewer is None or turn % TURNS == 0:
                if viewer is not None:
                    viewer.cut()
                viewer = await Viewer.open(member, await member.new_conversation(question))
            else:
                viewer.page.add_rows(await member.ask(viewer.conversation, question))
            answer = viewer.page.last_answer
            self.sent[answer] = rid, first
            if not await viewer.follow(answer, SETTLE_SECONDS):
                self.unseen.append(f"{first.alias}: {viewer.state(answer)}")
        if viewer is not None:
            viewer.cut()

    def lost(self) -> Counter[str]:
        """By alias, the answers that are not done with exactly what some route said."""
        report, stored, lost = self.bench.emitter.report(), self.bench.stored(list(self.sent)), Counter[str]()
        for answer, (rid, first) in self.sent.items():
            row = stored.get(answer)
            said = {report[rid]["sha"]} if rid in report else set()
            if row is None or row.status != "done" or row.sha not in said | {sha(FIRST_SAID)}:
                lost[first.alias] += 1
        return lost

    def passed_on(self) -> Counter[str]:
        """By alias, the answers that another route gave after one had failed."""
        with contextlib.closing(sqlite3.connect(f"file:{self.bench.seed.database}?mode=ro", uri=True)) as database:
            query = f"SELECT alias_name, count(*) FROM {self.bench.seed.messages_table} WHERE fallback GROUP BY 1"  # noqa: S608
            return Counter(dict(database.execute(query).fetchall()))


async def nothing_is_lost(bench: Stack, sends: int) -> bool:
    async with failing() as firsts, browsers() as http:
        healthy = [bench.emitter.base] * 2
        aliases = {first.alias: [f"http://127.0.0.1:{first.port}", *healthy] for first in firsts}
        await asyncio.to_thread(lead, bench, aliases)
        work = [firsts[at % len(firsts)] for at in range(sends)]
        random.Random(14).shuffle(work)
        members = [bench.member(http, session) for session in bench.seed.sessions]
        made = Sends(bench, work)
        await asyncio.gather(*(made.member(member) for member in members))
        return show_lost(made, firsts)


def show_lost(made: Sends, firsts: Sequence[First]) -> bool:
    lost, passed_on = made.lost(), made.passed_on()
    rows = []
    for manner in MANNERS:
        for flaps in (False, True):
            own = [first for first in firsts if (first.manner, first.flaps) == (manner, flaps)]
            names = [first.alias for first in own]
            sends, failures = sum(first.sends for first in own), sum(first.failed for first in own)
            row = [manner, "every second time" if flaps else "always", sends]
            rows.append(
                [*row, failures or "", sum(passed_on[name] for name in names), sum(lost[name] for name in names)]
            )
    show_table(["the first route", "fails", "sends", "failures seen", "passed on", "lost"], rows)
    total = {"sends": len(made.sent), "passed_on": passed_on.total(), "lost": lost.total(), "unseen": len(made.unseen)}
    show_json(total)
    for complaint in made.unseen[:5]:
        print(complaint)
    return not (lost or made.unseen)


async def first_words(member: Member, samples: int, aliases: Sequence[str]) -> dict[str, list[float]]:
    """Milliseconds from a send to the first token on the page, the aliases in turn."""
    found: dict[str, list[float]] = {alias: [] for alias in aliases}
    viewer: Viewer | None = None
    for turn in range(samples):
        for alias in aliases:
            member.alias = alias
            if viewer is None or turn % TURNS == 0:
                if viewer is not None:
                    viewer.cut()
                viewer = await Viewer.open(member, await member.new_conversation("load n=3 interval_ms=1"))
                await viewer.follow(viewer.page.last_answer, SETTLE_SECONDS)
            receipt = Receipt("numbers", viewer.page.last_answer)
            viewer.on_frame = receipt.take
            sent = monotonic_ns()
            viewer.page.add_rows(await member.ask(viewer.conversation, "load n=3 interval_ms=1"))
            if not await viewer.follow(viewer.page.last_answer, SETTLE_SECONDS) or not receipt.arrived:
                raise RuntimeError(f"no answer by {alias}: {viewer.state(viewer.page.last_answer)}")
            found[alias].append((receipt.arrived[0] - sent) / 1e6)
    return found


async def a_dead_route_costs_little(bench: Stack, samples: int) -> bool:
    healthy, dead = bench.emitter.base, f"http://127.0.0.1:{free_port()}"
    await asyncio.to_thread(lead, bench, {"dead-first": [dead, healthy, healthy], "single": [healthy]})
    async with browsers() as http:
        member = bench.member(http, bench.seed.sessions[0])
        # Opens the circuit, and lets everything be done once.
        await first_words(member, TURNS, ("dead-first", "single"))
        # In turn, and each one as often behind a new conversation as the other.
        found = await first_words(member, samples // 2, ("dead-first", "single"))
        for alias, more in (await first_words(member, samples - samples // 2, ("single", "dead-first"))).items():
            found[alias] += more
    rows, figures = [], {}
    for alias, times in found.items():
        ordered = sorted(times)
        figures[alias] = p50, p95 = percentile(ordered, 0.5), percentile(ordered, 0.95)
        rows.append([alias, len(ordered), f"{p50:.1f}", f"{p95:.1f}", f"{ordered[-1]:.1f}"])
    show_table(["alias", "sends", "median ms", "p95 ms", "max ms"], rows)
    added = [dead - single for dead, single in zip(figures["dead-first"], figures["single"], strict=True)]
    show_json({"added_ms": {"p50": round(added[0], 2), "p95": round(added[1], 2)}})
    return max(added) <= MOST_ADDED_MS


async def measure(bench: Stack, sends: int, samples: int) -> int:
    kept = await nothing_is_lost(bench, sends)
    quick = await a_dead_route_costs_little(bench, samples)
    bench.show_complaints()
    return 0 if kept and quick else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sends", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=250)
    asked = parser.parse_args()
    with stack(MEMBERS) as bench:
        return run(measure(bench, asked.sends, asked.samples))


if __name__ == "__main__":
    sys.exit(main())
