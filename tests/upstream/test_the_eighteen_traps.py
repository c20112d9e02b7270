"""What real servers do to a careless client, and the tests that show that none of it gets through."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from chatapp.upstream.client import Limits, open_answer
from chatapp.upstream.dialects import DIALECTS
from chatapp.upstream.errors import BY_CODE
from chatapp.upstream.probe import SENTENCES
from tests.upstream.conftest import Serve
from tests.upstream.replay import HEAD, REQUEST, Caller, Result, ask, play, target

TESTS = Path(__file__).resolve().parent.parent

# The trap → tests, each as its file below tests/ and its name.
TRAPS: dict[str, list[str]] = {
    "1. Lines end at LF, CRLF and CR only, and bytes are UTF-8 whatever the head says; U+2028 is text.": [
        "upstream/test_events_are_cut_out_of_bytes.py::test_a_stream_and_its_payloads",
        "upstream/test_every_recording_reads_the_same_however_cut.py::test_a_recording_as_it_came",
    ],
    "2. Events come with or without a space, with comments and other fields, over lines, over reads, many at once.": [
        "upstream/test_events_are_cut_out_of_bytes.py::test_no_cut_changes_the_payloads",
        "upstream/test_events_are_cut_out_of_bytes.py::test_events_with_single_line_ends_stream_before_the_end",
        "upstream/test_every_recording_reads_the_same_however_cut.py::test_a_short_recording_cut_in_two_at_each_byte",
        "upstream/test_every_recording_reads_the_same_however_cut.py::test_a_recording_byte_by_byte",
    ],
    "3. A finish reason makes an answer whole; [DONE] alone does not, and its absence does not unmake it.": [
        "upstream/test_the_eighteen_traps.py::test_only_a_finish_reason_makes_an_answer_whole",
        "upstream/test_a_stop_closes_the_socket.py"
        "::test_after_the_end_the_socket_closes_though_the_upstream_keeps_it_open",
    ],
    "4. Any event may lack choices or delta, or have null, an empty list or a list of parts there.": [
        "upstream/test_hostile_upstreams_are_bounded.py::test_events_of_odd_shapes_are_passed_over",
        "upstream/test_hostile_upstreams_are_bounded.py::test_an_answer_of_odd_events_alone_is_an_error",
    ],
    "5. No finish reason, null and an empty one all say: go on. Length without a word: the question did not fit.": [
        "upstream/test_the_eighteen_traps.py::test_a_finish_reason_that_says_nothing_ends_nothing",
        "upstream/test_the_eighteen_traps.py::test_the_last_words_may_come_with_the_finish_reason",
        "upstream/test_the_eighteen_traps.py::test_of_two_finish_reasons_the_first_counts",
        "upstream/test_the_eighteen_traps.py::test_length_without_a_word_says_whose_limit_it_was",
    ],
    "6. Usage comes in each event, in one without choices, with an empty delta, with the finish, or not at all.": [
        "upstream/test_the_eighteen_traps.py::test_the_usage_is_found_wherever_it_comes",
    ],
    "7. An error may come under 200, in mid-stream or as if the model had said it; its words are for nobody's eyes.": [
        "upstream/test_refusals_become_plain_words.py::test_a_refusal_of_any_shape",
        "upstream/test_refusals_become_plain_words.py::test_neither_keys_nor_addresses_reach_the_log",
        "upstream/test_hostile_upstreams_are_bounded.py"
        "::test_an_error_in_mid_stream_keeps_the_words_before_it_and_drops_those_after",
        "upstream/test_the_eighteen_traps.py::test_no_sentence_for_people_has_room_for_the_words_of_an_upstream",
        "live/test_upstreams_that_misbehave.py::test_the_upstreams_own_words_and_secrets_reach_no_page_and_no_log",
    ],
    "8. The head takes as long as the queue, and heartbeats would keep a dead answer alive.": [
        "upstream/test_the_eighteen_traps.py::test_the_limits_outlast_a_queue_and_the_longest_answer_of_intern",
        "upstream/test_hostile_upstreams_are_bounded.py::test_one_that_accepts_and_never_answers_ends_in_silence",
        "upstream/test_hostile_upstreams_are_bounded.py::test_heartbeats_alone_do_not_keep_an_answer_alive",
        "upstream/test_hostile_upstreams_are_bounded.py::test_a_body_that_drips_ends_by_the_total",
    ],
    "9. Only a closed connection stops a model.": [
        "upstream/test_a_stop_closes_the_socket.py::test_while_the_upstream_is_silent",
        "upstream/test_a_stop_closes_the_socket.py::test_in_the_middle_of_a_flood",
        "upstream/test_answers_in_one_piece.py::test_a_stop_in_the_wait_closes_the_socket",
    ],
    "10. An idle connection dies under the next request.": [
        "upstream/test_the_eighteen_traps.py::test_no_connection_is_used_twice",
    ],
    "11. The wait after too many requests is in seconds, a date, renamed or not told; a whole team shares one limit.": [
        "upstream/test_refusals_become_plain_words.py::test_the_wait_that_an_upstream_asks_for",
        "upstream/test_refusals_become_plain_words.py::test_a_recorded_refusal",
        "generation/test_turns_at_a_provider_are_shared.py"
        "::test_a_burst_up_to_the_limit_passes_at_once_and_the_next_waits_for_the_window",
    ],
    "12. Text is hostile: markup, NUL, escapes, marks of direction, lone halves of characters.": [
        "upstream/test_text_is_fit_for_database_and_socket.py"
        "::test_everything_can_be_encoded_and_good_text_is_untouched",
        "upstream/test_tool_calls.py::test_arguments_however_they_are_quoted",
        "rendering/test_hostile_text.py::test_active_html_is_never_alive",
    ],
    "13. An emoji comes apart over events, and so do the two halves of one character.": [
        "upstream/test_the_eighteen_traps.py::test_characters_that_come_apart_are_whole_in_the_joined_text",
        "upstream/test_text_is_fit_for_database_and_socket.py::test_two_halves_of_a_character_join_over_pieces",
        "rendering/test_the_stream_equals_the_render.py::test_any_text_cut_anywhere_ends_as_its_full_render",
    ],
    "14. One field that a server does not know is an error at some.": [
        "upstream/test_what_each_dialect_is_sent.py::test_nothing_is_sent_that_the_server_does_not_document",
        "upstream/test_what_each_dialect_is_sent.py::test_each_is_told_in_its_own_way_whether_to_think",
    ],
    "15. Ids come again, and the model in an answer is not the one that was asked: neither is a key.": [
        "upstream/test_the_eighteen_traps.py::test_ids_and_models_in_an_answer_decide_nothing",
    ],
    "16. Intern takes no system message while it thinks.": [
        "upstream/test_what_each_dialect_is_sent.py"
        "::test_with_thinking_intern_gets_the_instructions_in_the_first_question",
        "upstream/test_what_each_dialect_is_sent.py::test_intern_loses_no_word_when_it_thinks",
    ],
    "17. An answer begins with line ends that are none of it; inside, every blank counts.": [
        "upstream/test_the_eighteen_traps.py::test_line_ends_go_at_the_start_of_an_answer_and_nowhere_else",
        "upstream/test_reasoning_is_told_from_the_answer.py::test_in_one_piece",
    ],
    "18. A server that serves one at a time cuts a running answer for the next request, and says [DONE].": [
        "upstream/test_the_eighteen_traps.py::test_an_answer_that_was_cut_for_another_is_kept_and_may_be_retried",
    ],
}

DONE = b"data: [DONE]\n\n"


def event(content: Any = None, **choice: Any) -> bytes:
    return data(choices=[{"index": 0, "delta": {} if content is None else {"content": content}} | choice])


def data(**fields: Any) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def streamed(*events: bytes, dialect: str = "openai") -> Result:
    return play([HEAD, *events], dialect=dialect)


def test_every_trap_has_its_tests() -> None:
    assert [trap.partition(".")[0] for trap in TRAPS] == [str(number) for number in range(1, 19)]
    for trap, names in TRAPS.items():
        assert names, trap
        for name in names:
            path, _, function = name.partition("::")
            assert function in functions_of(TESTS / path), name


def functions_of(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize(
    ("events", "finish", "error"),
    [
        ([event("Hi"), event(finish_reason="stop"), DONE], "stop", ""),
        ([event("Hi"), event(finish_reason="stop")], "stop", ""),
        ([event("Hi"), event(finish_reason="length"), DONE], "length", ""),
        ([event("Hi"), event(finish_reason="abort"), DONE], "abort", ""),
        ([event("Hi"), DONE], "", "broken"),
        ([event("Hi")], "", "broken"),
        ([event("Hi"), data(error={"code": 500, "message": "x"}), DONE], "", "upstream-failed"),
        ([event("Hi"), event(finish_reason="error"), DONE], "", "upstream-failed"),
    ],
)
def test_only_a_finish_reason_makes_an_answer_whole(events: list[bytes], finish: str, error: str) -> None:
    result = streamed(*events)
    assert (result.text, result.finish, result.error) == ("Hi", finish, error)


@pytest.mark.parametrize("nothing", [{}, {"finish_reason": None}, {"finish_reason": ""}])
def test_a_finish_reason_that_says_nothing_ends_nothing(nothing: dict[str, Any]) -> None:
    result = streamed(event("One ", **nothing), event("two", **nothing), event(finish_reason="stop"), DONE)
    assert (result.text, result.finish) == ("One two", "stop")
    assert streamed(event("One ", **nothing), DONE).error == "broken"


def test_the_last_words_may_come_with_the_finish_reason() -> None:
    result = streamed(event("One "), event("two", finish_reason="stop"), DONE)
    assert (result.text, result.finish) == ("One two", "stop")


def test_of_two_finish_reasons_the_first_counts() -> None:
    assert streamed(event("Hi", finish_reason="length"), event(finish_reason="stop"), DONE).finish == "length"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_length_without_a_word_says_whose_limit_it_was(dialect: str) -> None:
    of_lmdeploy = {"intern", "lmdeploy", "lmdeploy-old"}
    result = streamed(event("", finish_reason="length"), DONE, dialect=dialect)
    assert result.error == ("context" if dialect in of_lmdeploy else "empty")


USAGE = {"prompt_tokens": 12, "completion_tokens": 6, "total_tokens": 18}
EARLIER = {"prompt_tokens": 12, "completion_tokens": 1, "total_tokens": 13}
HI = {"index": 0, "delta": {"content": "Hi"}}
STOP = {"index": 0, "delta": {}, "finish_reason": "stop"}


@pytest.mark.parametrize(
    ("events", "tokens"),
    [
        pytest.param([data(choices=[HI], usage=EARLIER), data(choices=[STOP], usage=USAGE)], (12, 6), id="in each"),
        pytest.param([data(choices=[HI]), data(choices=[STOP]), data(choices=[], usage=USAGE)], (12, 6), id="apart"),
        pytest.param(
            [data(choices=[HI]), data(choices=[STOP]), data(choices=[{"delta": {}}], usage=USAGE)],
            (12, 6),
            id="with an empty delta",
        ),
        pytest.param([data(choices=[HI]), data(choices=[STOP], usage=USAGE)], (12, 6), id="with the finish"),
        pytest.param([data(choices=[HI]), data(choices=[STOP]), data(usage=USAGE)], (12, 6), id="with nothing else"),
        pytest.param([data(choices=[HI], usage=USAGE), data(choices=[STOP], usage=None)], (12, 6), id="then null"),
        pytest.param([data(choices=[HI]), data(choices=[STOP])], (None, None), id="nowhere"),
    ],
)
def test_the_usage_is_found_wherever_it_comes(events: list[bytes], tokens: tuple[int | None, int | None]) -> None:
    result = streamed(*events, DONE)
    assert (result.text, result.finish, result.tokens) == ("Hi", "stop", tokens)


def test_no_sentence_for_people_has_room_for_the_words_of_an_upstream() -> None:
    for error in BY_CODE.values():
        assert error.sentence.replace("{alias}", "").count("{") == 0
    assert not [sentence for sentence in SENTENCES.values() if "{" in sentence]


def test_the_limits_outlast_a_queue_and_the_longest_answer_of_intern() -> None:
    limits, intern = Limits(), DIALECTS["intern"]
    assert intern.cuts_after == 120
    assert limits.silence >= 60
    assert limits.one_piece > intern.cuts_after
    assert limits.silence < limits.wordless < limits.total
    assert limits.total > intern.cuts_after


async def test_no_connection_is_used_twice(serve: Serve) -> None:
    async def promise_to_stay(caller: Caller) -> None:
        body = event("Hi", finish_reason="stop") + DONE
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: keep-alive\r\n"
        await caller.send(head, b"Keep-Alive: timeout=60\r\nContent-Length: %d\r\n\r\n" % len(body), body)
        await caller.gone()

    server = await serve(promise_to_stay)
    for number in range(1, 4):
        assert (await ask(target(server.url))).text == "Hi"
        await asyncio.wait_for(server.hung_up.wait(), 1)
        assert len(server.callers) == number


def test_characters_that_come_apart_are_whole_in_the_joined_text() -> None:
    pieces = ["👩", "\u200d🚀 ", "🇨", "🇳 ", "e", "\u0301 ", "\ud83d", "\udc3c"]
    result = streamed(*(event(piece) for piece in pieces), event(finish_reason="stop"))
    assert result.text == "👩\u200d🚀 🇨🇳 e\u0301 🐼"


async def test_ids_and_models_in_an_answer_decide_nothing(serve: Serve) -> None:
    async def script(caller: Caller) -> None:
        asked = json.loads(caller.body)["model"]
        events = [
            data(id="3", model="other@main", choices=[{"delta": {"content": f"{asked} "}}]),
            data(id="chatcmpl-417", model="", choices=[{"delta": {"content": "again"}}]),
            data(id=None, model=7, choices=[STOP]),
        ]
        await caller.send(HEAD, *events, DONE)

    server = await serve(script)
    results = await asyncio.gather(*(ask(target(server.url, model=model)) for model in ("one", "two")))
    assert [(result.text, result.finish) for result in results] == [("one again", "stop"), ("two again", "stop")]
    async with open_answer(target(server.url), REQUEST) as answer:
        while await answer.read() is not None:
            pass
    assert answer.outcome.model == "other@main"


def test_line_ends_go_at_the_start_of_an_answer_and_nowhere_else() -> None:
    result = streamed(event("\n"), event("\n  One\n\n"), event("\n two \n\n"), event(finish_reason="stop"))
    assert result.text == "  One\n\n\n two \n\n"


def test_an_answer_that_was_cut_for_another_is_kept_and_may_be_retried() -> None:
    result = streamed(event("Half an ans"), event(finish_reason=None), DONE, dialect="plain")
    assert (result.text, result.error) == ("Half an ans", "broken")
    assert result.failure is not None
    assert not result.failure.final
    assert result.failure.elsewhere
