"""OpenAI itself."""

from __future__ import annotations

from typing import Any

from chatapp.upstream.dialects.base import ChatRequest, Dialect


class OpenAI(Dialect):
    """Its models that reason hide what they thought, and refuse max_tokens; thinking, temperature and top_p too."""

    def sampling(self, request: ChatRequest) -> dict[str, Any]:
        chosen = super().sampling(request)
        if request.think:
            chosen = {name: value for name, value in chosen.items() if name == "max_tokens"}
        if "max_tokens" in chosen:
            chosen["max_completion_tokens"] = chosen.pop("max_tokens")
        return chosen

    def thinking(self, think: bool) -> dict[str, Any]:
        return {"reasoning_effort": "medium" if think else "none"}
