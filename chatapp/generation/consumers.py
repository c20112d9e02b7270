"""The websocket: authorises a browser, brings its page up to date, then only passes frames on."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.sessions import user_for_session
from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.database import at_once, written
from chatapp.generation import hub, keeper, presence, runs
from chatapp.generation.frames import snapshot_frame
from chatapp.generation.sockets import TOO_MANY, Socket
from chatapp.generation.viewers import (
    LOST_ACCESS,
    NO_SUCH_CONVERSATION,
    NOT_SIGNED_IN,
    SOCKETS_PER_MEMBER,
    Connection,
    per_member,
)
from chatapp.unread.marks import saw


class Viewer(Socket):
    """The socket of a member's page. It never awaits a generation: everything it does is short."""

    connection: Connection | None = None
    conversation: Conversation | None = None

    async def websocket_connect(self, message: Any) -> None:
        key = self.cookies().get(settings.SESSION_COOKIE_NAME, "")
        wanted: UUID | None = self.scope["url_route"]["kwargs"].get("conversation_id")  # type: ignore[typeddict-item]
        user, self.conversation = await at_once(_authorise, key, wanted)
        await self.accept()
        if user is None:
            return await self.close(NOT_SIGNED_IN)
        if wanted and self.conversation is None:
            return await self.close(NO_SUCH_CONVERSATION)
        if per_member[user.pk] >= SOCKETS_PER_MEMBER:
            return await self.close(TOO_MANY)
        keeper.ensure_running()
        self.connection = Connection(user, key, self.send_text, self.close, wanted)
        self.connection.watch(hub.member_topic(user.pk))
        return None

    async def obey(self, message: dict[str, Any]) -> None:
        match message:
            case {"t": "ack", "f": int(frames)} if self.connection:
                self.connection.acknowledge(frames)
            case {"t": "list", "told": str(told)}:
                await self._list(told)
            case {"t": "seen", "m": int(message_id)}:
                await self._see(message_id)
            case {"t": "writes"}:
                await self._write()
            case {"t": "resume", "rev": int(revision), "live": dict(live)}:
                await self._resume(revision, live)
            case _:
                raise ValueError("not a message of ours")

    async def _list(self, told: str) -> None:
        """Have the page fetch its list again where it may lack something of what the member was told."""
        connection, conversation = self.connection, self.conversation
        if connection is None or told == hub.told(connection.user_id):
            return
        opened = await at_once(_present, conversation.pk, connection.user_id) if conversation else []
        connection.push(json.dumps(fragments.past_frame(*opened)))

    async def _see(self, message_id: int) -> None:
        """What the member has read is nowhere new to them any more."""
        connection, conversation = self.connection, self.conversation
        if connection is None or conversation is None:
            return
        if await written(saw, connection.user_id, conversation.pk, message_id):
            hub.tell_member(connection.user_id, fragments.past_frame())

    async def _resume(self, revision: int, live: dict[str, Any]) -> None:
        """Bring the page from what it has to now. Watch first, look second: whatever comes twice is numbered."""
        connection, conversation = self.connection, self.conversation
        if connection is None or conversation is None:
            return None
        connection.hold()
        topic = hub.conversation_topic(conversation.pk)
        if topic not in connection.topics:
            connection.watch(topic)
        await keeper.sweep(conversation.pk)
        frames = await at_once(_changes, conversation.pk, connection.user_id, revision)
        if isinstance(frames, int):
            return await connection.close(frames)
        frames += [
            snapshot_frame(pk, state)
            for pk, state in runs.snapshots(conversation.pk).items()
            if live.get(str(pk)) != state.n
        ]
        connection.release([json.dumps(frame, ensure_ascii=False) for frame in frames])
        presence.came(topic)
        return None

    async def _write(self) -> None:
        """Tell the others that this member is writing, as long as the member may."""
        connection, conversation = self.connection, self.conversation
        if connection is None or conversation is None:
            return
        if await at_once(_may_write, conversation.pk, connection.user_id):
            presence.writes(hub.conversation_topic(conversation.pk), connection.user_id, connection.name)


def _authorise(key: str, wanted: UUID | None) -> tuple[User | None, Conversation | None]:
    """Who it is, and the conversation if they may read it."""
    user = user_for_session(key) if key else None
    if user is None or wanted is None:
        return user, None
    return user, Conversation.objects.visible_to(user).filter(pk=wanted).first()


def _present(conversation_id: UUID, member_id: int) -> list[Conversation]:
    """The conversation as it is by now, if the member may still read it; its owner may take a deletion back."""
    found = Conversation.objects.filter(pk=conversation_id)
    return list(found.filter(owner=member_id) or Conversation.objects.visible_to(member_id).filter(pk=conversation_id))


def _may_write(conversation_id: UUID, member_id: int) -> bool:
    return Conversation.objects.open_to(member_id).filter(pk=conversation_id).exists()


def _changes(conversation_id: UUID, reader_id: int, revision: int) -> list[dict[str, Any]] | int:
    """The frames that a page of this revision lacks, on the branch that its reader has open.

    The close code that says why, where the reader may not open the conversation any more.
    """
    conversation = Conversation.objects.select_related("owner").filter(pk=conversation_id).first()
    # Its owner may take a deletion back.
    owns = conversation is not None and conversation.owner_id == reader_id
    if conversation is None or (conversation.deleted_at and not owns):
        return NO_SUCH_CONVERSATION
    if not owns and not Conversation.objects.visible_to(reader_id).filter(pk=conversation_id).exists():
        return LOST_ACCESS
    if conversation.revision == revision:
        return []
    rows = fragments.row_frames(conversation, reader_id, after=revision)
    return [fragments.branch_frame(conversation, reader_id, rows), fragments.queue_frame(conversation, reader_id)]
