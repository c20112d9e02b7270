"""What a database must be able to do, so that there can be a search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models.expressions import OrderBy, RawSQL

from chatapp.search.query import Phrase


@dataclass(frozen=True, slots=True)
class Document:
    """The words of an entry, by its number. `circles` are the tokens by which those who may read it ask for it."""

    number: int
    circles: Sequence[str]
    tokens: Sequence[str]


class Backend(Protocol):
    """Documents are numbered like entries and go with them, whoever deletes those."""

    # The order of the entries that match.
    newest: OrderBy

    def write(self, documents: Iterable[Document]) -> None:
        """Write documents whose entries have just been made."""

    def matching(self, circles: Iterable[str], phrases: Sequence[Phrase]) -> RawSQL:
        """Whether the document of an entry is in one of these circles and has all the phrases."""
