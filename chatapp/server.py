"""Daphne, with what it lacks: a drain at the end, a bound on request bodies, and responses at their readers' pace."""

from __future__ import annotations

import asyncio
from typing import Any

import uvloop

# Daphne takes its event loop from the policy when it is imported.
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

from daphne.http_protocol import HTTPFactory  # noqa: E402
from daphne.ws_protocol import WebSocketProtocol  # noqa: E402
from django.conf import settings  # noqa: E402
from twisted.internet import defer  # noqa: E402

from chatapp.backpressure import PacedRequest, PacedServer  # noqa: E402
from chatapp.generation import runs  # noqa: E402

# Pages send only `resume` and `ack` up; both are short.
SOCKET_MESSAGE_BYTES = 64 * 1024
# Daphne takes in a body before the application sees the request, so this must hold out here.
BODY_BYTES = 40 * 1024 * 1024
REQUEST_SECONDS = 120
# Between the close frames and the end of the process.
GOODBYE_SECONDS = 0.3
# The close code that tells a browser to come back soon.
SERVICE_RESTART = 1012

_TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain\r\nContent-Length: 32\r\n"
    b"Connection: close\r\n\r\nThe limit of a request is 40 MB\n"
)


class BoundedRequest(PacedRequest):
    """Refuses a body as soon as it passes the bound, whatever length it claimed."""

    received = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Else Twisted reads every form with the standard library's parser of mail, for nobody's use and on the event
        # loop: a photo holds that up for a tenth of a second.
        self._parsePOSTFormSubmission = False

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802, Twisted's name
        before, self.received = self.received, self.received + len(data)
        if self.received <= BODY_BYTES:
            super().handleContentChunk(data)
        elif before <= BODY_BYTES:
            self.channel.transport.write(_TOO_LARGE)
            self.channel.loseConnection()


class BoundedFactory(HTTPFactory):
    def buildProtocol(self, address: Any) -> Any:  # noqa: N802, Twisted's name
        protocol = super().buildProtocol(address)
        protocol.requestFactory = BoundedRequest
        return protocol


class Socket(WebSocketProtocol):
    maxMessagePayloadSize: int  # noqa: N815, Autobahn's name

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802, Daphne's name
        """Autobahn holds what goes out to the limit of what may come in; a long answer's row passes it."""
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().serverSend(content, binary)
        finally:
            self.maxMessagePayloadSize = limit


class DrainingServer(PacedServer):
    """Lets running answers finish; stock Daphne cuts every socket and task at once."""

    def __init__(self, application: Any, host: str, port: int) -> None:
        forwarded = settings.PARLEY_TRUST_PROXY
        interface = host.replace(":", r"\:")
        super().__init__(
            application=application,
            endpoints=[f"tcp:port={port}:interface={interface}:backlog=1024"],
            signal_handlers=False,
            http_timeout=REQUEST_SECONDS,
            websocket_max_message_size=SOCKET_MESSAGE_BYTES,
            websocket_max_frame_size=SOCKET_MESSAGE_BYTES,
            proxy_forwarded_address_header="X-Forwarded-For" if forwarded else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if forwarded else None,
            server_name="Parley",
        )
        self.ports: list[Any] = []

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        port.factory = BoundedFactory(self)
        # Say why (1002, 1007, 1009) instead of only hanging up.
        self.ws_factory.setProtocolOptions(failByDrop=False)
        self.ws_factory.protocol = Socket
        self.ports.append(port)

    def kill_all_applications(self) -> Any:
        """Twisted waits for this before it ends; the name is Daphne's."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        for port in self.ports:
            port.stopListening()
        await runs.drain(settings.PARLEY_DRAIN_SECONDS)
        for protocol in self.connections:
            if isinstance(protocol, WebSocketProtocol):
                protocol.sendCloseFrame(code=SERVICE_RESTART)
        await asyncio.sleep(GOODBYE_SECONDS)
        for details in self.connections.values():
            if instance := details.get("application_instance"):
                instance.cancel()
