"""Which back end goes with the database of this installation."""

from __future__ import annotations

from django.db import connection

from chatapp.search.backend import Backend
from chatapp.search.postgres import PostgreSQL
from chatapp.search.sqlite import SQLite

_BACKENDS: dict[str, Backend] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


def backend() -> Backend:
    return _BACKENDS[connection.vendor]
