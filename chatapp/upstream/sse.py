"""Bytes of an event stream → the payloads of its events (WHATWG HTML, "Server-sent events"), with tolerance.

Lines end at LF, CRLF or CR only: a str's splitlines() would also cut at U+2028 and the like, inside the JSON.
"""

from __future__ import annotations

from chatapp.upstream.errors import NotAnAnswer, TooLong
from chatapp.upstream.limits import Limits

# Of one event.
MOST_DATA_LINES = 1000
_BOM = b"\xef\xbb\xbf"


class EventStream:
    """Feed it chunks cut anywhere; it gives the payloads that they complete, without blanks around them.

    Two tolerances beyond the standard. Events with a single line end between them are told apart by their braces.
    A line that is bare JSON, as proxies send for an error, is a payload too. Raises NotAnAnswer for a line or an
    event that does not end, and TooLong for a stream that does not.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._total = 0
        self._rest: list[bytes] = []  # the pieces of a line whose end has not come
        self._rest_bytes = 0
        self._pending: list[bytes] = []  # the data lines of an event whose end has not come
        self._after_cr = False
        self._first = True

    def feed(self, chunk: bytes) -> list[bytes]:
        self._total += len(chunk)
        if self._total > self._limits.stream_bytes:
            raise TooLong("the stream does not end")
        if self._after_cr:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(b"\n")
        if len(lines) == 1:
            return self._keep(chunk)
        if self._rest:
            lines[0] = b"".join((*self._rest, lines[0]))
            self._rest.clear()
            self._rest_bytes = 0
        rest = lines.pop()
        if rest:
            self._keep(rest)
        return self._payloads(lines)

    def close(self) -> list[bytes]:
        """What the end of the stream completes: a last event or line without its line end."""
        payloads = self._payloads([b"".join(self._rest), b""])
        self._rest.clear()
        return payloads

    def _keep(self, piece: bytes) -> list[bytes]:
        self._rest.append(piece)
        self._rest_bytes += len(piece)
        if self._rest_bytes > self._limits.line_bytes:
            raise NotAnAnswer("a line does not end")
        return []

    def _payloads(self, lines: list[bytes]) -> list[bytes]:
        if self._first:
            self._first = False
            lines[0] = lines[0].removeprefix(_BOM)
        pending = self._pending
        payloads: list[bytes] = []
        for line in lines:
            if line[:5] == b"data:":
                data = line[5:].strip()
                if pending and pending[-1][-1:] == b"}" and (data[:1] == b"{" or data == b"[DONE]"):
                    payloads.append(b"\n".join(pending))
                    pending.clear()
                pending.append(data)
            elif not line:
                if pending:
                    payloads.append(pending[0] if len(pending) == 1 else b"\n".join(pending))
                    pending.clear()
            elif line[:1] == b"{":
                if pending:
                    payloads.append(b"\n".join(pending))
                    pending.clear()
                payloads.append(line)
        if len(pending) > 1:
            self._check_event(pending)
        return payloads

    def _check_event(self, lines: list[bytes]) -> None:
        if len(lines) > MOST_DATA_LINES or sum(map(len, lines)) > self._limits.line_bytes:
            raise NotAnAnswer("an event does not end")
