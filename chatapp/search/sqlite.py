"""The index in SQLite: an FTS5 table of tokens with blanks between them, whose rowid is the entry's number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import BooleanField, F
from django.db.models.expressions import RawSQL

from chatapp.search.backend import Document
from chatapp.search.query import Phrase
from chatapp.search.tokens import HOLE

# Stands where a token has come too often; no text has it.
_HOLE = "\ue002"


class SQLite:
    newest = F("pk").desc()

    def write(self, documents: Iterable[Document]) -> None:
        rows = [(one.number, _line([*one.circles, *one.tokens])) for one in documents]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO search_words (rowid, tokens) VALUES (%s, %s)", rows)

    def matching(self, circles: Iterable[str], phrases: Sequence[Phrase]) -> RawSQL:
        inside = " OR ".join(f'"{circle}"' for circle in circles)
        asked = " AND ".join([f"({inside})", *map(_quoted, phrases)])
        return RawSQL(
            '"search_entry"."id" IN (SELECT rowid FROM search_words WHERE search_words MATCH %s)',
            (asked,),
            BooleanField(),
        )


def _line(tokens: Sequence[str]) -> str:
    return " ".join(_HOLE if token == HOLE else token for token in tokens)


def _quoted(phrase: Phrase) -> str:
    """Nothing in a token has a meaning of its own between quotation marks."""
    return f'"{" ".join(phrase.tokens)}"{" *" if phrase.open else ""}'
