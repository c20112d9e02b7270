"""What Parley costs before anybody asks anything: memory, the first page's bytes, the time to start.

    bench/start

Memory is read from a server with its demo upstream beside it, after one page and some seconds of rest. The
first page is "/" for a signed-in member: the bodies as a browser gets them, compressed, of the page and of
everything it loads, as listed by Chromium where there is one. A warm start is from the start of the process
to the first 200 on /sign-in/, with the data directory of an earlier run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import tempfile
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp

from bench.chrome import chromium, signed_in
from bench.figures import run, show_json, show_table
from bench.processes import MB, Started, command_of, proportional_bytes, resident_bytes, tree
from bench.session import Member
from bench.stack import Seed, emitting, make_seed, serving

WARM_STARTS = 5
MOST_START_SECONDS = 3.0
MOST_IDLE_MB = 120
MOST_FIRST_PAGE_BYTES = 100_000
REST_SECONDS = 5
ENCODINGS = "gzip, deflate, br"
REFERENCE = re.compile(r'<(?:link[^>]*\brel="(?:stylesheet|modulepreload|icon)"[^>]*\bhref|script[^>]*\bsrc)="([^"]+)"')


@dataclass(frozen=True)
class Memory:
    """What a process holds, in MB; PSS counts pages that it shares in parts."""

    process: str
    rss_mb: float
    pss_mb: float


@dataclass(frozen=True)
class Part:
    """One address of the first page, with the bytes of its body on the wire."""

    path: str
    status: int
    kind: str
    encoding: str
    bytes: int


def memory(process: Started) -> list[Memory]:
    """Each of the server's processes, and all together last."""
    pids = tree([process.pid])
    groups = [(command_of(pid), [pid]) for pid in pids] + [("all", pids)]
    return [
        Memory(name, round(resident_bytes(group) / MB, 1), round(proportional_bytes(group) / MB, 1))
        for name, group in groups
    ]


async def first_page(base: str, seed: Seed) -> list[Part]:
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as http:
        member = Member(http, base, seed.cookies, seed.sessions[0], seed.alias)
        return [await weighed(http, member, url) for url in await addresses(http, member)]


async def addresses(http: aiohttp.ClientSession, member: Member) -> list[str]:
    """What the first page loads; without Chromium, what its HTML names."""
    home = member.base + "/"
    with contextlib.suppress(RuntimeError):
        return await asked_by_browser(member, home)
    async with http.get(home, headers={"Cookie": member.cookie, "Accept-Encoding": "identity"}) as answer:
        found = [urljoin(home, reference) for reference in REFERENCE.findall(await answer.text())]
    return list(dict.fromkeys([home, *found]))


async def asked_by_browser(member: Member, home: str) -> list[str]:
    asked: list[str] = []
    async with chromium() as browser:
        context = await signed_in(browser, member)
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(home, wait_until="load")
        await asyncio.sleep(1)
    return list(dict.fromkeys(url for url in asked if url.startswith("http")))


async def weighed(http: aiohttp.ClientSession, member: Member, url: str) -> Part:
    headers = {"Cookie": member.cookie, "Accept-Encoding": ENCODINGS}
    async with http.get(url, headers=headers, allow_redirects=False) as answer:
        body = await answer.read()
    encoding = answer.headers.get("content-encoding", "none")
    return Part(urlsplit(url).path, answer.status, answer.content_type, encoding, len(body))


def warm_starts(directory: Path, times: int) -> list[float]:
    seconds = []
    for _ in range(times):
        with serving(directory, demo=True) as parley:
            seconds.append(round(parley.seconds_to_first_page, 2))
    return seconds


async def idle_and_page(process: Started, base: str, seed: Seed) -> tuple[list[Memory], list[Part]]:
    page = await first_page(base, seed)
    await asyncio.sleep(REST_SECONDS)
    return memory(process), page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=WARM_STARTS, help="warm starts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        directory = Path(name)
        with serving(directory, demo=True) as first:
            cold = round(first.seconds_to_first_page, 2)
        starts = warm_starts(directory, given.times)
        with emitting(directory) as emitter, serving(directory, demo=True) as parley:
            seed = make_seed(directory, 1, emitter.base)
            idle, page = run(idle_and_page(parley.process, parley.base, seed))
    total = sum(part.bytes for part in page)
    show_json(
        {
            "first_start_s": cold,
            "warm_starts_s": starts,
            "idle": [asdict(part) for part in idle],
            "first_page_bytes": total,
            "first_page": [asdict(part) for part in page],
        }
    )
    show_table(("process", "RSS MB", "PSS MB"), [astuple(part) for part in idle])
    show_table(("path", "status", "kind", "encoding", "bytes"), [astuple(part) for part in page])
    goals = [
        ("warm start, worst, s", max(starts), MOST_START_SECONDS),
        ("idle, all processes, RSS MB", idle[-1].rss_mb, MOST_IDLE_MB),
        ("first page, bytes", total, MOST_FIRST_PAGE_BYTES),
    ]
    passed = [measured <= most for _, measured, most in goals]
    words = ["pass" if good else "FAIL" for good in passed]
    show_table(
        ("figure", "measured", "at most", ""),
        [(*goal, word) for goal, word in zip(goals, words, strict=True)],
    )
    if not all(passed):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
