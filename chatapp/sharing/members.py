"""Who else may read a conversation or take part in it: invited, changed, removed, left, passed on."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, Prefetch, Q
from django.http import Http404

from accounts.models import User
from chatapp.audit.log import note
from chatapp.audit.models import Entry
from chatapp.conversations import fragments
from chatapp.conversations.changes import own
from chatapp.conversations.models import Conversation, Participation
from chatapp.conversations.refusals import Refused, TemporaryChat
from chatapp.conversations.words import clean
from chatapp.database import in_order, written
from chatapp.generation import hub
from chatapp.search import index

MOST_FOUND = 8
# Of invited people and groups, of one conversation.
MOST_INVITED = 100


@dataclass(frozen=True, slots=True)
class Guest:
    """A person or a group as the dialog shows it."""

    participation: Participation
    people: int

    @property
    def name(self) -> str:
        member, group = self.participation.member, self.participation.group
        return member.name if member else group.name if group else ""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom a change to a conversation's members concerns: who may do something else in it now than before, and whose
    lists alone may be others.
    """

    conversation_id: uuid.UUID
    changed: frozenset[int]
    lists: frozenset[int]


class NobodyToInvite(Refused):
    """One sentence for all of them: it tells nobody which accounts there are."""

    sentence = "This person or group cannot be invited. Look them up again; you yourself are in the chat already."


class TooManyInvited(Refused):
    sentence = f"At most {MOST_INVITED} people and groups can be invited to one chat. Invite a group instead."


class NotInvited(Refused):
    sentence = "They are not in this chat any more: they left, or were removed. Nothing was changed."


class NotTakingPart(Refused):
    sentence = "Only somebody who takes part in this chat can become its owner. Nothing was changed."


def guests_of(conversation: Conversation) -> list[Guest]:
    """Whom the owner has invited, people first; who left is not among them. One query."""
    invited = conversation.participations.filter(left=False).select_related("member", "group")
    guests = [Guest(one, one.people if one.group_id else 1) for one in invited.annotate(people=Count("group__user"))]
    return sorted(guests, key=lambda guest: (guest.participation.group_id is not None, guest.name.casefold()))


def shared_by(user: User) -> list[Conversation]:
    """The member's conversations that others were invited to, the last used first; two queries."""
    there = Participation.objects.filter(left=False).select_related("member", "group")
    found = Conversation.objects.owned_by(user).filter(participations__in=there).distinct().order_by("-active_at")
    return list(found.prefetch_related(Prefetch("participations", there)))


def findable(owner: User, words: str) -> tuple[list[User], list[Group]]:
    """People and groups whose name begins like this; an address finds the one person whose it is, and is not shown."""
    words = clean(words).strip()
    if not words:
        return [], []
    people = User.objects.filter(is_active=True).exclude(pk=owner.pk).order_by("name", "pk")
    by_name = Q(name__istartswith=words) | Q(name__icontains=f" {words}")
    found = people.filter(email=words.lower()) if "@" in words else people.filter(by_name)
    groups = Group.objects.none() if "@" in words else Group.objects.filter(name__icontains=words).order_by("name")
    return list(found[:MOST_FOUND]), list(groups[:MOST_FOUND])


async def invite(
    user: User, conversation_id: uuid.UUID, *, member: int | None, group: int | None, may_write: bool
) -> None:
    """Let a member or a group read, or take part; repeated, it changes which. Raises Http404 or Refused."""
    _tell(await written(_invite, user, conversation_id, member, group, may_write))


async def change(user: User, conversation_id: uuid.UUID, participation_id: int, *, may_write: bool) -> None:
    """Let somebody who is invited read, or take part. Raises Http404, or NotInvited where they are not any more."""
    _tell(await written(_change, user, conversation_id, participation_id, may_write))


async def remove(user: User, conversation_id: uuid.UUID, participation_id: int) -> None:
    """Take an invitation back: it holds at once, and open pages are closed within seconds. Raises Http404, or
    NotInvited where there is none any more.
    """
    _tell(await written(_remove, user, conversation_id, participation_id))


async def leave(user: User, conversation_id: uuid.UUID) -> None:
    """Go away from somebody else's conversation. Raises Http404."""
    _tell(await written(_leave, user, conversation_id))


async def pass_on(user: User, conversation_id: uuid.UUID, member_id: int) -> None:
    """Make a member who takes part the owner; the owner before takes part from now on. Raises Http404 or
    NotTakingPart.
    """
    _tell(await written(_pass_on, user, conversation_id, member_id))


def _tell(concerned: Concerned) -> None:
    """Pages in which the conversation is open are made anew where their member may do something else now."""
    for member_id in concerned.changed:
        hub.tell_member(member_id, {"t": "role", "c": str(concerned.conversation_id)})
    for member_id in concerned.lists - concerned.changed:
        hub.tell_member(member_id, fragments.past_frame())


def _standings(conversation: Conversation) -> dict[int, str]:
    """What everybody who may open the conversation is in it."""
    invited = list(conversation.participations.values_list("member_id", "group__user", "may_write", "left"))
    away = {member for member, _, _, left in invited if left}
    # Who takes part in one way and reads in another takes part: the later one holds.
    invited.sort(key=lambda one: one[2])
    found = {member or of_group: "writes" if may_write else "reads" for member, of_group, may_write, _ in invited}
    return {pk: what for pk, what in found.items() if pk and pk not in away} | {conversation.owner_id: "owns"}


def _concerned(conversation: Conversation, before: dict[int, str]) -> Concerned:
    now = _standings(conversation)
    changed = frozenset(pk for pk in now if now[pk] != before.get(pk))
    return Concerned(conversation.pk, changed, frozenset({*before} - {*now}) | {conversation.owner_id})


@transaction.atomic
def _invite(
    user: User, conversation_id: uuid.UUID, member: int | None, group: int | None, may_write: bool
) -> Concerned:
    conversation = own(user, conversation_id)
    if conversation.temporary:
        raise TemporaryChat
    if member and group:
        raise NobodyToInvite
    person = User.objects.filter(pk=member, is_active=True).exclude(pk=user.pk).first() if member else None
    team = Group.objects.filter(pk=group).first() if group else None
    if (person is None) == (team is None):
        raise NobodyToInvite
    before, there = _standings(conversation), conversation.participations.filter(left=False)
    known = there.filter(member=person, group=team).first()
    if known is not None:
        return _allowed(user, conversation, known, may_write, before)
    if there.count() >= MOST_INVITED:
        raise TooManyInvited
    # Who had left is invited again.
    made, _ = Participation.objects.update_or_create(
        conversation=conversation, member=person, group=team, defaults={"may_write": may_write, "left": False}
    )
    note(Entry.What.SHARED, by=user, conversation=conversation, about=_about(made))
    return _concerned(conversation, before)


@transaction.atomic
def _change(user: User, conversation_id: uuid.UUID, participation_id: int, may_write: bool) -> Concerned:
    conversation = own(user, conversation_id)
    found, before = _invited(conversation, participation_id), _standings(conversation)
    return _allowed(user, conversation, found, may_write, before)


def _allowed(
    user: User, conversation: Conversation, invited: Participation, may_write: bool, before: dict[int, str]
) -> Concerned:
    if invited.may_write != may_write:
        invited.may_write = may_write
        invited.save(update_fields=["may_write"])
        note(Entry.What.CHANGED, by=user, conversation=conversation, about=_about(invited))
    return _concerned(conversation, before)


@transaction.atomic
def _remove(user: User, conversation_id: uuid.UUID, participation_id: int) -> Concerned:
    conversation = own(user, conversation_id)
    found, before = _invited(conversation, participation_id), _standings(conversation)
    note(Entry.What.UNSHARED, by=user, conversation=conversation, about=Guest(found, 1).name)
    found.delete()
    return _concerned(conversation, before)


@transaction.atomic
def _leave(user: User, conversation_id: uuid.UUID) -> Concerned:
    conversation = Conversation.objects.shared_with(user).locked(conversation_id)
    if conversation is None:
        raise Http404
    before = _standings(conversation)
    Participation.objects.update_or_create(conversation=conversation, member=user, defaults={"left": True})
    conversation.open_branches.filter(member=user).delete()
    note(Entry.What.LEFT, by=user, conversation=conversation)
    return _concerned(conversation, before)


@transaction.atomic
def _pass_on(user: User, conversation_id: uuid.UUID, member_id: int) -> Concerned:
    conversation = own(user, conversation_id)
    heir = User.objects.filter(pk=member_id, is_active=True).exclude(pk=user.pk).first()
    if heir is None or not Conversation.objects.open_to(heir).filter(pk=conversation.pk).exists():
        raise NotTakingPart
    before = _standings(conversation)
    conversation.owner = heir
    # How it is filed was the other one's; its instructions and links go along.
    conversation.folder = conversation.pinned_at = conversation.archived_at = None
    conversation.save(update_fields=["owner", "folder", "pinned_at", "archived_at"])
    conversation.links.update(made_by=heir)
    conversation.participations.filter(member=heir).delete()
    Participation.objects.update_or_create(
        conversation=conversation, member=user, defaults={"may_write": True, "left": False}
    )
    # A search goes through what its reader owns.
    index.put_conversation(conversation)
    note(Entry.What.PASSED_ON, by=user, conversation=conversation, about=heir.name)
    return _concerned(conversation, before)


def _invited(conversation: Conversation, participation_id: int) -> Participation:
    there = conversation.participations.select_related("member", "group").filter(left=False)
    found = there.filter(pk=participation_id).first()
    if found is None:
        raise NotInvited
    return found


def _about(invited: Participation) -> str:
    return f"{Guest(invited, 1).name}, {'takes part' if invited.may_write else 'reads'}"


async def guests(user: User, conversation_id: uuid.UUID) -> tuple[Conversation, list[Guest]]:
    """The person's own conversation and whom they have invited. Raises Http404."""
    return await in_order(_guests, user, conversation_id)


def _guests(user: User, conversation_id: uuid.UUID) -> tuple[Conversation, list[Guest]]:
    conversation = Conversation.objects.owned_by(user).filter(pk=conversation_id).first()
    if conversation is None:
        raise Http404
    return conversation, guests_of(conversation)
