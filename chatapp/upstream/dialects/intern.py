"""The Intern API. Its documents: "Chat API", "Models API" and "Error codes" of chat.intern-ai.org.cn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatapp.upstream.dialects.base import ChatRequest, Dialect, Message
from chatapp.upstream.errors import (
    BadRequest,
    ContextTooLong,
    KeyExpired,
    KeyWrong,
    NoAccess,
    RateLimited,
    UnknownModel,
)


class Intern(Dialect):
    """Parameters other than those of its documents "are not supported yet", so usage is taken where it comes unasked.

    `thinking_mode` is always said where the model has it: the English and Chinese documents disagree about the default.
    """

    asks_for_usage = False
    streams_tools = False
    cuts_after = 120.0
    # LMDeploy stands behind it.
    wordless_length = ContextTooLong
    meanings = {
        "-10002": BadRequest,
        "-20004": NoAccess,
        "-20013": UnknownModel,
        "-20018": BadRequest,
        "-20035": NoAccess,
        "-20053": RateLimited,
        # Of the gateway in front of it.
        "A0202": KeyWrong,
        "A0211": KeyExpired,
        "C1114": KeyWrong,
    }

    def messages(self, request: ChatRequest) -> list[Message]:
        return without_system(request.messages) if request.think else list(request.messages)

    def sampling(self, request: ChatRequest) -> dict[str, Any]:
        chosen = super().sampling(request)
        if "temperature" in chosen:
            chosen["temperature"] = min(max(chosen["temperature"], 0), 1)
        return chosen

    def thinking(self, think: bool) -> dict[str, Any]:
        return {"thinking_mode": think}


def without_system(messages: Sequence[Message]) -> list[Message]:
    """The instructions moved into the first user turn: with thinking_mode there may be no system message."""
    instructions = "\n\n".join(_text(turn["content"]) for turn in messages if turn["role"] == "system")
    turns = [turn for turn in messages if turn["role"] != "system"]
    if not instructions:
        return turns
    for at, turn in enumerate(turns):
        if turn["role"] == "user":
            content = turn["content"]
            folded: str | list[dict[str, Any]] = (
                [{"type": "text", "text": instructions}, *content]
                if isinstance(content, list)
                else f"{instructions}\n\n{content}"
            )
            return [*turns[:at], {"role": "user", "content": folded}, *turns[at + 1 :]]
    return [{"role": "user", "content": instructions}, *turns]


def _text(content: str | list[dict[str, Any]] | None) -> str:
    if not isinstance(content, list):
        return content or ""
    return "\n\n".join(str(part["text"]) for part in content if part.get("type") == "text")
