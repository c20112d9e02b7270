"""Chats of every kind for the tests of the rules."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Folder, Message, Status
from chatapp.images.models import Attachment, Image
from chatapp.retention.models import Rule

TURNS = 2


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def chat(owner: User, days: float, *, running: bool = False, filed: bool = False, **fields: Any) -> Conversation:
    """A chat with a question and an answer, last used so many days ago."""
    if filed:
        fields["folder"], _ = Folder.objects.get_or_create(owner=owner, name="Kept")
    made = Conversation.objects.create(owner=owner, active_at=ago(days), **{"title": "A secret title", **fields})
    question = made.messages.create(role=Message.Role.USER, author=owner, text="secret question")
    made.leaf = made.messages.create(
        role=Message.Role.ASSISTANT,
        parent=question,
        text="secret answer",
        alias_name="demo",
        status=Status.STREAMING if running else Status.DONE,
        heartbeat_at=timezone.now(),
    )
    made.save(update_fields=["leaf"])
    return made


def picture(*chats: Conversation, bytes: int = 1000) -> Image:
    """An image that is in the question of each of these chats."""
    pk = uuid.uuid4()
    image = Image.objects.create(
        pk=pk,
        owner=chats[0].owner,
        media_type="image/png",
        width=1,
        height=1,
        bytes=bytes,
        stored=f"ab/{pk.hex}-full.png",
        thumbnail=f"ab/{pk.hex}-small.png",
        thumbnail_width=1,
        thumbnail_height=1,
    )
    for one in chats:
        question = one.messages.get(role=Message.Role.USER)
        Attachment.objects.create(message=question, image=image, position=question.attachments.count())
    return image


def rule(days: int = 30, *, enabled: bool = True, **fields: Any) -> Rule:
    return Rule.objects.create(days=days, enabled=enabled, **fields)


def left() -> set[uuid.UUID]:
    return set(Conversation.objects.values_list("pk", flat=True))
