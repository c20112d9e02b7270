"""Request words: what a message can ask of the demo, apart from its subject.

They count in the last user message only (a request for a title never obeys them, except `demo:untitled`):

    demo:slow       two deltas a second
    demo:fast       as fast as the reader takes them
    demo:rate=200   so many deltas a second
    demo:stall      10 deltas of the answer, then silence
    demo:silent     accepts the request and never answers
    demo:cut        40 deltas, then the connection is reset
    demo:once-cut   the same, the first time that this conversation is asked; whole the second time
    demo:eof        40 deltas, then the stream ends without a finish_reason
    demo:garbage    garbage among the good deltas
    demo:rubbish    nothing but garbage
    demo:midfail    40 deltas, then an error event
    demo:length     60 deltas, then finish_reason "length"
    demo:empty      an answer without a character
    demo:refuse     an answer withheld by a content filter
    demo:busy       HTTP 503
    demo:limit      HTTP 429 with Retry-After: 7
    demo:key        HTTP 401
    demo:fail       HTTP 500, a page of HTML with a (false) secret in it
    demo:headers    four seconds before the status line
    demo:html       hostile Markdown and HTML
    demo:untitled   the request for this conversation's title fails with HTTP 500

    demo:numbers=400 shape=list   the numbers from 0 to 399; shapes: paragraph, paragraphs, list, fence, mixed
    demo:think=tags     reasoning inside <think> tags in the content, the tags cut across deltas
    demo:think=field2   reasoning in the field `reasoning`
    demo:think=anyway   reasoning although none was asked for (the model `demo` only)

Deltas are counted in the answer's text: reasoning before it is never cut off. Without streaming, an answer
that would break after so many deltas breaks in the middle of its JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatapp.demo.numbered import MOST_NUMBERS, SHAPES

STALL_AFTER = 10
BREAK_AFTER = 40
LENGTH_AFTER = 60
SLOW_HEADERS_SECONDS = 4.0
RETRY_AFTER_SECONDS = 7
SLOW_RATE = 2.0  # deltas a second
DEFAULT_RATE = 50.0
FASTEST_RATE = 100_000.0

FAKE_SECRET = "sk-false-secret-of-the-demo"  # noqa: S105 - it opens nothing; tests look where it must not be
HOSTILE_MARK = "parleyHurt"  # what demo:html would set on `window`, if any of it ran

FAILURE_PAGE = (
    "<!doctype html><title>500</title><h1>Internal Server Error</h1>\n"
    f"<pre>engine.py, line 7, in answer: key={FAKE_SECRET}</pre>\n"
    f"<script>window.{HOSTILE_MARK} = 'page'</script>\n"
).encode()
GARBAGE = (
    b'data: {"choices": [{"delta": {"cont\n\n',
    b": a comment, as a proxy sends it\n\n",
    b"data: \xff\xfe\x00\x9f\x92\x96\n\n",
    b'data: {"choices": "none"}\n\n',
    b"event: noise\nid: 7\nretry: 10\ndata:\n\n",
    b'data: {"choices": [{"index": 0, "delta": {"content": [{"b": 1}]}}]}\n\n',
    b"data: [[[[[[[[1, 2, 3\n\n",
    b'data: {"choices": [{"index": 0, "delta": {"content": 7, "reasoning_content": {}}}]}\n\n',
    b"data: null\n\n",
    b'data: {"choices": [{"index": 0, "delta": "text"}, null]}\n\n',
    b"unheard-of: field\n\n",
    b'data: {"id": null, "choices": []}\n\n',
)

WORDS = frozenset(
    [
        *("slow", "fast", "stall", "silent", "headers", "cut", "once-cut", "eof", "garbage", "rubbish"),
        *("midfail", "length", "empty", "refuse", "busy", "limit", "key", "fail", "html", "untitled"),
    ]
)
HARMLESS = frozenset({"slow", "fast", "html"})
THINK_STYLES = frozenset({"tags", "field2", "anyway"})

TOKEN = re.compile(r"(?<![A-Za-z0-9_:])demo:([a-z][a-z0-9-]*)(?:=([A-Za-z0-9]+(?:\.[0-9]+)?))?", re.IGNORECASE)
RATE = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
COUNT = re.compile(r"[0-9]{1,6}")
SHAPE = re.compile(r"\bshape=([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Wishes:
    """What the request words of one message ask for; rate in deltas a second, 0 = as fast as possible."""

    words: frozenset[str] = frozenset()
    rate: float | None = None
    numbers: int | None = None
    shape: str = SHAPES[0]
    think: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    def without_trouble(self) -> Wishes:
        """Only what shapes the text and its pace: an answer that is continued does not break again."""
        return replace(self, words=self.words & HARMLESS)


def wishes_of(message: str) -> Wishes:
    """Read the request words of a message; those without a meaning are listed as unknown, as written."""
    words: set[str] = set()
    think: set[str] = set()
    values: dict[str, str] = {}
    unknown: list[str] = []
    for token in TOKEN.finditer(message):
        word, value = token[1].lower(), (token[2] or "").lower()
        if word in WORDS and not value:
            words.add(word)
        elif word == "think" and value in THINK_STYLES:
            think.add(value)
        elif (word == "rate" and _is_rate(value)) or (word == "numbers" and _is_count(value)):
            values[word] = value
        else:
            unknown.append(token[0])
    shape = SHAPE.search(message) if "numbers" in values else None
    if shape and shape[1].lower() not in SHAPES:
        unknown.append(shape[0])
        shape = None
    return Wishes(
        words=frozenset(words),
        rate=_rate(words, values.get("rate")),
        numbers=int(values["numbers"]) if "numbers" in values else None,
        shape=shape[1].lower() if shape else SHAPES[0],
        think=frozenset(think),
        unknown=tuple(unknown),
    )


def without_tokens(message: str) -> str:
    """The message without its request words, blanks run together."""
    bare = TOKEN.sub(" ", message)
    if bare != message:
        bare = SHAPE.sub(" ", bare)
    return " ".join(bare.split())


def _is_rate(value: str) -> bool:
    return RATE.fullmatch(value) is not None and 0 < float(value) <= FASTEST_RATE


def _is_count(value: str) -> bool:
    return COUNT.fullmatch(value) is not None and int(value) <= MOST_NUMBERS


def _rate(words: set[str], asked: str | None) -> float | None:
    if asked is not None:
        return float(asked)
    if "slow" in words:
        return SLOW_RATE
    return 0.0 if "fast" in words else None
