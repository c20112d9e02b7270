"""The events of a chat completion → pieces of reasoning and text, however the server shapes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chatapp.upstream.cleaning import Cleaner
from chatapp.upstream.diagnosis import Meanings, diagnose_json, is_error
from chatapp.upstream.errors import NotAnAnswer, TooLong, UpstreamError, UpstreamFailed
from chatapp.upstream.limits import Limits
from chatapp.upstream.sse import EventStream
from chatapp.upstream.tool_calls import ToolCalls

GOOD_FINISHES = {"stop", "length", "tool_calls"}
# Of "data:", "event:", "id:", "retry:", a comment, a byte order mark.
_EVENT_STARTS = b"deir:\xef"
_ENGINE_ERROR = "internal error happened"

_decode = json.JSONDecoder().raw_decode


def parse(payloads: list[bytes]) -> list[Any]:
    """The JSON of each payload; for one that is none, the payload itself. One pass for all if all are good."""
    joined = b"[%s]" % b",".join(payloads)
    try:
        # Replaced rather than refused: a bad byte costs its character, not the answer.
        text = str(joined, "utf-8", "replace")
        events, end = _decode(text)
        if end == len(text) and len(events) == len(payloads):
            return list(events)
    except (ValueError, RecursionError):
        pass
    return [_parse_one(payload) for payload in payloads]


def _parse_one(payload: bytes) -> Any:
    try:
        return json.loads(str(payload, "utf-8", "replace"))
    except (ValueError, RecursionError):
        return payload


class Body:
    """Bytes of a good response → payloads: of an event stream, or one JSON document though we asked for a stream."""

    def __init__(self, limits: Limits, *, event_stream: bool) -> None:
        self._limits = limits
        self._events = EventStream(limits) if event_stream else None
        self._document: list[bytes] = []
        self._bytes = 0

    @property
    def is_document(self) -> bool:
        return bool(self._document)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The payloads that this chunk completes. Raises NotAnAnswer or TooLong for what cannot be one."""
        if self._events is not None:
            return self._events.feed(chunk)
        start = chunk.lstrip()[:1]
        if self._document or start == b"{":
            self._document.append(chunk)
            self._bytes += len(chunk)
            if self._bytes > self._limits.document_bytes:
                raise TooLong("the document does not end")
        elif start and start in _EVENT_STARTS:
            self._events = EventStream(self._limits)
            return self._events.feed(chunk)
        elif start:
            raise NotAnAnswer("neither events nor JSON")
        return []

    def close(self) -> list[bytes]:
        """What the end of the body completes."""
        if self._events is not None:
            return self._events.close()
        return [b"".join(self._document)] if self._document else []


class Reader:
    """Takes events in order, of whatever shape, and keeps what they say. One that reports a failure sets `error`."""

    def __init__(self, headers: Mapping[str, str], meanings: Meanings, limits: Limits) -> None:
        self.finish = ""
        self.model = ""
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self.error: UpstreamError | None = None
        self.sensitive = False
        self.good = 0
        self.bad = 0
        self.calls = ToolCalls(limits)
        self._called = False  # since the last drain
        self._headers = headers
        self._meanings = meanings
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._content_cleaner = Cleaner()
        self._reasoning_cleaner = Cleaner()

    def take(self, event: Any) -> None:
        try:
            choice = event["choices"][0]
            delta = choice.get("delta")
            if delta.__class__ is not dict:
                delta = choice.get("message") or choice
            index, finish = choice.get("index"), choice.get("finish_reason")
            content = delta.get("content")
            reasoning = delta.get("reasoning_content") or delta.get("reasoning")
            calls, usage = delta.get("tool_calls"), event.get("usage")
        except (LookupError, TypeError, AttributeError):
            self._take_odd(event)
            return
        self.good += 1
        if usage:
            self._take_usage(usage)
        if index:
            return
        if finish:
            self._take_finish(event, str(finish))
            if self.error and _is_engine_error(content, reasoning):
                return
        if reasoning:
            self._reasoning.append(reasoning if reasoning.__class__ is str else _flat(reasoning))
        if calls:
            content = self._take_calls(calls, content)
        if content:
            self._content.append(content if content.__class__ is str else _flat(content))
        if not self.model:
            self.model = _word(event.get("model"))

    @property
    def has_words(self) -> bool:
        """Whether something of the answer came since the last drain."""
        return bool(self._content or self._reasoning or self._called)

    def drain(self, *, last: bool) -> tuple[str, str, int]:
        """→ (reasoning, content, number of pieces) since the last time, fit for database and socket."""
        pieces = len(self._content) + len(self._reasoning)
        reasoning = self._reasoning_cleaner.clean("".join(self._reasoning))
        content = self._content_cleaner.clean("".join(self._content))
        self._content.clear()
        self._reasoning.clear()
        self._called = False
        if last:
            reasoning += self._reasoning_cleaner.close()
            content += self._content_cleaner.close()
        return reasoning, content, pieces

    def _take_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.tokens_in = _count(usage.get("prompt_tokens"), self.tokens_in)
            self.tokens_out = _count(usage.get("completion_tokens"), self.tokens_out)

    def _take_finish(self, event: Mapping[str, Any], finish: str) -> None:
        moderation = event.get("moderation")
        self.sensitive = isinstance(moderation, dict) and moderation.get("sensitive") is True
        if finish == "error":
            told = event if is_error(event) else {"error": "finish_reason error"}
            self.error = self.error or self._diagnose(told)
        elif finish in self._meanings:
            self.error = self.error or self._meanings[finish](f"finish_reason {finish}")
        self.finish = self.finish or ("tool_calls" if finish == "function_call" else finish[:40])

    def _take_calls(self, calls: Any, content: Any) -> Any:
        """Keep the calls; what is left of the content."""
        self._called = True
        if not self.calls.take(calls):
            self.error = self.error or TooLong("more tool calls than we keep")
        return None if isinstance(content, str) and self.calls.names(content) else content

    def _diagnose(self, event: Mapping[str, Any]) -> UpstreamError:
        return diagnose_json(200, self._headers, event, self._meanings)

    def _take_odd(self, event: Any) -> None:
        """An event without a choice in the usual place."""
        if not isinstance(event, dict):
            self.bad += 1
            if isinstance(event, bytes) and event.startswith(b'{"error"'):
                # transformers serve puts its message between quotes without escaping it.
                self.error = self.error or UpstreamFailed("an error event that is not JSON")
            return
        inner = event.get("data")
        if isinstance(inner, dict) and "choices" in inner:
            self.take(inner)
        elif not event.get("choices") and is_error(event):
            self.error = self.error or self._diagnose(event)
        else:
            self._take_usage(event.get("usage"))


def _flat(content: Any) -> str:
    """Content as a list of parts, as some gateways send it, or anything else."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return _flat(content.get("text"))
    if isinstance(content, list):
        return "".join(_flat(part) for part in content if isinstance(part, (str, dict)))
    return ""


def _is_engine_error(content: Any, reasoning: Any) -> bool:
    """LMDeploy up to 0.15 says it as if the model had."""
    return _flat(content or reasoning).startswith(_ENGINE_ERROR)


def _word(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""


def _count(value: Any, before: int | None) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**31 else before
