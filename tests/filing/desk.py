"""What Ann has on her desk: conversations of every age, folders, and ears for what her tabs are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Folder
from chatapp.generation import hub

HTMX = {"HX-Request": "true"}


def chat(owner: User, title: str = "Cation mixing", age: timedelta = timedelta(), **fields: Any) -> Conversation:
    return Conversation.objects.create(owner=owner, title=title, active_at=timezone.now() - age, **fields)


def chats(owner: User, count: int, at: datetime | None = None, **fields: Any) -> list[Conversation]:
    """So many, an hour apart, or all at one moment."""
    now = timezone.now()
    return Conversation.objects.bulk_create(
        Conversation(owner=owner, title=f"Chat {n}", active_at=at or now - timedelta(hours=n), **fields)
        for n in range(count)
    )


def folder(owner: User, name: str = "Batteries", order: int = 0) -> Folder:
    return owner.folders.create(name=name, order=order)


def state(conversation: Conversation) -> tuple[bool, bool, bool, int | None]:
    """Pinned, archived, deleted, folder."""
    conversation.refresh_from_db()
    pinned, archived, deleted = conversation.pinned_at, conversation.archived_at, conversation.deleted_at
    return pinned is not None, archived is not None, deleted is not None, conversation.folder_id


def post(client: Client, path: str, /, **form: Any) -> HttpResponse:
    return client.post(path, form, headers=HTMX)  # type: ignore[return-value]


def html(response: Any) -> str:
    text: str = response.content.decode()
    return text


def was(response: HttpResponse) -> str:
    """The token in a toast that takes back what it tells."""
    return html(response).partition('name="was" value="')[2].partition('"')[0]


# What filing changes of a chat's state.
FILED = ("gone", "archived", "pinned")


class Ears:
    def __init__(self, user_id: int) -> None:
        self.user_id, self.name = user_id, "Ears"
        self.frames: list[dict[str, Any]] = []

    def push(self, frame: str) -> None:
        self.frames.append(json.loads(frame))

    def past(self) -> list[dict[UUID, Any]]:
        """What the frames said that make a tab fetch its list again."""
        states = [one["chats"].items() for one in self.frames if one["t"] == "past"]
        return [{UUID(pk): {name: state[name] for name in FILED} for pk, state in one} for one in states]


@contextmanager
def listening(user: User) -> Iterator[Ears]:
    """Hear what every tab of this person is told."""
    ears = Ears(user.pk)
    topic = hub.member_topic(user.pk)
    hub.watch(topic, ears)
    try:
        yield ears
    finally:
        hub.leave(topic, ears)
