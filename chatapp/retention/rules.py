"""Which chats the rules delete, and which rules concern a member."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.models import User
from chatapp.conversations.models import Conversation, ConversationQuerySet, Message
from chatapp.retention.models import Rule

# A temporary chat goes so long after its last message, whatever the rules say.
TEMPORARY_KEPT = timedelta(hours=24)


def due(rules: Iterable[Rule], now: datetime) -> ConversationQuerySet:
    """What these rules delete: a chat goes as soon as one of them says so."""
    conditions = [condition(rule, now) for rule in rules]
    return removable().filter(reduce(or_, conditions)) if conditions else Conversation.objects.none()


def condition(rule: Rule, now: datetime) -> Q:
    """What one rule names, among the removable ones. Who imports an old chat uses it."""
    since = now - timedelta(days=rule.days)
    named = Q(temporary=False, active_at__lt=since) & (Q(imported_at=None) | Q(imported_at__lt=since))
    if rule.group_id is not None:
        named &= Q(owner__in=User.objects.filter(groups=rule.group_id).values("pk"))
    if rule.spares_pinned:
        named &= Q(pinned_at=None)
    if rule.spares_filed:
        named &= Q(folder=None)
    if rule.archived_only:
        named &= Q(archived_at__isnull=False)
    return named


def over(now: datetime) -> ConversationQuerySet:
    """The temporary chats whose time is over."""
    return removable().filter(temporary=True, active_at__lt=now - TEMPORARY_KEPT)


def removable() -> ConversationQuerySet:
    """All that a rule may delete at all: not where an answer is being made, nor what its owner has deleted already.

    Here, and nowhere else, it is said which chats no rule deletes.
    """
    running = Message.objects.running().values("conversation")
    return Conversation.objects.filter(deleted_at=None).exclude(pk__in=running)


def enabled() -> list[Rule]:
    return list(Rule.objects.filter(enabled=True))


def rules_for(user: User) -> list[Rule]:
    """The rules that delete this member's chats, without those that go without saying; one query."""
    rules = list(Rule.objects.filter(Q(group=None) | Q(group__in=user.groups.values("pk")), enabled=True))
    return [rule for rule in rules if not any(_hides(other, rule) for other in rules if other is not rule)]


def _hides(other: Rule, rule: Rule) -> bool:
    """Of two that say the same the first one is shown."""
    same = other.goes_without_saying(rule)
    return rule.goes_without_saying(other) and (not same or other.pk < rule.pk)
