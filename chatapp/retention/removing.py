"""What goes for good: chats with their messages and images, in batches that are whole in themselves."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from chatapp.conversations.models import KEPT_AFTER_DELETE, Conversation, ConversationQuerySet
from chatapp.database import in_order, written
from chatapp.images import files
from chatapp.images.models import Image, files_of
from chatapp.images.pruning import shown_only_in
from chatapp.images.storing import unbroken
from chatapp.retention.counts import Tally, tally_of
from chatapp.retention.rules import due, enabled, over

logger = logging.getLogger("parley.retention")

# Chats in one transaction: others can write in between.
BATCH = 20


@dataclass(frozen=True, slots=True)
class Gone:
    """A chat that is not there any more, and whose it was."""

    conversation_id: uuid.UUID
    owner_id: int


Tell = Callable[[Sequence[Gone]], None]


def _nobody(gone: Sequence[Gone]) -> None:
    """A command has no pages to tell."""


async def apply_rules(tell: Tell = _nobody) -> Tally:
    """Remove what the rules that are on delete now, and log how much that was."""
    rules = await in_order(enabled)
    removed = await remove(due(rules, timezone.now()), tell)
    if rules:
        logger.info("%d rule%s deleted %s", len(rules), "s" * (len(rules) != 1), removed)
    return removed


async def remove_temporary(tell: Tell = _nobody) -> Tally:
    """Remove the temporary chats whose time is over."""
    removed = await remove(over(timezone.now()), tell)
    if removed.chats:
        logger.info("temporary, deleted %s", removed)
    return removed


async def remove_deleted() -> Tally:
    """Remove what members deleted, once that cannot be undone any more."""
    return await remove(Conversation.objects.filter(deleted_at__lt=timezone.now() - KEPT_AFTER_DELETE))


async def remove(doomed: ConversationQuerySet, tell: Tell = _nobody) -> Tally:
    """Remove these chats for good, batch by batch; what is used or spared meanwhile stays. Two at once do no harm."""
    total = Tally()
    ids = await in_order(list, doomed.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        removed, gone, names = await written(_remove, doomed.filter(pk__in=ids[start : start + BATCH]))
        # Files last: where the process dies before, they are orphans that a search finds.
        await unbroken(asyncio.to_thread(files.discard, names))
        tell(gone)
        total += removed
    return total


@transaction.atomic
def _remove(doomed: ConversationQuerySet) -> tuple[Tally, list[Gone], list[str]]:
    """One batch; returns the names of the files that nothing leads to any more."""
    # Whoever writes to one of them just now uses it. What was locked is looked at once more, as it is now.
    locked = [one.pk for one in doomed.select_for_update(skip_locked=True).only("pk")]
    gone = [Gone(*row) for row in doomed.filter(pk__in=locked).values_list("pk", "owner_id")]
    batch = Conversation.objects.filter(pk__in=[one.conversation_id for one in gone])
    removed = tally_of(batch)
    images = list(shown_only_in(batch).prefetch_related("renditions"))
    Image.objects.filter(pk__in=[image.pk for image in images]).delete()
    batch.delete()
    return removed, gone, files_of(images)
