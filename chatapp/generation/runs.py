"""One task per answer, owned by the process: no socket and no request can end it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextvars import Context

from django.conf import settings
from django.db import DatabaseError

from chatapp.catalog.health import health
from chatapp.conversations.models import Status
from chatapp.database import written
from chatapp.generation import hub, rate, titles
from chatapp.generation.frames import Frames, Snapshot
from chatapp.generation.pace import Pace
from chatapp.generation.pictures import fill
from chatapp.generation.plans import Plan, Way, claim
from chatapp.generation.settle import Ending, Made, settle
from chatapp.upstream.client import Answer, ChatRequest, Limits, Outcome, open_answer
from chatapp.upstream.errors import Busy, RateLimited, UpstreamError

logger = logging.getLogger("parley.generation")

# The database may be locked, full or restarting when an answer ends; its text waits in memory.
SETTLE_RETRY_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
# What a drain leaves for the last writes once the grace time is over.
LAST_WRITE_SECONDS = 5.0
# How often all ways are tried when they are full, how long a full one rests unless it says so, and at most.
ROUNDS = 3
REST_SECONDS = 5
LONGEST_REST_SECONDS = 120
LIMITS = Limits(silence=settings.PARLEY_SILENCE_SECONDS, total=settings.PARLEY_ANSWER_SECONDS)


class Run:
    """The live making of one answer."""

    def __init__(self, message_id: int) -> None:
        self.message_id = message_id
        self.frames = Frames(message_id)
        # Empty until the row is claimed.
        self.topic = ""
        self.dirty = False
        self.settling = False
        self.started = time.monotonic()
        self.first_word_seconds: float | None = None
        # The way that is tried, and whether another one failed before it.
        self.way: Way | None = None
        self.fallback = False
        self.unseen: Mapping[str, int] = {}
        self._reader: asyncio.Task[Outcome] | None = None
        self._told_to_end: Status | None = None
        self._abandoned = False

    async def make(self) -> None:
        """From the claim of the queued row to its settled state, then the conversation's title."""
        try:
            plan = await self._claim()
            ending = await self._stream(plan) if plan else None
            if plan and ending and not self._abandoned:
                await self._settle(ending, plan)
        finally:
            _runs.pop(self.message_id, None)
        if plan and ending and self.way and ending.status == Status.DONE:
            await titles.improve(plan, self.way)

    async def _claim(self) -> Plan | None:
        try:
            plan = await written(claim, self.message_id)
        except UpstreamError as error:
            await self._settle(Ending.failed(error))
            return None
        if plan is not None:
            message = plan.message
            self.frames = Frames(message.pk, message.text, message.reasoning)
            self.topic = hub.conversation_topic(message.conversation_id)
        return plan

    async def _stream(self, plan: Plan) -> Ending:
        """Read the upstream to its end, an error or a stop; never raises these."""
        if self._told_to_end:
            return Ending(self._told_to_end)
        self._reader = asyncio.create_task(self._read(plan))
        try:
            return Ending.of(await self._reader)
        except UpstreamError as error:
            logger.warning("answer %s: %s: %s", self.message_id, error.code, error.detail)
            return Ending.failed(error)
        except asyncio.CancelledError:
            return Ending(self._told_to_end or Status.INTERRUPTED)
        except Exception:
            logger.exception("answer %s broke", self.message_id)
            return Ending(Status.INTERRUPTED)

    async def _read(self, plan: Plan) -> Outcome:
        """The answer by the first way that gives a word. Where all are full for a while, wait and go round again."""
        request, self.unseen = await fill(plan.request, plan.gallery)
        for _ in range(ROUNDS - 1):
            try:
                return await self._go_round(plan, request)
            except (RateLimited, Busy) as error:
                if self.first_word_seconds is not None or not _worth_a_rest(error):
                    raise
        return await self._go_round(plan, request)

    async def _go_round(self, plan: Plan, request: ChatRequest) -> Outcome:
        """Try the ways in their order. After the first word there is no other way."""
        # Who has another way does not wait for a provider that asked to be left alone.
        ways = sorted(health.order(plan.ways), key=lambda way: rate.rests(way.provider_id))
        self.fallback = False
        for way in ways[:-1]:
            try:
                return await self._go(way, plan, request)
            except UpstreamError as error:
                if self.first_word_seconds is not None or not error.elsewhere:
                    raise
                logger.warning("answer %s, route %s: %s; trying the next", self.message_id, way.route_id, error)
                self.fallback = True
        return await self._go(ways[-1], plan, request)

    async def _go(self, way: Way, plan: Plan, request: ChatRequest) -> Outcome:
        """Wait for this way's turn, ask, and note how it did."""
        self.way = way
        member_id = plan.payer_id
        began = time.monotonic()
        try:
            async with rate.place(way.provider_id, way.rates, member_id, plan.tokens, self._tell) as place:
                began = time.monotonic()
                async with open_answer(way.target, request, LIMITS) as answer:
                    outcome = await self._take(answer, way, began)
                place.used((outcome.tokens_in or plan.tokens) + (outcome.tokens_out or 0))
                return outcome
        except UpstreamError as error:
            if error.elsewhere:
                health.failed(way.route_id, error.code)
            if _worth_a_rest(error):
                rate.rest(way.provider_id, error.retry_after or REST_SECONDS)
            raise

    def _tell(self, place: rate.Place) -> None:
        self._send(self.frames.wait(place.ahead, place.seconds))

    async def _take(self, answer: Answer, way: Way, began: float) -> Outcome:
        while (batch := await answer.read()) is not None:
            started = time.perf_counter()
            if self.first_word_seconds is None:
                self.first_word_seconds = time.monotonic() - self.started
                health.succeeded(way.route_id, time.monotonic() - began)
            self.frames.feed(batch.reasoning, batch.text, moved=batch.moved)
            self.dirty = True
            self._send(self.frames.frame())
            # What arrives while we sleep waits in the socket and costs one read, not many.
            await asyncio.sleep(pace.rest(len(_runs), time.perf_counter() - started))
        if answer.outcome.all_reasoning:
            self.frames.take_reasoning_for_text()
        return answer.outcome

    def _send(self, frame: dict[str, object] | None) -> None:
        if frame is not None:
            hub.publish(self.topic, frame)

    async def _settle(self, ending: Ending, plan: Plan | None = None) -> None:
        """Write the end. The text outlives a database that is away for a while."""
        self.settling = True
        self._send(await self.frames.last_frame())
        made = Made(
            n=self.frames.n,
            live=self.frames.live,
            reasoning=self.frames.reasoning,
            reasoning_seconds=self.frames.reasoning_seconds,
            first_word_seconds=self.first_word_seconds,
            answer_seconds=time.monotonic() - self.started,
            plan=plan,
            way=self.way,
            fallback=self.fallback,
            unseen=self.unseen,
        )
        for pause in (*SETTLE_RETRY_SECONDS, None):
            try:
                await settle(self.message_id, ending, made)
            except DatabaseError:
                logger.exception("answer %s cannot be written", self.message_id)
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                return

    def end(self, status: Status) -> None:
        """Stop reading now and settle with this status. The first reason given counts."""
        self._told_to_end = self._told_to_end or status
        if self._reader is not None:
            self._reader.cancel()

    def abandon(self) -> None:
        """Somebody else settled the row (we looked dead): leave without writing."""
        self._abandoned = True
        self.end(Status.INTERRUPTED)


def _worth_a_rest(error: UpstreamError) -> bool:
    """Whether waiting mends this soon: too many requests, or a busy server that says when to come back."""
    asks = isinstance(error, RateLimited) or (isinstance(error, Busy) and error.retry_after is not None)
    return asks and (error.retry_after or REST_SECONDS) <= LONGEST_REST_SECONDS


_runs: dict[int, Run] = {}
_tasks: set[asyncio.Task[None]] = set()
_draining = False
_one_ended: Callable[[], None] = lambda: None  # noqa: E731
pace = Pace()


def start(message_id: int) -> None:
    """Make the answer in a task that nothing but the process owns. Event loop only."""
    run = _runs[message_id] = Run(message_id)
    task = asyncio.get_running_loop().create_task(run.make(), context=Context())
    _tasks.add(task)
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[None]) -> None:
    _tasks.discard(task)
    _one_ended()
    if not task.cancelled() and (error := task.exception()):
        logger.error("a run ended badly", exc_info=error)


def when_one_ends(call: Callable[[], None]) -> None:
    """Have this called after every answer that ends here."""
    global _one_ended
    _one_ended = call


def running() -> dict[int, Run]:
    """The answers that this process is making now, by message id."""
    return _runs


def stop(message_id: int) -> bool:
    """Stop an answer that is made here; False if it is not."""
    run = _runs.get(message_id)
    if run is not None:
        run.end(Status.STOPPED)
    return run is not None


def snapshots(conversation_id: object) -> dict[int, Snapshot]:
    """The live state of what is made here in this conversation, by message id."""
    topic = hub.conversation_topic(conversation_id)
    return {run.message_id: run.frames.snapshot() for run in _runs.values() if run.topic == topic}


def draining() -> bool:
    return _draining


async def drain(seconds: float) -> None:
    """Take nothing new, wait for the running answers, settle those that are left as interrupted."""
    global _draining
    _draining = True
    if _tasks:
        await asyncio.wait(_tasks, timeout=seconds)
    end_all()
    if _tasks:
        await asyncio.wait(_tasks, timeout=LAST_WRITE_SECONDS)


def end_all() -> None:
    """End every answer of this process as interrupted."""
    for run in list(_runs.values()):
        run.end(Status.INTERRUPTED)
