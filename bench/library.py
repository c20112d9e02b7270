"""A team's history, straight into the database: members, folders, conversations, messages, images.

    python -m bench.library --messages 1000000       (PARLEY_DATA_DIR and PARLEY_DATABASE_URL as the server's)

One conversation for every twenty messages and one member for every hundred conversations. The first two members have
a fifth of all conversations each, the others sixty on average. A third is in Chinese, one in ten has branches, one in
fifty an image, one in a hundred was shared with another member. Prints what bench/history.py needs as JSON. The index
of the search is not built; that is `manage.py index_search`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
django.setup()

from django.conf import settings  # noqa: E402 - models need the set-up above
from django.db import transaction  # noqa: E402

from accounts.models import User  # noqa: E402
from bench.seed import connect_alias, session_for  # noqa: E402
from bench.tables import Table, finish, trust  # noqa: E402
from bench.words import Language, languages  # noqa: E402
from chatapp.conversations.models import Conversation, Feedback, Folder, Message, OpenBranch, Participation  # noqa: E402
from chatapp.conversations.words import first_words  # noqa: E402
from chatapp.images.models import Attachment, Image  # noqa: E402
from chatapp.rendering.markdown import RENDERER_VERSION  # noqa: E402

MESSAGES_PER_CONVERSATION = 20
CONVERSATIONS_PER_MEMBER = 100
HEAVY_MEMBERS, HEAVY_SHARE = 2, 0.2
DAYS = 700
BATCH = 5_000
# Of the answers, those whose words are searched for.
SAMPLED = 0.002
ALIASES = ["load", "writer", "coder", "vision"]
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Library:
    """Everything that is written, in the order in which it has to be."""

    rng: random.Random
    tongues: tuple[Language, Language]
    members: list[User]
    folders: dict[int, list[int]]
    conversations: Table = field(default_factory=lambda: Table(Conversation))
    messages: Table = field(default_factory=lambda: Table(Message))
    images: Table = field(default_factory=lambda: Table(Image))
    attachments: Table = field(default_factory=lambda: Table(Attachment, numbered=False))
    opinions: Table = field(default_factory=lambda: Table(Feedback, numbered=False))
    branches: Table = field(default_factory=lambda: Table(OpenBranch, numbered=False))
    guests: Table = field(default_factory=lambda: Table(Participation, numbered=False))
    last_message: int = 0
    # For bench/history.py: every conversation's owner, its messages, and words that stand in some of them together.
    made: list[tuple[str, int, int]] = field(default_factory=list)
    said: list[tuple[int, str, list[str]]] = field(default_factory=list)

    @property
    def tables(self) -> list[Table]:
        own = [self.conversations, self.messages, self.images, self.attachments]
        return [*own, self.opinions, self.branches, self.guests]

    def add_conversation(self, owner: User, began: datetime, exchanges: int) -> None:
        """A conversation of so many questions, each with its answer."""
        rng, pk = self.rng, uuid.UUID(int=self.rng.getrandbits(128), version=4)
        tongue = self.tongues[rng.random() < 1 / 3]
        at, tip, leaves, title, revision = began, None, [], "", 0
        branching = rng.random() < 0.1
        alias = rng.choices(ALIASES, [70, 15, 10, 5])[0]
        for _ in range(exchanges):
            at += timedelta(seconds=rng.expovariate(1 / 400) + 5)
            revision += 2
            question = self._add_question(pk, owner, tip, tongue, at, revision)
            title = title or first_words(question["text"])
            answer = self._add_answer(pk, question["id"], owner, tongue, at, revision, alias)
            if branching and rng.random() < 0.3:
                leaves.append(answer)
                answer = self._add_answer(
                    pk, question["id"], owner, tongue, at + timedelta(seconds=60), revision, alias
                )
            tip = answer
        self.made.append((str(pk), owner.pk, revision))
        filed = rng.random()
        self.conversations.add(
            id=pk,
            owner_id=owner.pk,
            title=title if rng.random() < 0.3 else first_words(" ".join(tongue.some(5))),
            titled_by=Conversation.TitledBy.MODEL,
            leaf_id=tip,
            folder_id=rng.choice(self.folders[owner.pk]) if filed < 0.3 and self.folders[owner.pk] else None,
            pinned_at=at if rng.random() < 0.01 else None,
            archived_at=at if filed > 0.9 else None,
            revision=revision,
            created_at=began,
            active_at=at,
        )
        if leaves and rng.random() < 0.2:
            self.branches.add(conversation_id=pk, member_id=owner.pk, leaf_id=rng.choice(leaves))
        if rng.random() < 0.01:
            other = rng.choice([member for member in self.members if member.pk != owner.pk])
            self.guests.add(conversation_id=pk, member_id=other.pk, may_write=rng.random() < 0.5, created_at=at)

    def _add_question(
        self, pk: uuid.UUID, owner: User, parent: int | None, tongue: Language, at: datetime, revision: int
    ) -> dict[str, Any]:
        self.last_message += 1
        row = {"id": self.last_message, "text": tongue.question()}
        self.messages.add(
            **row,
            conversation_id=pk,
            parent_id=parent,
            author_id=owner.pk,
            role=Message.Role.USER,
            client_id=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            revision=revision - 1,
            created_at=at,
        )
        if self.rng.random() < 0.002:
            self._attach_image(owner, at)
        return row

    def _add_answer(
        self, pk: uuid.UUID, question: int, owner: User, tongue: Language, at: datetime, revision: int, alias: str
    ) -> int:
        self.last_message += 1
        text, html = tongue.answer()
        self.messages.add(
            id=self.last_message,
            conversation_id=pk,
            parent_id=question,
            author_id=owner.pk,
            role=Message.Role.ASSISTANT,
            text=text,
            html=html,
            html_version=RENDERER_VERSION,
            status=self.rng.choices(["done", "stopped", "interrupted", "failed"], [95, 3, 1, 1])[0],
            alias_name=alias,
            upstream_model=alias,
            first_word_seconds=self.rng.lognormvariate(0, 0.7),
            answer_seconds=len(text) / 200 + 1,
            tokens_in=self.rng.randrange(50, 8_000),
            tokens_out=len(text) // 4,
            revision=revision,
            created_at=at + timedelta(seconds=20),
        )
        if self.rng.random() < SAMPLED:
            self.said.append((owner.pk, tongue.name, tongue.words_in(text, 3)))
        if self.rng.random() < 0.01:
            good = self.rng.random() < 0.7
            self.opinions.add(message_id=self.last_message, member_id=owner.pk, good=good, created_at=at)
        return self.last_message

    def _attach_image(self, owner: User, at: datetime) -> None:
        image = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        sizes = {"width": 1600, "height": 1200, "thumbnail_width": 400, "thumbnail_height": 300, "bytes": 240_000}
        self.images.add(
            id=image, owner_id=owner.pk, name="photo.jpg", media_type="image/jpeg", stored=f"{image}/full.jpg",
            thumbnail=f"{image}/small.webp", created_at=at, **sizes,
        )  # fmt: skip
        self.attachments.add(message_id=self.last_message, image_id=image, position=0)

    def write(self) -> None:
        for table in self.tables:
            table.write()


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill a database with a team's history.")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--upstream", default="http://127.0.0.1:9/v1")
    asked = parser.parse_args()
    with transaction.atomic():
        trust()
        library = furnished(asked.messages, random.Random(asked.seed))  # noqa: S311 - the same each time is the point
        fill(library, asked.messages)
        connect_alias(asked.upstream)
        sessions = [session_for(member) for member in library.members]
    finish([table.model for table in library.tables])
    print(json.dumps(told(library, sessions)))


def furnished(messages: int, rng: random.Random) -> Library:
    """The members and their folders."""
    count = max(10, messages // MESSAGES_PER_CONVERSATION // CONVERSATIONS_PER_MEMBER)
    made = [User(email=f"user{i}@example.org", name=f"User {i}", password="!") for i in range(count)]
    members = User.objects.bulk_create(made)
    folders = {}
    for member in members:
        drawers = [Folder(owner=member, name=f"Folder {n}", order=n) for n in range(rng.randrange(12))]
        folders[member.pk] = [folder.pk for folder in Folder.objects.bulk_create(drawers)]
    return Library(rng, languages(rng.getrandbits(32)), members, folders)


def fill(library: Library, messages: int) -> None:
    """Conversations in the order of their beginnings, until there are so many messages."""
    planned = messages // MESSAGES_PER_CONVERSATION
    moments = sorted(NOW - timedelta(days=DAYS * library.rng.random() ** 1.5) for _ in range(planned))
    for owner, began in zip(owners(library, planned), moments, strict=True):
        left = messages - library.last_message
        library.add_conversation(owner, began, min(exchanges(library.rng), max(1, left // 2)))
        if len(library.messages.rows) > BATCH:
            library.write()
    library.write()


def owners(library: Library, planned: int) -> Iterator[User]:
    """Whose each conversation is: the heavy members', and the others' by a weight between 1 and 10."""
    rng, members = library.rng, library.members
    others = [10 ** rng.random() for _ in members[HEAVY_MEMBERS:]]
    rest = (1 - HEAVY_MEMBERS * HEAVY_SHARE) / sum(others)
    weights = [HEAVY_SHARE] * HEAVY_MEMBERS + [weight * rest for weight in others]
    yield from rng.choices(members, weights, k=planned)


def exchanges(rng: random.Random) -> int:
    """Ten on average, most have fewer; one in a thousand has five hundred."""
    return 500 if rng.random() < 0.001 else min(200, max(1, round(rng.lognormvariate(1.8, 0.95))))


def told(library: Library, sessions: list[str]) -> dict[str, object]:
    return {
        "sessions": dict(zip((member.pk for member in library.members), sessions, strict=True)),
        "heavy": [member.pk for member in library.members[:HEAVY_MEMBERS]],
        "conversations": library.made,
        "said": library.said,
        "alias": ALIASES[0],
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "messages": library.last_message,
    }


if __name__ == "__main__":
    main()
