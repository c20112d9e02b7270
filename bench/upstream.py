"""An OpenAI-compatible upstream for the benches: fast, exact, and it remembers what it sent.

    python -m bench.upstream            prints {"port": …} and serves on 127.0.0.1 until it is ended

A raw asyncio protocol (uvloop if present), so that one core can emit well over 25,000 deltas a second. What
to emit is read from the last user message: `load n=400 interval_ms=20 reason=0 shape=numbers rid=a1`:

    n=100            content deltas               interval_ms=20   between deltas of one answer
    reason=0         reasoning deltas before      shape=numbers    see shapes.py
    chars=4 seed=0   for document shapes          ttft_ms=0        pause before the first delta
    rid=…            the id under which the exact text and the moments are kept

emit_ns is time.monotonic_ns() taken just before the write; CLOCK_MONOTONIC is shared by all processes of a
machine. A request that does not stream (a title) gets one short line.

GET /_report: {rid: {sha, reason_sha, done, deltas, bytes, requests}}, or with ?rid= that one alone;
/_text?rid= and /_reason?rid=: exact texts; /_times?rid=: the moment of each content delta as native 64-bit
integers; /_stats; /_reset forgets all.
"""

from __future__ import annotations

import array
import asyncio
import hashlib
import json
import re
import resource
import time
from dataclasses import dataclass, field, fields
from typing import cast
from urllib.parse import parse_qs, urlsplit

from bench import shapes

PARAMETERS = re.compile(r"load((?: +[a-z_]+=[\w.\-]+)+)")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
WRITE_BUFFER = 1 << 20
TITLE = "Load answers in numbers"
HEAD = (
    b'data: {"id":"chatcmpl-load","object":"chat.completion.chunk","created":1700000000,'
    b'"model":"load","choices":[{"index":0,"delta":'
)
TAIL = b',"finish_reason":null}]}\n\n'
TEXT = HEAD + b'{"content":'
REASON = HEAD + b'{"reasoning_content":'
OPENING = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)


@dataclass
class Asked:
    """The parameters of one answer."""

    n: int = 100
    interval_ms: float = 20
    ttft_ms: float = 0
    reason: int = 0
    chars: int = 4
    seed: int = 0
    shape: str = "numbers"
    rid: str = ""

    @classmethod
    def read(cls, text: str) -> Asked:
        found = PARAMETERS.findall(text)
        given = dict(item.split("=", 1) for item in found[-1].split()) if found else {}
        kinds = {"int": int, "float": float, "str": str}
        return cls(**{f.name: kinds[str(f.type)](given[f.name]) for f in fields(cls) if f.name in given})


@dataclass
class Record:
    """What was sent for one rid."""

    n: int
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    times: array.array[int] = field(default_factory=lambda: array.array("q"))
    done: bool = False
    requests: int = 1

    def summary(self) -> dict[str, object]:
        text = "".join(self.text).encode()
        return {
            "sha": hashlib.sha256(text).hexdigest(),
            "reason_sha": hashlib.sha256("".join(self.reasoning).encode()).hexdigest(),
            "done": self.done,
            "deltas": len(self.text),
            "bytes": len(text),
            "requests": self.requests,
        }


class Emitter:
    """The records of all answers, and what counts."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.records: dict[str, Record] = {}
        self.deltas = self.requests = self.open = self.aborted = 0

    def record(self, asked: Asked) -> Record:
        record = Record(asked.n)
        if earlier := self.records.get(asked.rid):
            record.requests = earlier.requests + 1
        if asked.rid:
            self.records[asked.rid] = record
        return record

    def stats(self) -> dict[str, float]:
        use = resource.getrusage(resource.RUSAGE_SELF)
        counts = {
            "deltas": self.deltas,
            "requests": self.requests,
            "open": self.open,
            "aborted": self.aborted,
        }
        return {**counts, "cpu_s": use.ru_utime + use.ru_stime}


class Answer:
    """One streamed completion: a chain of timer callbacks that write to a transport."""

    def __init__(self, peer: Peer, transport: asyncio.Transport, asked: Asked) -> None:
        self.peer, self.transport, self.asked = peer, transport, asked
        self.emitter = peer.emitter
        self.record = self.emitter.record(asked)
        self.delta = shapes.deltas(asked.shape, asked.n, asked.chars, asked.seed)
        self.sent = 0
        self.due = self.emitter.loop.time() + asked.ttft_ms / 1000
        transport.write(OPENING + chunk(HEAD + b'{"role":"assistant","content":""}' + TAIL))
        self.timer = self.emitter.loop.call_at(self.due, self.tick)

    def tick(self) -> None:
        self.transport.write(self.next_event())
        self.sent += 1
        self.emitter.deltas += 1
        if self.sent == self.asked.n + self.asked.reason:
            self.finish()
            return
        self.due += self.asked.interval_ms / 1000
        self.timer = self.emitter.loop.call_at(self.due, self.tick)

    def next_event(self) -> bytes:
        now = time.monotonic_ns()
        i = self.sent - self.asked.reason
        if i < 0:
            text, head = f"r{self.sent}:{now} ", REASON
            self.record.reasoning.append(text)
        else:
            text, head = self.delta(i, now), TEXT
            self.record.text.append(text)
            self.record.times.append(now)
        return chunk(head + json.dumps(text, ensure_ascii=False).encode() + b"}" + TAIL)

    def finish(self) -> None:
        n = self.asked.n + self.asked.reason
        usage = b'{"prompt_tokens":10,"completion_tokens":%d,"total_tokens":%d}' % (n, n + 10)
        self.transport.write(
            chunk(HEAD + b'{},"finish_reason":"stop"}]}\n\n')
            + chunk(
                b'data: {"id":"chatcmpl-load","object":"chat.completion.chunk","choices":[],"usage":' + usage + b"}\n\n"
            )
            + chunk(b"data: [DONE]\n\n")
            + b"0\r\n\r\n"
        )
        self.record.done = True
        self.peer.answered()


def chunk(data: bytes) -> bytes:
    """One HTTP/1.1 chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class Peer(asyncio.Protocol):
    """HTTP/1.1 with keep-alive; the requests of one connection are answered in order."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter
        self.transport: asyncio.Transport | None = None
        self.answer: Answer | None = None
        self.received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self.emitter.open += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.emitter.open -= 1
        if self.answer:
            self.emitter.aborted += 1
            self.answer.timer.cancel()
        self.transport = self.answer = None

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.next_request()

    def answered(self) -> None:
        self.answer = None
        self.next_request()

    def next_request(self) -> None:
        while self.answer is None and self.transport is not None:
            start = self.received.find(b"\r\n\r\n") + 4
            if start < 4:
                return
            head = bytes(self.received[:start])
            length = LENGTH.search(head)
            end = start + (int(length[1]) if length else 0)
            if len(self.received) < end:
                return
            body = bytes(self.received[start:end])
            del self.received[:end]
            self.emitter.requests += 1
            self.handle(self.transport, head.split(b" ", 2)[1].decode(), body)

    def handle(self, transport: asyncio.Transport, target: str, body: bytes) -> None:
        url = urlsplit(target)
        rid = parse_qs(url.query).get("rid", [""])[0]
        record = self.emitter.records.get(rid, Record(0))
        if url.path.endswith("/chat/completions"):
            self.complete(transport, json.loads(body))
        elif url.path.endswith("/models"):
            reply(
                transport,
                {"object": "list", "data": [{"id": "load", "object": "model", "owned_by": "bench"}]},
            )
        elif url.path == "/_report" and rid:
            reply(transport, record.summary())
        elif url.path == "/_report":
            reply(transport, {key: record.summary() for key, record in self.emitter.records.items()})
        elif url.path == "/_text":
            reply(transport, "".join(record.text).encode())
        elif url.path == "/_reason":
            reply(transport, "".join(record.reasoning).encode())
        elif url.path == "/_times":
            reply(transport, record.times.tobytes())
        elif url.path == "/_stats":
            reply(transport, self.emitter.stats())
        elif url.path == "/_reset":
            self.emitter.records.clear()
            reply(transport, {})
        else:
            reply(transport, {"error": {"message": "no such route", "type": "invalid_request_error"}}, 404)

    def complete(self, transport: asyncio.Transport, request: dict[str, object]) -> None:
        if request.get("stream"):
            self.answer = Answer(self, transport, Asked.read(last_question(request)))
            return
        message = {"role": "assistant", "content": TITLE}
        reply(
            transport,
            {
                "id": "chatcmpl-title",
                "object": "chat.completion",
                "created": 1700000000,
                "model": "load",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            },
        )


def last_question(request: dict[str, object]) -> str:
    """The text of the last user message; contents made of parts are joined."""
    messages = request.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if message.get("role") == "user":
            content = message.get("content")
            return content if isinstance(content, str) else json.dumps(content)
    return ""


def reply(transport: asyncio.Transport, value: object, status: int = 200) -> None:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    transport.write(head % (status, len(data)) + data)


async def serve() -> None:
    emitter = Emitter()
    server = await emitter.loop.create_server(lambda: Peer(emitter), "127.0.0.1", 0, backlog=2048)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    try:
        import uvloop  # noqa: PLC0415 - absent without bench/requirements.txt, and then asyncio's own loop does
    except ImportError:
        asyncio.run(serve())
        return
    uvloop.run(serve())


if __name__ == "__main__":
    main()
