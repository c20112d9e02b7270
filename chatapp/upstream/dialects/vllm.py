"""vLLM."""

from __future__ import annotations

from chatapp.upstream.dialects.template import Template


class VLLM(Template):
    """Reasoning comes as `reasoning`, from older ones as `reasoning_content`."""
