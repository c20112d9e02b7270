"""What an upstream's refusal means: every known shape of error body, under any HTTP status → one UpstreamError.

Shapes: `error` as object, string or true; `detail` as string, list or object; flat `message`, `msg` or `text`; codes
as int or string in `code`, `msgCode`, `error_code` or `status`; no JSON; HTML; nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from chatapp.upstream.errors import (
    BadRequest,
    Busy,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    ImageUnsupported,
    KeyExpired,
    KeyWrong,
    NoAccess,
    NotAnAnswer,
    RateLimited,
    TimedOut,
    UnknownModel,
    UpstreamError,
    UpstreamFailed,
)

LONGEST_WAIT = 3600  # seconds; a longer Retry-After is a quota, not a queue
READ_CHARACTERS = 400  # of a message: further on it may echo the member's own words

Kind = type[UpstreamError]
Meanings = Mapping[str, Kind]

BY_WORD: dict[str, Kind] = {
    # LMDeploy's proxy, which may stand in front of any: the server behind it did not answer in time.
    "10402": TimedOut,
    # `code` and `type` words of OpenAI, and of those who speak like it.
    "invalid_api_key": KeyWrong,
    "auth_error": KeyWrong,
    "authentication_error": KeyWrong,
    "token_expired": KeyExpired,
    "permission_error": NoAccess,
    "permission_denied": NoAccess,
    "insufficient_quota": NoAccess,
    "model_not_found": UnknownModel,
    "context_length_exceeded": ContextTooLong,
    "exceed_context_size_error": ContextTooLong,
    "content_filter": ContentRefused,
    "content_policy_violation": ContentRefused,
    "data_inspection_failed": ContentRefused,
    "rate_limit_exceeded": RateLimited,
    "rate_limit_error": RateLimited,
    "overloaded_error": Busy,
    "service_unavailable": Busy,
}

BY_PHRASE: list[tuple[re.Pattern[str], Kind]] = [
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"context (length|size|window)|input length \(|prompt is too long|too many tokens", ContextTooLong),
        (r"(image|multimodal|vision) (input|url).{0,40}not|not support.{0,20} (image|vision)", ImageUnsupported),
        (r"(token|key).{0,30} expired|expired.{0,20} (token|key)", KeyExpired),
        (r"invalid.{0,20} (api key|token)|authenticat\w+ fail|login required|unauthorized", KeyWrong),
        (
            r"model.{0,120}(not exist|not found|no longer)|server is pinned|(unknown|invalid) model",
            UnknownModel,
        ),
        (r"content (filter|policy|management)|content.{0,30}(sensitive|inappropriate)", ContentRefused),
        (r"too many requests|rate limit|frequency limit", RateLimited),
        (r"server busy|queue is full|overloaded|loading model", Busy),
        (r"insufficient (balance|quota|credit)|billing", NoAccess),
    )
]

BY_STATUS: dict[int, Kind] = {
    400: BadRequest,
    401: KeyWrong,
    402: NoAccess,
    403: NoAccess,
    404: NotAnAnswer,
    408: TimedOut,
    413: ContextTooLong,
    422: BadRequest,
    429: RateLimited,
    451: ContentRefused,
    503: Busy,
    504: TimedOut,
    529: Busy,
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says, whatever its shape."""

    words: tuple[str, ...]
    message: str


def is_error(answer: Mapping[str, Any]) -> bool:
    """Whether a JSON object without choices reports a failure."""
    code = answer.get("code")
    return bool(
        answer.get("error")
        or answer.get("object") == "error"
        or answer.get("error_code")
        or answer.get("msgCode")
        or answer.get("success") is False
        or (code not in (None, 0, "0", 200, "200", "") and ("msg" in answer or "message" in answer))
        or "detail" in answer
    )


def diagnose(status: int, headers: Mapping[str, str], body: bytes, meanings: Meanings) -> UpstreamError:
    """Why a response of this status with this body is no answer; `meanings` are the dialect's own."""
    text = body.decode("utf-8", "replace").strip()
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        return diagnose_json(status, headers, parsed, meanings)
    if status == 200:
        return EmptyAnswer("an empty body") if not text else NotAnAnswer(text)
    if text.startswith("<"):
        return _kind_of_status(status)(f"HTTP {status}, HTML")
    return _kind(status, Complaint((), text), meanings)(f"HTTP {status} {text}", retry_after=retry_after(headers))


def diagnose_json(
    status: int, headers: Mapping[str, str], answer: Mapping[str, Any], meanings: Meanings
) -> UpstreamError:
    """The same for a body or an event that is a JSON object."""
    complaint = _complaint(answer)
    if status < 300 and not is_error(answer):
        return NotAnAnswer("JSON without choices")
    detail = " ".join((f"HTTP {status}", *complaint.words, complaint.message))
    return _kind(status, complaint, meanings)(detail, retry_after=retry_after(headers))


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds to wait, from Retry-After (seconds or a date) or what a gateway renames it to; None if not asked."""
    renamed = (value for name, value in headers.items() if name.lower().endswith("-retry-after"))
    value = (headers.get("retry-after") or next(renamed, "")).strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, headers.get("date"))
    # A NaN fails both comparisons.
    return math.ceil(min(seconds, LONGEST_WAIT)) if seconds > 0 else None


def _until(date: str, now: str | None) -> float:
    """Seconds to an HTTP date, by the upstream's own clock where it tells."""
    try:
        then = parsedate_to_datetime(date)
        start = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return (then - start).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0


def _complaint(answer: Mapping[str, Any]) -> Complaint:
    """Collects codes and words from the body and from `error` and `detail` inside it."""
    words: list[str] = []
    messages: list[str] = []
    inside: list[Any] = [answer]
    for level in inside:
        if isinstance(level, str):
            messages.append(level)
        if not isinstance(level, Mapping) or len(inside) > 6:
            continue
        for name in ("code", "msgCode", "error_code", "type", "status"):
            if isinstance(level.get(name), (str, int)) and not isinstance(level.get(name), bool):
                words.append(str(level[name]))
        messages += [level[name] for name in ("message", "msg", "text") if isinstance(level.get(name), str)]
        inside += [level[name] for name in ("error", "detail") if isinstance(level.get(name), (str, Mapping))]
    return Complaint(tuple(words), " ".join(messages)[:READ_CHARACTERS])


def _kind(status: int, complaint: Complaint, meanings: Meanings) -> Kind:
    for word in complaint.words:
        kind = meanings.get(word) or BY_WORD.get(word) or BY_WORD.get(word.lower())
        if kind is not None:
            return kind
    for pattern, kind in BY_PHRASE:
        if pattern.search(complaint.message):
            return kind
    if status < 300:
        status = next((int(word) for word in complaint.words if re.fullmatch(r"[45]\d\d", word)), 500)
    return _kind_of_status(status)


def _kind_of_status(status: int) -> Kind:
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return UpstreamFailed
    return BadRequest if status >= 400 else NotAnAnswer
