"""One worker as the server sees it: a process that is handed a job and waited for."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = (sys.executable, "-m", "chatapp.imaging.worker")
END_SECONDS = 2.0


class Died(Exception):
    """The worker ended without an answer."""


class NotRunning(Exception):
    """The worker ended by itself, as Python does on an error: a package is missing, or a limit is too low."""


class OutOfTime(Exception):
    """The worker did not answer in time."""


class Worker:
    """Asked by one thread at a time; `kill` may be called from any."""

    def __init__(self) -> None:
        # Nothing of the server's environment: its secrets are not for a decoder that somebody has taken over.
        self._process = subprocess.Popen(  # noqa: S603
            COMMAND,
            cwd=ROOT,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, order: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Hand it a job and wait. Raises Died, OutOfTime or NotRunning; the process has ended then."""
        to, answers = self._process.stdin, self._process.stdout
        if to is None or answers is None:
            raise Died
        try:
            to.write(json.dumps(order).encode() + b"\n")
            answer: dict[str, Any] = json.loads(_line(answers.fileno(), seconds))
        except TimeoutError:
            self._end_now()
            raise OutOfTime from None
        except (OSError, ValueError) as error:
            self._end_now()
            raise self._why_it_ended() from error
        return answer

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Close its input, at which it ends, and wait."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()

    def _why_it_ended(self) -> Exception:
        status = self._process.returncode
        if status == -signal.SIGPROF:
            return OutOfTime()
        return NotRunning() if status > 0 else Died()

    def _end_now(self) -> None:
        # One that has closed its output is about to say by its status why.
        if self.alive:
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                self.kill()
        self.end()


def _line(descriptor: int, seconds: float) -> bytes:
    """One line from a pipe. Raises TimeoutError, or ValueError where the pipe ends first."""
    until, line = time.monotonic() + seconds, b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, until - time.monotonic())):
                raise TimeoutError
            data = os.read(descriptor, 65536)
            if not data:
                raise ValueError("the pipe has ended")
            line += data
    return line
