"""The server of llama.cpp."""

from __future__ import annotations

from chatapp.upstream.dialects.template import Template


class LlamaCpp(Template):
    """It answers to any name of a model, and sends nothing at all while others are in front."""
