"""Does a delta cost the same late in a long answer as in a short one?

    bench/long                         every shape: answers of 10 kB and one of 200 kB at 200 deltas a second
    bench/long --shapes numbers list   only these

CPU time of the server's processes and of a real browser's main thread per 1,000 deltas, with one tab open on
the answer. "Streaming" is from the first delta's arrival to the last one's, "whole" also holds the send, the
settled row and the final drawing, less what the same processes use when idle. The ratio of long to short may
be at most 1.5 in each. Short answers are repeated, so that there is enough to measure.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from playwright.async_api import Browser

from bench import shapes
from bench.chrome import MainThread, Meter, chromium, signed_in
from bench.figures import run, show_json, show_table
from bench.processes import cpu_seconds, tree
from bench.receipts import Receipt
from bench.session import Member, Viewer
from bench.stack import Stack, browsers, stack

SHORT_BYTES, LONG_BYTES = 10_000, 200_000
SHAPES = ("numbers", "mixed", "list", "code")
DOCUMENT_CHARACTERS = 20
MOST_RATIO = 1.5
SETTLE_SECONDS = 60
# After an answer's end the browser still draws and the server still writes.
AFTER_SECONDS = 0.7
IDLE_SECONDS = 3.0
NOTHING = MainThread(0, 0, 0)
TITLES = (
    "shape",
    "window",
    "server ms/1,000: 10 → 200 kB",
    "main thread ms/1,000: 10 → 200 kB",
    "ratio server / main thread",
    "",
)
# Another document each time, or the server's caches would know it.
_seeds = count(1)


@dataclass
class Cost:
    """What some deltas cost: seconds of the server's CPU and of the browser's main thread."""

    seconds: float = 0
    deltas: float = 0
    server: float = 0
    browser: MainThread = field(default_factory=lambda: NOTHING)

    def __add__(self, other: Cost) -> Cost:
        browser = self.browser + other.browser
        return Cost(self.seconds + other.seconds, self.deltas + other.deltas, self.server + other.server, browser)

    def less_idle(self, idle: Cost) -> Cost:
        """Without what the same time costs when nothing happens."""
        share = self.seconds / idle.seconds
        browser = self.browser - idle.browser * share
        return Cost(self.seconds, self.deltas, self.server - idle.server * share, browser)

    def per_1000(self) -> dict[str, float]:
        """Milliseconds per 1,000 deltas."""
        scale = 1e6 / max(1, self.deltas)
        values = {
            "server": self.server,
            "main_thread": self.browser.tasks,
            "script": self.browser.script,
            "layout": self.browser.layout,
        }
        return {name: round(value * scale, 1) for name, value in values.items()}


@dataclass
class Measured:
    """The costs of answers of one length."""

    streaming: Cost = field(default_factory=Cost)
    whole: Cost = field(default_factory=Cost)
    bytes: int = 0
    answers: int = 0

    def __add__(self, other: Measured) -> Measured:
        return Measured(
            self.streaming + other.streaming,
            self.whole + other.whole,
            self.bytes + other.bytes,
            self.answers + other.answers,
        )


class Desk:
    """One member with the conversation open in Chromium and in a client that keeps time."""

    def __init__(self, bench: Stack, member: Member, meter: Meter, rate: float) -> None:
        self.bench, self.member, self.meter, self.rate = bench, member, meter, rate
        self.pids = tree([bench.parley.process.pid])

    async def read(self) -> Cost:
        return Cost(seconds=time.monotonic(), server=cpu_seconds(self.pids), browser=await self.meter.read())

    async def idle(self) -> Cost:
        before = await self.read()
        await asyncio.sleep(IDLE_SECONDS)
        return difference(await self.read(), before)

    async def answer(self, viewer: Viewer, shape: str, size: int) -> Measured:
        """Ask for one answer of about `size` bytes and measure it; RuntimeError if it is not exact."""
        n, seed = deltas_for(shape, size), next(_seeds)
        rid = str(seed)
        document = shape in shapes.DOCUMENT_SHAPES
        expected = len(shapes.MARK.findall(shapes.document(shape, n * DOCUMENT_CHARACTERS, seed))) if document else n
        receipt = Receipt(shape, viewer.page.last_answer)
        first, last = asyncio.Event(), asyncio.Event()

        def on_frame(frame: dict[str, Any], now: int) -> None:
            receipt.take(frame, now)
            if receipt.next:
                first.set()
            if receipt.next == expected:
                last.set()

        viewer.on_frame = on_frame
        before = await self.read()
        text = (
            f"load n={n} interval_ms={1000 / self.rate} shape={shape} chars={DOCUMENT_CHARACTERS} seed={seed} rid={rid}"
        )
        viewer.page.add_rows(await self.member.ask(viewer.conversation, text))
        message = viewer.page.last_answer
        try:
            async with asyncio.timeout(n / self.rate + SETTLE_SECONDS):
                await first.wait()
                began = await self.read()
                await last.wait()
        except TimeoutError as error:
            raise RuntimeError(f"{shape}, {size} bytes: {viewer.state(message)}") from error
        ended = await self.read()
        await viewer.follow(message, SETTLE_SECONDS)
        await asyncio.sleep(AFTER_SECONDS)
        whole = difference(await self.read(), before)
        streaming = difference(ended, began)
        whole.deltas, streaming.deltas = n, streaming.seconds * self.rate
        report, row = self.bench.emitter.report_of(rid), self.bench.stored([message])[message]
        if (row.status, row.sha) != ("done", report["sha"]):
            raise RuntimeError(f"{rid}: the database has {row.status}, not the upstream's text")
        return Measured(streaming, whole, report["bytes"], 1)


def difference(after: Cost, before: Cost) -> Cost:
    return Cost(after.seconds - before.seconds, 0, after.server - before.server, after.browser - before.browser)


def deltas_for(shape: str, size: int) -> int:
    """How many deltas make about `size` bytes."""
    token = len(f"{size // 40}:{time.monotonic_ns()} ")
    return size // (DOCUMENT_CHARACTERS if shape in shapes.DOCUMENT_SHAPES else token)


async def measured(bench: Stack, member: Member, browser: Browser, shape: str, size: int, rate: float) -> Measured:
    """One answer in a conversation and a tab of its own, without what idling costs."""
    viewer = await Viewer.open(member, await member.new_conversation("load n=5"))
    context = await signed_in(browser, member)
    try:
        if not await viewer.follow(viewer.page.last_answer, SETTLE_SECONDS):
            raise RuntimeError("the first answer did not end")
        page = await context.new_page()
        await page.goto(member.base + viewer.conversation, wait_until="load")
        desk = Desk(bench, member, await Meter.attach(page), rate)
        await asyncio.sleep(AFTER_SECONDS)
        idle = await desk.idle()
        made = await desk.answer(viewer, shape, size)
        shown = await page.locator("article").last.get_attribute("data-status")
        if shown != "done":
            raise RuntimeError(f"the browser shows {shown}")
    finally:
        viewer.cut()
        await context.close()
    return Measured(made.streaming.less_idle(idle), made.whole.less_idle(idle), made.bytes, 1)


async def bench_long(bench: Stack, wanted: Sequence[str], rate: float, repeats: int) -> bool:
    """True if every ratio is within bounds."""
    good = True
    lines: list[list[object]] = []
    async with browsers() as http, chromium() as browser:
        member = bench.member(http, bench.seed.sessions[0])
        # What is imported and compiled at first use must not count.
        await measured(bench, member, browser, "mixed", SHORT_BYTES, rate)
        for shape in wanted:
            short = Measured()
            for _ in range(repeats):
                short += await measured(bench, member, browser, shape, SHORT_BYTES, rate)
            long = await measured(bench, member, browser, shape, LONG_BYTES, rate)
            for window in ("streaming", "whole"):
                costs = getattr(short, window).per_1000(), getattr(long, window).per_1000()
                ratios = {name: round(costs[1][name] / max(costs[0][name], 0.1), 2) for name in costs[0]}
                passed = max(ratios["server"], ratios["main_thread"]) <= MOST_RATIO
                good &= passed
                show_json(
                    {
                        "shape": shape,
                        "window": window,
                        "short_bytes": short.bytes // short.answers,
                        "long_bytes": long.bytes,
                        "short_ms_per_1000": costs[0],
                        "long_ms_per_1000": costs[1],
                        "ratio": ratios,
                        "pass": passed,
                    }
                )
                pairs = [f"{costs[0][name]} → {costs[1][name]}" for name in ("server", "main_thread")]
                ratio = f"{ratios['server']} / {ratios['main_thread']}"
                lines.append([shape, window, *pairs, ratio, "pass" if passed else "FAIL"])
    show_table(TITLES, lines)
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", choices=shapes.SHAPES, default=SHAPES)
    parser.add_argument("--rate", type=float, default=200, help="deltas a second")
    parser.add_argument("--repeats", type=int, default=10, help="of the short answer")
    given = parser.parse_args()
    with stack(1) as bench:
        good = run(bench_long(bench, given.shapes, given.rate, given.repeats))
        bench.show_complaints()
    if not good:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
