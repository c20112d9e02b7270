"""Whether an upstream works, in words for an administrator; and which servers run on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from chatapp.upstream.client import ChatRequest, Sampling, open_answer
from chatapp.upstream.errors import BadRequest, KeyWrong, Network, NotAnAnswer, UpstreamError
from chatapp.upstream.exchange import Target
from chatapp.upstream.limits import Limits
from chatapp.upstream.models import list_models

WORKS = "works"
NOT_A_BASE_URL = "not-a-base-url"

# Of each request; an administrator waits for it.
PROBE = Limits(connect=5, silence=30, total=60, wordless=30, one_piece=60)
PROBE_TOKENS = 64
_QUESTION = "Reply with one word: ready"

# Where the usual servers listen unless told otherwise: the port and the dialect.
LOCAL_PORTS: Mapping[int, str] = {11434: "ollama", 23333: "lmdeploy", 8000: "vllm", 30000: "sglang", 8080: "llamacpp"}
LOOK = Limits(connect=0.5, silence=0.5, total=0.5, complaint=0.1, document_bytes=1_000_000)
_NAMES = {"ollama": "Ollama", "lmdeploy": "LMDeploy", "vllm": "vLLM", "sglang": "SGLang", "llamacpp": "llama.cpp"}
# What they call the owner of their models tells them apart whatever their port.
_DIALECT_BY_OWNER = {
    "library": "ollama",
    "lmdeploy": "lmdeploy",
    "vllm": "vllm",
    "sglang": "sglang",
    "llamacpp": "llamacpp",
}

SENTENCES: Mapping[str, str] = {
    WORKS: "It works.",
    NOT_A_BASE_URL: "There is no API at this address. A base URL usually ends in /v1, without /chat/completions.",
    "rate-limited": "The server has had too many requests. Wait a minute, then test again.",
    "busy": "The server is busy, or still loading its model. Test again in a moment.",
    "key-wrong": "The server does not accept the key. Check that it is whole, or make a new one.",
    "key-expired": "The key has expired. Make a new one where this one came from.",
    "no-access": "The key is known, but its account may not do this. Look for a quota, a balance or an approval there.",
    "unknown-model": "The server does not have this model. Fetch the list of models to see what it has.",
    "context": "The server finds even a short question too long. Look at the context length it was started with.",
    "refused": "The filter of the server stopped a harmless question. Look at its settings.",
    "image": "The server took a plain text for an image. Another dialect may fit better.",
    "bad-request": "The server does not accept how it is asked. Another dialect may fit better.",
    "network": "Nothing answers at this address.",
    "broken": "The server cut the connection. Look at its log.",
    "timed-out": "The server took the request and went silent. It may still be loading its model.",
    "took-too-long": "The server did not finish in time. It may be busy, or the model slow.",
    "too-long": "The server sends without an end.",
    "not-an-answer": "The server sent something that is not an answer. Another dialect may fit better.",
    "empty": "The server sent an empty answer. Look at its log.",
    "upstream-failed": "The server failed on its side. Look at its log.",
    "upstream": "The server did not answer.",
}
_KEY_MISSING = "The server asks for a key."


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is "works", "not-a-base-url" or that of an UpstreamError; `sentence` has none of the upstream's words.

    `milliseconds` is how long the last request took; `models`, how many are listed, None where there is no list.
    """

    code: str
    sentence: str
    milliseconds: int
    models: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A server on this machine."""

    dialect: str
    name: str
    base_url: str
    models: tuple[str, ...]


async def probe(target: Target, limits: Limits = PROBE) -> Verdict:
    """Ask for the list of models and, with `target.model`, for one word without thinking. Never raises UpstreamError.

    A server that answers need not have a list.
    """
    clock = asyncio.get_running_loop().time
    began, models = clock(), None
    try:
        try:
            models = len(await list_models(target, limits))
        except UpstreamError as error:
            if not target.model or isinstance(error, Network):
                raise
        if target.model:
            began = clock()
            await _answer(target, limits)
    except UpstreamError as error:
        unlisted = models is None and isinstance(error, NotAnAnswer)
        code, sentence = (NOT_A_BASE_URL, SENTENCES[NOT_A_BASE_URL]) if unlisted else _words(error, target)
    else:
        code, sentence = WORKS, SENTENCES[WORKS]
    return Verdict(code, sentence, round((clock() - began) * 1000), models)


def _words(error: UpstreamError, target: Target) -> tuple[str, str]:
    if isinstance(error, KeyWrong) and not target.key:
        return error.code, _KEY_MISSING
    sentence = SENTENCES[error.code]
    if isinstance(error, Network) and error.detail:
        # The words are this machine's own: nobody else was reached.
        sentence = f"{sentence.removesuffix('.')}: {error.detail}."
    return error.code, sentence


async def _answer(target: Target, limits: Limits) -> None:
    """One short answer, as a member's would be asked for."""
    try:
        await _read(target, False, limits)
    except BadRequest:
        # A model that cannot think may not take it to be told not to.
        await _read(target, None, limits)


async def _read(target: Target, think: bool | None, limits: Limits) -> None:
    request = ChatRequest([{"role": "user", "content": _QUESTION}], think, Sampling(max_tokens=PROBE_TOKENS))
    async with open_answer(target, request, limits) as answer:
        while await answer.read() is not None:
            pass


async def find_local(ports: Mapping[int, str] = LOCAL_PORTS) -> list[Found]:
    """The servers that list models on these ports of this machine, asked all together, each for at most 0.5 s."""
    found = await asyncio.gather(*(_look(port, dialect) for port, dialect in ports.items()))
    return [one for one in found if one is not None]


async def _look(port: int, dialect: str) -> Found | None:
    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        models = await list_models(Target(dialect, base_url, "", ""), LOOK)
    except UpstreamError:
        return None
    owners = (_DIALECT_BY_OWNER.get(model.owner.lower()) for model in models)
    spoken = next((owner for owner in owners if owner), dialect)
    return Found(spoken, _NAMES.get(spoken, spoken), base_url, tuple(model.id for model in models))
