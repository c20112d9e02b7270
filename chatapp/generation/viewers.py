"""The browsers that are connected to this process: what each may still be sent, and whether it may stay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation
from chatapp.database import in_order
from chatapp.generation import hub, presence
from chatapp.generation.outbox import STUCK, Close, Outbox, Send

SOCKETS_PER_MEMBER = 100

# Close codes; others are with the sockets themselves.
NOT_SIGNED_IN = 4401
LOST_ACCESS = 4403
NO_SUCH_CONVERSATION = 4404


class Connection(Outbox):
    """The socket of a member's page."""

    def __init__(
        self, user: User, session_key: str, send: Send, close: Close, conversation_id: UUID | None = None
    ) -> None:
        super().__init__(send, close)
        self.user_id = user.pk
        self.name = user.name
        # Changes with the password and with "sign out everywhere".
        self.session_hash = user.get_session_auth_hash()
        self.session_key = session_key
        self.conversation_id = conversation_id
        self.topics: list[str] = []
        connections.add(self)
        per_member[self.user_id] += 1

    def watch(self, topic: str) -> None:
        self.topics.append(topic)
        hub.watch(topic, self)

    def leave(self) -> None:
        """Forget this socket; harmless when repeated."""
        if self in connections:
            connections.discard(self)
            per_member[self.user_id] -= 1
            if not per_member[self.user_id]:
                del per_member[self.user_id]
        for topic in self.topics:
            hub.leave(topic, self)
            presence.went(topic, self.user_id)
        self.topics.clear()
        super().leave()


connections: set[Connection] = set()
per_member: Counter[int] = Counter()


async def close_unwelcome() -> None:
    """Close the sockets whose session, member or share is gone, and those that do not read."""
    for connection in [c for c in connections if c.stuck]:
        await connection.close(STUCK)
    # Those that open while we look are not judged: their sessions are not among the ones looked for.
    looked_at = [(connection, connection.conversation_id) for connection in connections]
    if not looked_at:
        return
    sessions, members = {c.session_key for c, _ in looked_at}, {c.user_id for c, _ in looked_at}
    places = {(c.user_id, place) for c, place in looked_at if place}
    lost, alive, hashes = await in_order(_judged, places, sessions, members)
    for connection, place in looked_at:
        if connection.session_key not in alive or hashes.get(connection.user_id) != connection.session_hash:
            await connection.close(NOT_SIGNED_IN)
        elif code := lost.get((connection.user_id, place)):
            await connection.close(code)


def _judged(
    places: Collection[tuple[int, UUID]], sessions: set[str], members: set[int]
) -> tuple[dict[tuple[int, UUID | None], int], set[str], dict[int, str]]:
    """Who may not read, and who is who; in this order, as an account that goes meanwhile is no lost access."""
    return _uninvited(places), *_alive(sessions, members)


def _uninvited(places: Collection[tuple[int, UUID]]) -> dict[tuple[int, UUID | None], int]:
    """Which members are in conversations that they may not read any more, and the code that says why.

    An owner who deletes one stays in it: it can be brought back there.
    """
    conversations = Conversation.objects.filter(pk__in={place for _, place in places})
    owners = dict(conversations.values_list("pk", "owner_id"))
    guests = defaultdict(set)
    for member_id, place in places:
        if owners.get(place) != member_id:
            guests[member_id].add(place)
    unseen = set()
    for member_id, wanted in guests.items():
        seen = Conversation.objects.visible_to(member_id).filter(pk__in=wanted).values_list("pk", flat=True)
        unseen |= {(member_id, place) for place in wanted - set(seen)}
    # Looked at last: what was deleted meanwhile is no lost access either.
    there = set(conversations.filter(deleted_at=None).values_list("pk", flat=True)) if unseen else set()
    return {(member_id, place): LOST_ACCESS if place in there else NO_SUCH_CONVERSATION for member_id, place in unseen}


def _alive(sessions: set[str], members: set[int]) -> tuple[set[str], dict[int, str]]:
    """The sessions that still exist, and the active members' present session hashes."""
    found = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    active = User.objects.filter(pk__in=members, is_active=True)
    return set(found.values_list("pk", flat=True)), {user.pk: user.get_session_auth_hash() for user in active}
