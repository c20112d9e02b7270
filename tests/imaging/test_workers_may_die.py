"""Decoders run apart: whatever happens to a worker is one refused image, and the next one is served."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from chatapp.imaging import process
from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.press import MOST_WAITING, Press
from chatapp.imaging.results import Cleaned
from tests.imaging import files

LIMITS = {"bytes": 20_000_000, "pixels": 50_000_000}


class Bench:
    """A press, and files to put into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.good = folder / "good.jpg"
        self.good.write_bytes(files.corners_as("JPEG"))
        # A pipe to which nobody writes: a worker that reads it has a job without an end.
        self.endless = folder / "endless"
        os.mkfifo(self.endless)
        self.presses: list[Press] = []
        self.held: list[int] = []

    def press(self, workers: int = 1, idle: float = 60.0, seconds: float = 20.0) -> Press:
        made = Press(workers, idle=idle, seconds=seconds)
        self.presses.append(made)
        return made

    async def clean(self, press: Press, source: Path) -> Cleaned:
        return await press.clean(source, self.folder / "full", self.folder / "small", **LIMITS)

    async def begin_endless(self, press: Press) -> asyncio.Task[Cleaned]:
        """A job that a worker has in hand when this returns."""
        task = asyncio.create_task(self.clean(press, self.endless))
        await until(self._is_read)
        return task

    def _is_read(self) -> bool:
        try:
            self.held.append(os.open(self.endless, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return False
        return True

    def close(self) -> None:
        for press in self.presses:
            press.close()
        for descriptor in self.held:
            os.close(descriptor)


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not there():
            await asyncio.sleep(0.01)


def state(pid: int) -> str:
    """The kernel's letter for a process; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


async def refusal_of(task: asyncio.Task[Cleaned]) -> str:
    with pytest.raises(ImageRefused) as refused:
        await task
    return refused.value.code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
async def test_a_worker_that_dies_in_mid_job_is_a_refused_image_and_another_takes_its_place(
    bench: Bench, number: signal.Signals
) -> None:
    press = bench.press()
    task = await bench.begin_endless(press)
    (pid,) = press.pids
    os.kill(pid, number)
    assert await refusal_of(task) == "broken"
    assert (await bench.clean(press, bench.good)).width == files.WIDTH
    assert pid not in press.pids
    assert state(pid) == ""


async def test_the_other_worker_goes_on_when_one_dies(bench: Bench) -> None:
    press = bench.press(workers=2)
    task = await bench.begin_endless(press)
    assert (await bench.clean(press, bench.good)).width == files.WIDTH
    assert len(press.pids) == 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(press.pids) == 1
    assert (await bench.clean(press, bench.good)).width == files.WIDTH


async def test_a_worker_that_cannot_start_is_not_the_fault_of_the_image(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", "import a_package_that_is_not_there"))
    assert await refusal_of(asyncio.create_task(bench.clean(bench.press(), bench.good))) == "no-worker"
    monkeypatch.setattr(process, "COMMAND", ("/no/such/program",))
    assert await refusal_of(asyncio.create_task(bench.clean(bench.press(), bench.good))) == "no-worker"


async def test_a_worker_that_died_while_idle_costs_nobody_an_image(bench: Bench) -> None:
    press = bench.press()
    await bench.clean(press, bench.good)
    (pid,) = press.pids
    os.kill(pid, signal.SIGKILL)
    await until(lambda: state(pid) in ("", "Z"))
    assert (await bench.clean(press, bench.good)).width == files.WIDTH


async def test_a_job_without_an_end_is_ended(bench: Bench) -> None:
    # Its start counts, which is not quick on a busy machine.
    press = bench.press(seconds=3)
    task = await bench.begin_endless(press)
    (pid,) = press.pids
    assert await refusal_of(task) == "too-slow"
    assert state(pid) == ""


async def test_a_job_that_works_too_long_is_ended_by_the_kernel(bench: Bench) -> None:
    press = bench.press()
    task = await bench.begin_endless(press)
    os.kill(press.pids[0], signal.SIGPROF)
    assert await refusal_of(task) == "too-slow"


async def test_a_cancelled_job_leaves_no_process_with_its_files(bench: Bench) -> None:
    press = bench.press()
    task = await bench.begin_endless(press)
    (pid,) = press.pids
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert state(pid) == ""
    assert press.pids == []


async def test_a_job_that_is_cancelled_before_its_turn_is_not_done(bench: Bench) -> None:
    press = bench.press()
    first = await bench.begin_endless(press)
    (pid,) = press.pids
    waiting = asyncio.create_task(bench.clean(press, bench.good))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert press.pids == [pid]
    os.kill(pid, signal.SIGKILL)
    assert await refusal_of(first) == "broken"
    assert not (bench.folder / "full").exists()


async def test_what_is_scaled_for_an_answer_goes_before_what_is_uploaded(bench: Bench) -> None:
    press = bench.press()
    first = await bench.begin_endless(press)
    done: list[str] = []

    async def scale() -> None:
        await press.scale(bench.good, bench.folder / "scaled", pixels=1_000)
        done.append("scale")

    async def clean() -> None:
        await bench.clean(press, bench.good)
        done.append("clean")

    waiting = [asyncio.create_task(clean()), asyncio.create_task(scale())]
    await asyncio.sleep(0)
    os.kill(press.pids[0], signal.SIGKILL)
    await asyncio.gather(*waiting)
    assert await refusal_of(first) == "broken"
    assert done == ["scale", "clean"]


async def test_the_queue_has_an_end(bench: Bench) -> None:
    press = bench.press()
    tasks = [await bench.begin_endless(press)]
    tasks += [asyncio.create_task(bench.clean(press, bench.good)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(ImageRefused) as refused:
        await bench.clean(press, bench.good)
    assert refused.value.code == "busy"
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_there_are_never_more_workers_than_allowed_and_none_without_work(bench: Bench) -> None:
    press = bench.press(workers=2, idle=0.2)
    assert press.pids == []
    jobs = [press.clean(bench.good, bench.folder / f"full{n}", bench.folder / f"small{n}", **LIMITS) for n in range(12)]
    await asyncio.gather(*jobs)
    assert len(press.pids) == 2
    await until(lambda: press.pids == [])
    assert (await bench.clean(press, bench.good)).width == files.WIDTH


async def test_a_press_that_is_closed_takes_its_workers_along(bench: Bench) -> None:
    press = bench.press()
    task = await bench.begin_endless(press)
    (pid,) = press.pids
    await asyncio.to_thread(press.close)
    assert await refusal_of(task) == "broken"
    assert state(pid) == ""
    with pytest.raises(ImageRefused):
        await bench.clean(press, bench.good)


async def test_what_the_disk_says_is_no_fault_of_the_image(bench: Bench) -> None:
    press = bench.press()
    with pytest.raises(OSError, match="No space left"):
        await press.clean(bench.good, Path("/dev/full"), bench.folder / "small", **LIMITS)
    with pytest.raises(FileNotFoundError):
        await bench.clean(press, bench.folder / "gone")


async def test_a_worker_knows_nothing_of_the_servers_environment_and_is_bounded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for decoders")
    press = bench.press()
    await bench.clean(press, bench.good)
    of_worker = Path(f"/proc/{press.pids[0]}")
    assert b"not for decoders" not in of_worker.joinpath("environ").read_bytes()
    limits = of_worker.joinpath("limits").read_text()
    assert "Max address space         1500000000" in limits
    assert "Max core file size        0" in limits


async def test_no_decoder_is_loaded_into_the_server() -> None:
    command = "import sys, chatapp.imaging.press; print(sorted({'PIL', 'pillow_heif'} & set(sys.modules)))"
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await asked.communicate()
    assert printed == b"[]\n"
