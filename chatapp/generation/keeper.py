"""The watch of this process: once a second it saves what is being made and ends what nobody makes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from chatapp.conversations.models import Conversation, Message, MessageQuerySet, Status
from chatapp.database import at_once, written
from chatapp.generation import gone, queue, runs, viewers
from chatapp.generation.runs import Run
from chatapp.generation.settle import CRASHED, announce, swap
from chatapp.images.pruning import prune
from chatapp.rendering.markdown import render
from chatapp.retention.removing import apply_rules, remove_deleted, remove_temporary

logger = logging.getLogger("parley.keeper")

CHECKPOINT_SECONDS = 1.0
# A row whose process has not written for so long is taken for dead; five missed checkpoints and a margin.
DEAD_AFTER_SECONDS = 8
SWEEP_SECONDS = 3.0
PURGE_SECONDS = 600.0
# Of the whole storage, for what a crash has left there; and of all chats, by the rules.
SEARCH_SECONDS = 24 * 3600.0

_tasks: list[asyncio.Task[None]] = []
# By this process's clock: when it last saw whose hearts beat, and from when on it may judge by that.
_looked_at: float | None = None
_judges_from = 0.0


def ensure_running() -> None:
    """Start the watch of this event loop if it is not running. Event loop only."""
    loop = asyncio.get_running_loop()
    if not _tasks or _tasks[0].done() or _tasks[0].get_loop() is not loop:
        _tasks[:] = [loop.create_task(work(), context=Context()) for work in (_watch, _watch_queue, _tidy)]


async def _watch() -> None:
    last_sweep = 0.0
    while True:
        await _attempt(checkpoint)
        if time.monotonic() - last_sweep >= SWEEP_SECONDS:
            last_sweep = time.monotonic()
            await _attempt(sweep)
            await _attempt(viewers.close_unwelcome)
            await _attempt(stop_disabled)
        await asyncio.sleep(CHECKPOINT_SECONDS)


async def _tidy() -> None:
    """Apart from the rest, as deleting files may take long where they are far away."""
    last_search = -SEARCH_SECONDS
    while True:
        await _attempt(purge)
        if time.monotonic() - last_search >= SEARCH_SECONDS:
            last_search = time.monotonic()
            await _attempt(retain)
            await _attempt(search)
        await asyncio.sleep(PURGE_SECONDS)


async def _watch_queue() -> None:
    while True:
        try:
            await queue.watch(SWEEP_SECONDS)
        except Exception:
            logger.exception("the queue failed; trying again")
            await asyncio.sleep(CHECKPOINT_SECONDS)


async def _attempt(duty: Callable[[], Awaitable[None]]) -> None:
    """One duty that fails (a full disk, a database that restarts) must not end the watch."""
    try:
        await duty()
    except Exception:
        logger.exception("%s failed; trying again", duty.__name__)


async def checkpoint() -> None:
    """Save the text so far and the heartbeat of every answer that is made here, in one transaction."""
    claimed = [run for run in runs.running().values() if run.topic and not run.settling]
    if not claimed:
        return
    texts = [(run.frames.live.text, run.frames.reasoning, run.message_id) for run in claimed if run.dirty]
    for run in claimed:
        run.dirty = False
    lost = await written(_save, texts, [run.message_id for run in claimed])
    for message_id in lost:
        _abandon(runs.running().get(message_id))


def _abandon(run: Run | None) -> None:
    if run is not None and not run.settling:
        logger.warning("answer %s was settled by somebody else", run.message_id)
        run.abandon()


def _save(texts: list[tuple[str, str, int]], ids: list[int]) -> set[int]:
    """Write; returns the ids that are not streaming any more. Raw SQL: the ORM costs ten times as much a row."""
    table = connection.ops.quote_name(Message._meta.db_table)
    alive = Message.objects.filter(pk__in=ids, status=Status.STREAMING)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET text = %s, reasoning = %s WHERE id = %s AND status = 'streaming'",  # noqa: S608
            texts,
        )
        alive.update(heartbeat_at=timezone.now())
        return set(ids) - set(alive.values_list("pk", flat=True))


async def sweep(conversation_id: UUID | None = None) -> None:
    """Interrupt the answers whose process has died, everywhere or in one conversation."""
    found = await at_once(_dead(conversation_id).exists)
    if _watch_has_been_kept() and found:
        for message in await written(_interrupt, conversation_id):
            await announce(message)


def _watch_has_been_kept() -> bool:
    """Whether this process can tell who is dead, now that it has reached the database.

    After a time in which it could not, nobody may have: their hearts get a while to beat again.
    """
    global _looked_at, _judges_from
    now = time.monotonic()
    if _looked_at is not None and now - _looked_at > DEAD_AFTER_SECONDS - SWEEP_SECONDS:
        _judges_from = now + DEAD_AFTER_SECONDS
    _looked_at = now
    return now >= _judges_from


def _dead(conversation_id: UUID | None) -> MessageQuerySet:
    oldest = timezone.now() - timedelta(seconds=DEAD_AFTER_SECONDS)
    dead = Message.objects.running().filter(heartbeat_at__lt=oldest).exclude(pk__in=list(runs.running()))
    return dead if conversation_id is None else dead.filter(conversation_id=conversation_id)


def _interrupt(conversation_id: UUID | None) -> list[Message]:
    dead = list(_dead(conversation_id).values_list("pk", "conversation"))
    return [settled for pk, conversation in dead if (settled := _bury(pk, conversation))]


@transaction.atomic
def _bury(message_id: int, conversation_id: UUID) -> Message | None:
    """Settle this answer with the last text that its process has saved; None if that lives after all."""
    Conversation.objects.all().locked(conversation_id)
    # Looked at again, as it may have written meanwhile. A queued row was never claimed: claim it, so that the one door
    # for settling serves both.
    if not _dead(conversation_id).filter(pk=message_id).update(status=Status.STREAMING):
        return None
    message = Message.objects.get(pk=message_id)
    return swap(
        message_id,
        text=message.text,
        html=render(message.text),
        reasoning=message.reasoning,
        status=Status.INTERRUPTED,
        error=CRASHED,
    )


async def stop_disabled() -> None:
    """Stop what is made here for members who were disabled meanwhile, or whose account is gone."""
    if made := list(runs.running()):
        nobody = Q(author=None) | Q(author__is_active=False)
        unwanted = Message.objects.filter(nobody, pk__in=made).values_list("pk", flat=True)
        for message_id in await at_once(list, unwanted):
            runs.stop(message_id)


async def search() -> None:
    """Remove files that no image knows."""
    await prune(everywhere=True)


async def retain() -> None:
    """Remove what the rules of the administrators delete."""
    await apply_rules(gone.tell)


async def purge() -> None:
    """Remove for good what was deleted long enough ago, and what was not to be kept."""
    await prune()
    await remove_deleted()
    await remove_temporary(gone.tell)
