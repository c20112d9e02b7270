"""Bounds the guessing of addresses. In the memory of this process: a guess must cost neither a query nor a write."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from accounts.throttle import Throttled

# So many different wrong addresses from one place; then none is looked at from there until the window is over.
MOST_WRONG = 100
WINDOW_SECONDS = 300.0
MOST_PLACES = 2_000


@dataclass(slots=True)
class _Tries:
    since: float
    # Of each the hash: whoever reloads one link that was revoked guesses nothing.
    wrong: set[int] = field(default_factory=set)


class Guesses:
    """The wrong addresses of late, by the place that they came from, as accounts.throttle names it."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def check(self, place: str) -> None:
        """Raises Throttled, whether or not the next address is a right one."""
        tries = self._tries.get(place)
        left = tries.since + WINDOW_SECONDS - time.monotonic() if tries else 0
        if tries and left > 0 and len(tries.wrong) >= MOST_WRONG:
            raise Throttled(math.ceil(left))

    def note(self, place: str, token: str) -> None:
        """This was a wrong one."""
        now = time.monotonic()
        tries = self._tries.get(place)
        if tries is None or now - tries.since >= WINDOW_SECONDS:
            self._tries.pop(place, None)
            tries = self._tries[place] = _Tries(now)
        tries.wrong.add(hash(token))
        if len(self._tries) > MOST_PLACES:
            self._tries.popitem(last=False)

    def forget(self) -> None:
        self._tries.clear()


guesses = Guesses()
