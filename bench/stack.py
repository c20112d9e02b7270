"""What a bench needs, started and ended together: a data directory, the emitter, Parley, its members."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sqlite3
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.processes import Started, run_json, started
from bench.session import Cookies, Member

START_SECONDS = 90
COMPLAINTS_SHOWN = 10
FIRST_PAGE = "/sign-in/"


@dataclass(frozen=True)
class Seed:
    """What bench/seed.py made: the sessions of user0, user1 … and where the server keeps things."""

    sessions: list[str]
    alias: str
    cookies: Cookies
    database: str
    messages_table: str


@dataclass(frozen=True)
class Stored:
    """An answer as the database has it."""

    status: str
    sha: str
    reason_sha: str
    text: str


class Emitting:
    """The emitter's process and what it knows."""

    def __init__(self, process: Started) -> None:
        self.process = process
        self.port: int = json.loads(process.announcement())["port"]
        self.base = f"http://127.0.0.1:{self.port}"

    def report(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads(self._get("/_report"))
        return found

    def report_of(self, rid: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._get(f"/_report?rid={rid}"))
        return found

    def text(self, rid: str) -> str:
        return self._get(f"/_text?rid={rid}").decode()

    def reasoning(self, rid: str) -> str:
        return self._get(f"/_reason?rid={rid}").decode()

    def times(self, rid: str) -> memoryview:
        """The moment, in ns, at which each content delta was written."""
        return memoryview(self._get(f"/_times?rid={rid}")).cast("q")

    def stats(self) -> dict[str, float]:
        found: dict[str, float] = json.loads(self._get("/_stats"))
        return found

    def forget(self) -> None:
        self._get("/_reset")

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.base + path, timeout=30) as answer:  # noqa: S310 - our own emitter
            data: bytes = answer.read()
        return data


class Serving:
    """Parley's process."""

    def __init__(self, process: Started, base: str, seconds: float) -> None:
        self.process, self.base = process, base
        self.seconds_to_first_page = seconds


@dataclass
class Stack:
    """A running bench."""

    directory: Path
    emitter: Emitting
    parley: Serving
    seed: Seed

    def stored(self, messages: list[int]) -> dict[int, Stored]:
        """These answers as the database has them now, read beside the server."""
        return stored(self.seed, messages)

    def member(self, http: aiohttp.ClientSession, session: str) -> Member:
        return Member(http, self.parley.base, self.seed.cookies, session, self.seed.alias)

    def show_complaints(self) -> None:
        for complaint, times in self.parley.process.complaints().most_common(COMPLAINTS_SHOWN):
            print(f"the server's log, {times} times: {complaint}")


@contextlib.asynccontextmanager
async def browsers() -> AsyncIterator[aiohttp.ClientSession]:
    """HTTP for any number of members; each carries its own cookies."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield http


@contextlib.contextmanager
def stack(users: int) -> Iterator[Stack]:
    """Start everything with so many members; ends it all, whatever happens."""
    with contextlib.ExitStack() as ending:
        directory = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        emitter = ending.enter_context(emitting(directory))
        parley = ending.enter_context(serving(directory))
        seed = make_seed(directory, users, emitter.base)
        yield Stack(directory, emitter, parley, seed)


@contextlib.contextmanager
def emitting(directory: Path) -> Iterator[Emitting]:
    with started([sys.executable, "-m", "bench.upstream"], directory / "emitter.log", announces=True) as process:
        yield Emitting(process)


@contextlib.contextmanager
def serving(directory: Path, *, demo: bool = False, database_url: str = "") -> Iterator[Serving]:
    """Parley on a free port of 127.0.0.1, from the start of its process until after the caller's last use."""
    port = free_port()
    environment = parley_environment(directory, port, database_url) | {"PARLEY_DEMO": str(int(demo))}
    began = time.monotonic()
    with started([sys.executable, "manage.py", "serve"], directory / "parley.log", environment) as process:
        base = f"http://127.0.0.1:{port}"
        wait_for_page(process, base + FIRST_PAGE)
        yield Serving(process, base, time.monotonic() - began)


def parley_environment(directory: Path, port: int, database_url: str = "") -> dict[str, str]:
    """The caller's environment without its own Parley settings, and with the bench's. SQLite without an address."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PARLEY_", "DJANGO_"))}
    return {
        **kept,
        "PARLEY_DATA_DIR": str(directory / "data"),
        "PARLEY_DATABASE_URL": database_url,
        "PORT": str(port),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_page(process: Started, url: str) -> None:
    """Until the first 200; RuntimeError with the log's end when it does not come."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
                if answer.status == 200 and answer.url == url:
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.005)
    ended = process.process.poll()
    raise RuntimeError(
        f"{url} did not answer 200 (exit status {ended}):\n{process.log.read_text(errors='replace')[-3000:]}"
    )


def make_seed(directory: Path, users: int, upstream: str) -> Seed:
    command = [sys.executable, "-m", "bench.seed", "--users", str(users), "--upstream", f"{upstream}/v1"]
    made = run_json(command, parley_environment(directory, 0))
    assert isinstance(made, Mapping)  # noqa: S101 - seed.py prints an object
    cookies = Cookies(made["session_cookie"], made["csrf_cookie"])
    return Seed(made["sessions"], made["alias"], cookies, made["database"], made["messages_table"])


def stored(seed: Seed, messages: list[int]) -> dict[int, Stored]:
    with contextlib.closing(sqlite3.connect(f"file:{seed.database}?mode=ro", uri=True)) as database:
        found = {}
        for message in messages:
            row = database.execute(
                f"SELECT status, text, reasoning FROM {seed.messages_table} WHERE id = ?",  # noqa: S608
                [message],
            ).fetchone()
            if row is not None:
                found[message] = Stored(row[0], sha(row[1]), sha(row[2]), row[1])
    return found


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
