"""One person's browser. It remembers everything that should not have happened in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Request, WebError, WebSocket

from tests.browser.tab import Tab
from tests.live.server import Server

# Slow machines are slow; a test that waits this long has failed.
PATIENCE = 20_000  # milliseconds

TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`securitypolicyviolation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@dataclass
class Window:
    """A browser context. Console errors, page errors, violations of the policy, dialogs and requests to other
    origins are problems; those that fit a pattern given to `expect` are not.
    """

    context: BrowserContext
    server: Server
    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    async def watch(self) -> None:
        self.context.set_default_timeout(PATIENCE)
        self.context.set_default_navigation_timeout(PATIENCE)
        await self.context.add_init_script(TELL_OF_VIOLATIONS)
        self.context.on("console", self._heard)
        self.context.on("weberror", self._erred)
        self.context.on("request", self._requested)
        self.context.on("dialog", self._asked)
        self.context.on("page", lambda page: page.on("websocket", self._connected))

    def expect(self, *patterns: str) -> None:
        """Problems in which one of these regular expressions is found belong to this test."""
        self.expected += patterns

    def unexpected(self) -> list[str]:
        return [one for one in self.problems if not any(re.search(pattern, one) for pattern in self.expected)]

    async def tab(self, path: str = "/") -> Tab:
        """A new tab with this page of the server."""
        tab = Tab(await self.context.new_page(), self.server)
        await tab.open(path)
        return tab

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _erred(self, error: WebError) -> None:
        self.problems.append(f"page error: {error.error}")

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self.server.base + "/", "data:", "blob:")):
            self.problems.append(f"request to another origin: {request.url}")

    def _connected(self, socket: WebSocket) -> None:
        if not socket.url.startswith(self.server.base.replace("http:", "ws:") + "/"):
            self.problems.append(f"socket to another origin: {socket.url}")

    async def _asked(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        await dialog.dismiss()
