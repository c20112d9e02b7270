"""Servers where thinking is a switch of the model's chat template, on by default or not."""

from __future__ import annotations

from typing import Any

from chatapp.upstream.dialects.base import Dialect


class Template(Dialect):
    sampled = ("temperature", "top_p", "top_k", "min_p", "max_tokens")

    def thinking(self, think: bool) -> dict[str, Any]:
        # A real boolean: llama.cpp refuses a string.
        return {"chat_template_kwargs": {"enable_thinking": think}}
