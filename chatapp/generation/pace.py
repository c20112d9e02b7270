"""How long a run rests between two frames: the shared loop decides, not the single answer."""

from __future__ import annotations

# 20 frames a second look continuous; more only cost.
LEAST_REST_SECONDS = 0.05
MOST_REST_SECONDS = 1.0
# All frames together may use this share of one core, and one answer at most a tenth.
SHARE_OF_ALL = 0.5
SHARE_OF_ONE = 0.1
# The mean follows the last hundred frames or so.
WEIGHT = 0.01


class Pace:
    """Stretches the rest as frames get dearer or answers more, so that added latency stays level."""

    def __init__(self) -> None:
        self.mean_cost = 0.0

    def rest(self, running: int, cost: float) -> float:
        """Seconds to sleep after a frame that took `cost` seconds while `running` answers are made."""
        self.mean_cost += WEIGHT * (cost - self.mean_cost)
        wanted = max(LEAST_REST_SECONDS, cost / SHARE_OF_ONE, running * self.mean_cost / SHARE_OF_ALL)
        return min(wanted, MOST_REST_SECONDS)
