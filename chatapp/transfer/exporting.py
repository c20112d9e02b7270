"""Conversations on their way out, in pieces: nothing is held but a batch of messages and a piece of an image."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from chatapp.database import at_once
from chatapp.images import files
from chatapp.images.models import Image
from chatapp.transfer import markdown, records
from chatapp.transfer.archive import Archive
from chatapp.transfer.contents import Contents, contents
from chatapp.transfer.limits import PIECE_BYTES
from chatapp.transfer.names import Names, safe_stem

logger = logging.getLogger("parley.transfer")

# After each piece of work, of the time that it took.
REST = 0.5

P = ParamSpec("P")
T = TypeVar("T")
# Called with the number of conversations that are done.
Progress = Callable[[int], None]


async def as_json(taken: Contents) -> AsyncIterator[bytes]:
    """One conversation as one file, its images inside."""
    async for piece in _records(taken):
        yield piece
    separator = ""
    for number, image in enumerate(taken.images, start=1):
        yield (separator + records.encode(records.image(number, image))[:-1]).encode()
        async for piece in _inside(image):
            yield piece
        yield b"}"
        separator = ",\n"
    yield b"\n]\n}\n"


async def as_markdown(taken: Contents, zone: ZoneInfo, *, reasoning: bool) -> AsyncIterator[bytes]:
    """The open branch of one conversation, its images named."""
    async for piece in _markdown(taken, zone, reasoning=reasoning, place=None):
        yield piece


@dataclass(slots=True)
class Bundle:
    """A zip with a JSON and a Markdown file for each conversation, the images of all, and an index."""

    member: User
    zone: ZoneInfo
    reasoning: bool = False
    archive: Archive = field(default_factory=Archive)
    names: Names = field(default_factory=Names)
    index: list[str] = field(default_factory=list)
    _images: set[uuid.UUID] = field(default_factory=set)

    async def pieces(self, ids: Sequence[uuid.UUID], progress: Progress) -> AsyncIterator[bytes]:
        """The file from front to end. What was deleted meanwhile is not in it."""
        for done, pk in enumerate(ids, start=1):
            taken = await at_once(contents, self.member, pk)
            if taken is not None:
                async with aclosing(self._conversation(taken)) as written:
                    async for piece in written:
                        yield piece
            progress(done)
        await self._add("index.md", timezone.now(), "\n".join(["# Chats", "", *self.index, ""]).encode())
        await asyncio.to_thread(self.archive.close)
        yield self.archive.take()

    async def _conversation(self, taken: Contents) -> AsyncGenerator[bytes, None]:
        conversation = taken.conversation
        when = conversation.active_at.astimezone(self.zone)
        stem = self.names.take(f"{when:%Y-%m-%d} {safe_stem(conversation.title)}")
        both = (
            (f"chats/{stem}.json", self._beside(taken)),
            (f"chats/{stem}.md", _markdown(taken, self.zone, reasoning=self.reasoning, place=_from_chats)),
        )
        for name, content in both:
            async with aclosing(self._file(name, when, content)) as written:
                async for piece in written:
                    yield piece
        for image in taken.images:
            if image.pk not in self._images:
                self._images.add(image.pk)
                async with aclosing(self._image(image)) as written:
                    async for piece in written:
                        yield piece
        title = " ".join(conversation.title.split()).replace("[", "(").replace("]", ")")
        self.index.append(f"- {when:%Y-%m-%d} [{title or 'Chat'}](<chats/{stem}.md>), {len(taken.local)} messages")

    async def _beside(self, taken: Contents) -> AsyncIterator[bytes]:
        """The JSON of a conversation whose images are files of the zip."""
        async for piece in _records(taken):
            yield piece
        images = [
            records.encode(records.image(number, image) | {"file": _name_of(image)})
            for number, image in enumerate(taken.images, start=1)
        ]
        yield (",\n".join(images) + "\n]\n}\n").encode()

    async def _image(self, image: Image) -> AsyncGenerator[bytes, None]:
        try:
            content = await asyncio.to_thread(_open, image)
        except Exception as error:
            # A storage far away fails in ways of its own; the rest goes on without this image.
            logger.warning("image %s is not in an export: %s", image.pk, type(error).__name__)
            return
        with content:
            file = self._file(_name_of(image), image.created_at, _pieces(content), packed=False)
            async with aclosing(file) as written:
                async for piece in written:
                    yield piece

    async def _file(
        self, name: str, when: datetime, content: AsyncIterator[bytes], *, packed: bool = True
    ) -> AsyncGenerator[bytes, None]:
        with self.archive.file(name, when, packed=packed) as file:
            async for piece in content:
                await asyncio.to_thread(file.write, piece)
                if self.archive.waiting >= PIECE_BYTES:
                    yield self.archive.take()

    async def _add(self, name: str, when: datetime, content: bytes) -> None:
        with self.archive.file(name, when) as file:
            await asyncio.to_thread(file.write, content)


async def _records(taken: Contents) -> AsyncIterator[bytes]:
    """The JSON up to the beginning of its list of images."""
    yield (records.encode(await asyncio.to_thread(records.head, taken))[:-1] + ',\n"messages": [\n').encode()
    separator = ""
    for batch in taken.batches():
        made = await _without_haste(_encoded, taken, batch)
        if made:
            yield (separator + ",\n".join(made)).encode()
            separator = ",\n"
    yield b'\n],\n"images": [\n'


def _encoded(taken: Contents, batch: Sequence[int]) -> list[str]:
    return [records.encode(records.message(taken, row)) for row in taken.messages(batch)]


async def _markdown(
    taken: Contents, zone: ZoneInfo, *, reasoning: bool, place: markdown.Place | None
) -> AsyncIterator[bytes]:
    yield markdown.opening(taken, zone).encode()
    for batch in taken.batches(taken.branch):
        for turn in await _without_haste(_turns, taken, batch, zone, reasoning, place):
            yield turn.encode()


def _turns(
    taken: Contents, batch: Sequence[int], zone: ZoneInfo, reasoning: bool, place: markdown.Place | None
) -> list[str]:
    return list(markdown.turns(taken, taken.messages(batch), zone, reasoning=reasoning, place=place))


async def _without_haste(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do this in a thread, and rest: while it works the event loop shares Python's lock with it."""
    began = time.monotonic()
    made = await at_once(work, *args, **kwargs)
    await asyncio.sleep(REST * (time.monotonic() - began))
    return made


async def _inside(image: Image) -> AsyncIterator[bytes]:
    """The member of an image's record that holds its content; one that says so where the file is gone."""
    try:
        content = await asyncio.to_thread(_open, image)
    except Exception as error:
        logger.warning("image %s is not in an export: %s", image.pk, type(error).__name__)
        yield b', "missing": true'
        return
    with content:
        yield b', "data": "'
        # Pieces are whole triples of bytes, so that the pieces of base64 add up.
        async for piece in _pieces(content):
            yield base64.b64encode(piece)
        yield b'"'


async def _pieces(content: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(content.read, PIECE_BYTES):
        yield piece


def _open(image: Image) -> IO[bytes]:
    return files.storage().open(image.stored)


def _name_of(image: Image) -> str:
    return f"images/{image.pk.hex}.{files.SUFFIXES[image.media_type]}"


def _from_chats(image: Image) -> str:
    return f"../{_name_of(image)}"
