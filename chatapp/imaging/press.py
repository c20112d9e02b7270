"""Where the server gives its images to be worked on: a queue, a few processes, a time limit.

No decoder runs in the server's own process. Threads wait for the workers, so that one press serves any event loop.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.process import Died, NotRunning, OutOfTime, Worker
from chatapp.imaging.results import Cleaned, Scaled

logger = logging.getLogger("parley.imaging")

WORKERS = 2
# Of one job, from its beginning.
JOB_SECONDS = 20.0
# Without work: a worker's memory is not held for nothing.
IDLE_SECONDS = 60.0
MOST_WAITING = 64
CLOSE_SECONDS = 5.0
_REFUSALS = {Died: "broken", OutOfTime: "too-slow"}


@dataclass(eq=False, slots=True)
class _Job:
    order: dict[str, Any]
    done: Future[dict[str, Any]] = field(default_factory=Future)
    worker: Worker | None = None


class Press:
    """At most `workers` processes. Each starts when there is work and ends after `idle` seconds without any."""

    def __init__(self, workers: int = WORKERS, *, idle: float = IDLE_SECONDS, seconds: float = JOB_SECONDS) -> None:
        self._most, self._idle, self._seconds = workers, idle, seconds
        # Guards all that follows.
        self._changed = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._threads = self._free = 0
        self._workers: set[Worker] = set()
        self._closed = False

    async def clean(self, source: Path, full: Path, small: Path, *, bytes: int, pixels: int) -> Cleaned:
        """Write the clean picture and its thumbnail. Raises ImageRefused, or OSError where the disk says so."""
        order = {"do": "clean", "source": str(source), "to": [str(full), str(small)], "bytes": bytes, "pixels": pixels}
        return Cleaned(**await self._made(_Job(order)))

    async def scale(self, source: Path, to: Path, *, pixels: int) -> Scaled:
        """Write the picture with at most so many pixels; before all uploads, as an answer waits for it. Raises too."""
        order = {"do": "scale", "source": str(source), "to": [str(to)], "pixels": pixels}
        return Scaled(**await self._made(_Job(order), urgent=True))

    @property
    def pids(self) -> list[int]:
        """The processes that there are now."""
        with self._changed:
            return [worker.pid for worker in self._workers]

    def close(self) -> None:
        """End all workers; whatever waits for them is refused as busy."""
        with self._changed:
            self._closed = True
            for job in self._jobs:
                job.done.cancel()
            for worker in self._workers:
                worker.kill()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._workers, CLOSE_SECONDS)

    async def _made(self, job: _Job, *, urgent: bool = False) -> dict[str, Any]:
        self._enqueue(job, urgent=urgent)
        try:
            answer = await asyncio.wrap_future(job.done)
        except asyncio.CancelledError:
            # When this is over no process touches the job's files any more.
            await asyncio.shield(asyncio.to_thread(self._drop, job))
            raise
        if "refused" in answer:
            raise ImageRefused(answer["refused"], **answer["values"])
        if "errno" in answer:
            raise OSError(answer["errno"], os.strerror(answer["errno"]))
        made: dict[str, Any] = answer["made"]
        return made

    def _enqueue(self, job: _Job, *, urgent: bool) -> None:
        with self._changed:
            if self._closed or len(self._jobs) >= MOST_WAITING:
                raise ImageRefused("busy")
            if urgent:
                self._jobs.appendleft(job)
            else:
                self._jobs.append(job)
            if self._free < len(self._jobs) and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._run, name="press", daemon=True).start()
            self._changed.notify_all()

    def _drop(self, job: _Job) -> None:
        with self._changed:
            job.done.cancel()
            if job.worker is not None:
                job.worker.kill()
            self._changed.wait_for(lambda: job.worker is None, CLOSE_SECONDS)

    def _run(self) -> None:
        """A thread and its worker, for as long as there is work."""
        worker: Worker | None = None
        while job := self._next():
            worker = self._work(job, worker)
        if worker is not None:
            worker.end()
            self._forget(worker)

    def _next(self) -> _Job | None:
        """The next job; None when none came in time, and the thread does not count any more."""
        with self._changed:
            self._free += 1
            self._changed.wait_for(lambda: self._jobs or self._closed, self._idle)
            self._free -= 1
            if self._jobs and not self._closed:
                return self._jobs.popleft()
            self._threads -= 1
            return None

    def _work(self, job: _Job, worker: Worker | None) -> Worker | None:
        """Have it done; returns the worker, if it has survived."""
        if not job.done.set_running_or_notify_cancel():
            return worker
        try:
            worker = self._ready(worker)
            with self._changed:
                job.worker = worker
            answer = worker.ask(job.order, self._seconds)
        except (Died, OutOfTime, NotRunning, OSError) as error:
            logger.warning("an image's worker was lost: %s", type(error).__name__)
            answer = {"refused": _REFUSALS.get(type(error), "no-worker"), "values": {}}
            if worker is not None:
                self._forget(worker)
                worker = None
        with self._changed:
            job.worker = None
            self._changed.notify_all()
        job.done.set_result(answer)
        return worker

    def _ready(self, worker: Worker | None) -> Worker:
        if worker is not None and worker.alive:
            return worker
        if worker is not None:
            worker.end()
            self._forget(worker)
        made = Worker()
        with self._changed:
            self._workers.add(made)
            if self._closed:
                made.kill()
        return made

    def _forget(self, worker: Worker) -> None:
        with self._changed:
            self._workers.discard(worker)
            self._changed.notify_all()


press = Press()
atexit.register(press.close)
