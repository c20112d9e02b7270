"""Conversations to take along, and what is compared of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.database import in_order
from chatapp.images import storing
from chatapp.images.models import Image
from chatapp.transfer import exporting
from chatapp.transfer.contents import contents
from tests.imaging.files import corners_as


def make_chat(owner: User, title: str = "Arrhenius") -> Conversation:
    """A question, asked in two ways; the second has two answers, and the first of these is open."""
    conversation = Conversation.objects.create(owner=owner, title=title, active_at=timezone.now())
    add = conversation.messages.create
    first = add(role="user", author=owner, text="What is it?")
    add(role="assistant", parent=first, text="A law.", alias_name="demo", status=Status.DONE)
    second = add(role="user", author=owner, text="What is the Arrhenius law?\n\n它是什么？")
    chosen = add(
        role=Message.Role.ASSISTANT,
        parent=second,
        text="$k = A e^{-E_a/RT}$\n\n```python\nprint(1)\n```",
        reasoning="They want the law.",
        alias_name="demo",
        status=Status.DONE,
        tokens_in=12,
        tokens_out=0,
        reasoning_seconds=2.5,
        upstream_model="secret-upstream",
        ref_model="secret-ref",
    )
    add(role="assistant", parent=second, text="", alias_name="other", status=Status.FAILED, error="busy")
    conversation.leaf = chosen
    conversation.save()
    return conversation


async def picture(owner: User, format: str) -> Image:
    """An image of this person's, in no message yet."""
    upload = SimpleUploadedFile(f"corners.{format.lower()}", corners_as(format))
    image = await storing.store(owner, upload, f"the {format}: 四角.{format.lower()}")
    await storing.describe(owner, image.pk, f"Corners [{format}]")
    await image.arefresh_from_db()
    return image


async def read(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def exported(user: User, conversation: Conversation) -> dict[str, Any]:
    """The JSON that the person gets of this conversation."""
    taken = await in_order(contents, user, conversation.pk)
    assert taken is not None
    value: dict[str, Any] = json.loads(await read(exporting.as_json(taken)))
    return value


def without_ids(value: dict[str, Any]) -> dict[str, Any]:
    """What must be the same in another member's account."""
    messages = [{name: one for name, one in told.items() if name != "author"} for told in value["messages"]]
    return {name: one for name, one in value.items() if name != "id"} | {"messages": messages}
