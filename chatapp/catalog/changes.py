"""The history of aliases and providers: written in the transaction of the change itself, and never a secret."""

from __future__ import annotations

from accounts.models import User
from chatapp.catalog.models import Alias, Change, Provider

LONGEST = 300


def note(what: str, *, by: User | None, alias: Alias | None = None, provider: Provider | None = None) -> None:
    """Keep one line, such as "raised Cluster A to weight 1". `by` None: the server itself did it."""
    Change.objects.create(alias=alias, provider=provider, by=by, what=what[:LONGEST])
