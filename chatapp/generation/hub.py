"""Who watches what in this process. Frames go straight to the viewers: no layer, no loss, no database."""

from __future__ import annotations

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, Protocol


class Watcher(Protocol):
    @property
    def user_id(self) -> int: ...

    @property
    def name(self) -> str: ...

    def push(self, frame: str) -> None: ...


# Hears the frames of a conversation as they are, before anything is encoded.
Listener = Callable[[dict[str, Any]], None]

_watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
_listeners: defaultdict[str, set[Listener]] = defaultdict(set)
# What each member's pages were told, counted. The counts of another process mean nothing here.
_told: Counter[int] = Counter()
_process = secrets.token_hex(4)


def member_topic(user_id: int) -> str:
    return f"member:{user_id}"


def conversation_topic(conversation_id: object) -> str:
    return f"conversation:{conversation_id}"


def watch(topic: str, watcher: Watcher) -> None:
    _watchers[topic].add(watcher)


def leave(topic: str, watcher: Watcher) -> None:
    watchers = _watchers.get(topic)
    if watchers is None:
        return
    watchers.discard(watcher)
    if not watchers:
        del _watchers[topic]


def people(topic: str) -> dict[int, str]:
    """Who watches this: members' names by their ids."""
    return {watcher.user_id: watcher.name for watcher in _watchers.get(topic, ())}


def listen(topic: str, listener: Listener) -> None:
    """Have this called with every frame that is for everybody who watches, and with every note."""
    _listeners[topic].add(listener)


def stop_listening(topic: str, listener: Listener) -> None:
    if topic in _listeners:
        _listeners[topic].discard(listener)
        if not _listeners[topic]:
            del _listeners[topic]


def note(topic: str, frame: dict[str, Any]) -> None:
    """Tell those who listen, and no browser. Event loop only."""
    for listener in tuple(_listeners.get(topic, ())):
        listener(frame)


def publish(topic: str, frame: dict[str, Any], *, to: int | None = None) -> None:
    """Encode the frame once and hand the same string to everybody, or to this member alone. Event loop only."""
    if to is None:
        note(topic, frame)
    watchers = _watchers.get(topic)
    if watchers:
        encoded = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        for watcher in tuple(watchers):
            if to is None or watcher.user_id == to:
                watcher.push(encoded)


def tell_member(user_id: int, frame: dict[str, Any]) -> None:
    """Tell every page of this member that lists changed. Event loop only."""
    _told[user_id] += 1
    publish(member_topic(user_id), frame)


def told(user_id: int) -> str:
    """Stands for what the member's pages were told so far: a list that is read while it says something else is old."""
    return f"{_process}.{_told[user_id]}"
