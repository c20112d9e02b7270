"""Do the streams of others stutter while photos are taken in?

bench/uploads [--streams 50] [--photos 20] [--rounds 3]

Rounds with and without uploads take turns. Each has its streams, 50 deltas a second; in the middle, twenty members
upload a photo of 12 megapixels each, all at once, from a process of their own. Added latency counts while the uploads
last, against the same seconds of the rounds without: its 99th percentile may rise by 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from bench.figures import Sampler, run, show_json, show_table, spread_ms
from bench.processes import MB, resident_bytes, tree
from bench.session import Cookies, Member
from bench.stack import Stack, browsers, stack
from bench.stream import PREPARED_AT_ONCE, REST_SECONDS, Asked, Session, check

MOST_RISE_MS = 50
# When all stream, and long before the first is done.
UPLOADS_AFTER_SECONDS = 3.0
PHOTO = (4000, 3000)
ASKED = Asked(shape="numbers", n=600, interval_ms=20, chars=4, ramp=1.5, limit_ms=250)
TITLES = ("uploads", "exact", "p50 ms", "p95", "p99", "max", "photos", "first s", "last s", "RSS MB", "lag ms")


@dataclass
class Uploaded:
    """Moments in ns of the machine's monotonic clock; seconds of each upload."""

    began: int
    ended: int
    seconds: list[float]
    faults: list[str]


def take_photo(to: Path) -> int:
    """A grainy picture in colour, as a phone saves it, some 4 MB; returns its bytes."""
    width, height = PHOTO
    clouds = [
        Image.effect_noise((width // 16, height // 16), 120).resize(PHOTO, Image.Resampling.BICUBIC) for _ in "rgb"
    ]
    grain = Image.merge("RGB", [Image.effect_noise((width, height), 16)] * 3)
    Image.blend(Image.merge("RGB", clouds), grain, 0.25).save(to, quality=92)
    return to.stat().st_size


async def upload(order: dict[str, Any]) -> Uploaded:
    """What the process of its own does: everybody's page first, then all uploads at once."""
    photo = await asyncio.to_thread(Path(order["photo"]).read_bytes)
    faults: list[str] = []
    async with browsers() as http:
        names = Cookies(**order["cookies"])
        members = [Member(http, order["base"], names, session, "") for session in order["sessions"]]
        for member in members:
            await member.get("/")
        await asyncio.to_thread(sys.stdin.readline)
        began = time.monotonic_ns()

        async def one(member: Member) -> float:
            try:
                await member.attach(photo)
            except (aiohttp.ClientError, RuntimeError) as error:
                faults.append(f"{type(error).__name__}: {error}"[:120])
            return (time.monotonic_ns() - began) / 1e9

        seconds = await asyncio.gather(*[one(member) for member in members])
    return Uploaded(began, time.monotonic_ns(), sorted(seconds), faults)


async def uploads(order: dict[str, Any], when: float) -> Uploaded:
    """Start that process, let it go after so many seconds, and take its figures."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "bench.uploads", "--upload", json.dumps(order))
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    await asyncio.sleep(when)
    printed, _ = await process.communicate(b"go\n")
    return Uploaded(**json.loads(printed))


async def one_round(
    bench: Stack, http: aiohttp.ClientSession, streams: int, order: dict[str, Any] | None, span: float
) -> dict[str, Any]:
    """The streams, with uploads if there is an order for them; `span` are the seconds that count without."""
    sessions = [Session(bench.member(http, key), at) for at, key in enumerate(bench.seed.sessions[:streams])]
    gate = asyncio.Semaphore(PREPARED_AT_ONCE)

    async def prepare(session: Session) -> None:
        async with gate:
            await session.prepare()

    async def ask(session: Session) -> None:
        await asyncio.sleep(ASKED.ramp * session.index / len(sessions))
        await session.ask(ASKED)

    await asyncio.gather(*[prepare(session) for session in sessions])
    await asyncio.sleep(REST_SECONDS)
    bench.emitter.forget()
    gc.collect()
    gc.disable()
    sampler = Sampler(bench.parley.process.pid)
    began = time.monotonic_ns() + round(UPLOADS_AFTER_SECONDS * 1e9)
    uploading = asyncio.create_task(uploads(order, UPLOADS_AFTER_SECONDS)) if order else None
    await asyncio.gather(*[ask(session) for session in sessions])
    uploaded = await uploading if uploading else Uploaded(began, began + round(span * 1e9), [], [])
    sampler.stop()
    gc.enable()
    exact_page, exact_stored, faults = await check(bench, sessions, ASKED)
    for session in sessions:
        session.viewer.cut()
    pairs = [pair for one in sessions for pair in zip(one.receipt.emitted, one.receipt.arrived, strict=True)]
    return {
        "uploads": order is not None,
        "exact": exact_page == exact_stored == len(sessions) and not uploaded.faults,
        "faults": [*dict(faults.most_common(5)), *uploaded.faults[:5]],
        "latencies": [arrived - emitted for emitted, arrived in pairs if uploaded.began <= emitted <= uploaded.ended],
        "upload_s": uploaded.seconds,
        "span_s": (uploaded.ended - uploaded.began) / 1e9,
        "streaming_to_the_end": min(one.receipt.emitted[-1] for one in sessions) >= uploaded.ended,
        "rss_mb": sampler.most_resident_mb,
        "lag_ms": sampler.lag_ms,
    }


def summary(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The rounds of one kind taken together."""
    upload_s = [seconds for one in rounds for seconds in one["upload_s"]]
    return {
        "uploads": rounds[0]["uploads"],
        "exact": all(one["exact"] for one in rounds),
        "faults": [fault for one in rounds for fault in one["faults"]],
        "added_latency_ms": spread_ms(latency for one in rounds for latency in one["latencies"]),
        "p99_of_each_round_ms": [spread_ms(one["latencies"])["p99"] for one in rounds],
        "photos": len(upload_s),
        "first_photo_s": round(min(upload_s), 2) if upload_s else None,
        "last_photo_s": round(max(upload_s), 2) if upload_s else None,
        "span_s": round(statistics.mean(one["span_s"] for one in rounds), 2),
        "streaming_to_the_end": all(one["streaming_to_the_end"] for one in rounds),
        "rss_mb": max(one["rss_mb"] for one in rounds),
        "lag_ms": round(max(one["lag_ms"] for one in rounds), 1),
    }


async def measure(bench: Stack, streams: int, rounds: int) -> bool:
    photo = bench.directory / "photo.jpg"
    size = await asyncio.to_thread(take_photo, photo)
    order = {
        "base": bench.parley.base,
        "cookies": asdict(bench.seed.cookies),
        "sessions": bench.seed.sessions[streams:],
        "photo": str(photo),
    }
    found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    async with browsers() as http:
        for _ in range(rounds):
            found[True].append(await one_round(bench, http, streams, order, 0))
            found[False].append(await one_round(bench, http, streams, None, found[True][-1]["span_s"]))
    without, with_uploads = summary(found[False]), summary(found[True])
    for result in (without, with_uploads):
        show_json(result)
    show_table(TITLES, [line(without), line(with_uploads)])
    rise = with_uploads["added_latency_ms"]["p99"] - without["added_latency_ms"]["p99"]
    idle = round(resident_bytes(tree([bench.parley.process.pid])) / MB, 1)
    show_json({"photo_bytes": size, "p99_rises_by_ms": round(rise, 2), "limit_ms": MOST_RISE_MS, "rss_after_mb": idle})
    return bool(rise < MOST_RISE_MS and without["exact"] and with_uploads["exact"])


def line(result: dict[str, Any]) -> list[object]:
    latency = result["added_latency_ms"]
    return [
        "with" if result["uploads"] else "without",
        "yes" if result["exact"] else "NO",
        *(latency.get(name, "–") for name in ("p50", "p95", "p99", "max")),
        *(result[name] if result[name] is not None else "–" for name in ("photos", "first_photo_s", "last_photo_s")),
        result["rss_mb"],
        result["lag_ms"],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--photos", type=int, default=20, help="uploads at once, one a member")
    parser.add_argument("--rounds", type=int, default=3, help="of each kind")
    parser.add_argument("--upload", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.upload:
        print(json.dumps(asdict(asyncio.run(upload(json.loads(given.upload))))))
        return
    with stack(given.streams + given.photos) as bench:
        good = run(measure(bench, given.streams, given.rounds))
        bench.show_complaints()
    if not good:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
