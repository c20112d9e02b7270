"""Why a route did not answer, in the two or three words that an administrator's table has room for."""

from __future__ import annotations

from collections.abc import Mapping

IN_WORDS: Mapping[str, str] = {
    "rate-limited": "too many requests",
    "busy": "busy",
    "key-wrong": "key not accepted",
    "key-expired": "key expired",
    "no-access": "no access",
    "unknown-model": "unknown model",
    "context": "question too long",
    "refused": "refused by its filter",
    "image": "cannot read images",
    "bad-request": "request not accepted",
    "network": "not reached",
    "broken": "connection dropped",
    "timed-out": "went silent",
    "took-too-long": "took too long",
    "too-long": "answer without end",
    "not-an-answer": "no answer that we know",
    "empty": "empty answer",
    "upstream-failed": "failed on its side",
    "not-a-base-url": "no such address there",
}


def in_words(code: str) -> str:
    """The name of a failure by its code; "" for none."""
    return IN_WORDS.get(code, code.replace("-", " "))
