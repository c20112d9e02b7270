"""A real server in a process of its own, on a data directory of its own, that a test may kill."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from tests.live.page import Page

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60
BUSY_SECONDS = 10
# What the environment of the tests says of Parley is not for the servers that they start.
OURS = ("PARLEY_", "DJANGO_SETTINGS_MODULE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# The one that all others are copied from.
_furnished: list[Server] = []


class Server:
    """`manage.py serve` with people in it, on SQLite or, where the environment has its address, on PostgreSQL.

    `sessions` maps a name to a session key.
    """

    def __init__(self, data: Path, upstream: str, **environment: str) -> None:
        self.database_url = environment.get("PARLEY_DATABASE_URL", "")
        self.data, self.upstream, self.port = data, upstream, free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(OURS)},
            "PARLEY_DATA_DIR": str(data),
            "PARLEY_DEMO": "0",
            "PORT": str(self.port),
            **environment,
        }
        self.sessions: dict[str, str] = {}
        self.output = data / "output"
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: list[aiohttp.ClientSession] = []
        self._pages: list[Page] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def twin(self) -> Server:
        """Another server of the same people and the same database, not started yet."""
        shared = ("PARLEY_DATABASE_URL", "PARLEY_DRAIN_SECONDS")
        other = Server(
            self.data, self.upstream, **{key: self.environment[key] for key in shared & self.environment.keys()}
        )
        other.sessions = dict(self.sessions)
        return other

    async def start(self) -> None:
        """Start and wait for the first 200. Before the first start there are people already, as on a warm one."""
        if not self.sessions and not self.database_url:
            await self._furnish()
        await self.rise()
        if not self.sessions:
            await self.make_people()

    async def rise(self) -> None:
        self.process = self._launch()
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as client:
            while not await self._healthy(client):
                assert self.process.poll() is None, self.output.read_text()
                await asyncio.sleep(0.05)

    async def _furnish(self) -> None:
        """A data directory with people in it: made once, and copied for every server after the first."""
        if not _furnished:
            made = Server(Path(tempfile.mkdtemp(prefix="parley-furnished-")), self.upstream)
            atexit.register(shutil.rmtree, made.data, ignore_errors=True)
            await made.rise()
            await made.make_people()
            await made.terminate()
            _furnished.append(made)
        shutil.copytree(_furnished[0].data, self.data, dirs_exist_ok=True)
        self.output.write_text("")
        self.sessions = dict(_furnished[0].sessions)
        self.write("UPDATE catalog_provider SET base_url = ?", self.upstream)

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def _healthy(self, client: aiohttp.ClientSession) -> bool:
        try:
            async with client.get(self.base + "/healthz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def make_people(self) -> None:
        maker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.live.people",
            self.upstream,
            "Ann",
            "Bob",
            "Eve",
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
        )
        out, _ = await maker.communicate()
        self.sessions = json.loads(out)

    def client(self, name: str = "") -> aiohttp.ClientSession:
        """A browser's worth of cookies; without a name nobody is signed in."""
        cookies = {"parley": self.sessions[name]} if name else {}
        jar = aiohttp.CookieJar(unsafe=True)
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        client = aiohttp.ClientSession(cookies=cookies, cookie_jar=jar, connector=connector)
        self._clients.append(client)
        return client

    async def page(self, name: str = "Ann", conversation: str = "", *, connect: bool = True) -> Page:
        """A tab of this person, loaded and, unless told otherwise, connected."""
        page = Page(self.base, self.client(name))
        self._pages.append(page)
        await page.load(conversation)
        if connect:
            await page.connect()
        return page

    async def ask(self, text: str, name: str = "Ann", **options: Any) -> tuple[Page, int]:
        """A new conversation with this question, in a connected tab; and the answer's id."""
        page = await self.page(name, connect=False)
        answer = await page.send(text, **options)
        await page.connect()
        return page, answer

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the server's database; question marks stand for the values."""
        with self._statement("?mode=ro") as execute:
            found: list[tuple[Any, ...]] = execute(query, values).fetchall()
            return found

    def write(self, statement: str, *values: object) -> int:
        """What an administrator or the passing of time does to the database; on SQLite returns the new row's id."""
        with self._statement() as execute:
            return getattr(execute(statement, values), "lastrowid", 0) or 0

    @contextmanager
    def _statement(self, mode: str = "") -> Iterator[Callable[[str, tuple[object, ...]], Any]]:
        """A transaction of its own, beside the server."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                yield lambda text, values: connection.execute(text.replace("?", "%s").encode(), values or None)
            return
        file = f"file:{self.data / 'parley.sqlite3'}{mode}"
        with closing(sqlite3.connect(file, uri=True, timeout=BUSY_SECONDS)) as opened, opened:
            yield opened.execute

    def stored(self, answer: int) -> tuple[str, str, str]:
        """Status, error and text of an answer as they stand in the database."""
        found = self.rows("SELECT status, error, text FROM conversations_message WHERE id = ?", answer)
        return found[0][0], found[0][1], found[0][2]

    def kill(self) -> None:
        """As a crash does: no goodbye."""
        assert self.process
        self.process.kill()
        self.process.wait()

    async def terminate(self, seconds: float = 40) -> float:
        """SIGTERM; returns the seconds until the process was gone."""
        assert self.process
        began = asyncio.get_running_loop().time()
        self.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(self.process.wait, seconds)
        return asyncio.get_running_loop().time() - began

    def memory(self) -> int:
        """Resident bytes of the server process."""
        assert self.process
        status = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(status[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        assert self.process
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    async def close_tabs(self) -> None:
        """Close what a test has opened: the server lets a member have only so many sockets."""
        pages, self._pages = self._pages, []
        clients, self._clients = self._clients, []
        try:
            for page in pages:
                await page.cut()
        finally:
            for client in clients:
                await client.close()

    async def close(self) -> None:
        await self.close_tabs()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
