"""What a member does to conversations in the lists: pin, archive, move, delete. Several at once, and back again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from chatapp.conversations import fragments
from chatapp.conversations.models import KEPT_AFTER_DELETE, Conversation, Message, guests_of
from chatapp.database import in_order, written
from chatapp.filing import refusals
from chatapp.filing.folders import alone, named_folder, own_folder
from chatapp.generation import hub, runs

FIELDS = ("pinned_at", "archived_at", "deleted_at", "folder_id")

# What a conversation had in some of these fields: an id, a moment, or nothing.
State = dict[str, "int | datetime | None"]


@dataclass(frozen=True, slots=True)
class Filed:
    """What was done, as a sentence, and the token that takes it back for as long as deleted rows are kept."""

    sentence: str
    undo: str


@dataclass(frozen=True, slots=True)
class _Changed:
    """Conversations as they are now, with what those that changed had before."""

    found: list[Conversation]
    was: dict[UUID, State]


async def pin(user: User, ids: Collection[UUID], *, on: bool = True) -> Filed:
    changed = await written(_set, user, ids, {"pinned_at": timezone.now() if on else None})
    return _tell(user, changed, "pinned" if on else "unpinned")


async def archive(user: User, ids: Collection[UUID], *, on: bool = True) -> Filed:
    """Archived conversations are in no list but the archive's; an answer that is being made goes on."""
    changed = await written(_set, user, ids, {"archived_at": timezone.now() if on else None})
    return _tell(user, changed, "archived" if on else "brought back to the list")


async def move(user: User, ids: Collection[UUID], folder_id: int | None, *, unpin: bool = False) -> Filed:
    """Into this folder, or None: into none. `unpin`: they are to stand there and not among the pins."""
    changed, name = await written(_move, user, ids, folder_id, unpin)
    return _tell(user, changed, f"moved to {name}" if name else "taken out of the folder")


async def move_to_new(user: User, ids: Collection[UUID], name: str) -> Filed:
    """Into the folder of this name, which is made if there is none. Raises Refused."""
    changed, name = await written(_move_to_new, user, ids, name)
    return _tell(user, changed, f"moved to {name}")


async def delete(user: User, ids: Collection[UUID]) -> Filed:
    """Take them away at once, and stop what is answered in them."""
    changed = await written(_set, user, ids, {"deleted_at": timezone.now()})
    for message_id in await in_order(_running, list(changed.was)):
        runs.stop(message_id)
    await _tell_guests(changed.found, changed.was)
    return _tell(user, changed, "deleted")


async def undo(user: User, token: str) -> None:
    """Put back what one of the above has changed. Raises TooLate."""
    found, deleted = await written(_undo, user, token)
    await _tell_guests(found, deleted)
    _publish(user, found)


@transaction.atomic
def _set(user: User, ids: Collection[UUID], values: State) -> _Changed:
    """Give these values to all of the person's conversations, or to none if one of them is not the person's."""
    if len(ids) > refusals.MOST_AT_ONCE:
        raise refusals.TooManyChosen
    wanted = Conversation.objects.owned_by(user).filter(pk__in=ids, temporary=False)
    # Always locked in the same order, so that two of these never wait for each other.
    found = list(wanted.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if not found or len(found) < len(set(ids)):
        raise Http404
    was: dict[UUID, State] = {}
    for conversation in found:
        before = {name: getattr(conversation, name) for name in values}
        if any(_differs(before[name], value) for name, value in values.items()):
            was[conversation.pk] = before
            _give(conversation, values)
    Conversation.objects.filter(pk__in=was).update(**values)
    return _Changed(found, was)


@transaction.atomic
def _move(user: User, ids: Collection[UUID], folder_id: int | None, unpin: bool) -> tuple[_Changed, str]:
    alone(user)
    folder = own_folder(user, folder_id) if folder_id is not None else None
    values: State = {"folder_id": folder_id}
    if unpin:
        values["pinned_at"] = None
    return _set(user, ids, values), folder.name if folder else ""


@transaction.atomic
def _move_to_new(user: User, ids: Collection[UUID], name: str) -> tuple[_Changed, str]:
    folder = named_folder(user, name)
    return _set(user, ids, {"folder_id": folder.pk}), folder.name


def _running(ids: Collection[UUID]) -> list[int]:
    return list(Message.objects.running().filter(conversation__in=ids).values_list("pk", flat=True))


def _differs(before: object, after: object) -> bool:
    """Two moments are the same state: what is pinned stays pinned since then."""
    return before != after and not (isinstance(before, datetime) and isinstance(after, datetime))


def _give(conversation: Conversation, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(conversation, name, value)


def _tell(user: User, changed: _Changed, done: str) -> Filed:
    _publish(user, changed.found)
    count = len(changed.found)
    return Filed(f"Chat {done}." if count == 1 else f"{count} chats {done}.", _token(user, changed.was))


def _publish(user: User, found: Collection[Conversation]) -> None:
    """One frame for all of them: lists are fetched again, and open pages know what became of their conversation."""
    hub.tell_member(user.pk, fragments.past_frame(*found))


async def _tell_guests(found: Collection[Conversation], ids: Collection[UUID]) -> None:
    """Those of these conversations that were deleted or brought back are so for the people invited to them, too."""
    theirs = defaultdict[int, list[Conversation]](list)
    invited = await in_order(guests_of, ids)
    for conversation in found:
        for guest in invited.get(conversation.pk, ()):
            theirs[guest].append(conversation)
    for guest, some in theirs.items():
        hub.tell_member(guest, fragments.past_frame(*some))


def _token(user: User, was: Mapping[UUID, State]) -> str:
    told = {pk.hex: {name: _told(value) for name, value in state.items()} for pk, state in was.items()}
    return signing.dumps(told, salt=_salt(user), compress=True)


def _told(value: int | datetime | None) -> int | str | None:
    return value.isoformat() if isinstance(value, datetime) else value


@transaction.atomic
def _undo(user: User, token: str) -> tuple[list[Conversation], list[UUID]]:
    """What is as it was again, and which of these were deleted."""
    try:
        was = signing.loads(token, salt=_salt(user), max_age=KEPT_AFTER_DELETE)
    except signing.BadSignature as error:
        raise refusals.TooLate from error
    alone(user)
    # A folder may be gone by now, a conversation as well.
    folders = set(user.folders.values_list("pk", flat=True))
    found = (
        Conversation.objects.filter(owner=user, pk__in=was).select_for_update(of=("self",), no_key=True).order_by("pk")
    )
    conversations = list(found)
    for conversation in conversations:
        _give(conversation, {name: _meant(value) for name, value in was[conversation.pk.hex].items()})
        if conversation.folder_id not in folders:
            conversation.folder_id = None
    Conversation.objects.bulk_update(conversations, [name.removesuffix("_id") for name in FIELDS], batch_size=100)
    return conversations, [one.pk for one in conversations if "deleted_at" in was[one.pk.hex]]


def _meant(value: int | str | None) -> int | datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _salt(user: User) -> str:
    return f"filing.undo:{user.pk}"
