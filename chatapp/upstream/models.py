"""The models that a server says it has. Of all that such a list may hold only the id is always there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatapp.upstream.cleaning import Cleaner
from chatapp.upstream.diagnosis import diagnose, diagnose_json, is_error
from chatapp.upstream.errors import NotAnAnswer, TooLong, UpstreamError
from chatapp.upstream.exchange import Target, exchange
from chatapp.upstream.limits import Limits
from chatapp.upstream.transport import Stream

# vLLM and SGLang; OpenRouter and Together; Groq; LM Studio and Mistral.
_CONTEXT_NAMES = ("max_model_len", "context_length", "context_window", "max_context_length")
# Of llama.cpp, inside `meta`: what the server was started with, then what the model was made for.
_META_CONTEXT_NAMES = ("n_ctx", "n_ctx_train")
MOST_TOKENS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of a list. `ref_model`: what the id stands for, where it is told; `owner`: the server's own word."""

    id: str
    ref_model: str = ""
    context_tokens: int | None = None
    owner: str = ""


async def list_models(target: Target, limits: Limits | None = None) -> list[Listed]:
    """What the server lists, in its order; an id may come twice. Raises UpstreamError."""
    limits = limits or Limits()
    response = await exchange(target, "GET", "/models", None, limits)
    try:
        body = await _read(response, limits)
        return _listed(response, body, target)
    except UpstreamError as error:
        error.hide(target.key)
        raise
    finally:
        response.abort()


async def _read(response: Stream, limits: Limits) -> bytes:
    pieces, size = [], 0
    while piece := await response.read():
        pieces.append(piece)
        size += len(piece)
        if size > limits.document_bytes:
            raise TooLong("the list does not end")
    return b"".join(pieces)


def _listed(response: Stream, body: bytes, target: Target) -> list[Listed]:
    meanings = target.speaks.meanings
    try:
        answer = json.loads(str(body, "utf-8", "replace"))
    except (ValueError, RecursionError):
        raise diagnose(response.status, response.headers, body, meanings) from None
    if isinstance(answer, dict) and is_error(answer):
        raise diagnose_json(response.status, response.headers, answer, meanings)
    entries = (_entry(entry) for entry in _entries(answer))
    return [entry for entry in entries if entry.id]


def _entries(answer: Any) -> list[Any]:
    """The list, also where it is the whole answer, or null as Ollama without models sends it."""
    if isinstance(answer, dict):
        answer = next((answer[name] for name in ("data", "models") if name in answer), "")
    if answer is None:
        return []
    if not isinstance(answer, list):
        raise NotAnAnswer("no list of models")
    return answer


def _entry(entry: Any) -> Listed:
    if not isinstance(entry, dict):
        return Listed(_word(entry))
    return Listed(
        id=next((word for name in ("id", "model", "name") if (word := _word(entry.get(name)))), ""),
        ref_model=_word(entry.get("ref_model")),
        context_tokens=_context_tokens(entry),
        owner=_word(entry.get("owned_by")),
    )


def _context_tokens(entry: Mapping[str, Any]) -> int | None:
    meta = entry.get("meta")
    told = [entry.get(name) for name in _CONTEXT_NAMES]
    told += [meta.get(name) for name in _META_CONTEXT_NAMES] if isinstance(meta, dict) else []
    return next((tokens for tokens in told if type(tokens) is int and 0 < tokens <= MOST_TOKENS), None)


def _word(value: Any) -> str:
    cleaner = Cleaner()
    return (cleaner.clean(value) + cleaner.close()).strip() if isinstance(value, str) else ""
