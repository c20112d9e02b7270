"""A server on its first start."""

from __future__ import annotations

import re

from tests.live.server import Server


class NewServer(Server):
    """Nobody has an account; the demo runs beside it, as on a first start."""

    async def _furnish(self) -> None:
        self.sessions = {"": ""}

    def setup_link(self) -> str:
        found = re.search(r"http://\S+/setup/\S+", self.output.read_text())
        assert found, self.output.read_text()
        return found[0]
