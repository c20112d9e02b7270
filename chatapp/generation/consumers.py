"""The websocket: authorises a browser, brings its page up to date, then only passes frames on."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.conf import settings
from django.http import parse_cookie

from accounts.models import User
from accounts.sessions import user_for_session
from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.database import at_once
from chatapp.generation import hub, keeper, runs
from chatapp.generation.frames import snapshot_frame
from chatapp.generation.viewers import (
    BAD_MESSAGE,
    NO_SUCH_CONVERSATION,
    NOT_SIGNED_IN,
    SOCKETS_PER_MEMBER,
    TOO_MANY,
    Connection,
    per_member,
)

MESSAGE_CHARACTERS = 20_000
# A page sends a handful of messages a second at most; each may come in a burst after a pause.
MESSAGES_PER_SECOND = 20
BURST = 100


class Viewer(AsyncConsumer):
    """One browser's socket. It never awaits a generation: everything it does is short."""

    connection: Connection | None = None
    conversation: Conversation | None = None

    async def __call__(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.scope = scope
        self.base_send = send
        self.allowance, self.counted_at = float(BURST), time.monotonic()
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            if self.connection:
                self.connection.leave()

    async def dispatch(self, message: Any) -> None:
        """Call the handler at once; the stock method hops to the database's thread before every event."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: Any) -> None:
        key = _cookie(self.scope, settings.SESSION_COOKIE_NAME)
        wanted: UUID | None = self.scope["url_route"]["kwargs"].get("conversation_id")  # type: ignore[typeddict-item]
        user, self.conversation = await at_once(_authorise, key, wanted)
        # A refused handshake would only show as "1006"; the code tells the page why, and not to come back.
        await self.base_send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        if user is None:
            return await self._close(NOT_SIGNED_IN)
        if wanted and self.conversation is None:
            return await self._close(NO_SUCH_CONVERSATION)
        if per_member[user.pk] >= SOCKETS_PER_MEMBER:
            return await self._close(TOO_MANY)
        keeper.ensure_running()
        self.connection = Connection(user, key, self._send_text, self._close)
        self.connection.watch(hub.member_topic(user.pk))
        return None

    async def websocket_receive(self, message: Any) -> None:
        """Malformed, oversized or too many messages end the socket; the page comes back and resumes."""
        if self.connection is None:
            return
        try:
            self._count()
            await self._obey(_parse(message.get("text")))
        except (ValueError, RecursionError):
            await self.connection.close(BAD_MESSAGE)

    async def websocket_disconnect(self, message: Any) -> None:
        raise StopConsumer

    def _count(self) -> None:
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.counted_at) * MESSAGES_PER_SECOND) - 1
        self.counted_at = now
        if self.allowance < 0:
            raise ValueError("too many messages")

    async def _obey(self, message: dict[str, Any]) -> None:
        match message:
            case {"t": "ack", "f": int(frames)} if self.connection:
                self.connection.acknowledge(frames)
            case {"t": "resume", "rev": int(revision), "live": dict(live)}:
                await self._resume(revision, live)
            case _:
                raise ValueError("not a message of ours")

    async def _resume(self, revision: int, live: dict[str, Any]) -> None:
        """Bring the page from what it has to now. Watch first, look second: whatever comes twice is numbered."""
        connection, conversation = self.connection, self.conversation
        if connection is None or conversation is None:
            return
        connection.hold()
        topic = hub.conversation_topic(conversation.pk)
        if topic not in connection.topics:
            connection.watch(topic)
        await keeper.sweep(conversation.pk)
        frames = await at_once(_changes, conversation.pk, revision)
        frames += [
            snapshot_frame(pk, state)
            for pk, state in runs.snapshots(conversation.pk).items()
            if live.get(str(pk)) != state.n
        ]
        connection.release([json.dumps(frame, ensure_ascii=False) for frame in frames])

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text, "bytes": None})

    async def _close(self, code: int) -> None:
        await self.base_send({"type": "websocket.close", "code": code, "reason": None})


def _cookie(scope: WebSocketScope, name: str) -> str:
    header = next((value for key, value in scope["headers"] if key == b"cookie"), b"")
    return parse_cookie(header.decode("latin1")).get(name, "")


def _parse(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > MESSAGE_CHARACTERS:
        raise ValueError("not a text, or too long")
    message = json.loads(text)
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message


def _authorise(key: str, wanted: UUID | None) -> tuple[User | None, Conversation | None]:
    user = user_for_session(key) if key else None
    if user is None or wanted is None:
        return user, None
    return user, Conversation.objects.visible_to(user).filter(pk=wanted).first()


def _changes(conversation_id: UUID, revision: int) -> list[dict[str, Any]]:
    """The frames that a page of this revision lacks."""
    conversation = Conversation.objects.select_related("owner").get(pk=conversation_id)
    if conversation.revision == revision:
        return []
    rows = fragments.row_frames(conversation, after=revision)
    return [fragments.branch_frame(conversation), *rows, fragments.queue_frame(conversation)]
