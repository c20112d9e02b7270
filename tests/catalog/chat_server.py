"""An upstream that answers every question at once, in a thread of the test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from chatapp.catalog.models import Alias, Provider, Route


class ChatServer:
    """`asked` are the bodies it got; what it answers can be changed at any time."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        self.text, self.reasoning, self.model, self.finish = "9.9 is larger.", "", "m-2026", "stop"
        # Instead of an answer, where there is one.
        self.complaint: dict[str, Any] = {}

    @property
    def body(self) -> bytes:
        message = {"role": "assistant", "content": self.text, "reasoning_content": self.reasoning or None}
        answer = {
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 5},
        }
        return json.dumps(self.complaint or answer).encode()

    def serves(self, alias: Alias, model: str = "m", **fields: Any) -> Route:
        """A route of this alias that leads here, by a provider of its own."""
        provider = Provider.objects.create(
            name=f"Here {Provider.objects.count()}", base_url=self.base_url, dialect="plain", streams=False
        )
        return Route.objects.create(alias=alias, provider=provider, upstream_model=model, **fields)


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Serve on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            running.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(running.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(running.body)))
            self.end_headers()
            self.wfile.write(running.body)

        def log_message(self, *args: Any) -> None:
            """Not on the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = ChatServer(server.server_address[1])
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
