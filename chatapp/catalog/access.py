"""Who may use an alias, decided here and nowhere else, and where it leads."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from chatapp.catalog.models import Alias, FormerName, Provider, Route
from chatapp.conversations.words import clean


def aliases_for(user: User | AnonymousUser) -> QuerySet[Alias]:
    """The aliases that this person may use and that lead somewhere, in the team's order; one query.

    An alias with groups is for their members alone, administrators or not; one without is for everyone.
    """
    if not user.is_active:
        return Alias.objects.none()
    limits = Alias.groups.through.objects.filter(alias=OuterRef("pk"))
    open_to_them = ~Exists(limits) | Exists(limits.filter(group__user=user.pk))
    return Alias.objects.filter(open_to_them, Exists(_open_routes().filter(alias=OuterRef("pk"))), enabled=True)


def may_use(user: User | AnonymousUser, alias: Alias) -> bool:
    return aliases_for(user).filter(pk=alias.pk).exists()


def alias_named(user: User | AnonymousUser, name: str) -> Alias | None:
    """The alias that is called so now or, if none is, was once; None unless this person may use it. One query."""
    name = clean(name)
    called_so_once = Exists(FormerName.objects.filter(alias=OuterRef("pk"), name=name))
    # A name that one alias has now never leads to its former owner, not even for those who may not use the new one.
    taken = Exists(Alias.objects.filter(name=name))
    return aliases_for(user).filter(Q(name=name) | (called_so_once & ~taken)).first()


def default_alias(user: User | AnonymousUser) -> Alias | None:
    """The team's default; the first one if this person may not use that. One query."""
    return default_of(aliases_for(user))


def named_or_default(user: User | AnonymousUser, name: str) -> Alias | None:
    """The alias of this name, or the person's default where that is gone."""
    return alias_named(user, name) or default_alias(user)


def default_of(aliases: Iterable[Alias]) -> Alias | None:
    """Of all that a person may use, in the team's order, the one that they get without asking for another."""
    return max(aliases, key=lambda alias: alias.default, default=None)


def routes_of(alias: Alias) -> list[Route]:
    """The open routes with their providers, the one to try first in front; one query."""
    return list(_open_routes().filter(alias=alias).select_related("provider"))


def only_demo() -> bool:
    """Whether no alias leads to a model, only to the built-in demo."""
    return not _open_routes().exclude(provider__dialect=Provider.Dialect.DEMO).exists()


def _open_routes() -> QuerySet[Route]:
    return Route.objects.filter(enabled=True, provider__enabled=True)
