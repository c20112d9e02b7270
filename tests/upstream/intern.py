"""A small server on a real socket that keeps the rules of the Intern API, and writes down who breaks one.

By the documents "Chat API", "Models API" and "Error codes" of chat.intern-ai.org.cn. What they leave open is taken
as the strictest reading, so that nobody can rely on mercy: an unknown parameter is refused, not ignored.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

REQUESTS_PER_MINUTE = 30
PARAMETERS = {
    "model",
    "messages",
    "n",
    "temperature",
    "top_p",
    "stream",
    "max_tokens",
    "tools",
    "tool_choice",
    "thinking_mode",
}
ROLES = {"user", "assistant", "system", "tool"}
# The ids of the list, and what each stands for.
MODELS = {
    "intern-latest": "intern-s1-pro",
    "intern-s1": "Intern-S1",
    "intern-s1-pro": "intern-s1-pro",
    "intern-s1-mini": "intern-s1-mini",
    "internvl-latest": "internvl3.5-241b-a28b",
    "internvl3.5-241b-a28b": "internvl3.5-241b-a28b",
}
PARAMETER, MODEL, FORMAT, TOO_OFTEN = -10002, -20013, -20018, -20053
# What the gateway says of tokens that begin with a word of this list.
GATEWAY = {"bad": ("A0202", "user authenticate failed"), "expired": ("A0211", "token expired")}
STATUS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
THOUGHT = "The member asks. I answer."


@dataclass(eq=False)
class Asked:
    """One request as it came, and how it went. `at`: when it was there as a whole, by the server's clock."""

    at: float
    token: str
    path: str
    body: dict[str, Any]
    status: int = 0
    whole: bool = False
    hung_up: bool = False

    @property
    def streamed(self) -> bool:
        return self.body.get("stream") is True

    @property
    def question(self) -> str:
        """The words of the last turn that a member wrote."""
        turns = [turn for turn in self.body.get("messages", ()) if turn["role"] == "user"]
        content = turns[-1]["content"] if turns else ""
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        return "\n\n".join(part["text"] for part in parts if part["type"] == "text")


def answer_to(question: str) -> str:
    """What the models here answer: the last line of the question, so that two answers cannot be mixed up."""
    return f"You asked: {question.splitlines()[-1] if question else 'nothing'}"


@dataclass
class Intern:
    """`seconds`: how long an answer is under way. `window_seconds`: the minute in which requests are counted."""

    per_minute: int = REQUESTS_PER_MINUTE
    window_seconds: float = 60.0
    seconds: float = 0.0
    clock: Callable[[], float] = time.monotonic
    base_url: str = ""
    asked: list[Asked] = field(default_factory=list)
    # Each a rule and the request that broke it, for `assert intern.broken == []`.
    broken: list[str] = field(default_factory=list)
    # What the documents allow and another server would not.
    noted: list[str] = field(default_factory=list)
    _let_through: dict[str, deque[float]] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """How many requests came too often."""
        return sum(asked.status == 429 for asked in self.asked)

    @property
    def chats(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.path.endswith("/chat/completions")]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        asked: Asked | None = None
        try:
            asked = await _received(reader, self.clock)
            self.asked.append(asked)
            await self._answer(asked, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            if asked is not None:
                asked.hung_up = True
        finally:
            writer.close()

    async def _answer(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refusal = self._refusal(asked)
        if refusal is not None:
            asked.status, body = refusal
            writer.write(_document(asked.status, body))
            return
        asked.status = 200
        if asked.path.endswith("/models"):
            writer.write(_document(200, {"object": "list", "data": [_listed(name) for name in MODELS]}))
        elif asked.streamed:
            await self._stream(asked, reader, writer)
        else:
            await self._pass(asked, reader, self.seconds)
            writer.write(_document(200, _completion(asked)))
        await writer.drain()
        asked.whole = True

    def _refusal(self, asked: Asked) -> tuple[int, dict[str, Any] | str] | None:
        """Status and body of an error: first the gateway's, then the rate, then the request itself."""
        if not asked.token:
            return 401, "login required"
        for beginning, (code, message) in GATEWAY.items():
            if asked.token.startswith(beginning):
                return 401, {"traceId": "0", "msgCode": code, "msg": message, "data": None, "success": False}
        if asked.path.endswith("/models"):
            return None
        if not asked.path.endswith("/chat/completions"):
            return 404, {"detail": "Not Found"}
        if not self._in_time(asked):
            return 429, {"code": TOO_OFTEN, "msg": "exceeded frequency limit", "trace_id": "0"}
        if asked.body.get("max_tokens") == 0:
            self.noted.append("max_tokens 0")
        for number, rule in faults(asked.body):
            self.broken.append(f"{rule}: {json.dumps(asked.body, ensure_ascii=False)[:300]}")
            return 400, {"code": number, "msg": rule, "trace_id": "0"}
        return None

    def _in_time(self, asked: Asked) -> bool:
        """Whether the token has a request left in the window that ends now. What is refused does not count."""
        recent = self._let_through.setdefault(asked.token, deque())
        while recent and asked.at - recent[0] >= self.window_seconds:
            recent.popleft()
        if len(recent) >= self.per_minute:
            return False
        recent.append(asked.at)
        return True

    async def _stream(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Word by word, as the document's example has it: no blank after `data:`, a finish_reason of ""."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n")
        thought = THOUGHT.split(" ") if asked.body.get("thinking_mode") else []
        words = answer_to(asked.question).split(" ")
        pause = self.seconds / (len(thought) + len(words))
        for part, each in (("reasoning_content", thought), ("content", words)):
            for at, word in enumerate(each):
                await self._pass(asked, reader, pause)
                writer.write(_event(asked, {part: word if at == 0 else f" {word}"}))
                await writer.drain()
        writer.write(_event(asked, {"content": ""}, "stop") + b"data:[DONE]\n\n")

    async def _pass(self, asked: Asked, reader: asyncio.StreamReader, seconds: float) -> None:
        """Let time go by. Raises ConnectionError as soon as the other side has hung up."""
        if seconds:
            try:
                async with asyncio.timeout(seconds):
                    await reader.read()
            except TimeoutError:
                return
            raise ConnectionResetError


def faults(body: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Code and rule for each rule that a chat request breaks."""
    if unknown := set(body) - PARAMETERS:
        yield PARAMETER, f"a parameter that is not supported, {sorted(unknown)}"
    if body.get("model") not in MODELS:
        yield MODEL, "a model that is not there"
    for name, kind in (("stream", bool), ("thinking_mode", bool), ("max_tokens", int), ("n", int)):
        if name in body and type(body[name]) is not kind:
            yield PARAMETER, f"{name} of another type"
    for name in ("temperature", "top_p"):
        value = body.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            yield PARAMETER, f"{name} outside of 0 to 1"
    turns = body.get("messages")
    if not isinstance(turns, list) or not turns:
        yield PARAMETER, "no messages"
    elif not all(_is_turn(turn) for turn in turns):
        yield FORMAT, "a message of another form"
    elif body.get("thinking_mode") and any(turn["role"] == "system" for turn in turns):
        yield PARAMETER, "a system message with thinking_mode"
    if body.get("stream") and body.get("tools"):
        yield PARAMETER, "tools in a stream"


def _is_turn(turn: Any) -> bool:
    if not isinstance(turn, dict) or turn.get("role") not in ROLES:
        return False
    content = turn.get("content")
    if isinstance(content, list):
        return bool(content) and all(_is_part(part) for part in content)
    return isinstance(content, str) or (content is None and bool(turn.get("tool_calls")))


def _is_part(part: Any) -> bool:
    match part:
        case {"type": "text", "text": str()}:
            return True
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return url.startswith(("http://", "https://")) or (url.startswith("data:image/") and ";base64," in url)
    return False


async def _received(reader: asyncio.StreamReader, clock: Callable[[], float]) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    sent = await reader.readexactly(int(headers.get("content-length", 0)))
    scheme, _, token = headers.get("authorization", "").partition(" ")
    body = json.loads(sent) if sent else {}
    return Asked(clock(), token if scheme.lower() == "bearer" else "", head[0].split(" ")[1], body)


def _document(status: int, body: dict[str, Any] | str) -> bytes:
    kind = "text/plain" if isinstance(body, str) else "application/json"
    sent = (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
    head = (
        f"HTTP/1.1 {status} {STATUS[status]}\r\nContent-Type: {kind};charset=UTF-8\r\n"
        f"Content-Length: {len(sent)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + sent


def _listed(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "ref_model": MODELS[name], "created": 1753517776, "owned_by": "SH-AILab"}


def _event(asked: Asked, delta: dict[str, str], finish: str = "") -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
    event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1753517776, "choices": [choice]}
    return b"data:" + json.dumps(event | {"model": asked.body["model"]}, ensure_ascii=False).encode() + b"\n\n"


def _completion(asked: Asked) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer_to(asked.question)}
    if asked.body.get("thinking_mode"):
        message["reasoning_content"] = THOUGHT
    if tools := asked.body.get("tools"):
        # With single quotes, as in the document: this is not JSON.
        function = {"name": tools[0]["function"]["name"], "arguments": "{'place': 'Shanghai'}"}
        message |= {
            "content": function["name"],
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        }
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1753517776,
        "model": asked.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if tools else "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
        "moderation": {"sensitive": False, "category": ""},
    }


@asynccontextmanager
async def serving_intern(
    per_minute: int = REQUESTS_PER_MINUTE, window_seconds: float = 60.0, seconds: float = 0.0
) -> AsyncIterator[Intern]:
    """Serve on a free port of this machine until the block ends."""
    intern = Intern(per_minute, window_seconds, seconds)
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(intern.handle(reader, writer))
        connections.add(connection)
        connection.add_done_callback(connections.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    intern.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1"
    try:
        yield intern
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
