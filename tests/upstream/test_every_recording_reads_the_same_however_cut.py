"""Real and constructed responses → what a reader gets, for any way that the network may cut them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.upstream.client import Limits
from tests.upstream.replay import RECORDINGS, Recording, Result, replay

HUGO = "Liu Cixin's 'The Three-Body Problem' won the **Hugo Award** in 2015. 刘慈欣《三体》🐼👩\u200d🚀。"
AWARDS = "The user asks about awards.\nI recall 2015."
MIXED = "刘慈欣🐼👩\u200d🚀𝄞 é"
DEFINITION = "The user asks <for> a definition & more."
AGI = "AGI is artificial general intelligence 🐼."
XSS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"
    "</textarea><svg onload=alert(1)>\u202egnp.exe\u202c \x1b[31m"
)


def said(text: str = "", deltas: int = 1, reasoning: str = "", finish: str = "stop", **more: Any) -> Result:
    return Result(reasoning=reasoning, text=text, finish=finish, deltas=deltas, **more)


def failed(error: str, text: str = "", deltas: int = 0) -> Result:
    return Result(text=text, error=error, deltas=deltas)


STREAMS = {
    "intern/stream_docs": said(HUGO, 21),
    "intern/stream_lmd_old": said(HUGO, 21),
    "intern/stream_lmd_new": said(HUGO, 21),
    "intern/stream_think_docs": said(HUGO, 32, AWARDS),
    "intern/stream_think_reasoning": said(HUGO, 32, AWARDS),
    "intern/stream_think_tags_split": said("Answer: 1 < 2 and <b>bold</b> </thing> end", 11, "The user asks."),
    "intern/stream_think_close_only": said("Answer.", 4, "The user asks.\n"),
    "intern/stream_think_unclosed_length": said("", 3, "A very long thought that never", "length"),
    "intern/stream_think_all_reasoning": said("", 8, "Hello! How can I help you today?", all_reasoning=True),
    "intern/stream_length": said("A text that is cut because max_tok", 9, finish="length"),
    "intern/stream_finish_in_content_chunk": said("One two.", 2),
    "intern/stream_error_object": failed("upstream-failed", "Some text", 2),
    "intern/stream_error_lmd_new": failed("upstream-failed", "Some text", 2),
    "intern/stream_error_text": failed("upstream-failed", "Some ", 1),
    "intern/stream_error_rawline": failed("timed-out", "Some text", 2),
    "intern/stream_error_first_raw": failed("timed-out"),
    "intern/stream_error_proxy_tail": failed("upstream-failed", "Some ", 1),
    "intern/stream_error_string": failed("upstream-failed", "Some ", 1),
    "intern/stream_ratelimit_in_stream": failed("rate-limited"),
    "intern/stream_cut_midchunk": failed("broken", "The answer stops in", 2),
    "intern/stream_cut_midchunk_nolen": failed("broken", "The answer stops in", 2),
    "intern/stream_cut_reset": failed("broken", "The answer is reset", 2),
    "intern/stream_cut_clean_nodone": failed("broken", "The answer just ends", 2),
    "intern/stream_cut120_done": failed("broken", "The answer just ends", 2),
    "intern/stream_utf8_split": said(MIXED, 3),
    "intern/stream_bytewise": said(MIXED, 3),
    "intern/stream_one_blob": said(MIXED, 3),
    "intern/stream_crlf": said("Windows line ends 行", 5),
    "intern/stream_crlf_split": said("CR at the end of a read", 2),
    "intern/stream_comments": said("Hello there", 2),
    "intern/stream_comments_120s": said("late"),
    "intern/stream_multiline_data": said("two data lines"),
    "intern/stream_bom": said("after a BOM"),
    "intern/stream_no_blank_line": said("single newlines", 2),
    "intern/stream_usage_empty_choices": said("Usage follows.", 4, tokens=(12, 6)),
    "intern/stream_usage_every_chunk": said("Usage in each chunk.", 5, tokens=(12, 5)),
    "intern/stream_empty": failed("empty"),
    "intern/stream_context_overflow": failed("context"),
    "intern/stream_only_done": failed("empty"),
    "intern/stream_nothing": failed("empty"),
    "intern/stream_keepopen_after_done": said("Finished"),
    "intern/stream_after_done": said("Finished"),
    "intern/stream_bad_json": failed("upstream-failed", "Some ", 1),
    "intern/stream_ollama_error": failed("broken", "Some ", 1),
    "intern/stream_content_list": said("list content"),
    "intern/stream_null_choices": said("ok"),
    "intern/stream_ctype_json": said("Not streamed although asked."),
    "intern/stream_moderated": said("Some text"),
    "intern/stream_xss": said(XSS, 6),
    "intern/stream_u2028": said("line\u2028separator \u2029 and \x85 nel \x7f"),
    "intern/stream_wrong_charset": said("刘慈欣 é 🐼"),
    "intern/stream_gzip": failed("not-an-answer"),
    "intern/stream_bad_utf8": said("bad \ufffd\ufffd byte"),
    "intern/stream_lone_surrogate": said("lone \ufffd half"),
    "intern/stream_surrogate_halves": said("🐼", 2),
    "intern/stream_n2": failed("broken", "ab", 2),
    "lmdeploy-0.18/stream_abort": said("", 2, "The", "abort"),
    "lmdeploy-0.18/stream_busy": failed("busy"),
    "lmdeploy-0.18/stream_error_first": failed("upstream-failed"),
    "lmdeploy-0.18/stream_length": said(
        "Sentence number 1 of a rather long answer goes here", 22, "A long answer is wanted.\n", "length"
    ),
    "lmdeploy-0.18/stream_think_cut": said("", 11, "The user asks for a defin", "length"),
    "transformers-serve/stream_midstream_error": failed("upstream-failed"),
    "transformers-serve/stream_midstream_error4": said(
        "Hi there! W", 15, "A short greeting.\n", "length", tokens=(10, 20)
    ),
    "vllm-constructed/stream_reasoning": said(AGI, 17, DEFINITION, tokens=(12, 28)),
    "vllm-constructed/stream_both_reasoning_fields": said(AGI, 17, DEFINITION),
    "vllm-constructed/stream_error": failed("upstream-failed", "Some ", 1),
    "vllm-constructed/stream_keepalive": said("late"),
    "vllm-constructed/stream_tools": said("", 0, finish="tool_calls"),
    "sglang-constructed/stream_reasoning": said(AGI, 17, DEFINITION, tokens=(12, 28)),
    "sglang-constructed/stream_error": failed("busy", "Some ", 1),
    "sglang-constructed/stream_abort": said("Some ", 1, finish="abort"),
    "ollama-constructed/stream_thinking": said(AGI + " <b>&</b>", 19, DEFINITION, tokens=(12, 28)),
    "ollama-constructed/stream_tools": said("", 0, finish="tool_calls"),
    "ollama-constructed/stream_error_swallowed": failed("broken", "Some ", 1),
}

STALLED = "intern/stream_stall"

DOCUMENTS = {
    "intern/json_normal": said(HUGO, tokens=(10, 20)),
    "intern/json_think_reasoning": said(HUGO, 2, AWARDS, tokens=(10, 20)),
    "intern/json_think_tags": said(HUGO, 1, AWARDS + "\n", tokens=(10, 20)),
    "intern/json_think_null_content": said("", 1, "The user asks for a defin", "length", tokens=(10, 20)),
    "intern/json_tool_call": said("get_current_weather", finish="tool_calls", tokens=(10, 20)),
    "intern/json_legacy_wrapped": said("wrapped"),
    "intern/json_error_200": failed("upstream-failed"),
    "lmdeploy-0.18/json_think": said(
        "AGI is artificial general intelligence: a system that can do most tasks that a person can do.",
        2,
        "The user asks for a definition.\nAGI means artificial general intelligence.\n",
        tokens=(11, 86),
    ),
    "vllm-constructed/json_reasoning": said(AGI, 2, DEFINITION, tokens=(12, 28)),
    "transformers-serve/json_tools": said("", 1, "I need the weather tool.", "tool_calls", tokens=(223, 59)),
    "transformers-serve/err_context": said("\ufffd sheret\ufffd sheret\ufffd", 1, "", "length", tokens=(27009, 10)),
}

EXPECTED = STREAMS | DOCUMENTS

# Short ones, each with another trap: tags, line ends, surrogates, a byte order mark, errors of every shape, cuts.
CUT_EVERYWHERE = [
    "intern/stream_utf8_split",
    "intern/stream_think_close_only",
    "intern/stream_crlf_split",
    "intern/stream_comments",
    "intern/stream_multiline_data",
    "intern/stream_bom",
    "intern/stream_no_blank_line",
    "intern/stream_surrogate_halves",
    "intern/stream_error_proxy_tail",
    "intern/stream_error_rawline",
    "intern/stream_bad_json",
    "intern/stream_cut_midchunk",
    "intern/stream_ctype_json",
    "intern/json_think_tags",
]


def compare(result: Result, expected: Result) -> None:
    result.failure = None
    assert result == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_as_it_came(name: str) -> None:
    compare(replay(name), EXPECTED[name])


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_in_one_piece(name: str) -> None:
    compare(replay(name, sizes=[]), EXPECTED[name])


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_byte_by_byte(name: str) -> None:
    compare(replay(name, sizes=[1] * len(Recording.named(name).raw)), EXPECTED[name])


def test_a_recording_that_stalls() -> None:
    compare(replay(STALLED, limits=Limits(silence=0.5)), failed("timed-out", "The answer stalls", 2))


@pytest.mark.parametrize("name", CUT_EVERYWHERE)
def test_a_recording_cut_in_two_at_each_byte(name: str) -> None:
    for at in range(1, len(Recording.named(name).raw)):
        compare(replay(name, sizes=[at]), EXPECTED[name])


@given(st.sampled_from(sorted(STREAMS)), st.lists(st.integers(1, 400), max_size=60))
@settings(deadline=None, max_examples=300)
def test_a_recording_cut_anyhow(name: str, sizes: list[int]) -> None:
    compare(replay(name, sizes=sizes), EXPECTED[name])


def test_no_recording_of_a_good_status_is_left_out() -> None:
    names = [f"{path.parent.name}/{path.stem}" for path in RECORDINGS.glob("*/*.http")]
    good = {name for name in names if Recording.named(name).raw.startswith(b"HTTP/1.1 200")}
    refused = {name for name in good if "/err_" in name and name not in EXPECTED}
    assert good - refused == {STALLED, *EXPECTED}
