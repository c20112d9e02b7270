"""An event loop that does not wait: where nothing is left to do, its clock jumps to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    jump: Callable[[float], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("somebody waits for ever: no timer is left that could wake them")
        self.jump(timeout)
        return super().select(0)


class Hurry(asyncio.SelectorEventLoop):
    """Its time() is the clock to give to what is tested."""

    def __init__(self) -> None:
        self.now = 1_000.0
        selector = _Jumping()
        selector.jump = self._jump
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def _jump(self, seconds: float) -> None:
        self.now += max(0.0, seconds)


def hurried(work: Coroutine[Any, Any, T]) -> T:
    """Run this to its end on such a loop. AssertionError if it hangs."""
    with asyncio.Runner(loop_factory=Hurry) as runner:
        return runner.run(work)


def now() -> float:
    return asyncio.get_running_loop().time()
