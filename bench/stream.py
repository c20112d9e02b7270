"""How many answers at once stream with little added latency, and what they cost.

    bench/stream --streams 100                two probes of one level
    bench/stream --knee                       levels until p99 passes the limit, then the steps between
    bench/stream --knee --shape mixed         realistic Markdown instead of numbered plain words

One server process with SQLite; each member asks for one answer of 50 deltas a second; added latency is from
the upstream's write to the frame's arrival at the client; an answer counts only if the client's page and the
database both hold exactly the upstream's text. Percentiles cover the window in which all are receiving.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp

from bench import shapes
from bench.checks import fault_in_page
from bench.figures import Sampler, run, show_json, show_table, spread_ms
from bench.page import Article, Page, text_of, words
from bench.processes import MB, machine_cpu_seconds, proportional_bytes, resident_bytes, tree
from bench.receipts import Latencies, Receipt
from bench.session import Member, Viewer
from bench.stack import Stack, browsers, stack

WARM_UP = "load n=20 interval_ms=20"
WARM_UP_STREAMS = 10
SETTLE_SECONDS = 60
PREPARED_AT_ONCE = 8
REST_SECONDS = 2
# A shorter window says little about a sustained load.
LEAST_WINDOW_SECONDS = 1.0
PROBES = 2
TITLES = (
    "streams",
    "exact page/db",
    "p50 ms",
    "p95",
    "p99",
    "window s",
    "deltas/s",
    "CPU ms/1,000 / in window",
    "RSS MB",
    "driver",
    "emitter",
    "others",
    "lag ms",
    "",
)

_seeds = count(1)


@dataclass(frozen=True)
class Asked:
    """What each member asks for."""

    shape: str
    n: int
    interval_ms: float
    chars: int
    ramp: float
    limit_ms: float


class Session:
    """One member with one open tab, who asks once."""

    def __init__(self, member: Member, index: int) -> None:
        self.member, self.index = member, index
        # Another document in each probe, or the server's caches would know it.
        self.seed = next(_seeds)
        self.rid = str(self.seed)
        self.viewer = Viewer(member, "", Page())
        self.receipt = Receipt("numbers", 0)
        self.asked_at = 0
        self.message = 0
        self.fault = ""

    async def prepare(self) -> None:
        """A fresh conversation with one short answer, open in a tab."""
        conversation = await self.member.new_conversation(WARM_UP)
        self.viewer = await Viewer.open(self.member, conversation)
        first = self.viewer.page.last_answer
        if not await self.viewer.follow(first, SETTLE_SECONDS):
            raise RuntimeError(f"the first answer of {conversation} did not end: {self.viewer.state(first)}")

    async def ask(self, asked: Asked) -> None:
        self.receipt = Receipt(asked.shape, self.viewer.page.last_answer)
        self.viewer.on_frame = self.receipt.take
        self.asked_at = time.monotonic_ns()
        text = (
            f"load n={asked.n} interval_ms={asked.interval_ms} shape={asked.shape} "
            f"chars={asked.chars} seed={self.seed} rid={self.rid}"
        )
        try:
            self.viewer.page.add_rows(await self.member.ask(self.viewer.conversation, text))
            self.message = self.viewer.page.last_answer
            if not await self.viewer.follow(self.message, asked.n * asked.interval_ms / 1000 + SETTLE_SECONDS):
                self.fault = f"did not end: {self.viewer.state(self.message)}"
        except (aiohttp.ClientError, RuntimeError, TimeoutError) as error:
            self.fault = f"{type(error).__name__}: {error}"[:120]

    @property
    def article(self) -> Article | None:
        return self.viewer.page.articles.get(self.message)


async def probe(
    bench: Stack, http: aiohttp.ClientSession, streams: int, asked: Asked, idle_mb: float
) -> dict[str, Any]:
    """One level once, with fresh conversations; returns its figures."""
    keys = bench.seed.sessions[:streams]
    sessions = [Session(bench.member(http, key), index) for index, key in enumerate(keys)]
    gate = asyncio.Semaphore(PREPARED_AT_ONCE)

    async def prepare(session: Session) -> None:
        async with gate:
            await session.prepare()

    await asyncio.gather(*[prepare(session) for session in sessions])
    await asyncio.sleep(REST_SECONDS)
    bench.emitter.forget()
    try:
        return await measure(bench, sessions, asked, idle_mb)
    finally:
        for session in sessions:
            session.viewer.cut()


async def measure(bench: Stack, sessions: Sequence[Session], asked: Asked, idle_mb: float) -> dict[str, Any]:
    async def one(session: Session) -> None:
        # The golden ratio spreads the phases, or all answers would tick in step.
        phase = session.index * 0.618034 % 1 * asked.interval_ms / 1000
        await asyncio.sleep(asked.ramp * session.index / len(sessions) + phase)
        await session.ask(asked)

    # A pause of this process for its own garbage would count as the server's latency.
    gc.collect()
    gc.disable()
    sampler = Sampler(bench.parley.process.pid)
    began, machine = time.monotonic(), machine_cpu_seconds()
    own, emitter = own_cpu_seconds(), bench.emitter.stats()
    await asyncio.gather(*[one(session) for session in sessions])
    sampler.stop()
    wall, machine = time.monotonic() - began, machine_cpu_seconds() - machine
    own, emitted = own_cpu_seconds() - own, bench.emitter.stats()
    emitting = emitted["cpu_s"] - emitter["cpu_s"]
    gc.enable()

    exact_page, exact_stored, faults = await check(bench, sessions, asked)
    if asked.shape in shapes.DOCUMENT_SHAPES:
        for session in sessions:
            times = bench.emitter.times(session.rid)
            session.receipt.add_moments(bench.emitter.text(session.rid), times, asked.chars)
    receipts = [session.receipt for session in sessions]
    latencies = Latencies.of(receipts)
    share = sampler.cpu_share(latencies.start, latencies.end)
    deltas = max(1, emitted["deltas"] - emitter["deltas"])
    rate = latencies.deltas_per_second(deltas)
    latency = spread_ms(latencies.steady)
    exact = exact_page == exact_stored == len(sessions)
    in_time = latencies.window_seconds >= LEAST_WINDOW_SECONDS and latency["p99"] < asked.limit_ms
    return {
        "streams": len(sessions),
        "shape": asked.shape,
        "n": asked.n,
        "interval_ms": asked.interval_ms,
        "ramp_s": asked.ramp,
        "exact": exact,
        "pass": exact and in_time,
        "exact_in_page": exact_page,
        "exact_in_database": exact_stored,
        "faults": dict(faults.most_common(5)),
        "sockets_closed": dict(sum((session.viewer.closings for session in sessions), Counter[int]())),
        "window_s": round(latencies.window_seconds, 2),
        "added_latency_ms": latency,
        "added_latency_whole_run_ms": spread_ms(latencies.whole),
        "first_word_ms": spread_ms(s.receipt.arrived[0] - s.asked_at for s in sessions if s.receipt.arrived),
        "deltas_per_s": rate,
        "frames_per_delta": round(sum(receipt.frames for receipt in receipts) / deltas, 3),
        "cpu_ms_per_1000_deltas": round(sampler.cpu_seconds * 1e6 / deltas, 1),
        "cpu_ms_per_1000_in_window": None if not share or not rate else round(share / rate * 1e6, 1),
        "server_cores_in_window": None if share is None else round(share, 2),
        "rss_idle_mb": idle_mb,
        "rss_mb": sampler.most_resident_mb,
        "pss_after_mb": round(proportional_bytes(sampler.pids) / MB, 1),
        "driver_cores": round(own / wall, 2),
        "driver_lag_ms": round(sampler.lag_ms, 1),
        "emitter_cores": round(emitting / wall, 2),
        "other_cores": round(max(0.0, machine - own - sampler.cpu_seconds - emitting) / wall, 2),
        "wall_s": round(wall, 1),
    }


def own_cpu_seconds() -> float:
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


async def check(bench: Stack, sessions: Sequence[Session], asked: Asked) -> tuple[int, int, Counter[str]]:
    """How many answers are exact on the page and in the database, and what is wrong with the others."""
    report = bench.emitter.report()
    stored = bench.stored([session.message for session in sessions])
    in_page = in_database = 0
    faults: Counter[str] = Counter()
    for session in sessions:
        row, sent = stored.get(session.message), report.get(session.rid)
        if row and sent and sent["done"] and sent["requests"] == 1 and (row.status, row.sha) == ("done", sent["sha"]):
            in_database += 1
        else:
            faults[f"database: {row.status if row else 'no row'}, upstream: {sent and sent['done']}"] += 1
        fault = session.fault or await page_fault(session, asked, bench.emitter.text(session.rid))
        in_page += not fault
        faults.update([f"page: {fault}"] if fault else [])
        faults.update(session.viewer.page.faults)
    return in_page, in_database, faults


async def page_fault(session: Session, asked: Asked, sent: str) -> str:
    article = session.article
    if article is None:
        return "no article"
    expected = asked.n
    if asked.shape in shapes.DOCUMENT_SHAPES:
        expected = len(shapes.MARK.findall(sent))
        fresh = Page(await session.member.get(session.viewer.conversation)).articles.get(session.message)
        if fresh is None or words(text_of(fresh.prose).text) != words(text_of(article.prose).text):
            return "differs from a fresh page"
    if session.receipt.next != expected:
        return f"received {session.receipt.next} of {expected} in order"
    return fault_in_page(asked.shape, article, sent)


async def level(
    bench: Stack, http: aiohttp.ClientSession, streams: int, asked: Asked, idle_mb: float
) -> list[dict[str, Any]]:
    results = []
    for _ in range(PROBES):
        result = await probe(bench, http, streams, asked, idle_mb)
        show_json(result)
        results.append(result)
    show_table(TITLES, [line(result) for result in results])
    return results


def line(result: dict[str, Any]) -> list[object]:
    latency = result["added_latency_ms"]
    return [
        result["streams"],
        f"{result['exact_in_page']}/{result['exact_in_database']}",
        *(latency.get(name, "–") for name in ("p50", "p95", "p99")),
        result["window_s"],
        result["deltas_per_s"],
        f"{result['cpu_ms_per_1000_deltas']} / {result['cpu_ms_per_1000_in_window']}",
        f"{result['rss_idle_mb']} → {result['rss_mb']}",
        result["driver_cores"],
        result["emitter_cores"],
        result["other_cores"],
        result["driver_lag_ms"],
        "pass" if result["pass"] else "late" if result["exact"] else "NOT EXACT",
    ]


async def bench_stream(bench: Stack, levels: Sequence[int], step: int, asked: Asked) -> bool:
    """Run the levels, or climb by `step` until one fails and halve the gap. True if all were exact."""
    await asyncio.sleep(REST_SECONDS)
    idle_mb = round(resident_bytes(tree([bench.parley.process.pid])) / MB, 1)
    exact = True
    async with browsers() as http:
        await probe(bench, http, min(WARM_UP_STREAMS, len(bench.seed.sessions)), asked, idle_mb)
        for streams in levels:
            results = await level(bench, http, streams, asked, idle_mb)
            exact &= all(result["exact"] for result in results)
        good, bad, streams = 0, 0, step
        while not levels and streams <= len(bench.seed.sessions) and (not bad or bad - good > step // 4):
            # Beyond the knee an answer may end late; inexact it may never be.
            results = await level(bench, http, streams, asked, idle_mb)
            exact &= all(result["exact"] for result in results)
            if all(result["pass"] for result in results):
                good = streams
            else:
                bad = streams
            streams = (good + bad) // 2 if bad else good + step
    if not levels:
        show_json({"knee": good, "first_failing": bad or None, "shape": asked.shape, "limit_ms": asked.limit_ms})
    return exact


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, nargs="+", default=[100], help="the levels to measure")
    parser.add_argument("--knee", action="store_true", help="search the highest level that passes")
    parser.add_argument("--step", type=int, default=100, help="between levels of the search")
    parser.add_argument("--most", type=int, default=1000, help="where the search ends")
    parser.add_argument("--shape", choices=shapes.SHAPES, default="numbers")
    parser.add_argument("--n", type=int, default=400, help="deltas of an answer")
    parser.add_argument("--interval-ms", type=float, default=20)
    parser.add_argument("--chars", type=int, default=4, help="characters of a delta (mixed and code)")
    parser.add_argument("--ramp", type=float, default=1, help="seconds over which the starts are spread")
    parser.add_argument("--limit-ms", type=float, default=250, help="for the 99th percentile of added latency")
    given = parser.parse_args()
    asked = Asked(given.shape, given.n, given.interval_ms, given.chars, given.ramp, given.limit_ms)
    levels = [] if given.knee else given.streams
    with stack(given.most if given.knee else max(levels)) as bench:
        exact = run(bench_stream(bench, levels, given.step, asked))
        bench.show_complaints()
    if not exact:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
