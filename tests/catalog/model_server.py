"""An upstream that lists models, in a thread of the test's own: pages are asked for from a test that is not async."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class ModelServer:
    """What it answers can be changed at any time; `authorizations` are the headers it was asked with."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}/v1"
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
    def body(self) -> bytes:
        return self.page.encode() or json.dumps({"object": "list", "data": self.models}).encode()


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Serve on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.authorizations.append(self.headers.get("Authorization", ""))
            self.send_response(running.status if self.path == "/v1/models" else 404)
            self.send_header("Content-Type", "text/html" if running.page else "application/json")
            self.send_header("Content-Length", str(len(running.body)))
            self.end_headers()
            self.wfile.write(running.body)

        def log_message(self, *args: Any) -> None:
            """Not on the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = ModelServer(server.server_address[1])
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
