"""Who may use an alias, decided here and nowhere else, and where it leads."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from chatapp.catalog.models import Alias, Provider, Route


def aliases_for(user: User | AnonymousUser) -> QuerySet[Alias]:
    """The aliases that this person may use and that lead somewhere, in the team's order; one query."""
    if not user.is_active:
        return Alias.objects.none()
    return Alias.objects.filter(Exists(_open_routes().filter(alias=OuterRef("pk"))), enabled=True)


def may_use(user: User | AnonymousUser, alias: Alias) -> bool:
    return aliases_for(user).filter(pk=alias.pk).exists()


def default_alias(user: User | AnonymousUser) -> Alias | None:
    """The team's default; the first one if this person may not use that."""
    return aliases_for(user).order_by("-default", "order", "name").first()


def first_route(alias: Alias) -> Route | None:
    """The route to try first, with its provider."""
    return _open_routes().filter(alias=alias).select_related("provider").first()


def only_demo() -> bool:
    """Whether no alias leads to a model, only to the built-in demo."""
    return not _open_routes().exclude(provider__dialect=Provider.Dialect.DEMO).exists()


def _open_routes() -> QuerySet[Route]:
    return Route.objects.filter(enabled=True, provider__enabled=True)
