"""LiteLLM and other gateways, with who knows what behind."""

from __future__ import annotations

from typing import Any

from chatapp.upstream.dialects.base import Dialect
from chatapp.upstream.errors import KeyWrong, NoAccess


class LiteLLM(Dialect):
    """Of what is not OpenAI's own it hands on the switch of the template."""

    # Without a database it answers so to any key but its own.
    meanings = {"budget_exceeded": NoAccess, "no_db_connection": KeyWrong}

    def thinking(self, think: bool) -> dict[str, Any]:
        return {"chat_template_kwargs": {"enable_thinking": think}}
