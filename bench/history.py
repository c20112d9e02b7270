"""What a long history costs: the list of chats, a chat, a send and a search, beside a million messages.

    bench/history [--messages 1000000] [--databases sqlite postgresql] [--requests 300] [--kept DIRECTORY]

Fills a database (bench/library.py), builds the index of the search, starts the server on it and asks, one request after
the other, as random members. With --kept the databases stay there, some gigabytes, and are used again. PostgreSQL is a
cluster of the bench's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from bench.figures import run, show_json, show_table, spread_ms
from bench.processes import MB, ROOT, cpu_seconds, tree
from bench.session import Cookies, Member
from bench.stack import Emitting, Serving, browsers, emitting, parley_environment, serving
from tests.postgres import Cluster

WARM_UP = 20
REST_SECONDS = 0.15
LONGEST = 20
QUESTION = "load n=3 interval_ms=1 rid=history"
# Milliseconds at the 95th percentile.
SIDEBAR, OPEN, SEND, SEARCH = 30, 80, 80, 150
DATABASES = ["sqlite", "postgresql"]

OLDER = re.compile(r'hx-get="(/sidebar/older/[^"]+)"')

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Asked:
    """What is asked again and again, of whom and about what `next` decides, with a rest after each."""

    what: str
    aim: int
    next: Callable[[], Act]
    rest: float = 0


@dataclass
class Past:
    """A filled database, and what the library has told of it."""

    directory: Path
    database_url: str
    cluster: Cluster | None = None
    told: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def fill(self, messages: int) -> None:
        """Migrate; write and index unless an earlier run has done so."""
        story = self.directory / "told.json"
        self._timed("migrate s", "manage.py", "migrate", "-v0")
        if not story.exists():
            made = self._timed("fill s", "-m", "bench.library", "--messages", str(messages))
            with self._words_indexed_last():
                self._timed("index s", "manage.py", "index_search", "-v0")
            story.write_text(json.dumps({"told": json.loads(made), "figures": self.figures}))
        found = json.loads(story.read_text())
        self.told, self.figures = found["told"], found["figures"] | {"database MB": round(self._bytes() / MB)}

    @contextlib.contextmanager
    def _words_indexed_last(self) -> Iterator[None]:
        """PostgreSQL makes the index of all words at once in a fraction of the time that a million rows take."""
        if not self.cluster:
            yield
            return
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            found = connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_entry_words'")
            (index,) = found.fetchone() or ("",)
            connection.execute("DROP INDEX search_entry_words")
            yield
            began = time.monotonic()
            connection.execute("SET maintenance_work_mem = '1GB'")
            connection.execute(index)
            connection.execute("VACUUM ANALYZE")
            self.figures["index of words s"] = round(time.monotonic() - began, 1)

    def lead_to(self, emitter: Emitting) -> None:
        self._timed("connect s", "-m", "bench.seed", "--users", "0", "--upstream", f"{emitter.base}/v1")

    def _timed(self, what: str, *command: str) -> str:
        began = time.monotonic()
        environment = parley_environment(self.directory, 0, self.database_url)
        done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
        self.figures[what] = round(time.monotonic() - began, 1)
        return done.stdout.decode()

    def _bytes(self) -> int:
        folder = self.cluster.folder / "data/base" if self.cluster else self.directory / "data"
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


class Asking:
    """Random members who ask one server one thing after another."""

    def __init__(self, past: Past, members: dict[int, Member], roots: list[int], requests: int) -> None:
        self.members, self.roots, self.requests = members, roots, requests
        self.told, self.rng = past.told, random.Random(7)  # noqa: S311 - the same each time is the point
        self.owned: dict[int, list[str]] = {}
        for pk, owner, _ in past.told["conversations"]:
            self.owned.setdefault(owner, []).append(pk)

    async def everything(self) -> list[dict[str, Any]]:
        """Everybody's things, and then those of the members with a fifth of all chats."""
        everybody, heavy = list(self.owned), list(map(int, self.told["heavy"]))
        older = [(member, await self._older(member)) for member in heavy]
        asked = [
            *self._of("", everybody),
            *self._of(", many chats", heavy),
            Asked("older, many chats", SIDEBAR, lambda: self._get(*self.rng.choice(older))),
            Asked("open one of the longest", OPEN, self._open_longest),
        ]
        return [await self._measured(one) for one in asked]

    def _of(self, whose: str, members: list[int]) -> Iterator[Asked]:
        yield Asked(f"sidebar{whose}", SIDEBAR, lambda: self._get(self.rng.choice(members), "/sidebar/"))
        yield Asked(f"open{whose}", OPEN, lambda: self._open(self.rng.choice(members)))
        yield Asked(f"send{whose}", SEND, lambda: self._send(self.rng.choice(members)), REST_SECONDS)
        for tongue in ("en", "zh"):
            yield self._search(f"search 1 word, {tongue}{whose}", self._queries(tongue, 1, members))
            yield self._search(f"search 3 words, {tongue}{whose}", self._queries(tongue, 3, members))

    def _search(self, what: str, queries: list[tuple[int, str]]) -> Asked:
        return Asked(what, SEARCH, lambda: self._get(*self.rng.choice(queries)))

    async def _measured(self, asked: Asked) -> dict[str, Any]:
        """Percentiles of the time until the whole response is there, and the CPU that servers used for one."""
        nanoseconds: list[int] = []
        for turn in range(WARM_UP + self.requests):
            if turn == WARM_UP:
                before = cpu_seconds(tree(self.roots))
            act = asked.next()
            began = time.monotonic_ns()
            await act()
            nanoseconds.append(time.monotonic_ns() - began)
            await asyncio.sleep(asked.rest)
        used = (cpu_seconds(tree(self.roots)) - before) / self.requests * 1000
        return {"what": asked.what, "aim p95": asked.aim, **spread_ms(nanoseconds[WARM_UP:]), "cpu ms": round(used, 1)}

    async def _older(self, member: int) -> str:
        """The address of the second page of the list."""
        found = OLDER.search(await self.members[member].get("/sidebar/"))
        return unescape(found[1]) if found else "/sidebar/"

    def _get(self, member: int, path: str) -> Act:
        return lambda: self.members[member].get(path)

    def _open(self, member: int) -> Act:
        return self._get(member, f"/c/{self.rng.choice(self.owned[member])}/")

    def _open_longest(self) -> Act:
        longest = sorted(self.told["conversations"], key=lambda one: -one[2])[:LONGEST]
        pk, owner, _ = self.rng.choice(longest)
        return self._get(owner, f"/c/{pk}/")

    def _send(self, member: int) -> Act:
        chat = f"/c/{self.rng.choice(self.owned[member])}/"
        return lambda: self.members[member].ask(chat, f"{QUESTION}{self.rng.getrandbits(32)}")

    def _queries(self, tongue: str, words: int, members: list[int]) -> list[tuple[int, str]]:
        """Words that stand together in an answer that one of these members has got."""
        said = [(owner, found) for owner, language, found in self.told["said"] if language == tongue]
        return [(owner, f"/search/?q={quote(' '.join(found[:words]))}") for owner, found in said if owner in members]


@contextlib.contextmanager
def database(kind: str, directory: Path) -> Iterator[Past]:
    """Where the library of this kind is, or is to be."""
    directory.mkdir(exist_ok=True)
    (directory / "data").mkdir(exist_ok=True)
    if kind == "sqlite":
        yield Past(directory, "")
        return
    cluster = Cluster(folder=directory / "cluster", fsync="on", max_wal_size="4GB")
    try:
        cluster.start()
        yield Past(directory, cluster.make("parley"), cluster)
    finally:
        cluster.stop()


async def asked(past: Past, parley: Serving, requests: int) -> list[dict[str, Any]]:
    async with browsers() as http:
        told = past.told
        cookies = Cookies(told["session_cookie"], told["csrf_cookie"])
        members = {
            int(pk): Member(http, parley.base, cookies, session, told["alias"])
            for pk, session in told["sessions"].items()
        }
        for member in members.values():
            await member.get("/")
        roots = [parley.process.pid, *([past.cluster.pid] if past.cluster else [])]
        return await Asking(past, members, roots, requests).everything()


def measure(kind: str, directory: Path, messages: int, requests: int) -> bool:
    """Fill and ask one kind of database; whether every aim was reached."""
    with database(kind, directory) as past, emitting(directory) as emitter:
        past.fill(messages)
        past.lead_to(emitter)
        with serving(directory, database_url=past.database_url) as parley:
            found = run(asked(past, parley, requests))
            complaints = parley.process.complaints()
    print(f"{kind}: {past.told['messages']:,} messages, {json.dumps(past.figures)}")
    show_table(list(found[0]), [list(one.values()) for one in found])
    show_json({"database": kind, "messages": past.told["messages"], **past.figures, "found": found})
    for complaint, times in complaints.most_common(5):
        print(f"the server's log, {times} times: {complaint}")
    return not complaints and all(one["p95"] <= one["aim p95"] for one in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--kept", type=Path, help="keep the databases in this directory, and use them again")
    given = parser.parse_args()
    with contextlib.ExitStack() as ending:
        folder = given.kept or Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        folder.mkdir(exist_ok=True)
        # PostgreSQL may run as somebody else.
        folder.chmod(0o755)
        reached = [measure(kind, folder / kind, given.messages, given.requests) for kind in given.databases]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
