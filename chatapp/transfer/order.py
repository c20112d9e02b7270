"""In which order the messages of a conversation stand in a file, and are taken from one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import heappop, heappush


def parents_first(parents: Mapping[int, int | None]) -> list[int]:
    """These messages by their numbers, each after its parent; otherwise the lowest first.

    What leads to no beginning is left out: messages in a circle, or under one that is not there.
    """
    children: defaultdict[int | None, list[int]] = defaultdict(list)
    for message, parent in sorted(parents.items()):
        children[parent].append(message)
    ready = children[None].copy()
    ordered: list[int] = []
    while ready:
        message = heappop(ready)
        ordered.append(message)
        for child in children[message]:
            heappush(ready, child)
    return ordered
