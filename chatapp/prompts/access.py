"""Who sees a prompt and who changes it, decided here and nowhere else."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from accounts.models import User
from chatapp.conversations.words import clean
from chatapp.prompts.models import Prompt, folded

_SHARED = Q(shared__in=[Prompt.Shared.GROUPS, Prompt.Shared.EVERYONE])


def prompts_for(user: User | AnonymousUser) -> QuerySet[Prompt]:
    """The prompts that this person may see and use: their own first, each by name; one query.

    Their own, what is shared with everyone or with a group of theirs and, for administrators, whatever is shared.
    What only its owner sees is nobody else's business.
    """
    return _seen_by(user).filter(archived_at=None)


def archive_of(user: User) -> QuerySet[Prompt]:
    """Their own that are put aside, the last one first."""
    mine = Prompt.objects.filter(owner=user.pk, archived_at__isnull=False)
    return mine.order_by("-archived_at").select_related("owner")


def kept_by(user: User) -> QuerySet[Prompt]:
    """The prompts that this person may change, archived or not: their own, for administrators also what is shared."""
    return _seen_by(user) if _administers(user) else Prompt.objects.filter(owner=user.pk)


def keeps(user: User, prompt: Prompt) -> bool:
    """Whether this person may change a prompt that they see."""
    return prompt.owner_id == user.pk or _administers(user)


def found(prompts: QuerySet[Prompt], words: str) -> QuerySet[Prompt]:
    """Those that have all these words in their name or title."""
    for word in folded(clean(words)).split():
        prompts = prompts.filter(found_by__contains=word)
    return prompts


def _seen_by(user: User | AnonymousUser) -> QuerySet[Prompt]:
    if not user.is_active:
        return Prompt.objects.none()
    of_a_group = Prompt.groups.through.objects.filter(prompt=OuterRef("pk"), group__user=user.pk)
    open_to_them = Q(shared=Prompt.Shared.EVERYONE) | Q(Exists(of_a_group), shared=Prompt.Shared.GROUPS)
    seen = Q(owner=user.pk) | (_SHARED if _administers(user) else open_to_them)
    first = Case(When(owner=user.pk, then=0), default=1)
    return Prompt.objects.filter(seen).order_by(first, "name", "pk").select_related("owner")


def _administers(user: User | AnonymousUser) -> bool:
    return user.is_active and user.is_staff and user.is_superuser
