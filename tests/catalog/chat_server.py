"""An upstream that answers every question at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from chatapp.catalog.models import Alias, Provider, Route
from tests.catalog.in_a_thread import Reply, served


class ChatServer:
    """`asked` are the bodies it got; what it answers can be changed at any time."""

    port = 0

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        self.text, self.reasoning, self.model, self.finish = "9.9 is larger.", "", "m-2026", "stop"
        # Instead of an answer, where there is one.
        self.complaint: dict[str, Any] = {}

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def reply_to(self, path: str, headers: Message, body: bytes) -> Reply:
        self.asked.append(json.loads(body))
        message = {"role": "assistant", "content": self.text, "reasoning_content": self.reasoning or None}
        answer = {
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 5},
        }
        return Reply(self.status, json.dumps(self.complaint or answer).encode())

    def serves(self, alias: Alias, model: str = "m", **fields: Any) -> Route:
        """A route of this alias that leads here, by a provider of its own."""
        provider = Provider.objects.create(
            name=f"Here {Provider.objects.count()}", base_url=self.base_url, dialect="plain", streams=False
        )
        return Route.objects.create(alias=alias, provider=provider, upstream_model=model, **fields)


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    running = ChatServer()
    with served(running):
        yield running
