"""Keeps who is named in a question, and how far members have read."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.branches import open_leaf
from chatapp.conversations.models import Conversation, Message, Participation
from chatapp.conversations.tree import Tree
from chatapp.unread.models import Mention, ReadMark
from chatapp.unread.names import named_in


def unread_by(member_id: int) -> Q:
    """Of a conversation of several people: its newest message is somebody else's, and after what the member has read.

    Who writes has read what was there.
    """
    several = Participation.objects.filter(conversation=OuterRef("pk"), left=False)
    mark = ReadMark.objects.filter(conversation=OuterRef("pk"), member=member_id).values("upto")
    return Exists(several) & ~Q(leaf__author=member_id) & Q(leaf__pk__gt=Coalesce(Subquery(mark), 0))


def mentions_of(member_id: int) -> QuerySet[Mention]:
    """Where the member is named, as far as they may read it by now."""
    opened = Conversation.objects.visible_to(member_id).filter(pk=OuterRef("message__conversation"))
    return Mention.objects.filter(Exists(opened), member=member_id)


def unread_mentions(member_id: int) -> dict[UUID, int]:
    """How often the member is named in what they have not read, by conversation.

    Most members are not at all: only for the others a second query asks what they may still read.
    """
    found = Mention.objects.filter(member=member_id, read_at=None).values_list("message__conversation")
    named = dict(found.annotate(Count("pk")).order_by())
    if not named:
        return named
    readable = Conversation.objects.visible_to(member_id).filter(pk__in=named)
    return {pk: named[pk] for pk in readable.values_list("pk", flat=True)}


def people_in(conversation: Conversation) -> QuerySet[User]:
    """Who may read the conversation, in the order of their names."""
    ids = {conversation.owner_id, *conversation.guest_ids()}
    return User.objects.filter(pk__in=ids, is_active=True).order_by("name", "pk")


def keep_mentions(question: Message) -> None:
    """Keep whom a question names that was put into the tree; another version of it names only who was not named yet."""
    if "@" not in question.text and "＠" not in question.text:
        return
    people = people_in(question.conversation).exclude(pk=question.author_id or 0)
    named = named_in(question.text, dict(people.values_list("pk", "name")))
    versions = Message.objects.filter(conversation=question.conversation, parent=question.parent_id)
    named -= set(Mention.objects.filter(message__in=versions, member__in=named).values_list("member", flat=True))
    Mention.objects.bulk_create(Mention(message=question, member_id=pk) for pk in sorted(named))


@transaction.atomic
def saw(member_id: int, conversation_id: UUID, message_id: int) -> bool:
    """The member has this message of the open branch before their eyes, and read what is above; True if that is new."""
    conversation = Conversation.objects.visible_to(member_id).filter(pk=conversation_id).first()
    if conversation is None:
        return False
    branch = Tree(conversation).branch(open_leaf(conversation, member_id))
    if message_id not in branch:
        return False
    marked = _mark_mentions(member_id, conversation, branch[: branch.index(message_id) + 1])
    # At the end of a branch there is nothing more to read, whatever the others do.
    at_end = message_id == branch[-1]
    moved = _mark(member_id, conversation, conversation.leaf_id or message_id if at_end else message_id)
    return marked or moved


@transaction.atomic
def saw_everything(member_id: int) -> None:
    """Whatever is new counts as read."""
    mentions_of(member_id).filter(read_at=None).update(read_at=timezone.now())
    new = Conversation.objects.visible_to(member_id).filter(unread_by(member_id)).values_list("pk", "leaf")
    marks = [ReadMark(conversation_id=pk, member_id=member_id, upto=leaf) for pk, leaf in new]
    ReadMark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["conversation", "member"], update_fields=["upto"]
    )


def _mark_mentions(member_id: int, conversation: Conversation, seen: Collection[int]) -> bool:
    new = Mention.objects.filter(member=member_id, read_at=None, message__conversation=conversation)
    read = [pk for pk, message in new.values_list("pk", "message") if message in set(seen)]
    return bool(read and Mention.objects.filter(pk__in=read).update(read_at=timezone.now()))


def _mark(member_id: int, conversation: Conversation, upto: int) -> bool:
    if not conversation.participations.filter(left=False).exists():
        return False
    mark, made = ReadMark.objects.get_or_create(conversation=conversation, member_id=member_id, defaults={"upto": upto})
    return made or bool(ReadMark.objects.filter(pk=mark.pk, upto__lt=upto).update(upto=upto))
