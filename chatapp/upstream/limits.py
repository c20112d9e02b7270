"""Every timeout and limit of this room, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much of one request. Times are in seconds."""

    # Name, TCP and TLS together.
    connect: float = 10.0
    # No byte at all; until the head of the response is complete, bytes do not count either. It must outlast a queue:
    # llama.cpp sends nothing, not even the status, while it is busy.
    silence: float = 90.0
    # The same for an answer that is asked for in one piece: nothing comes before it is whole, at Intern for 120 s.
    one_piece: float = 300.0
    # Bytes but no word of an answer: heartbeats would defeat `silence` for ever.
    wordless: float = 300.0
    # From the first packet to the last. Intern cuts at 120 s by itself.
    total: float = 1800.0
    # After a finish_reason: the usage and [DONE] follow at once or not at all.
    epilogue: float = 3.0
    # To read the body of an error.
    complaint: float = 5.0
    complaint_bytes: int = 16 * 1024
    # Head of the response.
    head_bytes: int = 64 * 1024
    head_lines: int = 100
    # One line of an event stream, and an answer that is not streamed.
    line_bytes: int = 1_000_000
    document_bytes: int = 8_000_000
    # An event stream as a whole. None of it is kept, so this only ends what does not end by itself.
    stream_bytes: int = 400_000_000
    # Reasoning and text of one answer together.
    answer_characters: int = 1_000_000
    # Calls of tools in one answer; their arguments have as many characters as its text.
    tool_calls: int = 128
    # Events that are not JSON objects.
    bad_events: int = 100
