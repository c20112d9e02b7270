"""A request body of /v1/chat/completions, checked and made plain."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from chatapp.demo.wire import RefusalError

MODELS = ("demo", "demo-plain")
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
INSTRUCTING_ROLES = frozenset({"system", "developer"})
EFFORTS_WITHOUT_THINKING = frozenset({"none"})
EFFORTS = EFFORTS_WITHOUT_THINKING | {"minimal", "low", "medium", "high", "xhigh", "max"}
MOST_PICTURES = 20
MOST_MESSAGES = 10_000
SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Turn:
    """One message: its role, its text, and the addresses of its pictures (data URLs or others)."""

    role: str
    text: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """What is asked: instructions are the system messages' texts, joined; turns are the other messages.

    `messages` are as they came, and `parameters` is the rest of the body without the model.
    """

    model: str
    instructions: str
    turns: tuple[Turn, ...]
    thinks: bool
    streams: bool
    wants_usage: bool
    token_limit: int | None
    messages: list[Any]
    parameters: dict[str, Any]


def read_ask(body: bytes) -> Ask:
    """Parse and check; RefusalError with a 4xx status for what an OpenAI-compatible server would not take."""
    asked = _read_object(body)
    model = asked.get("model")
    if model not in MODELS:
        raise RefusalError(404, "There is no such model; there are demo and demo-plain.", code="model_not_found")
    turns = _read_turns(asked.get("messages"))
    if model == "demo-plain" and any(turn.pictures for turn in turns):
        raise RefusalError(400, "Image input is not supported by this model.")
    if asked.get("n") not in (None, 1):
        raise RefusalError(400, "n must be 1.")
    talk = tuple(turn for turn in turns if turn.role not in INSTRUCTING_ROLES)
    if not any(turn.role == "user" for turn in talk):
        raise RefusalError(400, "At least one message must come from the user.")
    return Ask(
        model=model,
        instructions="\n\n".join(turn.text for turn in turns if turn.role in INSTRUCTING_ROLES),
        turns=talk,
        thinks=model == "demo" and _asks_to_think(asked),
        streams=_flag(asked, "stream"),
        wants_usage=_flag(_member(asked, "stream_options"), "include_usage"),
        token_limit=_token_limit(asked),
        messages=asked["messages"],
        parameters={name: value for name, value in asked.items() if name not in ("model", "messages")},
    )


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusalError(400, "The body is not JSON.") from None
    if not isinstance(asked, dict):
        raise RefusalError(400, "The body is not a JSON object.")
    return asked


def _read_turns(messages: object) -> list[Turn]:
    if not isinstance(messages, list) or not 0 < len(messages) <= MOST_MESSAGES:
        raise RefusalError(400, f"messages must be a list of 1 to {MOST_MESSAGES} messages.")
    turns = [_read_turn(message) for message in messages]
    if sum(len(turn.pictures) for turn in turns) > MOST_PICTURES:
        raise RefusalError(400, f"At most {MOST_PICTURES} images may be sent in one request.")
    return turns


def _read_turn(message: object) -> Turn:
    if not isinstance(message, dict) or not _is_one_of(message.get("role"), ROLES):
        raise RefusalError(400, "Each message needs a role: system, user, assistant or tool.")
    content = message.get("content")
    if content is None and message["role"] == "assistant":
        content = ""
    if isinstance(content, str):
        return Turn(message["role"], _clean(content))
    if not isinstance(content, list):
        raise RefusalError(400, "The content of a message is a text or a list of parts.")
    texts: list[str] = []
    pictures: list[str] = []
    for part in content:
        _read_part(part, texts, pictures)
    return Turn(message["role"], "\n".join(texts), tuple(pictures))


def _read_part(part: object, texts: list[str], pictures: list[str]) -> None:
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        texts.append(_clean(part["text"]))
        return
    if isinstance(part, dict) and part.get("type") == "image_url":
        image = part.get("image_url")
        address = image.get("url") if isinstance(image, dict) else image
        if isinstance(address, str):
            pictures.append(address)
            return
    raise RefusalError(400, "A part of a message is a text or an image_url.")


def _asks_to_think(asked: dict[str, Any]) -> bool:
    """In Intern's dialect, in that of LMDeploy, vLLM and SGLang, or in OpenAI's and Ollama's."""
    if "thinking_mode" in asked:
        return _flag(asked, "thinking_mode")
    template = _member(asked, "chat_template_kwargs")
    if "enable_thinking" in template:
        return _flag(template, "enable_thinking")
    effort = asked.get("reasoning_effort")
    if effort is not None and not _is_one_of(effort, EFFORTS):
        raise RefusalError(400, "reasoning_effort must be none, minimal, low, medium, high, xhigh or max.")
    return effort is not None and effort not in EFFORTS_WITHOUT_THINKING


def _member(asked: dict[str, Any], name: str) -> dict[str, Any]:
    value = asked.get(name)
    if value is not None and not isinstance(value, dict):
        raise RefusalError(400, f"{name} must be an object.")
    return value or {}


def _flag(asked: dict[str, Any], name: str) -> bool:
    value = asked.get(name)
    if value is not None and not isinstance(value, bool):
        raise RefusalError(400, f"{name} must be true or false.")
    return bool(value)


def _token_limit(asked: dict[str, Any]) -> int | None:
    limit = asked.get("max_completion_tokens", asked.get("max_tokens"))
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise RefusalError(400, "max_tokens must be a whole number of at least 1.")
    return limit


def _is_one_of(value: object, words: frozenset[str]) -> bool:
    return isinstance(value, str) and value in words


def _clean(text: str) -> str:
    """Half of a surrogate pair is valid in JSON but cannot be sent back as UTF-8."""
    return SURROGATES.sub("\ufffd", text)
