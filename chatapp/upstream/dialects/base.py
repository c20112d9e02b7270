"""What all dialects share: the request as the rest of Parley knows it, and how it becomes a JSON body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NotRequired, TypedDict

from chatapp.upstream.errors import EmptyAnswer, UpstreamError


class Message(TypedDict):
    """A turn as the OpenAI API writes it; content is text, or parts of type text and image_url."""

    role: str
    content: str | list[dict[str, Any]] | None
    tool_calls: NotRequired[list[dict[str, Any]]]
    tool_call_id: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to write an answer, as far as somebody said so. A dialect leaves out what its servers do not know."""

    temperature: float | None = None
    top_p: float | None = None
    min_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What to ask. `think` None: the alias cannot think, so nothing is said about it."""

    messages: Sequence[Message]
    think: bool | None = None
    sampling: Sampling = Sampling()
    tools: Sequence[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    # The answer goes on from a cut one: line ends at its start are part of it.
    continues: bool = False


class Dialect:
    """One kind of server. A new one overrides what is different there, and has a line in DIALECTS."""

    # The fields of Sampling that its servers read.
    sampled: ClassVar[Sequence[str]] = ("temperature", "top_p", "max_tokens")
    # Whether a stream ends with its usage only when asked to.
    asks_for_usage: ClassVar[bool] = True
    # Whether tool calls come whole when the answer is streamed.
    streams_tools: ClassVar[bool] = True
    # Seconds after which the server ends an answer by itself, without saying so.
    cuts_after: ClassVar[float | None] = None
    # Codes, types and finish reasons that mean more here than anywhere.
    meanings: ClassVar[Mapping[str, type[UpstreamError]]] = {}
    # What an answer means that ended for its length without a word: all of it went into reasoning that is not shown.
    wordless_length: ClassVar[type[UpstreamError]] = EmptyAnswer

    def body(self, request: ChatRequest, model: str, *, stream: bool) -> dict[str, Any]:
        """The JSON body of a chat completion. Raises UpstreamError for what this server cannot be asked."""
        body: dict[str, Any] = {"model": model, "messages": self.messages(request), "stream": stream}
        if stream and self.asks_for_usage:
            body["stream_options"] = {"include_usage": True}
        body |= self.sampling(request)
        if request.think is not None:
            body |= self.thinking(request.think)
        if request.tools:
            body["tools"] = list(request.tools)
            if request.tool_choice is not None:
                body["tool_choice"] = request.tool_choice
        return body

    def streams(self, request: ChatRequest) -> bool:
        """Whether the answer to this may be streamed."""
        return self.streams_tools or not request.tools

    def messages(self, request: ChatRequest) -> list[Message]:
        return list(request.messages)

    def sampling(self, request: ChatRequest) -> dict[str, Any]:
        """What is set, and only that: Intern reads a max_tokens of 0 as "the maximum", LMDeploy refuses it."""
        chosen = {name: getattr(request.sampling, name) for name in self.sampled}
        if not chosen.get("max_tokens"):
            chosen.pop("max_tokens", None)
        return {name: value for name, value in chosen.items() if value is not None}

    def thinking(self, think: bool) -> dict[str, Any]:
        """How to say whether to think; nothing where it cannot be said."""
        return {}
