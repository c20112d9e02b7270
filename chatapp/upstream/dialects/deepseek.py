"""The DeepSeek API (its guide "Thinking Mode", and "Create Chat Completion")."""

from __future__ import annotations

from typing import Any

from chatapp.upstream.dialects.base import Dialect
from chatapp.upstream.errors import Busy


class DeepSeek(Dialect):
    """It thinks unless told not to, and passes over temperature and top_p while it does."""

    # A finish reason: the answer was given up for want of room.
    meanings = {"insufficient_system_resource": Busy}

    def thinking(self, think: bool) -> dict[str, Any]:
        return {"thinking": {"type": "enabled" if think else "disabled"}}
