"""What must be true of the trees in a database, whatever many writers did to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.live.server import Server

QUESTION = {"waiting", "sent"}
ANSWER = {"queued", "streaming", "done", "stopped", "interrupted", "failed"}
RUNNING = {"queued", "streaming"}


@dataclass(frozen=True)
class Node:
    """A message as the database has it."""

    pk: int
    conversation: str
    parent: int | None
    role: str
    status: str
    compared: bool
    revision: int
    name: str
    text: str

    @property
    def running(self) -> bool:
        return self.status in RUNNING


def nodes(server: Server) -> dict[int, Node]:
    found = server.rows(
        "SELECT id, conversation_id, parent_id, role, status, compared, revision, client_id, text"
        " FROM conversations_message"
    )
    return {
        pk: Node(pk, _name(place), parent, role, status, compared, revision, _name(name), text)
        for pk, place, parent, role, status, compared, revision, name, text in found
    }


def complaints(server: Server) -> list[str]:
    """What is wrong in this database, where nothing is being made any more. The constraints are not relied on."""
    found = nodes(server)
    conversations = server.rows("SELECT id, leaf_id, revision FROM conversations_conversation")
    leaves = {_name(pk): leaf for pk, leaf, _ in conversations}
    revisions = {_name(pk): revision for pk, _, revision in conversations}
    opened = server.rows("SELECT conversation_id, leaf_id FROM conversations_openbranch")
    return [
        *(said for node in found.values() for said in _of_message(node, found)),
        *(f"{pk}: no conversation" for pk, node in found.items() if node.conversation not in leaves),
        *(f"{pk}: newer than all" for pk, node in found.items() if node.revision > revisions[node.conversation]),
        *(f"{pk}: no answer" for pk in _unanswered(found)),
        *_of_leaves("leaf", leaves.items(), found),
        *_of_leaves("open branch", ((_name(pk), leaf) for pk, leaf in opened), found),
        *(f"{name} twice in {where}" for (where, name), times in _names(found).items() if times > 1),
    ]


def questions(server: Server, conversation: str) -> Counter[str]:
    """How often each text stands in the conversation as a question."""
    found = (node for node in nodes(server).values() if node.conversation == conversation)
    return Counter(node.text for node in found if node.role == "user")


def _of_message(node: Node, found: Mapping[int, Node]) -> Iterator[str]:
    parent = found.get(node.parent or 0)
    if node.parent is not None and parent is None:
        yield f"{node.pk}: its parent is not there"
    if parent and parent.conversation != node.conversation:
        yield f"{node.pk}: its parent is in another conversation"
    if parent and parent.role == node.role:
        yield f"{node.pk}: {node.role} after {node.role}"
    if node.role == "assistant" and parent is None:
        yield f"{node.pk}: an answer to nothing"
    if node.status not in (QUESTION if node.role == "user" else ANSWER):
        yield f"{node.pk}: {node.role} is {node.status}"
    if node.running or node.status == "waiting":
        yield f"{node.pk}: still {node.status}"
    if node.revision < 1:
        yield f"{node.pk}: no revision"
    if not _reaches_a_root(node, found):
        yield f"{node.pk}: a circle"


def _reaches_a_root(node: Node, found: Mapping[int, Node]) -> bool:
    passed: set[int] = set()
    at: Node | None = node
    while at is not None and at.pk not in passed:
        passed.add(at.pk)
        at = found.get(at.parent or 0)
    return at is None


def _unanswered(found: Mapping[int, Node]) -> list[int]:
    answered = {node.parent for node in found.values() if node.role == "assistant"}
    return [pk for pk, node in found.items() if node.role == "user" and pk not in answered]


def _of_leaves(what: str, ends: Iterable[tuple[str, int | None]], found: Mapping[int, Node]) -> Iterator[str]:
    children = defaultdict(list)
    for node in found.values():
        children[node.parent].append(node.pk)
    for conversation, leaf in ends:
        end = found.get(leaf or 0)
        if end is None or end.conversation != conversation:
            yield f"{conversation}: its {what} {leaf} is not in it"
        elif end.role != "assistant":
            yield f"{conversation}: its {what} {leaf} is a question"
        elif children[leaf]:
            yield f"{conversation}: its {what} {leaf} has messages after it"


def _names(found: Mapping[int, Node]) -> Counter[tuple[str, str]]:
    return Counter((node.conversation, node.name) for node in found.values() if node.name)


def _name(value: Any) -> str:
    """An id as a text, whichever way the database has it."""
    return "" if value is None else str(UUID(str(value)))
