"""The index of what is there already: from before the search, or from before a change of its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from chatapp.conversations.models import Conversation, Message
from chatapp.search.index import UNSETTLED, Text, write
from chatapp.search.models import Entry
from chatapp.search.tokens import VERSION

# Texts in one transaction: a member who writes meanwhile waits no longer than for these.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Tables:
    """The models of texts and entries; in migrations, as they were then."""

    conversation: Any = Conversation
    message: Any = Message
    entry: Any = Entry


def build(tables: Tables, *, anew: bool = False) -> Iterator[int]:
    """Index what is not, or was with other tokens; everything if `anew`. Gives the number of texts of each batch.

    The oldest message comes first, as newer ones have higher numbers. May run beside a server: answers that are being
    made are left to those who make them.
    """
    last: Any = 0
    while ids := list(_messages(tables, last, anew).values_list("pk", flat=True)[:BATCH]):
        yield _index_messages(tables, ids)
        last = ids[-1]
    # Of conversations without messages, or whose title alone is missing.
    last = UUID(int=0)
    while ids := list(_untitled(tables, last).values_list("pk", flat=True)[:BATCH]):
        yield _index_titles(tables, ids)
        last = ids[-1]


def _messages(tables: Tables, last: int, anew: bool) -> QuerySet[Any]:
    """Those after the last one. Entries before it are left out by name: PostgreSQL would walk them for every batch."""
    settled: QuerySet[Any] = tables.message.objects.exclude(status__in=UNSETTLED).order_by("pk")
    found = settled.filter(pk__gt=last, conversation__temporary=False)
    present = tables.entry.objects.filter(message=OuterRef("pk"), message__gt=last, version=VERSION)
    return found if anew else found.filter(~Exists(present))


def _untitled(tables: Tables, last: UUID) -> QuerySet[Any]:
    titles = tables.entry.objects.filter(message=None, version=VERSION)
    present = titles.filter(conversation=OuterRef("pk"), conversation__gt=last)
    found: QuerySet[Any] = tables.conversation.objects.filter(~Exists(present), pk__gt=last, temporary=False)
    return found.exclude(title="").order_by("pk")


@transaction.atomic
def _index_messages(tables: Tables, ids: Sequence[int]) -> int:
    """These messages and, with the first message of a conversation, its title."""
    found = _locked(tables, Q(messages__in=ids))
    texts: dict[Text, None] = {}
    rows = tables.message.objects.filter(pk__in=ids).exclude(status__in=UNSETTLED).order_by("pk")
    for pk, parent, conversation_id, text in rows.values_list("pk", "parent", "conversation", "text"):
        owner, title = found[conversation_id]
        if parent is None:
            texts[Text(conversation_id, None, owner, title)] = None
        texts[Text(conversation_id, pk, owner, text)] = None
    write(list(texts), tables.entry.objects)
    return len(texts)


@transaction.atomic
def _index_titles(tables: Tables, ids: Sequence[Any]) -> int:
    found = _locked(tables, Q(pk__in=ids))
    write([Text(pk, None, owner, title) for pk, (owner, title) in found.items()], tables.entry.objects)
    return len(found)


def _locked(tables: Tables, which: Q) -> dict[Any, tuple[int, str]]:
    """Owners and titles of conversations, which nobody else writes until the transaction ends."""
    ids = list(tables.conversation.objects.filter(which).values_list("pk", flat=True))
    found = tables.conversation.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    return {pk: (owner, title) for pk, owner, title in found.values_list("pk", "owner", "title")}
