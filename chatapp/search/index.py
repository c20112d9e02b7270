"""The index of what members can find: written in the transaction of each change, asked by one query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Manager, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from chatapp.conversations.models import RUNNING, Conversation, Message, Participation, Status
from chatapp.images.models import Attachment
from chatapp.search.backend import Document
from chatapp.search.circles import of_document, of_reader
from chatapp.search.databases import backend
from chatapp.search.models import Entry
from chatapp.search.query import phrases_of
from chatapp.search.tokens import VERSION, tokens
from chatapp.sharing.models import Link

# Messages that have no text to be found by yet.
UNSETTLED = (*RUNNING, Status.WAITING)
PAGE = 30
# Beyond these nobody counts.
MOST_COUNTED = 200
# As in CommonMark, section 4.5.
_FENCE = re.compile(r"^ {0,3}(?:`{3,}[^`\n]*$|~{3,})", re.MULTILINE)
# Of no use to those who read passages, and long.
_UNREAD = (
    "conversation__instructions",
    "message__html",
    "message__reasoning",
    "message__reasoning_html",
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be found, with its owner; without a message it is the conversation's title."""

    conversation: UUID
    message: int | None
    owner: int
    text: str

    @property
    def key(self) -> tuple[UUID, int | None]:
        return self.conversation, self.message


@dataclass(frozen=True, slots=True)
class Filters:
    """What is to be found besides words. `alias`, `images` and `code` are of messages, so no title is found by them."""

    alias: str = ""
    folder: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    images: bool = False
    code: bool = False
    # Only in conversations that more than one person may open: members who are invited, or anybody with a link.
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries, newest first, with conversations and messages.

    `passages` and `chats` count what there is in all from here on; if there is `more`, they do not count everything.
    `before` is what the next page is asked with, if there is one.
    """

    entries: list[Entry]
    passages: int = 0
    chats: int = 0
    more: bool = False
    before: int | None = None


def put(messages: Iterable[Message]) -> None:
    """Have these messages found by their present text, and by an earlier one no more.

    They stand in the tree, their conversations are loaded, and no answer among them is still being made.
    """
    write([_text_of(message) for message in messages if not message.conversation.temporary])


def put_title(conversation: Conversation) -> None:
    """Have the conversation found by its present title."""
    if not conversation.temporary:
        write([Text(conversation.pk, None, conversation.owner_id, conversation.title)])


def put_conversation(conversation: Conversation) -> None:
    """Have all of a conversation found: one that was brought in, or that is not temporary any more."""
    put_title(conversation)
    put(conversation.messages.exclude(status__in=UNSETTLED).select_related("conversation").order_by("pk"))


def write(texts: Sequence[Text], entries: Manager[Any] = Entry.objects) -> None:
    """Write these texts anew, each under the number that it has. Four queries at most, however many texts there are.

    `entries` is another manager in migrations alone.
    """
    numbers = _numbers(texts, entries)
    if numbers:
        entries.filter(pk__in=numbers.values()).delete()
    made = [(_entry(text, entries, numbers), text, words) for text in texts if (words := tokens(text.text))]
    entries.bulk_create(entry for entry, _, _ in made)
    backend().write(
        Document(entry.pk, of_document(text.owner, text.conversation), words) for entry, text, words in made
    )


def find(user: User, query: str, filters: Filters, before: int | None = None, limit: int = PAGE) -> Found:
    """What this person may open and what has all words and quotations of the query, newest first. Three queries."""
    phrases = phrases_of(query)
    if not phrases:
        return Found([])
    matching = _allowed(user, filters).filter(backend().matching(of_reader(user), phrases))
    if before is not None:
        matching = matching.filter(pk__lt=before)
    rows = list(matching.order_by(backend().newest).values_list("pk", "conversation", "message")[: MOST_COUNTED + 1])
    counted, page = rows[:MOST_COUNTED], [pk for pk, _, _ in rows[:limit]]
    return Found(
        entries=_loaded(page),
        passages=sum(message is not None for _, _, message in counted),
        chats=len({conversation for _, conversation, _ in counted}),
        more=len(rows) > MOST_COUNTED,
        before=page[-1] if len(rows) > limit else None,
    )


def _text_of(message: Message) -> Text:
    return Text(message.conversation_id, message.pk, message.conversation.owner_id, message.text)


def _numbers(texts: Sequence[Text], entries: Manager[Any]) -> dict[tuple[UUID, int | None], int]:
    """The entries that are there already."""
    messages = [text.message for text in texts if text.message is not None]
    titles = [text.conversation for text in texts if text.message is None]
    known = Q(message__in=messages) | Q(message=None, conversation__in=titles)
    return {(one, other): pk for one, other, pk in entries.filter(known).values_list("conversation", "message", "pk")}


def _entry(text: Text, entries: Manager[Any], numbers: dict[tuple[UUID, int | None], int]) -> Any:
    return entries.model(
        pk=numbers.get(text.key),
        conversation_id=text.conversation,
        message_id=text.message,
        code=text.message is not None and bool(_FENCE.search(text.text)),
        version=VERSION,
    )


def _allowed(user: User, filters: Filters) -> QuerySet[Entry]:
    # One conversation after the other: only those in which something was found are looked at.
    conversations = Conversation.objects.visible_to(user).filter(pk=OuterRef("conversation"), temporary=False)
    if filters.folder is not None:
        # Somebody else's folders are nobody's business, not even those of a shared conversation.
        conversations = conversations.filter(folder=filters.folder, owner=user)
    if filters.shared:
        invited = Participation.objects.filter(conversation=OuterRef("pk"), left=False)
        linked = Link.objects.working().filter(conversation=OuterRef("pk"))
        conversations = conversations.filter(Exists(invited) | Exists(linked))
    found = Entry.objects.filter(Exists(conversations))
    if filters.alias:
        answered = Message.objects.filter(parent=OuterRef("message"), alias_name=filters.alias)
        found = found.filter(Q(message__alias_name=filters.alias) | Exists(answered))
    if filters.images:
        found = found.filter(Exists(Attachment.objects.filter(message=OuterRef("message"))))
    if filters.code:
        found = found.filter(code=True)
    return _written_between(found, filters.since, filters.until)


def _written_between(found: QuerySet[Entry], since: datetime | None, until: datetime | None) -> QuerySet[Entry]:
    if since is None and until is None:
        return found
    found = found.annotate(written_at=Coalesce("message__created_at", "conversation__created_at"))
    if since is not None:
        found = found.filter(written_at__gte=since)
    return found if until is None else found.filter(written_at__lt=until)


def _loaded(page: Sequence[int]) -> list[Entry]:
    found = Entry.objects.select_related("conversation__folder", "conversation__owner", "message__author").defer(
        *_UNREAD
    )
    return list(found.filter(pk__in=page).order_by("-pk"))
