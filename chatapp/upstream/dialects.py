"""How to ask each kind of server: one short class per dialect, which sends only what that server knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict


class Message(TypedDict):
    """A turn as the OpenAI API writes it; content is text, or parts of type text and image_url."""

    role: str
    content: str | list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What to ask. `think` None: the alias cannot think, so nothing is said about it."""

    messages: Sequence[Message]
    think: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    # The answer goes on from a cut one: line ends at its start are part of it.
    continues: bool = False


class Dialect:
    """What all of them have in common."""

    # Seconds after which the server ends an answer by itself, without saying so.
    cuts_after: float | None = None

    def body(self, request: ChatRequest, model: str, *, stream: bool) -> dict[str, Any]:
        """The JSON body of a chat completion."""
        body: dict[str, Any] = {"model": model, "messages": list(request.messages), "stream": stream}
        # Left out rather than 0 or null: Intern reads 0 as "the maximum", LMDeploy refuses it.
        if request.max_tokens is not None:
            body["max_tokens"] = request.max_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        return body


class OpenAI(Dialect):
    """OpenAI, and the many that accept what it accepts."""

    def body(self, request: ChatRequest, model: str, *, stream: bool) -> dict[str, Any]:
        body = super().body(request, model, stream=stream)
        if stream:
            body["stream_options"] = {"include_usage": True}
        return body


class Template(OpenAI):
    """LMDeploy, vLLM and SGLang: thinking is a switch of the model's chat template, on by default or not."""

    def body(self, request: ChatRequest, model: str, *, stream: bool) -> dict[str, Any]:
        body = super().body(request, model, stream=stream)
        if request.think is not None:
            body["chat_template_kwargs"] = {"enable_thinking": request.think}
        return body


class Intern(Dialect):
    """The Intern API. `thinking_mode` is always said: its English and Chinese docs disagree about the default."""

    cuts_after = 120.0

    def body(self, request: ChatRequest, model: str, *, stream: bool) -> dict[str, Any]:
        body = super().body(request, model, stream=stream)
        if request.think is not None:
            body["thinking_mode"] = request.think
        if request.think:
            body["messages"] = without_system(request.messages)
        return body


DIALECTS: Mapping[str, Dialect] = {"intern": Intern(), "openai": OpenAI(), "lmdeploy": Template()}


def without_system(messages: Sequence[Message]) -> list[Message]:
    """The instructions moved into the first user turn (Intern docs: no system message with thinking_mode)."""
    instructions = "\n\n".join(_text(turn["content"]) for turn in messages if turn["role"] == "system")
    turns = [turn for turn in messages if turn["role"] != "system"]
    if not instructions:
        return turns
    for at, turn in enumerate(turns):
        if turn["role"] == "user":
            content = turn["content"]
            folded: str | list[dict[str, Any]] = (
                f"{instructions}\n\n{content}"
                if isinstance(content, str)
                else [{"type": "text", "text": instructions}, *content]
            )
            return [*turns[:at], {"role": "user", "content": folded}, *turns[at + 1 :]]
    return [{"role": "user", "content": instructions}, *turns]


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n\n".join(str(part["text"]) for part in content if part.get("type") == "text")
