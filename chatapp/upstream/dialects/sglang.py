"""SGLang."""

from __future__ import annotations

from chatapp.upstream.dialects.template import Template


class SGLang(Template):
    """It answers to any name of a model, so a wrong one is never refused."""
