from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.upstream.errors import NotAnAnswer, TooLong
from chatapp.upstream.limits import Limits
from chatapp.upstream.sse import EventStream


def events(*chunks: bytes, limits: Limits | None = None) -> list[bytes]:
    stream = EventStream(limits or Limits())
    return [payload for chunk in chunks for payload in stream.feed(chunk)] + stream.close()


@pytest.mark.parametrize(
    ("raw", "payloads"),
    [
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data:a\n\ndata:  b \n\n", [b"a", b"b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data: a\r\ndata: b\r\n\r\n", [b"a\nb"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b": ping\n\nevent: message\nid: 1\nretry: 3\ndata: a\n\n:\n", [b"a"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n', [b'{"a":1}', b'{"b":2}', b"[DONE]"]),
        (b'data: {"a":\ndata: 1}\n\n', [b'{"a":\n1}']),
        (b"\n\n\ndata: a\n\n\n\n", [b"a"]),
        (b'data: a\n\n{"error":1}\n', [b"a", b'{"error":1}']),
        (b'data: a\n{"error":1}', [b"a", b'{"error":1}']),
        (b"data: a", [b"a"]),
        (b"data: a\n", [b"a"]),
        (b"data\n\nnonsense\n\n", []),
        (b"data: \xe2\x80\xa8\xc2\x85 x\n\n", [b"\xe2\x80\xa8\xc2\x85 x"]),
        (b"", []),
    ],
)
def test_a_stream_and_its_payloads(raw: bytes, payloads: list[bytes]) -> None:
    assert events(raw) == payloads
    assert events(*(raw[at : at + 1] for at in range(len(raw)))) == payloads
    for at in range(len(raw)):
        assert events(raw[:at], raw[at:]) == payloads


def test_events_with_single_line_ends_stream_before_the_end() -> None:
    stream = EventStream(Limits())
    assert stream.feed(b'data: {"a":1}\n') == []
    assert stream.feed(b'data: {"b":2}\n') == [b'{"a":1}']


@given(
    st.lists(st.sampled_from([b"data: {}", b"data: x", b"\n", b"\r", b"\r\n", b": c", b"{}", b"\xef\xbb\xbf"])),
    st.lists(st.integers(1, 9)),
)
def test_no_cut_changes_the_payloads(parts: list[bytes], sizes: list[int]) -> None:
    raw = b"".join(parts)
    chunks, start = [], 0
    for size in sizes:
        chunks.append(raw[start : start + size])
        start += size
    assert events(*chunks, raw[start:]) == events(raw)


def test_a_line_without_end_is_cut_off() -> None:
    with pytest.raises(NotAnAnswer):
        events(*[b"x" * 100] * 11, limits=Limits(line_bytes=1000))


def test_an_event_without_end_is_cut_off() -> None:
    with pytest.raises(NotAnAnswer):
        events(*[b"data: x\n"] * 1100)
    with pytest.raises(NotAnAnswer):
        events(*[b"data: " + b"x" * 90 + b"\n"] * 20, limits=Limits(line_bytes=1000))


def test_a_stream_without_end_is_cut_off() -> None:
    with pytest.raises(TooLong):
        events(*[b"data: a\n\n"] * 200, limits=Limits(stream_bytes=1000))
