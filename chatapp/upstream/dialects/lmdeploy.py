"""LMDeploy, from 0.12 on and before. It answers 400 to a reasoning_effort of "none", and passes over thinking_mode."""

from __future__ import annotations

from typing import Any

from chatapp.upstream.dialects.template import Template
from chatapp.upstream.errors import ContextTooLong


class LMDeploy(Template):
    # 0.9 to 0.15 say so under HTTP 200 when the question alone does not fit.
    wordless_length = ContextTooLong


class OldLMDeploy(LMDeploy):
    """0.9 to 0.11 know the switch only by itself. Tool calls of a stream come as reasoning there."""

    streams_tools = False

    def thinking(self, think: bool) -> dict[str, Any]:
        return {"enable_thinking": think}
