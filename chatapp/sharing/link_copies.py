"""What a link shows as the beginning of a conversation of one's own: exactly that, and nothing from behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.copies import insert
from chatapp.conversations.models import Conversation, Message
from chatapp.conversations.refusals import Refused
from chatapp.images.models import Attachment, Image
from chatapp.rendering.markdown import RENDERER_VERSION
from chatapp.search import index
from chatapp.sharing.models import Link
from chatapp.sharing.public import html_of, reasoning_html_of
from chatapp.sharing.taking import Record, branch_of, settled

# A copy gets an id that its maker's wish gives it: a repeated wish finds the first one.
_NAMESPACE = UUID("2b8e2c0e-6a5d-4f0a-9d57-8a1c6f3b7e41")


class NothingThere(Refused):
    sentence = "There is nothing to continue from yet."


def contents(link: Link) -> tuple[str, list[Record]]:
    """Title and records of what the link shows now, without what is still being written."""
    if not link.live:
        return link.snapshot.title, link.snapshot.messages
    return link.conversation.title, [record for _, record in settled(link, branch_of(link))]


def copy_shared(user: User, link: Link, title: str, shown: Sequence[Record], client_id: UUID) -> Conversation:
    """A new conversation of this member, or the one that the same wish has made before. Raises NothingThere.

    Title and records were read before: what has no HTML yet is rendered then, and keeps nobody from writing.

    Two wishes can meet in the database: either ours was first, or the second look finds the other one.
    """
    try:
        return _copied(user, link, title, shown, client_id)
    except IntegrityError:
        return _copied(user, link, title, shown, client_id)


@transaction.atomic
def _copied(user: User, link: Link, title: str, shown: Sequence[Record], client_id: UUID) -> Conversation:
    pk = uuid5(_NAMESPACE, f"{user.pk}:{link.pk}:{client_id}")
    if earlier := Conversation.objects.visible_to(user).filter(pk=pk).first():
        return earlier
    if not shown:
        raise NothingThere
    # The earlier one may have been deleted since.
    free = not Conversation.objects.filter(pk=pk).exists()
    made = Conversation.objects.create(
        pk=pk if free else uuid4(), owner=user, title=title, active_at=timezone.now(), revision=1
    )
    authors = User.objects.in_bulk({record["author"] for record in shown if record.get("author")})
    copied = [_copy(link, made, record, authors) for record in shown]
    insert(copied, _parents(shown, copied), [datetime.fromisoformat(record["at"]) for record in shown])
    _attach(shown, copied, _pictures(user, link, shown))
    made.leaf = copied[-1]
    made.save(update_fields=["leaf"])
    index.put_conversation(made)
    return made


def _pictures(user: User, link: Link, shown: Sequence[Record]) -> dict[str, Image]:
    """The reader's own rows of the images, by their ids: the same files, and the names that they have on the page."""
    wanted = [one for record in shown for one in record["images"]]
    numbers = {UUID(one): at for at, one in enumerate(wanted, start=1)}
    there = Image.objects.filter(attachments__message__conversation=link.conversation_id, pk__in=numbers).distinct()
    copied = {str(image.pk): _renamed(user, image, f"Image {numbers[image.pk]}") for image in there}
    Image.objects.bulk_create(copied.values())
    return copied


def _renamed(user: User, image: Image, name: str) -> Image:
    values = {field.attname: getattr(image, field.attname) for field in Image._meta.concrete_fields}
    return Image(**values | {"id": uuid4(), "owner_id": user.pk, "name": name})


def _parents(shown: Sequence[Record], copied: Sequence[Message]) -> list[Message | None]:
    """The message before each; of answers that stand side by side the question of all of them."""
    parents: list[Message | None] = []
    for record, before in zip(shown, [None, *copied[:-1]], strict=True):
        later = record["beside"] and record["beside"][0] > 1
        parents.append(parents[-1] if before and later else before)
    return parents


def _copy(link: Link, made: Conversation, record: Record, authors: Mapping[int, User]) -> Message:
    """Its author is who wrote the question, where the link shows names."""
    question = record["question"]
    reasoning = record.get("reasoning", "") if link.shows_reasoning else ""
    return Message(
        conversation=made,
        role=Message.Role.USER if question else Message.Role.ASSISTANT,
        author=authors.get(record.get("author") or 0),
        alias_name="" if question else record["name"],
        text=record["text"],
        html="" if question else html_of(record),
        reasoning=reasoning,
        reasoning_html=reasoning_html_of(record) if reasoning else "",
        reasoning_seconds=record.get("seconds") if reasoning else None,
        html_version="" if question else RENDERER_VERSION,
        status=record["status"],
        error="length" if record["cut"] else "",
        revision=1,
    )


def _attach(shown: Sequence[Record], copied: Sequence[Message], pictures: Mapping[str, Image]) -> None:
    Attachment.objects.bulk_create(
        Attachment(message=message, image=pictures[one], position=position)
        for record, message in zip(shown, copied, strict=True)
        for position, one in enumerate(record["images"])
        if one in pictures
    )
