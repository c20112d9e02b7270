"""The index in PostgreSQL: a tsvector of our own tokens beside each entry; its parsers and dictionaries see nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import BooleanField, F
from django.db.models.expressions import RawSQL

from chatapp.search.backend import Document
from chatapp.search.query import Phrase
from chatapp.search.tokens import HOLE


class PostgreSQL:
    # A sum, which no index has: else the planner may walk all entries from the last one on, everybody's, until enough
    # match. For a common word and a member with few chats that takes seconds.
    newest = (F("pk") + 0).desc()

    def write(self, documents: Iterable[Document]) -> None:
        rows = [(_vector(one), one.number) for one in documents]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE search_entry SET words = %s::tsvector WHERE id = %s", rows)

    def matching(self, circles: Iterable[str], phrases: Sequence[Phrase]) -> RawSQL:
        inside = " | ".join(f"'{circle}'" for circle in circles)
        asked = " & ".join([f"({inside})", *map(_quoted, phrases)])
        return RawSQL('"search_entry"."words" @@ %s::tsquery', (asked,), BooleanField())


def _vector(document: Document) -> str:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, token in enumerate(document.tokens, start=1):
        if token != HOLE:
            places[token].append(place)
    words = [f"'{token}':{','.join(map(str, at))}" for token, at in places.items()]
    return " ".join([*(f"'{circle}'" for circle in document.circles), *words])


def _quoted(phrase: Phrase) -> str:
    """Nothing in a token has a meaning of its own between quotation marks; no token has one in it."""
    words = [f"'{token}'" for token in phrase.tokens]
    if phrase.open:
        words[-1] += ":*"
    return f"({' <-> '.join(words)})"
