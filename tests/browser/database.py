"""What an administrator or the passing of time does to a running server's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live.server import Server

BUSY_SECONDS = 10


def write(server: Server, statement: str, *values: object) -> None:
    connection = sqlite3.connect(server.data / "parley.sqlite3", timeout=BUSY_SECONDS)
    try:
        with connection:
            connection.execute(statement, values)
    finally:
        connection.close()


def add_alias(server: Server, name: str, description: str = "", thinking: str = "none") -> None:
    """An alias of the same provider, after those that are there."""
    write(
        server,
        'INSERT INTO catalog_alias (name, description, vision, thinking, enabled, "order", "default")'
        " VALUES (?, ?, 0, ?, 1, 200, 0)",
        name,
        description,
        thinking,
    )
    write(
        server,
        "INSERT INTO catalog_route (alias_id, provider_id, upstream_model, priority, weight, enabled)"
        " SELECT a.id, p.id, 'demo', 1, 1, 1 FROM catalog_alias a, catalog_provider p WHERE a.name = ?",
        name,
    )


@contextmanager
def disabled_alias(server: Server, name: str) -> Iterator[None]:
    """As an administrator does it; undone at the end, as other tests go on."""
    write(server, "UPDATE catalog_alias SET enabled = 0 WHERE name = ?", name)
    try:
        yield
    finally:
        write(server, "UPDATE catalog_alias SET enabled = 1 WHERE name = ?", name)


def end_session(server: Server, key: str) -> None:
    write(server, "DELETE FROM django_session WHERE session_key = ?", key)


def questions(server: Server, text: str) -> int:
    """How many questions with this text are stored."""
    found = server.rows("SELECT count(*) FROM conversations_message WHERE role = 'user' AND text = ?", text)
    return int(found[0][0])
