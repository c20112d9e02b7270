"""Ollama's OpenAI-compatible side, /v1. What only /api/chat knows (think, top_k, min_p) is passed over there."""

from __future__ import annotations

import re
from typing import Any

from chatapp.upstream.dialects.base import ChatRequest, Dialect, Message
from chatapp.upstream.errors import ImageUnsupported

_IMAGE = re.compile(r"data:image/(?:jpeg|jpg|png|webp);base64,")


class Ollama(Dialect):
    """A question that does not fit loses its oldest turns there, without a word."""

    def messages(self, request: ChatRequest) -> list[Message]:
        """Raises ImageUnsupported for an image that it cannot read: an address, or a GIF."""
        for turn in request.messages:
            for part in turn["content"] if isinstance(turn["content"], list) else ():
                if part.get("type") == "image_url" and not _IMAGE.match(part["image_url"]["url"]):
                    raise ImageUnsupported("Ollama takes JPEG, PNG and WebP as base64 data URLs only")
        return list(request.messages)

    def thinking(self, think: bool) -> dict[str, Any]:
        return {"reasoning_effort": "medium" if think else "none"}
