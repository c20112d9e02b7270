"""What is known about a model before an administrator has typed a word. A provider's own list goes before this.

Context lengths: Intern's list of models (internlm.intern-ai.org.cn, "Models"). Sampling: the user guides in the
repository of Intern-S1, "Sampling Parameters".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatapp.catalog.models import Alias

_K = 1024


@dataclass(frozen=True, slots=True)
class Known:
    """First values for the form of an alias that leads to such a model; the fields are the alias's own."""

    context_tokens: int
    vision: bool = True
    thinking: Alias.Thinking = Alias.Thinking.OPTIONAL
    tools: bool = True
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None


_PRO = Known(256 * _K, temperature=0.8, top_p=0.95, top_k=50, min_p=0.0)
_S1 = Known(32 * _K, temperature=0.7, top_p=1.0, top_k=50, min_p=0.0)
_MINI = Known(32 * _K, temperature=0.8, top_p=1.0, top_k=50, min_p=0.0)
_VISION = Known(32 * _K, thinking=Alias.Thinking.NONE, tools=False)
_TEXT = Known(32 * _K, vision=False, thinking=Alias.Thinking.NONE)
# The first that the id starts with, so the longer ones stand in front.
_BY_START = {
    "intern-s1-pro": _PRO,
    "intern-s1-mini": _MINI,
    "intern-s1": _S1,
    "intern-latest": _PRO,
    "internvl": _VISION,
    "internlm": _TEXT,
}


def known(model_id: str, ref_model: str = "") -> Known | None:
    """By what the id stands for, where that is told, else by the id. Folders, case and what follows do not count:
    internlm/Intern-S1-FP8 is an Intern-S1.
    """
    for name in (ref_model, model_id):
        plain = _plain(name)
        for start, found in _BY_START.items():
            if plain.startswith(start):
                return found
    return None


def _plain(name: str) -> str:
    return re.sub(r"[_\s]", "-", name.rpartition("/")[2].lower())
