"""The demo provider: a small OpenAI-compatible server on this machine only.

    GET  /v1/models             demo (may think, sees pictures) and demo-plain (text only, never thinks)
    POST /v1/chat/completions   streaming or not
    GET  /v1/_seen              what was asked, and who hung up; only where a record is kept, that is in tests
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from chatapp.demo.answer import prepare, send_stream, send_whole, silence
from chatapp.demo.asks import MODELS, Ask, read_ask
from chatapp.demo.dialogue import Reply, reply_to
from chatapp.demo.record import Asked, Record
from chatapp.demo.trouble import DEFAULT_RATE, FAILURE_PAGE, RETRY_AFTER_SECONDS, SLOW_HEADERS_SECONDS
from chatapp.demo.wire import Line, Refusal, Request

HOST = "127.0.0.1"
KEPT_IN_TESTS = 500  # requests
MOST_CUT_ONCE = 1000  # conversations
LOOKS_AT_ONCE = 2

REFUSALS = {
    "busy": lambda: Refusal(503, "The demo plays a busy server.", code="overloaded"),
    "key": lambda: Refusal(401, "The demo plays a server that does not know this key.", code="invalid_api_key"),
    "untitled": lambda: Refusal(500, "The demo makes no title for this conversation, as asked."),
    "limit": lambda: Refusal(
        429,
        "The demo plays a server with a limit of requests.",
        code="rate_limit_exceeded",
        Retry_After=str(RETRY_AFTER_SECONDS),
    ),
}
