"""An upstream that lists models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from tests.catalog.in_a_thread import Reply, served


class ModelServer:
    """What it answers can be changed at any time; `authorizations` are the headers it was asked with."""

    port = 0

    def __init__(self) -> None:
        self.models: list[dict[str, Any]] = []
        self.status = 200
        # Instead of the list, where there is one.
        self.page = ""
        self.authorizations: list[str] = []

    def lists(self, *ids: str, **ref_models: str) -> None:
        """List these ids; a keyword's underscores are dashes, its value what that id stands for."""
        self.models = [{"id": one, "object": "model"} for one in ids]
        self.models += [{"id": name.replace("_", "-"), "ref_model": ref} for name, ref in ref_models.items()]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def reply_to(self, path: str, headers: Message, body: bytes) -> Reply:
        self.authorizations.append(headers.get("Authorization", ""))
        status = self.status if path == "/v1/models" else 404
        if self.page:
            return Reply(status, self.page.encode(), "text/html")
        return Reply(status, json.dumps({"object": "list", "data": self.models}).encode())


@contextmanager
def model_server() -> Iterator[ModelServer]:
    running = ModelServer()
    with served(running):
        yield running
