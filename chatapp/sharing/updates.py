"""A link brought up to its branch as it is now, or a live one to another branch: looked at first, then confirmed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from chatapp.audit.log import note
from chatapp.audit.models import Entry
from chatapp.conversations.branches import open_leaf
from chatapp.sharing.links import about, done, own_link
from chatapp.sharing.models import Link
from chatapp.sharing.taking import Branch, Tally, bound_to, branch_of, branch_through, settled, take, tally


class OtherThanSeen(Exception):
    """What would go out is not what its owner has looked at."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a link would show, and how many messages it shows now; `title` where that would be another one.

    `seen` stands for exactly that content.
    """

    tally: Tally
    shared: int
    title: str
    new: bool
    seen: str


def prospect(user: User, link: Link) -> Prospect:
    """Of a frozen link the rest of its branch; of a live one the branch that its owner has open."""
    return _prospect(link, _next_branch(user, link))


async def update(user: User, link_id: int, seen: str) -> Link:
    """Let the link show what its owner has looked at. Raises OtherThanSeen or Http404."""
    return await done(_update, user, link_id, seen)


@transaction.atomic
def _update(user: User, link_id: int, seen: str) -> Link:
    link = own_link(user, link_id)
    branch = _next_branch(user, link)
    found = _prospect(link, branch)
    if not constant_time_compare(found.seen, seen):
        raise OtherThanSeen
    if not found.new:
        return link
    if link.live:
        link.through_id = _open(user, link)
        link.save(update_fields=["through"])
    else:
        take(link, branch)
    note(Entry.What.LINK_UPDATED, by=user, conversation=link.conversation, about=about(link))
    return link


def _next_branch(user: User, link: Link) -> Branch:
    return branch_through(link.conversation, _open(user, link)) if link.live else branch_of(link)


def _open(user: User, link: Link) -> int | None:
    return bound_to(link.conversation, open_leaf(link.conversation, user.pk))


def _prospect(link: Link, branch: Branch) -> Prospect:
    title, shown = link.conversation.title, [record for _, record in settled(link, branch)]
    before = branch_of(link).ids if link.live else link.snapshot.messages
    renamed = title if not link.live and link.snapshot.title != title else ""
    other = before != branch.ids if link.live else before != shown
    return Prospect(
        tally=tally(link.conversation, branch),
        shared=len(before),
        title=renamed,
        new=bool(shown) and (other or bool(renamed)),
        seen=salted_hmac("sharing.seen", json.dumps([link.pk, title, shown]), algorithm="sha256").hexdigest(),
    )
