"""A fake upstream, twice: as a server on a real socket, and as a wire in memory for thousands of cuts a second."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from chatapp.upstream.client import ChatRequest, Limits, Target, open_answer
from chatapp.upstream.errors import UpstreamError

RECORDINGS = Path(__file__).parent / "recordings"
# Whose manners the recordings of a folder show.
DIALECTS = {
    "intern": "intern",
    "lmdeploy-0.18": "lmdeploy",
    "ollama-constructed": "ollama",
    "sglang-constructed": "sglang",
    "transformers-serve": "plain",
    "vllm-constructed": "vllm",
}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
KEY = "sk-very-secret-key"
REQUEST = ChatRequest(messages=[{"role": "user", "content": "What is AGI?"}], think=True)


@dataclass(frozen=True)
class Recording:
    """A raw response, the sizes of the pieces it came in, and how the peer ended: close, reset or hang."""

    raw: bytes
    sizes: tuple[int, ...]
    end: str

    @classmethod
    def named(cls, name: str) -> Recording:
        path = RECORDINGS / name
        meta = path.with_name(path.name + ".meta.json")
        timing = path.with_name(path.name + ".timing").read_text().splitlines()
        return cls(
            raw=path.with_name(path.name + ".http").read_bytes(),
            sizes=tuple(int(line.split()[1]) for line in timing),
            end=json.loads(meta.read_text())["end"] if meta.exists() else "close",
        )

    def pieces(self) -> list[bytes]:
        return cut(self.raw, self.sizes)


def cut(raw: bytes, sizes: Iterable[int]) -> list[bytes]:
    """`raw` in pieces of these sizes, the rest as the last one."""
    pieces, start = [], 0
    for size in sizes:
        pieces.append(raw[start : start + size])
        start += size
    return [piece for piece in (*pieces, raw[start:]) if piece]


@dataclass
class Result:
    """Everything that a reader of an answer gets to know."""

    reasoning: str = ""
    text: str = ""
    finish: str = ""
    error: str = ""
    tokens: tuple[int | None, int | None] = (None, None)
    deltas: int = 0
    all_reasoning: bool = False
    thought: bool = False
    # Name and arguments of each tool call.
    calls: tuple[tuple[str, Any], ...] = ()
    failure: UpstreamError | None = field(default=None, repr=False)


def target(url: str, dialect: str = "openai", key: str = KEY, model: str = "intern-s1") -> Target:
    return Target(dialect, url, key, model)


async def ask(whom: Target, request: ChatRequest = REQUEST, limits: Limits | None = None) -> Result:
    """Read an answer to its end as a run does."""
    result = Result()
    try:
        async with open_answer(whom, request, limits) as answer:
            while (batch := await answer.read()) is not None:
                if batch.moved:
                    result.reasoning, result.text = result.reasoning + result.text, ""
                result.reasoning += batch.reasoning
                result.text += batch.text
                result.deltas += batch.deltas
            outcome = answer.outcome
            result.finish = outcome.finish
            result.tokens = (outcome.tokens_in, outcome.tokens_out)
            result.all_reasoning, result.thought = outcome.all_reasoning, outcome.thought
            result.calls = tuple((call.name, call.arguments) for call in outcome.tool_calls)
    except UpstreamError as error:
        result.error, result.failure = error.code, error
    return result


class Wire(asyncio.Transport):
    """The network's side of one connection: hands over its pieces, one per turn of the loop, and ends."""

    def __init__(self, pieces: Sequence[bytes], end: str) -> None:
        super().__init__()
        self.sent = b""
        self.aborted = False
        self._pieces = list(reversed(pieces))
        self._end = end
        self._reading = True
        self._protocol: Any = None

    def connect(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        if not self.sent:
            asyncio.get_running_loop().call_soon(self._go_on)
        self.sent += data

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        asyncio.get_running_loop().call_soon(self._go_on)

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def _go_on(self) -> None:
        if not self._reading or self.aborted:
            return
        if self._pieces:
            self._protocol.data_received(self._pieces.pop())
        elif self._end != "hang":
            self.aborted = True
            self._protocol.connection_lost(ConnectionResetError() if self._end == "reset" else None)


def play(
    pieces: Sequence[bytes],
    end: str = "close",
    request: ChatRequest = REQUEST,
    limits: Limits | None = None,
    **extra: Any,
) -> Result:
    """The result of reading these pieces off the network, which alone is faked."""
    return play_each([pieces], end, request, limits, **extra)[0]


def play_each(
    cuts: Iterable[Sequence[bytes]],
    end: str = "close",
    request: ChatRequest = REQUEST,
    limits: Limits | None = None,
    **extra: Any,
) -> list[Result]:
    """The same for many ways to cut a response, one after the other."""
    pieces: Sequence[bytes] = ()

    async def create_connection(factory: Callable[[], Any], *_: Any, **__: Any) -> tuple[Wire, Any]:
        protocol = factory()
        wire = Wire(pieces, end)
        wire.connect(protocol)
        return wire, protocol

    loop = asyncio.new_event_loop()
    try:
        loop.create_connection = create_connection  # type: ignore[assignment,method-assign]
        results = []
        for each in cuts:
            pieces = each
            results.append(loop.run_until_complete(ask(target("http://192.0.2.1/v1", **extra), request, limits)))
        return results
    finally:
        loop.close()


def replay(name: str, sizes: Iterable[int] | None = None, **options: Any) -> Result:
    """Play a recording, as it came or cut into other pieces."""
    recording = Recording.named(name)
    pieces = recording.pieces() if sizes is None else cut(recording.raw, sizes)
    return play(pieces, recording.end, dialect=dialect_of(name), **options)


def replay_cut_in_two(name: str) -> list[Result]:
    """Play a recording once for each place where it can be cut."""
    recording = Recording.named(name)
    cuts = (cut(recording.raw, [at]) for at in range(1, len(recording.raw)))
    return play_each(cuts, recording.end, dialect=dialect_of(name))


def dialect_of(name: str) -> str:
    return DIALECTS[name.partition("/")[0]]


Script = Callable[["Caller"], Awaitable[None]]


class Caller:
    """One connection as the fake server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = b""
        self.body = b""

    async def receive(self) -> None:
        """Take the request."""
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        lines = self.head.lower().split(b"\r\n")
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
        self.body = await self.reader.readexactly(length)

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the client hangs up."""
        while await self.reader.read(65536):
            pass

    def reset(self) -> None:
        self.writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Server:
    """Runs `script` for each connection, after taking its request; `hung_up` is set when a client has gone."""

    def __init__(self, script: Script, *, take_request: bool = True) -> None:
        self.callers: list[Caller] = []
        self.arrived = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.url = ""
        self._script = script
        self._take_request = take_request

    async def start(self, host: str = "127.0.0.1", **options: Any) -> Server:
        self._server = await asyncio.start_server(self._serve, host, 0, **options)
        port = self._server.sockets[0].getsockname()[1]
        scheme = "https" if options.get("ssl") else "http"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/v1"
        return self

    async def stop(self) -> None:
        self._server.close()
        for caller in self.callers:
            caller.writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = Caller(reader, writer)
        self.callers.append(caller)
        try:
            if self._take_request:
                await caller.receive()
            self.arrived.set()
            await self._script(caller)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()
        else:
            if reader.at_eof():
                self.hung_up.set()
        finally:
            writer.close()
