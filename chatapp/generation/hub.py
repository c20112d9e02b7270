"""Who watches what in this process. Frames go straight to the viewers: no layer, no loss, no database."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, Protocol


class Watcher(Protocol):
    def push(self, frame: str) -> None: ...


_watchers: defaultdict[str, set[Watcher]] = defaultdict(set)


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


def publish(topic: str, frame: dict[str, Any]) -> None:
    """Encode the frame once and hand the same string to everybody. Event loop only."""
    watchers = _watchers.get(topic)
    if watchers:
        encoded = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        for watcher in tuple(watchers):
            watcher.push(encoded)
