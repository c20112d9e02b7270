"""A conversation that was read becomes rows: in one transaction, and once."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.access import alias_named
from chatapp.conversations.models import Conversation, Feedback, Folder, Message, Status
from chatapp.conversations.words import first_words
from chatapp.images.models import Attachment, Image
from chatapp.search import index
from chatapp.transfer.limits import FOLDERS
from chatapp.transfer.models import Import
from chatapp.transfer.reading.pictures import note

# The id of an imported conversation is made from its owner, its id in the file and what is in it: the same file again
# finds what it made, and the same conversation of another owner is another one.
_NAMESPACE = uuid.UUID("0b6c2f0e-2f3f-4c58-8a0e-6f5f5ad2b6a4")
MOST_REASONS = 50
_NO_IMAGES = "images that are damaged, too large or none"


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as the reader tells it, in the JSON of its lines."""

    head: dict[str, Any]
    messages: Sequence[dict[str, Any]]
    open: int | None
    left_out: dict[str, int]
    digest: str


def pk_of(owner: User, chat: Chat) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{owner.pk}:{chat.head['source']}:{chat.digest}")


def is_there(job: Import, chat: Chat) -> bool:
    """Whether the member has this conversation already: from an import, or because it is the one that was exported."""
    ids = [pk_of(job.owner, chat)]
    with contextlib.suppress(ValueError):
        ids.append(uuid.UUID(chat.head["source"]))
    return Conversation.objects.visible_to(job.owner).filter(owner=job.owner, pk__in=ids).exists()


def has_room(owner: User, images: Sequence[Image | None]) -> bool:
    """Whether these images fit into what the member may keep."""
    used = owner.images.aggregate(all=Sum("bytes"))["all"] or 0
    return used + sum(image.bytes for image in images if image) <= settings.PARLEY_IMAGE_QUOTA


def count(job: Import, **counts: int) -> None:
    """Add to the counts, and show that this goes on."""
    for name, more in counts.items():
        setattr(job, name, getattr(job, name) + more)
    job.heartbeat_at = timezone.now()
    job.save(update_fields=[*counts, "heartbeat_at"])


def miss(job: Import, title: str, why: str) -> None:
    """Count a conversation that could not be read, with its reason as long as there are few."""
    if len(job.reasons) < MOST_REASONS:
        job.reasons.append({"title": title, "why": why})
    job.save(update_fields=["reasons"])
    count(job, unread=1)


def write(job: Import, chat: Chat, images: Sequence[Image | None]) -> bool:
    """Make the conversation with those images of the chat's pictures that there are; False if it was there already."""
    with transaction.atomic():
        earlier = Conversation.objects.all().locked(pk_of(job.owner, chat))
        if earlier is not None:
            _bring_back(job, earlier)
            return False
        conversation = _conversation(job.owner, chat)
        rows = [_row(conversation, told, images) for told in chat.messages]
        began = conversation.created_at
        conversation.save(force_insert=True)
        _insert(conversation, rows, chat, began)
        _attach(rows, chat, images)
        _tell_opinions(job.owner, rows, chat)
        index.put_conversation(conversation)
        lost = sum(images[number - 1] is None for told in chat.messages for number in told["images"])
        for what, often in [*chat.left_out.items(), (_NO_IMAGES, lost)]:
            if often:
                job.left_out[what] = job.left_out.get(what, 0) + often
        job.save(update_fields=["left_out"])
        count(job, imported=1, messages=len(rows), images=sum(image is not None for image in images))
    return True


def _bring_back(job: Import, earlier: Conversation) -> None:
    """It was made before. Where it was deleted since, and not gone yet, it is wanted again."""
    if earlier.deleted_at is None:
        return count(job, already=1)
    earlier.deleted_at, earlier.imported_at = None, timezone.now()
    earlier.save(update_fields=["deleted_at", "imported_at"])
    return count(job, imported=1)


def _conversation(owner: User, chat: Chat) -> Conversation:
    head, now = chat.head, timezone.now()
    began = _moment(head["created_at"]) or next(filter(None, map(_time, chat.messages)), now)
    texts = (told["text"] for told in chat.messages)
    titled_by = head["titled_by"] if head["titled_by"] in Conversation.TitledBy.values else "member"
    return Conversation(
        id=pk_of(owner, chat),
        owner=owner,
        title=head["title"] or next(filter(None, map(first_words, texts)), "Imported chat"),
        titled_by=titled_by,
        alias=alias_named(owner, head.get("alias", "")),
        think=head.get("think", False),
        instructions=head.get("instructions", ""),
        folder=_folder(owner, head.get("folder", "")),
        pinned_at=_moment(head["pinned_at"]),
        archived_at=_moment(head["archived_at"]),
        created_at=began,
        active_at=_moment(head["active_at"]) or max(filter(None, map(_time, chat.messages)), default=began),
        imported_at=now,
        revision=1,
        **head.get("parameters", {}),
    )


def _folder(owner: User, name: str) -> Folder | None:
    """The member's folder of this name; a new one, as long as there are not too many."""
    if not name:
        return None
    found = owner.folders.filter(name=name).first()
    if found is not None or (there := owner.folders.count()) >= FOLDERS:
        return found
    return Folder.objects.create(owner=owner, name=name, order=there)


def _row(conversation: Conversation, told: dict[str, Any], images: Sequence[Image | None]) -> Message:
    more = {name: value for name, value in told["more"].items() if name not in ("feedback", "context_from")}
    asked = told["role"] == Message.Role.USER
    missing = [note("") for number in told["images"] if images[number - 1] is None]
    return Message(
        conversation=conversation,
        author=conversation.owner if asked else None,
        role=told["role"],
        text="\n\n".join([told["text"], *missing]).strip() if missing else told["text"],
        reasoning=told["reasoning"],
        alias_name=told["alias"],
        revision=1,
        **({"status": Status.SENT} | more),
    )


def _insert(conversation: Conversation, rows: list[Message], chat: Chat, began: datetime) -> None:
    """All rows, and then what points from one to another; times too, which a new row takes from the clock."""
    Message.objects.bulk_create(rows)
    ids = {told["id"]: row.pk for told, row in zip(chat.messages, rows, strict=True)}
    times: dict[int | None, datetime] = {None: began}
    values = []
    for told, row in zip(chat.messages, rows, strict=True):
        times[told["id"]] = at = _time(told) or times[told["parent"]]
        context = told["more"].get("context_from")
        when = connection.ops.adapt_datetimefield_value(at)
        values.append((ids.get(told["parent"]), ids.get(context), when, row.pk))
    table = connection.ops.quote_name(Message._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET parent_id = %s, context_from_id = %s, created_at = %s WHERE id = %s",  # noqa: S608
            values,
        )
    Conversation.objects.filter(pk=conversation.pk).update(leaf=ids.get(chat.open), created_at=began)


def _attach(rows: list[Message], chat: Chat, images: Sequence[Image | None]) -> None:
    Image.objects.bulk_create([image for image in images if image is not None])
    Attachment.objects.bulk_create(
        Attachment(message=row, image=image, position=position)
        for row, told in zip(rows, chat.messages, strict=True)
        for position, number in enumerate(told["images"])
        if (image := images[number - 1]) is not None
    )


def _tell_opinions(owner: User, rows: list[Message], chat: Chat) -> None:
    """What the member thought of answers stays theirs: no comment goes to the administrators by an import."""
    Feedback.objects.bulk_create(
        Feedback(message=row, member=owner, **opinion)
        for row, told in zip(rows, chat.messages, strict=True)
        if (opinion := told["more"].get("feedback"))
    )


def _time(told: dict[str, Any]) -> datetime | None:
    return _moment(told["created_at"])


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
