"""Errors of every shape and status → the one thing that a member is told, with nothing secret in it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chatapp.upstream.errors import BY_CODE, LONGEST_DETAIL, UpstreamError, safe_detail
from tests.upstream.expected import ANSWERED_ALL_THE_SAME
from tests.upstream.replay import HEAD, KEY, RECORDINGS, Recording, Result, play, replay

REFUSALS = {
    "intern/err_-10002": "bad-request",
    "intern/err_-10002_str": "bad-request",
    "intern/err_-10002_openai": "bad-request",
    "intern/err_-10002_200": "bad-request",
    "intern/err_-20004": "no-access",
    "intern/err_-20004_str": "no-access",
    "intern/err_-20004_openai": "no-access",
    "intern/err_-20004_200": "no-access",
    "intern/err_-20013": "unknown-model",
    "intern/err_-20013_str": "unknown-model",
    "intern/err_-20013_openai": "unknown-model",
    "intern/err_-20013_200": "unknown-model",
    "intern/err_-20018": "bad-request",
    "intern/err_-20018_str": "bad-request",
    "intern/err_-20018_openai": "bad-request",
    "intern/err_-20018_200": "bad-request",
    "intern/err_-20035": "no-access",
    "intern/err_-20035_str": "no-access",
    "intern/err_-20035_openai": "no-access",
    "intern/err_-20035_200": "no-access",
    "intern/err_-20053": "rate-limited",
    "intern/err_-20053_str": "rate-limited",
    "intern/err_-20053_openai": "rate-limited",
    "intern/err_-20053_200": "rate-limited",
    "intern/err_-20053_headers": "rate-limited",
    "intern/err_-20053_retry_date": "rate-limited",
    "intern/err_-20053_retry_huge": "rate-limited",
    "intern/err_A0202": "key-wrong",
    "intern/err_A0202_200": "key-wrong",
    "intern/err_A0211": "key-expired",
    "intern/err_C1114": "key-wrong",
    "intern/err_login_required": "key-wrong",
    "intern/err_nginx_502": "upstream-failed",
    "intern/err_nginx_504": "timed-out",
    "intern/err_500_plain": "upstream-failed",
    "intern/err_vllm_401": "key-wrong",
    "intern/err_detail_nested": "key-wrong",
    "intern/err_422_list": "bad-request",
    "intern/err_empty_500": "upstream-failed",
    "intern/err_empty_200": "empty",
    "lmdeploy-0.18/err_404": "not-an-answer",
    "lmdeploy-0.18/err_bad_json": "bad-request",
    "lmdeploy-0.18/err_context": "context",
    "lmdeploy-0.18/err_messages_empty": "bad-request",
    "lmdeploy-0.18/err_messages_missing": "bad-request",
    "lmdeploy-0.18/err_messages_stream": "bad-request",
    "lmdeploy-0.18/err_messages_type": "bad-request",
    "lmdeploy-0.18/err_temperature": "bad-request",
    "lmdeploy-0.18/err_unknown_model": "unknown-model",
    "lmdeploy-0.18/err_unknown_model_stream": "unknown-model",
    "lmdeploy-0.18/image": "image",
    "lmdeploy-0.18/image_stream": "image",
    "lmdeploy-0.18/json_busy": "busy",
    "lmdeploy-0.18/json_engine_error": "upstream-failed",
    "lmdeploy-0.18/json_exception": "upstream-failed",
    "lmdeploy-0.18/stream_length0": "bad-request",
    "lmdeploy-0.18/stream_reasoning_effort": "bad-request",
    "ollama-constructed/err_busy": "busy",
    "ollama-constructed/err_image_url": "image",
    "ollama-constructed/err_messages": "bad-request",
    "ollama-constructed/err_model": "unknown-model",
    "sglang-constructed/err_auth": "key-wrong",
    "sglang-constructed/err_validation": "bad-request",
    "transformers-serve/err_404": "not-an-answer",
    "transformers-serve/err_bad_json": "bad-request",
    "transformers-serve/err_messages_empty": "upstream-failed",
    "transformers-serve/err_messages_missing": "upstream-failed",
    "transformers-serve/err_messages_stream": "upstream-failed",
    "transformers-serve/err_messages_type": "upstream-failed",
    "transformers-serve/err_unknown_field": "bad-request",
    "transformers-serve/err_unknown_model": "unknown-model",
    "transformers-serve/err_unknown_model_stream": "unknown-model",
    "vllm-constructed/err_auth": "key-wrong",
    "vllm-constructed/err_context": "context",
    "vllm-constructed/err_model": "unknown-model",
}

# Seconds that they ask us to wait; the others say nothing about it.
WAITS = {
    "intern/err_-20053_headers": 7,
    "intern/err_-20053_openai": 30,
    "intern/err_-20053_retry_date": 30,
    "intern/err_-20053_retry_huge": 3600,
}


def refused(status: int, body: Any, *headers: str, dialect: str = "openai") -> Result:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = "\r\n".join((f"HTTP/1.1 {status} X", "Content-Type: application/json", *headers))
    return play([head.encode() + b"\r\n\r\n" + raw], dialect=dialect)


def failure_of(result: Result) -> UpstreamError:
    assert result.failure is not None
    return result.failure


@pytest.mark.parametrize("name", REFUSALS)
def test_a_recorded_refusal(name: str) -> None:
    result = replay(name)
    assert (result.error, failure_of(result).retry_after) == (REFUSALS[name], WAITS.get(name))
    assert (result.reasoning, result.text) == ("", "")


@pytest.mark.parametrize("name", REFUSALS)
def test_a_recorded_refusal_byte_by_byte(name: str) -> None:
    result = replay(name, sizes=[1] * len(Recording.named(name).raw))
    assert (result.error, failure_of(result).retry_after) == (REFUSALS[name], WAITS.get(name))


def test_no_recorded_refusal_is_left_out() -> None:
    names = {f"{path.parent.name}/{path.stem}" for path in RECORDINGS.glob("*/*.http")}
    bad = {name for name in names if not Recording.named(name).raw.startswith(b"HTTP/1.1 200")}
    called_so = {name for name in names if "/err_" in name}
    assert bad | called_so - set(ANSWERED_ALL_THE_SAME) == set(REFUSALS)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("-10002", "bad-request"),
        ("-20004", "no-access"),
        ("-20013", "unknown-model"),
        ("-20018", "bad-request"),
        ("-20035", "no-access"),
        ("-20053", "rate-limited"),
        ("A0202", "key-wrong"),
        ("A0211", "key-expired"),
        ("C1114", "key-wrong"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_intern_code_counts_in_every_envelope_and_under_every_status(status: int, code: str, error: str) -> None:
    number = int(code) if code.startswith("-") else code
    for body in (
        {"code": number, "msg": "?"},
        {"code": code, "message": "?"},
        {"msgCode": code, "msg": "?", "data": None, "success": False},
        {"error": {"code": code, "message": "?"}},
        {"object": "error", "code": number, "message": "?"},
        {"detail": {"error": {"code": code}}},
    ):
        assert refused(status, body, dialect="intern").error == error, body


def test_a_code_of_one_dialect_means_nothing_in_another() -> None:
    assert refused(400, {"code": -20053, "msg": "?"}).error == "bad-request"
    assert refused(400, {"error": {"type": "budget_exceeded", "message": "?"}}, dialect="litellm").error == "no-access"
    assert refused(400, {"error": {"type": "budget_exceeded", "message": "?"}}).error == "bad-request"


def test_a_finish_reason_may_be_a_refusal() -> None:
    finish = b'data: {"choices":[{"delta":{"content":"So"},"finish_reason":"insufficient_system_resource"}]}\n\n'
    result = play([HEAD, finish], dialect="deepseek")
    assert (result.text, result.error) == ("So", "busy")
    assert play([HEAD, finish]).finish == "insufficient_system_resource"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": {"code": 400, "message": "x", "type": "exceed_context_size_error"}}, "context"),
        (400, {"error": {"code": "context_length_exceeded", "message": "x"}}, "context"),
        (408, b"", "timed-out"),
        (413, b"<html>413</html>", "context"),
        (
            500,
            {"error": {"message": "image input is not supported - hint: see /srv/x", "code": 500}},
            "image",
        ),
        (400, {"error": {"code": "content_filter", "message": "x"}}, "refused"),
        (400, {"error": {"code": "data_inspection_failed", "message": "x"}}, "refused"),
        (451, b"", "refused"),
        (402, {"error": {"message": "Insufficient Balance"}}, "no-access"),
        (429, {"error": {"code": "insufficient_quota", "message": "x"}}, "no-access"),
        (429, b"slow down", "rate-limited"),
        (403, b"", "no-access"),
        (401, {"error": "Unauthorized"}, "key-wrong"),
        (401, {"error": {"message": "Your API key has expired", "type": "x"}}, "key-expired"),
        (404, {"error": {"message": 'model "nope" not found, try pulling it first'}}, "unknown-model"),
        (404, b"404 page not found", "not-an-answer"),
        (503, {"error": {"message": "Loading model", "code": 503}}, "busy"),
        (503, b"<html>", "busy"),
        (529, {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, "busy"),
        (400, {"error": True, "status": 500, "message": "x"}, "bad-request"),
        (200, {"error": True, "status": 500, "message": "x"}, "upstream-failed"),
        (200, {"error": {"message": "x", "code": "429"}}, "rate-limited"),
        (200, {"error_code": 10402, "text": "x"}, "timed-out"),
        (200, {"hello": "world"}, "not-an-answer"),
        (200, {"choices": "none"}, "not-an-answer"),
        (418, [1, 2], "bad-request"),
        (599, b"", "upstream-failed"),
    ],
)
def test_a_refusal_of_any_shape(status: int, body: Any, error: str) -> None:
    assert refused(status, body).error == error


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Retry-After: 7"], 7),
        (["Retry-After: 2.5"], 3),
        (["Retry-After: 999999999"], 3600),
        (["Retry-After: 1e400"], 3600),
        (["Retry-After: -5"], None),
        (["Retry-After: nan"], None),
        (["Retry-After: soon"], None),
        (["Retry-After:"], None),
        ([], None),
        (["Date: Fri, 20 Nov 2026 12:00:00 GMT", "Retry-After: Fri, 20 Nov 2026 12:00:30 GMT"], 30),
        (["Date: nonsense", "Retry-After: Fri, 20 Nov 2026 12:00:30 GMT"], None),
        (["Retry-After: Fri, 20 Nov 1999 12:00:30 GMT"], None),
        (["llm_provider-retry-after: 12"], 12),
        (["llm_provider-retry-after: 12", "Retry-After: 5"], 5),
    ],
)
def test_the_wait_that_an_upstream_asks_for(headers: list[str], seconds: int | None) -> None:
    assert failure_of(refused(429, {}, *headers)).retry_after == seconds


def test_the_wait_counts_for_an_error_in_the_stream_too() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nRetry-After: 9\r\n\r\n"
    result = play([head, b'data: {"error":{"code":429}}\n\n'])
    assert (result.error, failure_of(result).retry_after) == ("rate-limited", 9)


SECRETS = (
    KEY,
    "sk-abcdef",
    "eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl",
    "https://inside.example/v1",
    "http://10.0.0.7:8000",
    "10.0.0.7:8000",
    "Bearer abc",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_neither_keys_nor_addresses_reach_the_log(secret: str) -> None:
    failure = failure_of(refused(400, {"error": {"message": f"bad value {secret} in request"}}))
    assert secret not in f"{failure} {failure!r} {failure.detail} {failure.args}"
    assert "bad value" in str(failure)


def test_a_key_is_hidden_whatever_it_looks_like() -> None:
    answers = (
        b'HTTP/1.1 401 X\r\n\r\n{"error":"the key hunter2 is wrong"}',
        HEAD + b'data: {"error":{"message":"the key hunter2 is wrong","code":401}}\n\n',
    )
    for raw in answers:
        failure = failure_of(play([raw], key="hunter2"))
        assert failure.detail.endswith("the key [hidden] is wrong")


def test_a_detail_is_one_short_line() -> None:
    detail = safe_detail("one\r\ntwo\x0bthree " + "word " * 1000)
    assert detail.startswith("one two three word")
    assert len(detail) <= LONGEST_DETAIL


def test_what_an_upstream_repeats_of_a_question_decides_nothing() -> None:
    echoed = "1 validation error for body " + "." * 400 + " what does context length exceeded mean"
    assert refused(400, {"object": "error", "message": echoed}).error == "bad-request"


def test_an_endless_error_body_is_read_only_in_part() -> None:
    assert refused(500, b"x" * 10_000_000).error == "upstream-failed"


@pytest.mark.parametrize("error", BY_CODE.values(), ids=BY_CODE)
def test_every_sentence_keeps_the_house_style(error: type[UpstreamError]) -> None:
    sentence = error.sentence.format(alias="intern-science")
    assert re.fullmatch(r"[A-Z].*\.", sentence.replace("intern-science", "It"))
    assert "intern-science" in sentence or "provider" in sentence
    assert not re.search(r"!|sorry|oops|apolog|please|response|generation", sentence, re.IGNORECASE)
    what_happened, _, what_helps = sentence.partition(". ")
    assert what_happened
    assert re.search(r"retry|helps|admin", what_helps, re.IGNORECASE)


def test_every_class_has_a_code_of_its_own_that_fits_the_database() -> None:
    assert len(BY_CODE) == len(UpstreamError.__subclasses__())
    assert all(re.fullmatch(r"[a-z-]{3,32}", code) for code in BY_CODE)
    assert not {"length", "crashed", "odd-finish"} & set(BY_CODE)
