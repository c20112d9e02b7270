"""How to ask each kind of server and what it means by its errors: one short file per dialect."""

from __future__ import annotations

from collections.abc import Mapping

from chatapp.upstream.dialects.base import ChatRequest, Dialect, Message, Sampling
from chatapp.upstream.dialects.deepseek import DeepSeek
from chatapp.upstream.dialects.intern import Intern
from chatapp.upstream.dialects.litellm import LiteLLM
from chatapp.upstream.dialects.llamacpp import LlamaCpp
from chatapp.upstream.dialects.lmdeploy import LMDeploy, OldLMDeploy
from chatapp.upstream.dialects.ollama import Ollama
from chatapp.upstream.dialects.openai import OpenAI
from chatapp.upstream.dialects.plain import Plain
from chatapp.upstream.dialects.sglang import SGLang
from chatapp.upstream.dialects.vllm import VLLM

__all__ = ["DIALECTS", "ChatRequest", "Dialect", "Message", "Sampling"]

DIALECTS: Mapping[str, Dialect] = {
    "intern": Intern(),
    "lmdeploy": LMDeploy(),
    "lmdeploy-old": OldLMDeploy(),
    "vllm": VLLM(),
    "sglang": SGLang(),
    "ollama": Ollama(),
    "llamacpp": LlamaCpp(),
    "litellm": LiteLLM(),
    "openai": OpenAI(),
    "deepseek": DeepSeek(),
    "plain": Plain(),
}
