"""A client for the tests of the demo: it asks over a real socket and keeps what it hears."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from chatapp.demo import CONTINUE_OPENING, Demo

CONTINUE = f"{CONTINUE_OPENING}. Repeat nothing."


@dataclass
class Heard:
    """What came of a streamed request; `error` is the class of the network error that ended it."""

    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    lines: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    is_done: bool = False
    error: type[Exception] | None = None

    def pieces(self, name: str) -> list[str]:
        """The deltas of one field, without the empty ones."""
        deltas = [choice["delta"] for event in self.events for choice in event.get("choices", ())]
        return [delta[name] for delta in deltas if delta.get(name)]

    @property
    def text(self) -> str:
        return "".join(self.pieces("content"))

    @property
    def reasoning(self) -> str:
        return "".join(self.pieces("reasoning_content"))

    @property
    def finishes(self) -> list[str]:
        reasons = [choice["finish_reason"] for event in self.events for choice in event.get("choices", ())]
        return [reason for reason in reasons if reason]


def user(text: str, *pictures: str) -> dict[str, Any]:
    """A message of the user's, with the addresses of pictures."""
    if not pictures:
        return {"role": "user", "content": text}
    parts = [{"type": "image_url", "image_url": {"url": address}} for address in pictures]
    return {"role": "user", "content": [{"type": "text", "text": text}, *parts]}


def model(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


async def ask(demo: Demo, *messages: dict[str, Any] | str, **parameters: Any) -> Heard:
    """Ask with streaming; a message that is a string is the user's."""
    heard = Heard()
    try:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=10) as client,
            client.stream(
                "POST", f"{demo.base_url}/chat/completions", json=_body(messages, True, parameters)
            ) as response,
        ):
            heard.status, heard.headers = response.status_code, response.headers
            async for line in response.aiter_lines():
                _hear(heard, line)
    except httpx.TransportError as error:
        heard.error = type(error)
    return heard


async def ask_whole(demo: Demo, *messages: dict[str, Any] | str, **parameters: Any) -> httpx.Response:
    """Ask without streaming."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        return await client.post(f"{demo.base_url}/chat/completions", json=_body(messages, False, parameters))


def _body(messages: tuple[dict[str, Any] | str, ...], stream: bool, parameters: dict[str, Any]) -> Any:
    talk = [user(message) if isinstance(message, str) else message for message in messages]
    return {"model": "demo", "stream": stream, "messages": talk, **parameters}


def _hear(heard: Heard, line: str) -> None:
    heard.lines.append(line)
    if line == "data: [DONE]":
        heard.is_done = True
    elif line.startswith("data: {"):
        heard.events.append(json.loads(line.removeprefix("data: ")))
