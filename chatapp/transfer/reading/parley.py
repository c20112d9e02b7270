"""Our own format, "parley-conversation" 1. It was written by a program, so what does not fit together is refused."""

from __future__ import annotations

from typing import Any

from chatapp.transfer.limits import IMAGES, TEXT_CHARACTERS
from chatapp.transfer.order import parents_first
from chatapp.transfer.reading.pictures import Pictures, hang, note
from chatapp.transfer.reading.tree import Node, Tree
from chatapp.transfer.reading.values import (
    Unreadable,
    items,
    line,
    mapping,
    measure,
    moment,
    number,
    words,
)

FORMAT = "parley-conversation"
VERSION = 1
INSTRUCTIONS_CHARACTERS = 20_000
_ROLES = ("user", "assistant")
_SETTLED = ("done", "stopped", "interrupted", "failed")
# What was going on when it was written does not go on here.
_CUT = ("queued", "streaming")
_LARGEST = 2**31 - 1
_DAY = 86_400.0
_MARKS = ("think", "compared", "repointed", "fallback")
_SECONDS = ("reasoning_seconds", "first_word_seconds", "answer_seconds")
_COUNTS = ("retry_after", "tokens_in", "tokens_out")


def is_ours(value: Any) -> bool:
    return mapping(value).get("format") == FORMAT


def tree_of(value: dict[str, Any], pictures: Pictures) -> Tree:
    """Read one conversation. Raises Unreadable."""
    if value.get("version") != VERSION:
        raise Unreadable("It was written by a newer Parley than this.")
    tree = Tree(line(value.get("id"), 64), line(value.get("title"), 200), head=_head(value))
    images = _images(tree, items(value.get("images")), pictures)
    known: dict[int, Node] = {}
    for given in _ordered([mapping(one) for one in items(value.get("messages"))]):
        known[given["id"]] = _message(tree, given, known, images)
    tree.open = _open(value.get("open"), known)
    tree.check()
    return tree


def _head(value: dict[str, Any]) -> dict[str, Any]:
    given = mapping(value.get("parameters"))
    parameters = {
        "temperature": measure(given.get("temperature"), 2),
        "top_p": measure(given.get("top_p"), 1),
        "top_k": number(given.get("top_k"), 1000),
        "min_p": measure(given.get("min_p"), 1),
        "answer_tokens": number(given.get("answer_tokens"), 1_000_000),
    }
    return {
        **{name: moment(value.get(name)) for name in ("created_at", "active_at", "pinned_at", "archived_at")},
        "titled_by": line(value.get("titled_by"), 8),
        "alias": line(value.get("alias"), 64),
        "think": value.get("think") is True,
        "instructions": words(value.get("instructions"), INSTRUCTIONS_CHARACTERS),
        "parameters": {name: one for name, one in parameters.items() if one is not None},
        "folder": line(value.get("folder"), 80),
    }


def _images(tree: Tree, given: list[Any], pictures: Pictures) -> dict[Any, int | str]:
    """The file's numbers of images → ours, or the name of one that is not taken."""
    found: dict[Any, int | str] = {}
    for one in map(mapping, given[:IMAGES]):
        file = one.get("file")
        digest = pictures.entry(file) if isinstance(file, str) else pictures.inside(one.get("data"))
        name = line(one.get("name"), 120)
        place = hang(tree, digest, name, line(one.get("alt"), 400))
        key = one.get("id")
        if isinstance(key, int):
            found[key] = name if place is None else place
    return found


def _ordered(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages as they stand in the file, but each after the one that it answers."""
    places: dict[int, int] = {}
    for place, message in enumerate(given):
        pk = message.get("id")
        if not isinstance(pk, int) or isinstance(pk, bool) or pk in places:
            raise Unreadable("Its messages have no numbers of their own.")
        places[pk] = place
    parents = {place: _place_of(message.get("parent"), places) for place, message in enumerate(given)}
    ordered = parents_first(parents)
    if len(ordered) < len(given):
        raise _no_tree()
    return [given[place] for place in ordered]


def _place_of(parent: Any, places: dict[int, int]) -> int | None:
    if parent is None:
        return None
    if not isinstance(parent, int) or parent not in places:
        raise _no_tree()
    return places[parent]


def _no_tree() -> Unreadable:
    return Unreadable("Its messages do not form a tree: a message answers one that is not there, or itself.")


def _message(tree: Tree, given: dict[str, Any], known: dict[int, Node], images: dict[Any, int | str]) -> Node:
    parent, role = given.get("parent"), given.get("role")
    if role not in _ROLES or not isinstance(given.get("text"), str):
        raise Unreadable("One of its messages is neither a question nor an answer.")
    if len(given["text"]) > TEXT_CHARACTERS:
        raise Unreadable(f"One of its messages has more than {TEXT_CHARACTERS:,} characters.")
    node = tree.add(None if parent is None else known[parent].id, role, words(given["text"], TEXT_CHARACTERS))
    node.created_at = moment(given.get("created_at"))
    node.reasoning = words(given.get("reasoning"), TEXT_CHARACTERS)
    node.alias = line(given.get("alias"), 64)
    node.more = _more(given, role)
    context = given.get("context_from")
    if isinstance(context, int) and context in known:
        node.more["context_from"] = known[context].id
    _hang(tree, node, items(given.get("images")), images)
    return node


def _more(given: dict[str, Any], role: str) -> dict[str, Any]:
    status = given.get("status")
    answer = role == "assistant"
    more: dict[str, Any] = {name: True for name in _MARKS if given.get(name) is True}
    more |= {name: one for name in _COUNTS if (one := number(given.get(name), _LARGEST)) is not None}
    more |= {name: took for name in _SECONDS if (took := measure(given.get(name), _DAY)) is not None}
    if answer:
        more["status"] = status if status in _SETTLED else "interrupted" if status in _CUT else "done"
        more["error"] = line(given.get("error"), 32)
        more["shown_model"] = line(given.get("model"), 200)
        more["lane"] = number(given.get("lane"), 32_767) or 0
        unseen = mapping(given.get("unseen"))
        more["unseen"] = {line(why, 32): count for why, one in unseen.items() if (count := number(one, 1_000_000))}
        opinion = given.get("feedback")
        if isinstance(opinion, dict) and isinstance(opinion.get("good"), bool):
            more["feedback"] = {"good": opinion["good"], "comment": words(opinion.get("comment"), 10_000)}
    return more


def _hang(tree: Tree, node: Node, given: list[Any], images: dict[Any, int | str]) -> None:
    for one in given[:IMAGES]:
        place = images.get(one, "") if isinstance(one, int) else ""
        if isinstance(place, int):
            node.images.append(place)
        else:
            tree.leave_out("images that are not in the file")
            node.text = f"{node.text}\n\n{note(place)}".strip()


def _open(given: Any, known: dict[int, Node]) -> int | None:
    if isinstance(given, int) and given in known:
        return known[given].id
    return max((node.id for node in known.values()), default=None)
