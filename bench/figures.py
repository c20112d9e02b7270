"""Percentiles, small tables and one JSON line for each result."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Coroutine, Iterable, Sequence
from typing import TypeVar

from bench.processes import MB, cpu_seconds, resident_bytes, tree

try:
    import uvloop
except ImportError:
    uvloop = None

T = TypeVar("T")
SAMPLE_SECONDS = 0.25


def percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread_ms(nanoseconds: Iterable[int]) -> dict[str, float]:
    """The percentiles of these times, in ms; empty without any."""
    ordered = sorted(nanoseconds)
    shares = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
    return {name: round(percentile(ordered, share) / 1e6, 2) for name, share in shares} if ordered else {}


def show_table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table with even columns, to be read here and pasted into the README."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in [list(titles), *cells]) for at in range(len(titles))]
    print("| " + " | ".join(title.ljust(width) for title, width in zip(titles, widths, strict=True)) + " |")
    print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    for row in cells:
        print("| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    sys.stdout.flush()


def show_json(result: object) -> None:
    print(json.dumps(result), flush=True)


def run(work: Coroutine[None, None, T]) -> T:
    """On uvloop where it is installed, so that the driver costs little beside the server."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        return runner.run(work)


class Sampler:
    """CPU and memory of a process tree four times a second, and how late this loop itself was."""

    def __init__(self, root: int) -> None:
        self.pids = tree([root])
        self.samples: list[tuple[int, float, int]] = []
        self.lag_ms = 0.0
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while True:
            self._take()
            before = time.monotonic()
            await asyncio.sleep(SAMPLE_SECONDS)
            self.lag_ms = max(self.lag_ms, (time.monotonic() - before - SAMPLE_SECONDS) * 1000)

    def _take(self) -> None:
        self.samples.append((time.monotonic_ns(), cpu_seconds(self.pids), resident_bytes(self.pids)))

    def stop(self) -> None:
        self._task.cancel()
        self._take()

    def cpu_share(self, start: int, end: int) -> float | None:
        """Cores used between two moments in ns; None when too few samples lie between."""
        inside = [sample for sample in self.samples if start <= sample[0] <= end]
        if len(inside) < 2:
            return None
        return (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0]) * 1e9

    @property
    def cpu_seconds(self) -> float:
        return self.samples[-1][1] - self.samples[0][1]

    @property
    def most_resident_mb(self) -> float:
        return round(max(sample[2] for sample in self.samples) / MB, 1)
