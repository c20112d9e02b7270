"""One long conversation of user0's, straight through the ORM; prints its address and its size as JSON.

    python -m bench.chat --messages 1000 --characters 2000000       (PARLEY_DATA_DIR as the server's)

Questions are short; answers are realistic Markdown with code, tables, maths and Chinese (`mixed` of bench/shapes.py),
most of them short and some long, an exchange every quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
django.setup()

from django.db import transaction  # noqa: E402 - models need the set-up above
from django.utils import timezone  # noqa: E402

from bench.seed import ALIAS, member  # noqa: E402
from bench.shapes import document  # noqa: E402
from chatapp.conversations.models import Conversation, Message, Status  # noqa: E402
from chatapp.rendering.markdown import RENDERER_VERSION, render  # noqa: E402

APART = timedelta(minutes=15)
LEAST = 200


def main() -> None:
    parser = argparse.ArgumentParser(description="One long conversation.")
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--characters", type=int, required=True, help="of all questions and answers together")
    asked = parser.parse_args()
    with transaction.atomic():
        conversation = write(asked.messages // 2, asked.characters)
    texts = conversation.messages.values_list("text", flat=True)
    print(json.dumps({"path": f"/c/{conversation.pk}/", "bytes": sum(len(text.encode()) for text in texts)}))


def write(exchanges: int, characters: int) -> Conversation:
    rng, now, owner = random.Random(5), timezone.now(), member(0)  # noqa: S311 - the same each time is the point
    shares = [rng.expovariate(1) for _ in range(exchanges)]
    conversation = Conversation.objects.create(owner=owner, title="A long chat", active_at=now)
    parent: Message | None = None
    written = []
    for at, share in enumerate(shares):
        size = max(LEAST, int(share / sum(shares) * characters))
        answer = document("mixed", size, seed=at)
        for role, text in ((Message.Role.USER, f"And what of part {at}?"), (Message.Role.ASSISTANT, answer)):
            parent = add(conversation, parent, role, text)
            written.append(Message(pk=parent.pk, created_at=now - (exchanges - at) * APART))
    Message.objects.bulk_update(written, ["created_at"], batch_size=100)
    conversation.leaf = parent
    conversation.save()
    return conversation


def add(conversation: Conversation, parent: Message | None, role: Message.Role, text: str) -> Message:
    asked = role == Message.Role.USER
    return Message.objects.create(
        conversation=conversation,
        parent=parent,
        author=conversation.owner,
        role=role,
        text=text,
        html="" if asked else render(text),
        html_version="" if asked else RENDERER_VERSION,
        status=Status.SENT if asked else Status.DONE,
        alias_name="" if asked else ALIAS,
    )


if __name__ == "__main__":
    main()
