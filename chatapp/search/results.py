"""What was found, as a page shows it: passages under their conversations, with what was asked for marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.safestring import SafeString

from accounts.models import User
from chatapp.conversations.models import Conversation, Message
from chatapp.search.index import MOST_COUNTED, Found
from chatapp.search.query import Phrase, phrases_of
from chatapp.search.snippets import marked, snippet

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]")
_KANA = re.compile("[\u3041-\u30ff]")
# Of a text in Chinese, more or less.
_HAN_SHARE = 0.25

# From the messages up to their roots; how many steps that takes is the number of the turn.
_NUMBERS = """
WITH RECURSIVE way (id, above, number) AS (
  SELECT id, parent_id, 1 FROM conversations_message WHERE id IN ({ids})
  UNION ALL
  SELECT way.id, message.parent_id, way.number + 1
  FROM way JOIN conversations_message message ON message.id = way.above
)
SELECT id, max(number) FROM way GROUP BY id
"""


@dataclass(frozen=True, slots=True)
class Passage:
    """A message that was found; `number` is that of its turn."""

    message: Message
    number: int
    text: SafeString
    lang: str

    @property
    def who(self) -> str:
        if self.message.role == Message.Role.ASSISTANT:
            return self.message.alias_name
        return self.message.author_name


@dataclass(slots=True)
class Chat:
    """A conversation in which something was found; without passages, its title alone.

    `owner` is "" for a member's own. Folder and archive are its owner's, so others are not told of them.
    """

    conversation: Conversation
    title: SafeString
    lang: str
    owner: str = ""
    folder: str = ""
    archived: bool = False
    passages: list[Passage] = field(default_factory=list)


def chats(found: Found, query: str, reader: User) -> list[Chat]:
    """The conversation of the newest passage first; in each, the passages in their order. One query."""
    phrases = phrases_of(query)
    numbers = _numbers([entry.message_id for entry in found.entries if entry.message_id is not None])
    made: dict[object, Chat] = {}
    for entry in found.entries:
        chat = made.setdefault(entry.conversation_id, _chat(entry.conversation, phrases, reader))
        if entry.message is not None:
            chat.passages.append(_passage(entry.message, numbers, phrases))
    for chat in made.values():
        chat.passages.sort(key=lambda passage: passage.message.pk)
    return list(made.values())


def summary(found: Found) -> str:
    """ "11 passages in 4 chats"."""
    if found.more:
        return f"More than {MOST_COUNTED} passages"
    chats = _counted(found.chats, "chat")
    return f"{_counted(found.passages, 'passage')} in {chats}" if found.passages else chats


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _chat(conversation: Conversation, phrases: Sequence[Phrase], reader: User) -> Chat:
    chat = Chat(conversation, marked(conversation.title, phrases), language(conversation.title))
    if conversation.owner_id != reader.pk:
        chat.owner = conversation.owner.name
        return chat
    chat.folder = conversation.folder.name if conversation.folder else ""
    chat.archived = conversation.archived_at is not None
    return chat


def _passage(message: Message, numbers: dict[int, int], phrases: Sequence[Phrase]) -> Passage:
    shown = snippet(message.text, phrases)
    return Passage(message, numbers.get(message.pk, 1), shown, language(shown))


def _numbers(messages: Collection[int]) -> dict[int, int]:
    if not messages:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS.format(ids=", ".join(["%s"] * len(messages))), list(messages))
        return dict(cursor.fetchall())


def language(text: str) -> str:
    """zh-Hans for a text that looks Chinese, else "": then the page does not say."""
    return "zh-Hans" if len(_HAN.findall(text)) > _HAN_SHARE * len(text) and not _KANA.search(text) else ""
