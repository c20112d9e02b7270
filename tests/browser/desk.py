"""Conversations that are there already when a test begins."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from tests.live.server import Server

NOT_NULL = "SELECT name, type FROM pragma_table_info(?) WHERE \"notnull\" AND name != 'id'"


def clear(server: Server) -> None:
    """Everybody starts without conversations and folders: earlier tests have left many."""
    server.write("UPDATE conversations_conversation SET deleted_at = '2026-01-01', folder_id = NULL")
    server.write("DELETE FROM conversations_folder")


def add_chat(server: Server, title: str, age: timedelta = timedelta(), owner: str = "Ann") -> str:
    """A conversation of one question, last used so long ago; returns its path."""
    pk, at = uuid.uuid4(), str((datetime.now(UTC) - age).replace(tzinfo=None))
    owner_id = server.rows("SELECT id FROM accounts_user WHERE name = ?", owner)[0][0]
    times = {"created_at": at, "active_at": at}
    _add(server, "conversations_conversation", id=pk.hex, owner_id=owner_id, title=title, titled_by="member", **times)
    said = {"role": "user", "status": "sent", "text": title, "author_id": owner_id, "unseen": "{}"}
    question = _add(server, "conversations_message", conversation_id=pk.hex, created_at=at, **said)
    server.write("UPDATE conversations_conversation SET leaf_id = ? WHERE id = ?", question, pk.hex)
    return f"/c/{pk}/"


def _add(server: Server, table: str, **values: object) -> int:
    """A row of this table, with nothing in the other columns that need something; returns its id."""
    zeros = ("bool", "integer unsigned", "smallint unsigned")
    empty = {name: 0 if kind in zeros else "" for name, kind in server.rows(NOT_NULL, table)}
    row = empty | values
    columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    return server.write(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *row.values())  # noqa: S608
