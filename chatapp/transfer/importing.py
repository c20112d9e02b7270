"""An import goes on by itself, whoever looks: a process reads the file, a task of ours writes what it tells."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from contextvars import Context
from pathlib import Path
from typing import IO, Any

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chatapp.conversations import fragments
from chatapp.database import in_order, written
from chatapp.generation import hub
from chatapp.images import files
from chatapp.images.storing import shown_name, unbroken
from chatapp.transfer import keeping, writing
from chatapp.transfer.limits import FILE_BYTES
from chatapp.transfer.models import Import
from chatapp.transfer.refusals import FileTooLarge, NoFile, StillImporting
from chatapp.transfer.writing import Chat

logger = logging.getLogger("parley.transfer")

ROOT = Path(__file__).resolve().parent.parent.parent
# So often a running import says that it is alive, also while nothing is found.
HEARTBEAT_SECONDS = 10.0
# After each conversation, of the time that it took.
REST = 0.5
# In this process; further ones wait for their turn.
MOST_AT_ONCE = 2
# A member who tries one file after another leaves so many rows.
MOST_KEPT = 20
DIED = "The file could not be read to its end: it takes more memory or time than there is for one."
FAILED = "The server could not go on; its disk may be full. Tell an administrator, then choose the file again."

_tasks: set[asyncio.Task[None]] = set()
_turns: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


async def begin(user: User, upload: UploadedFile[bytes] | None) -> Import:
    """Take the file and start; the rest happens by itself. Raises NotTaken."""
    if upload is None or not upload.size:
        raise NoFile
    if upload.size > FILE_BYTES:
        raise FileTooLarge(upload.size)
    folder = await unbroken(asyncio.to_thread(files.new_folder))
    try:
        await unbroken(asyncio.to_thread(_copy, upload, folder / "given"))
        job = await written(_new, user, shown_name(upload.name or ""))
    except BaseException:
        await unbroken(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
        raise
    # Not the request's context: its thread ends with it.
    task = asyncio.get_running_loop().create_task(_carry_out(job, folder), context=Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return job


def _copy(upload: UploadedFile[bytes], to: Path) -> None:
    with to.open("xb") as file:
        for chunk in upload.chunks():
            file.write(chunk)


@transaction.atomic
def _new(user: User, name: str) -> Import:
    # Two requests at once: the second waits here for the first one's row.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Import.objects.visible_to(user).running().exists():
        raise StillImporting
    old = Import.objects.visible_to(user).values_list("pk", flat=True)[MOST_KEPT - 1 :]
    Import.objects.filter(pk__in=list(old)).delete()
    return Import.objects.create(owner=user, name=name)


async def _carry_out(job: Import, folder: Path) -> None:
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST_AT_ONCE))
    beating = asyncio.create_task(_beat(job))
    try:
        # A thread of its own for the database, so that no answer waits behind a long conversation.
        async with turns, ThreadSensitiveContext():
            await _read(job, folder)
    except Exception:
        logger.exception("an import failed")
        job.refused = FAILED
    finally:
        beating.cancel()
        await unbroken(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
    # Not `save`: with its member the row may be gone.
    mine = Import.objects.filter(pk=job.pk)
    await written(mine.update, refused=job.refused, ended_at=timezone.now())
    hub.tell_member(job.owner_id, fragments.past_frame())


async def _beat(job: Import) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await written(Import.objects.filter(pk=job.pk).update, heartbeat_at=timezone.now())


async def _read(job: Import, folder: Path) -> None:
    process = await asyncio.to_thread(_start, folder)
    try:
        while told := await asyncio.to_thread(_next, process):
            match told:
                case Chat():
                    began = time.monotonic()
                    await _take(job, told, folder)
                    # While it is written the event loop shares Python's lock with that.
                    await asyncio.sleep(REST * (time.monotonic() - began))
                case {"t": "unread"}:
                    await written(writing.miss, job, told["title"], told["why"])
                case {"t": "refused"}:
                    job.refused = told["why"]
                    return
                case _:
                    return
        job.refused = DIED
    finally:
        await unbroken(asyncio.to_thread(_end, process))


async def _take(job: Import, chat: Chat, folder: Path) -> None:
    """Write one conversation; one that fails leaves nothing behind, and the others go on."""
    if await in_order(writing.is_there, job, chat):
        return await written(writing.count, job, already=1)
    images = await keeping.kept(job.owner, folder / "images", chat.head["pictures"])
    made = False
    try:
        if not await in_order(writing.has_room, job.owner, images):
            await keeping.discard(images)
            images = [None] * len(images)
        made = await written(writing.write, job, chat, images)
    except Exception:
        logger.exception("a conversation could not be imported")
        await in_order(job.refresh_from_db)
        await written(writing.miss, job, chat.head["title"], "It could not be stored.")
    finally:
        if not made:
            await keeping.discard(images)
    return None


def _start(folder: Path) -> subprocess.Popen[bytes]:
    images = folder / "images"
    images.mkdir()
    command = [sys.executable, "-m", "chatapp.transfer.reading", str(folder / "given"), str(images)]
    # Nothing of the server's environment: its secrets are not for whoever made the file.
    return subprocess.Popen(  # noqa: S603
        [*command, str(settings.PARLEY_IMAGE_BYTES)],
        cwd=ROOT,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )


def _next(process: subprocess.Popen[bytes]) -> Chat | dict[str, Any] | None:
    """What the reader tells next; None where it ended without a last word."""
    lines: IO[bytes] | None = process.stdout
    head: dict[str, Any] = {}
    messages: list[dict[str, Any]] = []
    for line in lines or ():
        if not line.endswith(b"\n"):
            return None
        told: dict[str, Any] = json.loads(line)
        match told["t"]:
            case "chat":
                head, messages = told, []
            case "message":
                messages.append(told)
            case "end":
                return Chat(head, messages, told["open"], told["left_out"], told["digest"])
            case _:
                return told
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    if process.stdout:
        process.stdout.close()
    process.wait()
