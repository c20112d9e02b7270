"""Many rows into a table at once, past the ORM: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import AutoField, Field, Model


class Table:
    """The rows of a model that are to be written; what a row does not name has the model's default.

    `numbered`: the rows bring their own numbers. Else the database gives them.
    """

    def __init__(self, model: type[Model], *, numbered: bool = True) -> None:
        own = [field for field in model._meta.concrete_fields if numbered or not isinstance(field, AutoField)]
        self.model, self.rows = model, list[list[Any]]()
        self._fields: dict[str, Field[Any, Any]] = {field.column or field.name: field for field in own}
        self._usual = [_stored(field, field.get_default()) for field in own]

    def add(self, **values: Any) -> None:
        """Columns as the database names them: owner_id, not owner."""
        row = [
            _stored(field, values.pop(column)) if column in values else usual
            for (column, field), usual in zip(self._fields.items(), self._usual, strict=True)
        ]
        if values:
            raise TypeError(f"{self.model.__name__} has no {', '.join(values)}")
        self.rows.append(row)

    def write(self) -> None:
        rows, self.rows = self.rows, []
        name = connection.ops.quote_name(self.model._meta.db_table)
        columns = ", ".join(connection.ops.quote_name(column) for column in self._fields)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                places = ", ".join(["%s"] * len(self._fields))
                cursor.executemany(f"INSERT INTO {name} ({columns}) VALUES ({places})", rows)
                return
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def trust() -> None:
    """Until the transaction ends, PostgreSQL looks up no foreign key: millions of these take longer than the rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")


def finish(models: Iterable[type[Model]]) -> None:
    """What PostgreSQL's own watch does in time: know the tables and clear up after what was written."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
                cursor.execute(statement)
            cursor.execute("VACUUM ANALYZE")


def _stored(field: Field[Any, Any], value: Any) -> Any:
    return field.get_db_prep_save(value, connection)
