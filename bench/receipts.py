"""When each numbered piece of an answer arrived, and what that says about added latency."""

from __future__ import annotations

import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench import shapes
from bench.page import CARET

LONGEST_MARK = 12


class Receipt:
    """The moments, in ns, at which one answer's tokens or marks were emitted and arrived, in order."""

    def __init__(self, shape: str, after: int) -> None:
        self.next = self.frames = 0
        self.arrived, self.emitted = array.array("q"), array.array("q")
        self._after = after
        # The end of what is shown: a mark may come in two pieces.
        self._before_caret = ""
        self._marks = shape in shapes.DOCUMENT_SHAPES

    def take(self, frame: dict[str, Any], now: int) -> None:
        """A frame that arrived; those of earlier messages do not count."""
        if frame.get("m", 0) <= self._after:
            return
        self.frames += 1
        if frame["t"] == "live":
            for op, arg in frame["ops"]:
                if op == "text":
                    self._read(self._before_caret + arg, now)
                    self._before_caret = (self._before_caret + arg)[-LONGEST_MARK:]
                elif op in ("open", "tail", "block"):
                    self._show(arg, now)
        else:
            self._show(frame.get("html") or frame.get("closed", "") + frame.get("tail", ""), now)

    def _show(self, html: str, now: int) -> None:
        self._read(html, now)
        caret = CARET.search(html)
        self._before_caret = html[max(0, caret.start() - LONGEST_MARK) : caret.start()] if caret else ""

    def _read(self, text: str, now: int) -> None:
        """Stamp what is new: an operation may repeat older numbers, but never skips one."""
        start = text.find(f"m{self.next}m" if self._marks else f"{self.next}:")
        if start < 0:
            return
        found = shapes.MARK.findall(text[start:]) if self._marks else shapes.TOKEN.findall(text[start:])
        for number, *emitted in ([item] if self._marks else item for item in found):
            if int(number) == self.next:
                self.next += 1
                self.arrived.append(now)
                self.emitted.extend(map(int, emitted))

    def add_moments(self, text: str, times: memoryview, chars: int) -> None:
        """Marks carry no times: take each from the emitter's log, by the delta that completed the mark."""
        positions = shapes.mark_positions(text, chars)[: len(self.arrived)]
        self.emitted = array.array("q", [times[at] for at in positions])


@dataclass(frozen=True)
class Latencies:
    """Added latencies in ns: of the whole run, and of the window start … end in which all received."""

    whole: list[int]
    steady: list[int]
    start: int
    end: int
    # Of all that arrived, how many did so in the window.
    in_window: int

    @classmethod
    def of(cls, receipts: Sequence[Receipt]) -> Latencies:
        receipts = [receipt for receipt in receipts if receipt.emitted]
        start = max((receipt.emitted[0] for receipt in receipts), default=0)
        end = min((receipt.emitted[-1] for receipt in receipts), default=0)
        pairs = [pair for receipt in receipts for pair in zip(receipt.emitted, receipt.arrived, strict=True)]
        return cls(
            whole=[arrived - emitted for emitted, arrived in pairs],
            steady=[arrived - emitted for emitted, arrived in pairs if start <= emitted <= end],
            start=start,
            end=end,
            in_window=sum(start <= arrived <= end for _, arrived in pairs),
        )

    @property
    def window_seconds(self) -> float:
        return max(0, self.end - self.start) / 1e9

    def deltas_per_second(self, deltas: float) -> int:
        """The rate of receipt in the window, where so many deltas were sent in all."""
        share = self.in_window / max(1, len(self.whole))
        return round(share * deltas / self.window_seconds) if self.window_seconds else 0
