"""Rows as the JSON of the format "parley-conversation"; docs/transfer.md says what each name means."""

from __future__ import annotations

import json
from typing import Any

from chatapp.catalog.models import Parameters
from chatapp.conversations.models import Conversation, Message
from chatapp.images.models import Image
from chatapp.transfer.contents import Contents

FORMAT = "parley-conversation"
VERSION = 1
PARAMETERS = [field.name for field in Parameters._meta.get_fields()]

# Beside those that every message has: only where they say something, and only where they are known.
_MARKS = ("reasoning", "error", "think", "compared", "lane", "repointed", "fallback", "unseen")
_FIGURES = (
    *("retry_after", "tokens_in", "tokens_out"),
    *("reasoning_seconds", "first_word_seconds", "answer_seconds"),
)


def head(contents: Contents) -> dict[str, Any]:
    """What is said of the conversation as a whole. Instructions and order are its owner's alone."""
    conversation = contents.conversation
    record: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "id": str(conversation.pk),
        "title": conversation.title,
        "titled_by": conversation.titled_by,
        "created_at": conversation.created_at.isoformat(),
        "active_at": conversation.active_at.isoformat(),
        "alias": conversation.alias.name if conversation.alias else "",
        "think": conversation.think,
        "open": contents.local.get(contents.leaf) if contents.leaf is not None else None,
    }
    return record | _owners(conversation) if conversation.owner_id == contents.member_id else record


def _owners(conversation: Conversation) -> dict[str, Any]:
    record: dict[str, Any] = {
        "instructions": conversation.instructions,
        "parameters": {name: value for name in PARAMETERS if (value := getattr(conversation, name)) is not None},
        "folder": conversation.folder.name if conversation.folder else "",
    }
    for name in ("pinned_at", "archived_at"):
        if moment := getattr(conversation, name):
            record[name] = moment.isoformat()
    return record


def message(contents: Contents, row: Message) -> dict[str, Any]:
    local = contents.local
    record: dict[str, Any] = {
        "id": local[row.pk],
        "parent": local.get(row.parent_id) if row.parent_id is not None else None,
        "role": row.role,
        "created_at": row.created_at.isoformat(),
        "status": row.status,
        "text": row.text,
    }
    if row.role == Message.Role.USER:
        record["author"] = row.author.name if row.author else ""
    else:
        record |= {"alias": row.alias_name, "model": row.shown_model}
    record |= {name: value for name in _MARKS if (value := getattr(row, name))}
    record |= {name: value for name in _FIGURES if (value := getattr(row, name)) is not None}
    if row.context_from_id in local:
        record["context_from"] = local[row.context_from_id]
    places = contents.places
    if attached := [places[one.image_id] for one in row.attachments.all() if one.image_id in places]:
        record["images"] = attached
    for opinion in row.feedback.all():
        record["feedback"] = {"good": opinion.good, "comment": opinion.comment}
    return record


def image(number: int, row: Image) -> dict[str, Any]:
    """An image without its content, which is added as "data" or "file"."""
    return {"id": number, "name": row.name, "alt": row.alt, "type": row.media_type}


def encode(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)
