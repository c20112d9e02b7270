"""What stands in a file is anybody's: each value is taken as what it should be, or as nothing."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from chatapp.conversations.words import clean

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(Exception):
    """This conversation is not taken. The sentence is for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def words(value: Any, most: int) -> str:
    """Text, fit for a database and cut to so many characters."""
    return clean(value)[:most] if isinstance(value, str) else ""


def line(value: Any, most: int) -> str:
    """Text on one line."""
    return " ".join(words(value, 10 * most).split())[:most].strip()


def number(value: Any, most: int) -> int | None:
    """A whole number from 0 to this."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= most else None


def measure(value: Any, most: float) -> float | None:
    """A number from 0 to this."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= most and math.isfinite(value) else None


def moment(value: Any) -> datetime | None:
    """A time as ISO 8601 or in seconds since 1970; none before that, nor in a future that no clock explains."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value[:64])
            at = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        else:
            seconds = measure(value, 1e11)
            if seconds is None:
                return None
            at = _FIRST + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return at if _FIRST <= at <= datetime.now(UTC) + timedelta(days=1) else None
