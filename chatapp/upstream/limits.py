"""Every timeout and limit of this room, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much of one request. Seconds, bytes, characters."""

    # Name, TCP and TLS together.
    connect: float = 10.0
    # No byte at all; until the head of the response is complete, bytes do not count either.
    # A queue may be that long: llama.cpp sends nothing, not even the status, while it is busy.
    silence: float = 90.0
    # Bytes, but no word of an answer: heartbeats would defeat `silence` for ever.
    wordless: float = 300.0
    # From the first packet to the last. Intern cuts at 120 s by itself.
    total: float = 1800.0
    # A finish_reason was seen: the usage and [DONE] follow at once or not at all.
    epilogue: float = 3.0
    # Head of the response.
    head_bytes: int = 64 * 1024
    head_lines: int = 100
    # One line of an event stream; and an answer or error that is not streamed.
    line_bytes: int = 1_000_000
    body_bytes: int = 8_000_000
    # An event stream as a whole. Nothing of it is kept, so this only ends what does not end by itself.
    stream_bytes: int = 400_000_000
    # Reasoning and text of one answer together.
    answer_characters: int = 1_000_000
    # Events that are not JSON, or JSON but nothing that we know.
    bad_events: int = 100
