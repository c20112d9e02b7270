"""A conversation as it is taken along: which messages in which order, and rows a batch at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Exists, Prefetch
from django.db.models.functions import Length

from accounts.models import User
from chatapp.conversations.branches import open_leaf
from chatapp.conversations.models import Conversation, Feedback, Message
from chatapp.conversations.tree import Tree
from chatapp.images.models import Attachment, Image
from chatapp.transfer.limits import BATCH_CHARACTERS, BATCH_MESSAGES
from chatapp.transfer.order import parents_first

# What of a message leaves the house. Never what made an answer behind its alias: routes and upstream names.
_TAKEN = (
    *("conversation_id", "parent_id", "author__name", "role", "text", "reasoning", "status", "error", "retry_after"),
    *("alias_name", "shown_model", "repointed", "fallback", "context_from_id", "unseen", "think", "compared", "lane"),
    *("reasoning_seconds", "first_word_seconds", "answer_seconds", "tokens_in", "tokens_out", "created_at"),
)


@dataclass(frozen=True, slots=True)
class Contents:
    """A conversation as its member sees it. `local` counts the messages from 1, parents before children.

    `images` are those of all branches, each once; `places` counts them from 1. `branch` is the open one.
    """

    conversation: Conversation
    member_id: int
    sizes: Sequence[tuple[int, int]]
    local: dict[int, int]
    branch: Sequence[int]
    leaf: int | None
    images: Sequence[Image]
    places: dict[uuid.UUID, int]

    def batches(self, only: Sequence[int] | None = None) -> Iterator[list[int]]:
        """The ids of all messages, or of these, as many at a time as may be in memory."""
        sizes = dict(self.sizes)
        batch: list[int] = []
        characters = 0
        for pk in sizes if only is None else only:
            if batch and (len(batch) >= BATCH_MESSAGES or characters + sizes[pk] > BATCH_CHARACTERS):
                yield batch
                batch, characters = [], 0
            batch.append(pk)
            characters += sizes[pk]
        if batch:
            yield batch

    def messages(self, batch: Sequence[int]) -> list[Message]:
        """Load these messages, in their order; those that went away meanwhile are not there. Three queries."""
        images = Attachment.objects.only("message_id", "image_id", "position")
        opinions = Feedback.objects.filter(member=self.member_id)
        found = (
            self.conversation.messages.select_related("author")
            .only(*_TAKEN)
            .prefetch_related(Prefetch("attachments", images), Prefetch("feedback", opinions))
            .in_bulk(batch)
        )
        return [found[pk] for pk in batch if pk in found]


def contents(member: User, conversation_id: uuid.UUID) -> Contents | None:
    """The person's conversation, without its messages' texts; None if there is none of this id. Five queries.

    Messages that still wait for the end of an answer are in no branch yet, and left out.
    """
    # Asked anew for each conversation: an export takes its time, and ends for who is disabled meanwhile.
    active = Exists(User.objects.filter(pk=member.pk, is_active=True))
    seen = Conversation.objects.visible_to(member).filter(active, pk=conversation_id)
    conversation = seen.select_related("alias", "folder").first()
    if conversation is None:
        return None
    leaf = open_leaf(conversation, member.pk)
    tree = Tree(conversation)
    found = conversation.messages.placed().annotate(size=Length("text") + Length("reasoning"))
    size = dict(found.values_list("pk", "size"))
    sizes = [(pk, size[pk]) for pk in parents_first(tree.parents) if pk in size]
    local = {pk: number for number, (pk, _) in enumerate(sizes, start=1)}
    attached = Attachment.objects.filter(message__conversation=conversation).order_by("position")
    shown = [one for one in attached.select_related("image") if one.message_id in local]
    images = {one.image_id: one.image for one in sorted(shown, key=lambda one: local[one.message_id])}
    return Contents(
        conversation=conversation,
        member_id=member.pk,
        sizes=sizes,
        local=local,
        branch=tree.branch(leaf),
        leaf=leaf,
        images=list(images.values()),
        places={pk: number for number, pk in enumerate(images, start=1)},
    )
