"""What an administrator or the passing of time does to a running server's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.live.server import Server


def add_alias(server: Server, name: str, description: str = "", thinking: str = "none") -> None:
    """An alias of the same provider, after those that are there."""
    own = {"name": name, "description": description, "vision": 0, "thinking": thinking, "order": 200, "default": 0}
    columns = [row[0] for row in server.rows("SELECT name FROM pragma_table_info('catalog_alias') WHERE name != 'id'")]
    listed = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join("?" if column in own else f'"{column}"' for column in columns)
    server.write(
        f"INSERT INTO catalog_alias ({listed}) SELECT {values} FROM catalog_alias ORDER BY id LIMIT 1",  # noqa: S608
        *(own[column] for column in columns if column in own),
    )
    server.write(
        "INSERT INTO catalog_route (alias_id, provider_id, upstream_model, priority, weight, enabled)"
        " SELECT a.id, p.id, 'demo', 1, 1, 1 FROM catalog_alias a, catalog_provider p WHERE a.name = ?",
        name,
    )


@contextmanager
def disabled_alias(server: Server, name: str) -> Iterator[None]:
    """As an administrator does it; undone at the end, as other tests go on."""
    server.write("UPDATE catalog_alias SET enabled = 0 WHERE name = ?", name)
    try:
        yield
    finally:
        server.write("UPDATE catalog_alias SET enabled = 1 WHERE name = ?", name)


def end_session(server: Server, key: str) -> None:
    server.write("DELETE FROM django_session WHERE session_key = ?", key)


def answers(server: Server, text: str) -> list[str]:
    """How the answers to a question with this text stand."""
    asked = "SELECT id FROM conversations_message WHERE text = ?"
    query = f"SELECT status FROM conversations_message WHERE parent_id IN ({asked})"  # noqa: S608
    return [status for (status,) in server.rows(query, text)]


def questions(server: Server, text: str) -> int:
    """How many questions with this text are stored."""
    found = server.rows("SELECT count(*) FROM conversations_message WHERE role = 'user' AND text = ?", text)
    return int(found[0][0])
