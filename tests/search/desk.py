"""What a member has written, without a server: rows, and their words in the index."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Message
from chatapp.search import index
from chatapp.search.index import Filters
from chatapp.search.models import Entry


def talk(owner: User, *texts: str, title: str = "A talk", **given: Any) -> Conversation:
    """A conversation with these messages, question and answer in turn, that can be found."""
    conversation = Conversation.objects.create(owner=owner, title=title, active_at=timezone.now(), **given)
    parent: Message | None = None
    for place, text in enumerate(texts):
        parent = say(conversation, text, parent, answer=place % 2 == 1)
    index.put_conversation(conversation)
    return conversation


def say(conversation: Conversation, text: str, parent: Message | None = None, *, answer: bool = False) -> Message:
    made_by = {"role": Message.Role.ASSISTANT, "alias_name": "demo", "status": "done"} if answer else {}
    author = None if answer else conversation.owner
    return Message.objects.create(
        **{"conversation": conversation, "parent": parent, "author": author, "text": text, "role": "user", **made_by}
    )


def found(user: User, query: str, **filters: Any) -> list[str]:
    """The texts that this query finds, newest first: messages whole, titles in brackets."""
    hits = index.find(user, query, Filters(**filters)).entries
    return [hit.message.text if hit.message else f"[{hit.conversation.title}]" for hit in hits]


def stored() -> list[tuple[object, ...]]:
    """All that the index holds, in the words of the database, by what it is about."""
    words = "(SELECT tokens FROM search_words WHERE rowid = id)" if connection.vendor == "sqlite" else "words::text"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT conversation_id, message_id, code, version, {words} FROM search_entry")  # noqa: S608
        rows = cursor.fetchall()
    return sorted(rows, key=lambda row: (str(row[0]), row[1] or 0))


def loose_words() -> int:
    """Documents without an entry."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_words WHERE rowid NOT IN (SELECT id FROM search_entry)")
        return int(cursor.fetchone()[0])


def entries() -> int:
    return Entry.objects.count()
