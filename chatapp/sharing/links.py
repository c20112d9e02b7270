"""What the owner of a conversation does with links to it: make, change, revoke, and take that back."""

from __future__ import annotations

import hashlib
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Count, Max, Q, Sum
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from chatapp.audit.log import note
from chatapp.audit.models import Entry
from chatapp.conversations import fragments
from chatapp.conversations.changes import own
from chatapp.conversations.models import Conversation
from chatapp.conversations.refusals import Refused, TemporaryChat
from chatapp.database import in_order, written
from chatapp.generation import hub
from chatapp.sharing import onlookers
from chatapp.sharing.models import Link, LinkRules
from chatapp.sharing.taking import bound_to, branch_to, take

TOKEN_BYTES = 24
# Of one conversation; revoked and ended ones do not count.
MOST_LINKS = 50
# A link that its owner revoked can be brought back for so long.
UNDO = timedelta(minutes=10)


class LinksOff(Refused):
    status = 403
    sentence = "Links are switched off here. An administrator can allow them."


class TooManyLinks(Refused):
    sentence = f"A chat has at most {MOST_LINKS} links that work. Revoke one that you do not need."


class NothingToShare(Refused):
    sentence = "There is nothing in this chat to share yet."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a link is to be: of the branch up to `leaf`, and of that so many turns if it is a frozen one.

    `client_id` names the wish, so that a repeat makes nothing new.
    """

    kind: str
    label: str
    days: int
    password: str
    with_names: bool
    with_images: bool
    with_reasoning: bool
    leaf: int | None
    turns: int
    client_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be another way about a link; None leaves as it is."""

    label: str
    days: int | None
    password: str | None


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def address_of(request: HttpRequest, token: str) -> str:
    """What is sent to others. Nothing that a client writes into a request chooses its host."""
    origin = settings.PARLEY_ORIGIN or f"{request.scheme}://{request.get_host()}"
    return f"{origin}/s/{token}/"


async def make(user: User, conversation_id: uuid.UUID, wish: Wish) -> tuple[Link, str]:
    """A new link and its token, or those that the same wish has made before. Raises Refused or Http404.

    The token is kept nowhere: only who still has the wish's id can be shown it again.
    """
    password = await _hashed(wish.password)
    made = await written(_make, user, conversation_id, wish, password)
    hub.tell_member(user.pk, fragments.past_frame())
    return made


async def change(user: User, link_id: int, wanted: Change) -> Link:
    """Raises Http404. Who had its old password has to give the new one."""
    password = None if wanted.password is None else await _hashed(wanted.password)
    return await done(_change, user, link_id, wanted, password)


async def revoke(user: User, link_id: int) -> Link:
    """End a link at once, however often this is asked. Raises Http404."""
    return await done(_revoke, user, link_id)


async def bring_back(user: User, link_id: int) -> Link:
    """Undo one's own revoking, for a while. Raises Http404."""
    return await done(_bring_back, user, link_id)


async def revoke_all_of(administrator: User, member_id: int) -> int:
    """End every link of this member; returns how many. Nobody can bring them back."""
    ended = await written(_revoke_all_of, administrator, member_id)
    onlookers.look()
    hub.tell_member(member_id, fragments.past_frame())
    return ended


def listed(conversation: Conversation) -> list[Link]:
    """The links of a conversation as its owner sees them, the newest first. One query."""
    links = Link.objects.with_rules().filter(_shown(), conversation=conversation).select_related("snapshot", "made_by")
    return list(links.defer("snapshot__messages"))


def listed_of(user: User) -> list[Link]:
    """The links of all the conversations of this member. One query."""
    links = Link.objects.kept_by(user).filter(_shown()).select_related("snapshot", "conversation")
    return list(links.defer("snapshot__messages").order_by("-pk"))


def counts_by_member() -> list[dict[str, Any]]:
    """Of every member who has links that work: their name, how many, how often these were opened, when last."""
    now = timezone.now()
    working = Link.objects.filter(revoked_at=None, expires_at__gt=now, conversation__deleted_at=None)
    by_member = working.values("conversation__owner", "conversation__owner__name")
    counted = by_member.annotate(links=Count("pk"), opened=Sum("views"), last=Max("viewed_at"))
    return [dict(row) for row in counted.order_by("conversation__owner__name", "conversation__owner")]


def _working(conversation: Conversation) -> int:
    return Link.objects.filter(conversation=conversation, revoked_at=None, expires_at__gt=timezone.now()).count()


def _shown() -> Q:
    return Q(revoked_at=None) | Q(revoked_at__gt=timezone.now() - UNDO)


async def _hashed(password: str) -> str:
    """Slow on purpose, so not while others wait to write."""
    return await in_order(make_password, password) if password else ""


async def done(work: Callable[..., Link], *given: object) -> Link:
    """What the work has changed about a link; who watches it is told, and whose lists it is in."""
    link = await written(work, *given)
    onlookers.look()
    hub.tell_member(link.conversation.owner_id, fragments.past_frame())
    return link


@transaction.atomic
def _make(user: User, conversation_id: uuid.UUID, wish: Wish, password: str) -> tuple[Link, str]:
    conversation, rules = own(user, conversation_id), LinkRules.now()
    token = _token(user, conversation, wish)
    if earlier := Link.objects.filter(digest=digest_of(token)).first():
        return earlier, token
    if not rules.allowed:
        raise LinksOff
    if conversation.temporary:
        raise TemporaryChat
    if _working(conversation) >= MOST_LINKS:
        raise TooManyLinks
    branch = branch_to(conversation, wish.leaf)
    if not branch.ids:
        raise NothingToShare
    link = Link.objects.create(
        conversation=conversation,
        made_by=user,
        digest=digest_of(token),
        label=wish.label,
        kind=wish.kind,
        through_id=bound_to(conversation, wish.leaf),
        password=password,
        with_names=wish.with_names,
        with_images=wish.with_images,
        with_reasoning=wish.with_reasoning and rules.reasoning,
        expires_at=_end(rules, wish.days),
    )
    if not link.live and not take(link, branch.up_to(wish.turns)).messages:
        raise NothingToShare
    note(Entry.What.LINK_MADE, by=user, conversation=conversation, about=about(link))
    return link, token


def _token(user: User, conversation: Conversation, wish: Wish) -> str:
    """Random to everybody who has not this server's secret, whatever the id is."""
    name = f"{user.pk} {conversation.pk} {wish.client_id}"
    return urlsafe_b64encode(salted_hmac("sharing.token", name, algorithm="sha256").digest()[:TOKEN_BYTES]).decode()


@transaction.atomic
def _change(user: User, link_id: int, wanted: Change, password: str | None) -> Link:
    link = own_link(user, link_id)
    before = link.label, link.expires_at, link.password
    link.label = wanted.label
    if wanted.days is not None:
        link.expires_at = _end(LinkRules.now(), wanted.days)
    if password is not None:
        link.password = password
    if before != (link.label, link.expires_at, link.password):
        link.save(update_fields=["label", "expires_at", "password"])
        note(Entry.What.LINK_CHANGED, by=user, conversation=link.conversation, about=about(link))
    return link


@transaction.atomic
def _revoke(user: User, link_id: int) -> Link:
    link = Link.objects.kept_by(user).select_related("conversation").filter(pk=link_id).first()
    if link is None:
        raise Http404
    now = timezone.now()
    if Link.objects.filter(pk=link_id, revoked_at=None).update(revoked_at=now, revoked_by=user):
        note(Entry.What.LINK_REVOKED, by=user, conversation=link.conversation, about=about(link))
    return link


@transaction.atomic
def _bring_back(user: User, link_id: int) -> Link:
    since = timezone.now() - UNDO
    mine = Link.objects.kept_by(user).filter(revoked_by=user, revoked_at__gt=since)
    link = mine.select_related("conversation").select_for_update(of=("self",)).filter(pk=link_id).first()
    if link is None:
        raise Http404
    link.revoked_at = link.revoked_by = None
    link.save(update_fields=["revoked_at", "revoked_by"])
    note(Entry.What.LINK_CHANGED, by=user, conversation=link.conversation, about=f"{about(link)}, brought back")
    return link


@transaction.atomic
def _revoke_all_of(administrator: User, member_id: int) -> int:
    theirs = Link.objects.filter(conversation__owner=member_id, revoked_at=None).select_for_update(of=("self",))
    links = list(theirs.select_related("conversation"))
    for link in links:
        note(Entry.What.LINK_REVOKED, by=administrator, conversation=link.conversation, about=about(link))
    ids = [link.pk for link in links]
    Link.objects.filter(pk__in=ids).update(revoked_at=timezone.now(), revoked_by=administrator)
    return len(ids)


def own_link(user: User, link_id: int) -> Link:
    """A link that is not revoked, to one's own conversation, locked. Raises Http404."""
    mine = Link.objects.kept_by(user).filter(pk=link_id, revoked_at=None)
    link = mine.select_related("conversation").select_for_update(of=("self",)).first()
    if link is None:
        raise Http404
    return link


def _end(rules: LinkRules, days: int) -> datetime:
    return timezone.now() + timedelta(days=min(days, rules.most_days))


def about(link: Link) -> str:
    """Which one it is, in the log."""
    return f"{link.label or 'without a label'}, {link.get_kind_display().lower()}"
