"""The processes of a bench: what they cost, read from /proc, and how they are started and ended."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
END_SECONDS = 30
SEED_SECONDS = 60
# A log line of an error, or the last line of a traceback.
COMPLAINT = re.compile(r"\S+ \S+ (?:ERROR|CRITICAL) |[\w.]+(?:Error|Exception|Exceeded|Disconnected)\b")
NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|\d+")
TICK = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MB = 1 << 20


class Started:
    """A process of ours. Its words go to the log; the output of one that announces itself comes to us."""

    def __init__(
        self,
        command: list[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        *,
        announces: bool = False,
    ) -> None:
        self.log = log
        with log.open("ab") as words:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                cwd=ROOT,
                env=dict(environment or os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if announces else words,
                stderr=words,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def announcement(self) -> str:
        """The first line of its standard output."""
        line = self.process.stdout.readline().decode() if self.process.stdout else ""
        if not line:
            raise RuntimeError(f"no word from {command_of(self.pid)}:\n{self.log.read_text()[-3000:]}")
        return line

    def end(self) -> None:
        """Ask it to end, insist after a while, and end whatever it left behind."""
        family = tree([self.pid])
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in set(family) - {self.pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def complaints(self) -> Counter[str]:
        """What the log has that a clean run's has not: exceptions and errors, without moments and ids."""
        lines = self.log.read_text(errors="replace").splitlines()
        return Counter(NUMBERS.sub("…", line)[:200] for line in lines if COMPLAINT.match(line))


@contextlib.contextmanager
def started(
    command: list[str], log: Path, environment: Mapping[str, str] | None = None, *, announces: bool = False
) -> Iterator[Started]:
    process = Started(command, log, environment, announces=announces)
    try:
        yield process
    finally:
        process.end()


def run_json(command: list[str], environment: Mapping[str, str]) -> object:
    """What a short command prints, read as JSON; RuntimeError with its own words when it fails."""
    done = subprocess.run(  # noqa: S603 - our own commands
        command,
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=SEED_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


def tree(roots: Iterable[int]) -> list[int]:
    """The processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        fields = stat(pid)
        if fields:
            children.setdefault(int(fields[1]), []).append(pid)
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third (state) on; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time so far (user and system, all threads), from the kernel's nanosecond clock of each process."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            # clock_getcpuclockid(3): the clock of another process, finer than the 10 ms ticks of stat.
            total += time.clock_gettime((~pid << 3) | 2)
    return total


def resident_bytes(pids: Iterable[int]) -> int:
    return sum(int(fields[21]) * PAGE_BYTES for fields in map(stat, pids) if fields)


def proportional_bytes(pids: Iterable[int]) -> int:
    """PSS: shared pages are counted in parts, so the sum over processes is what they really hold."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def command_of(pid: int) -> str:
    """A process's command line, shortened to what tells it apart."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return "gone"
    return " ".join(Path(word).name if word.startswith("/") else word for word in words if word)


def machine_cpu_seconds() -> float:
    """CPU time of everything on the machine, to notice what else ran."""
    values = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(values) - values[3] - values[4]) / TICK
