"""What is known about each kind of server before anybody has typed a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatapp.catalog.models import Provider
from chatapp.catalog.seed import INTERN_URL

_Dialect = Provider.Dialect


@dataclass(frozen=True, slots=True)
class Preset:
    """The start of a provider. `about`: what it is, in a few words; `hint`: what to know before typing."""

    slug: str
    name: str
    about: str
    dialect: Provider.Dialect
    base_url: str = ""
    requests_per_minute: int | None = None
    needs_key: bool = False
    hint: str = ""


_OWN = "A key is only needed where the server was started with one."
_ALL = [
    # 30 a minute for each token: Intern's documentation, error -20053.
    Preset(
        "intern",
        "Intern",
        "InternLM and Intern-S1",
        _Dialect.INTERN,
        INTERN_URL,
        30,
        needs_key=True,
        hint="The whole team shares the 30 requests a minute of one token. Tokens end after about six months.",
    ),
    Preset("lmdeploy", "LMDeploy", "On our own GPUs", _Dialect.LMDEPLOY, "http://127.0.0.1:23333/v1", hint=_OWN),
    Preset("vllm", "vLLM", "On our own GPUs", _Dialect.VLLM, "http://127.0.0.1:8000/v1", hint=_OWN),
    Preset("sglang", "SGLang", "On our own GPUs", _Dialect.SGLANG, "http://127.0.0.1:30000/v1", hint=_OWN),
    Preset("ollama", "Ollama", "Models on a desk", _Dialect.OLLAMA, "http://127.0.0.1:11434/v1", hint="No key needed."),
    Preset(
        "llamacpp", "llama.cpp", "GGUF models, llama-server", _Dialect.LLAMACPP, "http://127.0.0.1:8080/v1", hint=_OWN
    ),
    Preset("litellm", "LiteLLM", "Or another gateway", _Dialect.LITELLM, "http://127.0.0.1:4000/v1", hint=_OWN),
    Preset("openai", "OpenAI", "GPT models", _Dialect.OPENAI, "https://api.openai.com/v1", needs_key=True),
    Preset("deepseek", "DeepSeek", "DeepSeek API", _Dialect.DEEPSEEK, "https://api.deepseek.com/v1", needs_key=True),
    Preset("other", "Other", "Anything OpenAI-compatible", _Dialect.PLAIN),
]
PRESETS: Mapping[str, Preset] = {preset.slug: preset for preset in _ALL}
OTHER = PRESETS["other"]


def preset_of(dialect: str) -> Preset:
    """The preset for a server that was found speaking this dialect."""
    return next((preset for preset in _ALL if preset.dialect == dialect), OTHER)


def start_of(preset: Preset, port: int | None = None) -> dict[str, object]:
    """First values for the form. `port`: of a server of this kind that was found on this machine."""
    name = "" if preset is OTHER else _free_name(preset.name)
    return {
        "name": name,
        "dialect": preset.dialect,
        "address": f"http://127.0.0.1:{port}/v1" if port else preset.base_url,
        "requests_per_minute": preset.requests_per_minute,
    }


def _free_name(name: str) -> str:
    """The name, or the first of "Name 2", "Name 3" … that no provider has; one query."""
    taken = set(Provider.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)
