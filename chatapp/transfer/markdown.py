"""The open branch of a conversation as Markdown to read, keep or paste."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from chatapp.conversations.models import Message, Status
from chatapp.images.models import Image
from chatapp.transfer.contents import Contents

_STATES = {
    Status.QUEUED: "This answer is still being written.",
    Status.STREAMING: "This answer is still being written.",
    Status.STOPPED: "This answer was stopped.",
    Status.INTERRUPTED: "This answer was interrupted.",
    Status.FAILED: "This answer failed.",
}

# Gives the address of an image's file; "" where the Markdown has no files beside it.
Place = Callable[[Image], str]


def opening(contents: Contents, zone: ZoneInfo) -> str:
    conversation, turns = contents.conversation, len(contents.branch)
    began = conversation.created_at.astimezone(zone)
    count = "1 turn" if turns == 1 else f"{turns} turns"
    lines = [f"# {_heading(conversation.title) or 'Chat'}", f"{began:%Y-%m-%d} · {count} · times in {zone.key}"]
    return "\n\n".join(lines) + "\n"


def turns(
    contents: Contents, rows: list[Message], zone: ZoneInfo, *, reasoning: bool, place: Place | None = None
) -> Iterator[str]:
    """One piece of Markdown for each message: who and when, then its text as it is."""
    for row in rows:
        parts = [f"\n## {_heading(_author(row))} · {_time(row.created_at, zone)}"]
        if reasoning and row.reasoning:
            parts.append(_quoted(row.reasoning))
        parts += [_picture(contents, one.image_id, place) for one in row.attachments.all()]
        if row.text:
            parts.append(row.text.strip("\n"))
        if state := _STATES.get(Status(row.status)):
            parts.append(f"*{state}*")
        yield "\n\n".join(parts) + "\n"


def _author(row: Message) -> str:
    if row.role == Message.Role.ASSISTANT:
        return row.alias_name or "Model"
    return row.author_name


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _picture(contents: Contents, pk: object, place: Place | None) -> str:
    found = next((image for image in contents.images if image.pk == pk), None)
    if found is None:
        return "*[Image]*"
    words = _bare(found.alt or found.name)
    # In pointed brackets an address may hold anything but these and line ends.
    return f"![{words}](<{place(found)}>)" if place else f"*[Image: {words}]*"


def _heading(text: str) -> str:
    """On one line, and nothing in it that starts a tag or a link."""
    return re.sub(r"([\\`*_<\[\]#])", r"\\\1", " ".join(text.split()))


def _bare(text: str) -> str:
    return re.sub(r"([\\`*_<>\[\]!])", r"\\\1", " ".join(text.split()))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in ["**Thinking**", "", *text.strip().split("\n")])
