"""A PostgreSQL cluster of the tests' own: real, on loopback, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

START_SECONDS = 30
CONNECTIONS = 200


def programs() -> Path | None:
    """The folder with initdb and postgres; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "postgres").exists()), None)


# In CI it must be there, and its tests fail without it.
needs_postgres = pytest.mark.skipif(
    programs() is None and not os.environ.get("CI"), reason="PostgreSQL is not installed: the package postgresql"
)


class Cluster:
    """One server, not started yet, that may be stopped and started again. `settings` are PostgreSQL's own.

    With a folder it is kept there, and an earlier one is found again.
    """

    def __init__(self, folder: Path | None = None, **settings: object) -> None:
        place = programs()
        assert place, "PostgreSQL is not installed"
        self.programs, self.port = place, _free_port()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="parley-postgres-"))
        own = {"listen_addresses": "127.0.0.1", "port": self.port, "max_connections": CONNECTIONS}
        # Nothing here outlives the machine.
        self._settings = {**own, "fsync": "off", **settings}
        self._process: subprocess.Popen[bytes] | None = None
        # The server refuses to be root.
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if not (self.folder / "data").exists():
            self._furnish()

    def _furnish(self) -> None:
        self.folder.mkdir(exist_ok=True)
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        command: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            self.folder / "data",
            "-U",
            "parley",
            "-A",
            "trust",
        ]
        subprocess.run([*command, "-E", "UTF8", "--locale=C.UTF-8", "-N"], check=True, **self._manner())

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def url(self, database: str = "parley") -> str:
        return f"postgresql://parley@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        command: list[str | Path] = [
            self.programs / "postgres",
            "-D",
            self.folder / "data",
            "-k",
            self.folder,
            *settings,
        ]
        self._process = subprocess.Popen(command, **self._manner())
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, "PostgreSQL did not start"
                assert time.monotonic() < deadline, "PostgreSQL takes too long to start"
                time.sleep(0.1)

    def make(self, database: str, template: str = "template1") -> str:
        """The address of a database; a new one is empty, or a copy of another one that nobody is connected to."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.url(database)

    def stop(self, *, at_once: bool = False) -> None:
        """End every connection and the server; `at_once` as a crash does, without a last word to the disk."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self._process.wait(START_SECONDS)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _manner(self) -> dict[str, Any]:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": self.folder}
        who = self._account
        return quiet | ({"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {})


@contextmanager
def running() -> Iterator[Cluster]:
    """A running cluster without databases of ours."""
    made = Cluster()
    try:
        made.start()
        yield made
    finally:
        made.remove()


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster; gives the address of its empty database "parley"."""
    with running() as made:
        yield made.make("parley")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
