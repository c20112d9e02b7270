"""Two changes of a conversation at once: what pages are told last is what is so."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import ThreadSensitiveContext
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.branches import choose
from chatapp.conversations.models import Conversation, Message, Participation, Status
from chatapp.database import in_order, written
from chatapp.generation import hub
from chatapp.generation.telling import Change, tell

READERS = 4
# No HTML of it is stored: it is rendered for each reader, which takes its time.
LONG = "| a | b |\n|---|---|\n" + "| *one* | `two` |\n" * 3_000


@dataclass(eq=False)
class Reader:
    user_id: int
    name: str
    branches: list[list[int]] = field(default_factory=list)

    def push(self, frame: str) -> None:
        told: dict[str, Any] = json.loads(frame)
        if told["t"] == "branch":
            self.branches.append(told["ids"])


def two_branches() -> tuple[Conversation, list[User], Message, Message]:
    """A conversation of several people, who all read the first one of its two answers."""
    people = [User.objects.create_user(f"{n}@example.org", name=f"Reader {n}") for n in range(READERS)]
    conversation = Conversation.objects.create(owner=people[0], active_at=timezone.now())
    Participation.objects.bulk_create(Participation(conversation=conversation, member=one) for one in people[1:])
    question = conversation.messages.create(role=Message.Role.USER, status=Status.SENT, text="Which?", author=people[0])
    long, short = (
        conversation.messages.create(role=Message.Role.ASSISTANT, status=Status.DONE, parent=question, text=text)
        for text in (LONG, "Short.")
    )
    conversation.leaf = short
    conversation.save()
    for one in people:
        choose(conversation, one.pk, long.pk)
    return conversation, people, long, short


async def as_a_request(change: Change) -> None:
    """Each request reads in a thread of its own."""
    async with ThreadSensitiveContext():
        await tell(change)


@pytest.mark.django_db(transaction=True)
async def test_a_branch_that_was_read_before_the_next_change_is_not_told_after_it() -> None:
    conversation, people, long, short = await in_order(two_branches)
    readers = [Reader(one.pk, one.name) for one in people]
    topic = hub.conversation_topic(conversation.pk)
    for reader in readers:
        hub.watch(topic, reader)
    slow = asyncio.create_task(as_a_request(Change(conversation, [long.pk], branch=True, side=False)))
    # By then it has read what the first one has open, and renders for the others.
    await asyncio.sleep(1.2)
    await written(choose, conversation, people[0].pk, short.pk)
    await as_a_request(Change(conversation, [short.pk], branch=True, side=False))
    await slow
    for reader in readers:
        hub.leave(topic, reader)
    assert [reader.branches[-1][-1] for reader in readers] == [short.pk] + [long.pk] * (READERS - 1)
