"""An export of ChatGPT. OpenAI describes its format nowhere; this is what such files have held up to early 2026.

A conversation is a `mapping` of nodes. What is one answer here may be a chain of nodes there: thoughts, a program, its
output, a piece of text. Such a chain becomes one message; where it branches, each branch has the chain's beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chatapp.transfer.limits import CONVERSATION_CHARACTERS, MESSAGES, TEXT_CHARACTERS
from chatapp.transfer.reading import parts
from chatapp.transfer.reading.parts import Piece
from chatapp.transfer.reading.pictures import Pointers
from chatapp.transfer.reading.tree import Tree
from chatapp.transfer.reading.values import Unreadable, items, line, mapping, moment

MOST_NODES = 5 * MESSAGES


@dataclass(eq=False, slots=True)
class _Chain:
    """An answer so far: its last piece, and the chain before that. `message` is set once it is written down."""

    before: _Chain | None
    piece: Piece
    began: datetime | None
    # The node that was open in ChatGPT is in it.
    current: bool
    message: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: under this message, in this chain."""

    parent: int | None = None
    chain: _Chain | None = None


@dataclass(slots=True)
class _Walk:
    """From the roots down. Each node is met once at most, whatever the file says."""

    tree: Tree
    nodes: dict[str, Any]
    pointers: Pointers
    current: Any
    characters: int = 0


def is_chatgpt(value: Any) -> bool:
    return isinstance(mapping(value).get("mapping"), dict)


def tree_of(value: dict[str, Any], pointers: Pointers) -> Tree:
    """Read one conversation. Raises Unreadable."""
    source = line(value.get("conversation_id"), 64) or line(value.get("id"), 64)
    tree = Tree(source, line(value.get("title"), 200), head=_head(value))
    if len(value["mapping"]) > MOST_NODES:
        raise Unreadable(f"It has more than {MOST_NODES:,} parts.")
    _go(_Walk(tree, value["mapping"], pointers, value.get("current_node")))
    if tree.nodes and tree.open is None:
        tree.open = tree.nodes[-1].id
    tree.check()
    return tree


def _head(value: dict[str, Any]) -> dict[str, Any]:
    active = moment(value.get("update_time")) or moment(value.get("create_time"))
    return {
        "created_at": moment(value.get("create_time")),
        "active_at": active,
        "pinned_at": moment(value.get("pinned_time")),
        "archived_at": active if value.get("is_archived") is True else None,
        "titled_by": "model",
    }


def _go(walk: _Walk) -> None:
    roots, children = _shape(walk.nodes)
    met: set[str] = set()
    waiting = [(pk, _Place()) for pk in reversed(roots)]
    while waiting:
        pk, place = waiting.pop()
        met.add(pk)
        place = _visit(walk, pk, place)
        below = children[pk]
        if not below:
            _written_down(walk, place)
        waiting += [(child, place) for child in reversed(below)]
    for _ in range(len(walk.nodes) - len(met)):
        walk.tree.leave_out("messages that hang in a circle")


def _shape(nodes: dict[str, Any]) -> tuple[list[str], dict[str, list[str]]]:
    """Where to begin, and what is under each node: in the order that its parent tells, which is that of time.

    A node has one parent, its own word for it: so it is under one other at most.
    """
    above: dict[str, str | None] = {}
    for pk, node in nodes.items():
        parent = mapping(node).get("parent")
        above[pk] = parent if isinstance(parent, str) and parent in nodes else None
    children: dict[str, list[str]] = {}
    for pk, node in nodes.items():
        told = dict.fromkeys(one for one in items(mapping(node).get("children")) if isinstance(one, str))
        children[pk] = [one for one in told if above.get(one) == pk]
    listed = {child for group in children.values() for child in group}
    for pk, parent in above.items():
        if parent is not None and pk not in listed:
            children[parent].append(pk)
    return [pk for pk, parent in above.items() if parent is None], children


def _visit(walk: _Walk, pk: str, place: _Place) -> _Place:
    """Take this node; returns the place of those under it."""
    message = mapping(mapping(walk.nodes[pk]).get("message"))
    role = mapping(message.get("author")).get("role")
    hidden = mapping(message.get("metadata")).get("is_visually_hidden_from_conversation") is True
    if role == "user" and not hidden:
        place = _question(walk, message, place)
    elif role in ("assistant", "tool") and not hidden:
        place = _longer(walk, message, place)
    elif role == "system" and not hidden:
        walk.tree.leave_out(parts.SYSTEM)
    if pk == walk.current:
        if place.chain:
            place.chain.current = True
        else:
            walk.tree.open = place.parent
    return place


def _question(walk: _Walk, message: dict[str, Any], place: _Place) -> _Place:
    text, images = parts.question_of(walk.tree, message, walk.pointers)
    if not text and not images:
        return place
    node = walk.tree.add(_written_down(walk, place), "user", _bounded(walk, text))
    node.created_at, node.images = moment(message.get("create_time")), images
    return _Place(node.id)


def _longer(walk: _Walk, message: dict[str, Any], place: _Place) -> _Place:
    piece = parts.piece_of(walk.tree, message)
    if piece == Piece():
        return place
    before = place.chain
    began = (before.began if before else None) or moment(message.get("create_time"))
    return _Place(place.parent, _Chain(before, piece, began, bool(before and before.current)))


def _written_down(walk: _Walk, place: _Place) -> int | None:
    """The message that ends here: the chain's, made when it is first asked for, or else the one above."""
    chain = place.chain
    if chain is None:
        return place.parent
    if chain.message is None:
        pieces: list[Piece] = []
        link: _Chain | None = chain
        while link is not None:
            pieces.append(link.piece)
            link = link.before
        pieces.reverse()
        text = _bounded(walk, "\n\n".join(piece.text for piece in pieces if piece.text))
        node = walk.tree.add(place.parent, "assistant", text)
        node.reasoning = _bounded(walk, "\n\n".join(piece.reasoning for piece in pieces if piece.reasoning))
        node.created_at = chain.began
        node.alias = next((piece.model for piece in reversed(pieces) if piece.model), "ChatGPT")
        node.more["status"] = "done"
        seconds = [piece.seconds for piece in pieces if piece.seconds is not None]
        if node.reasoning and seconds:
            node.more |= {"think": True, "reasoning_seconds": sum(seconds)}
        chain.message = node.id
        if chain.current:
            walk.tree.open = node.id
    return chain.message


def _bounded(walk: _Walk, text: str) -> str:
    """Checked here already: a few nodes that branch often could make texts without end."""
    walk.characters += len(text)
    if len(text) > TEXT_CHARACTERS:
        raise Unreadable(f"One of its messages has more than {TEXT_CHARACTERS:,} characters.")
    if walk.characters > CONVERSATION_CHARACTERS:
        raise Unreadable(f"Its messages have more than {CONVERSATION_CHARACTERS:,} characters.")
    return text
