"""What nobody can see any more goes: rows, then their files; and files that a crash has left."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chatapp.conversations.models import KEPT_AFTER_DELETE, Conversation, ConversationQuerySet
from chatapp.database import at_once, written
from chatapp.images import files
from chatapp.images.models import Attachment, Image, ImageQuerySet, Rendition, files_of
from chatapp.images.storing import unbroken

# Uploaded and in no message: a draft may wait over night.
UNSENT_KEPT = timedelta(hours=24)
# A size that no turn has asked for can be made again.
RENDITION_KEPT = timedelta(days=30)
# A file without a row may have one in a moment; no upload takes so long.
STRAY_KEPT = timedelta(hours=1)


@dataclass(slots=True)
class Pruned:
    """Names in the storage. `left_over`: folders of uploads that ended with their process."""

    unsent: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    left_over: list[Path] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [*self.unsent, *self.deleted, *self.unused, *self.stray]


async def prune(*, everywhere: bool = False, dry_run: bool = False) -> Pruned:
    """Remove orphans; `everywhere` also goes through the whole storage. `dry_run` only tells.

    Files of a deleted conversation go with its undo time; call this before the conversation itself is deleted.
    """
    now = timezone.now()
    found = await (at_once if dry_run else written)(_rows, now, dry_run)
    if everywhere:
        found.stray = await at_once(_stray, now)
        found.left_over = await asyncio.to_thread(_left_over)
    if not dry_run:
        await unbroken(asyncio.to_thread(_clear, found))
    return found


def unseen(now: datetime) -> tuple[ImageQuerySet, ImageQuerySet]:
    """Images in no message for too long, or of an account that is gone; and those whose every conversation was
    deleted, beyond undoing.
    """
    forgotten = Q(created_at__lt=now - UNSENT_KEPT) | Q(owner=None)
    unsent = Image.objects.filter(forgotten, attachments=None)
    return unsent, shown_only_in(Conversation.objects.filter(deleted_at__lt=now - KEPT_AFTER_DELETE))


def shown_only_in(conversations: ConversationQuerySet) -> ImageQuerySet:
    """Images that are in these conversations and in no other."""
    places, these = Attachment.objects.filter(image=OuterRef("pk")), conversations.order_by().values("pk")
    return Image.objects.filter(
        Exists(places.filter(message__conversation__in=these)), ~Exists(places.exclude(message__conversation__in=these))
    )


def _rows(now: datetime, dry_run: bool) -> Pruned:
    with transaction.atomic():
        found = Pruned()
        unsent, deleted = unseen(now)
        for names, images in ((found.unsent, unsent), (found.deleted, deleted)):
            orphans = list(images.prefetch_related("renditions"))
            names += files_of(orphans)
            if not dry_run:
                Image.objects.filter(pk__in=[image.pk for image in orphans]).delete()
        unused = Rendition.objects.filter(used_at__lt=now - RENDITION_KEPT)
        found.unused = [name for name in unused.values_list("stored", flat=True) if name not in found.names]
        if not dry_run:
            unused.delete()
        return found


def _stray(now: datetime) -> list[str]:
    """Files that no row names. The files are listed first, so that a row made meanwhile is seen."""
    listed = list(_listed())
    known = set(Rendition.objects.values_list("stored", flat=True))
    for names in Image.objects.values_list("stored", "thumbnail").iterator():
        known.update(names)
    storage, before = files.storage(), now - STRAY_KEPT
    return [name for name in listed if name not in known and storage.get_modified_time(name) < before]


def _listed() -> Iterator[str]:
    storage = files.storage()
    try:
        folders, _ = storage.listdir("")
    except FileNotFoundError:
        # No image was ever stored.
        return
    for folder in folders:
        yield from (f"{folder}/{name}" for name in storage.listdir(folder)[1])


def _left_over() -> list[Path]:
    before = time.time() - STRAY_KEPT.total_seconds()
    return [path for path in files.workplace().iterdir() if path.stat().st_mtime < before]


def _clear(found: Pruned) -> None:
    files.discard(found.names)
    for path in found.left_over:
        shutil.rmtree(path, ignore_errors=True)
