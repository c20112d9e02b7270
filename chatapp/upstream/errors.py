"""Everything that can go wrong with an upstream, on one screen: one class per thing that a member can be told.

`sentence` is for a member, with `{alias}` to fill in: what happened; then who can mend it and whether retrying helps.
"""

from __future__ import annotations

import re
from typing import ClassVar

LONGEST_DETAIL = 300  # characters
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?", re.IGNORECASE)
_KEY = re.compile(r"\bbearer\s+\S+|\b(?:sk|pk|key|token)[-_][\w.*-]+|[\w+/=.-]{24,}", re.IGNORECASE)


def safe_detail(text: str) -> str:
    """An upstream's words for the log: one short line without addresses, keys or what looks like them."""
    line = " ".join(text[: LONGEST_DETAIL * 4].split())
    return _KEY.sub("[hidden]", _ADDRESS.sub("[address]", line))[:LONGEST_DETAIL]


class UpstreamError(Exception):
    """An answer that cannot be had, or not to its end. What was received before it stands."""

    code: ClassVar[str] = "upstream"  # kept in the database; at most 32 characters
    final: ClassVar[bool] = False  # True: asking the same again changes nothing
    elsewhere: ClassVar[bool] = True  # False: the request itself is to blame, so another route would not do better
    icon: ClassVar[str] = "circle-alert"
    sentence: ClassVar[str] = "{alias} did not answer. Retry in a moment; if it goes on, tell an admin."

    def __init__(self, detail: str = "", *, retry_after: int | None = None) -> None:
        """`detail` is for the log only. `retry_after`: seconds that the upstream asked us to wait."""
        super().__init__()
        self.detail = safe_detail(detail)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code

    def hide(self, secret: str) -> None:
        """Take one more secret out of the detail: a key that the upstream echoes."""
        if secret:
            self.detail = self.detail.replace(secret, "[hidden]")


class RateLimited(UpstreamError):
    code, icon = "rate-limited", "clock"
    sentence = "{alias} has had too many requests. It asked us to wait; retrying helps when the time is up."


class Busy(UpstreamError):
    code, icon = "busy", "gauge"
    sentence = "{alias} is busy. All its places are taken; retrying in a moment helps."


class KeyWrong(UpstreamError):
    code, final, icon = "key-wrong", True, "key-round"
    sentence = "{alias} is out of service. Our key is not accepted; only an admin can replace it, a retry cannot."


class KeyExpired(UpstreamError):
    code, final, icon = "key-expired", True, "key-round"
    sentence = "{alias} is out of service. Our key has expired; only an admin can replace it, a retry cannot."


class NoAccess(UpstreamError):
    code, final, icon = "no-access", True, "lock"
    sentence = "{alias} is out of service. Our account may not use it; only an admin can settle that, a retry cannot."


class UnknownModel(UpstreamError):
    code, final, icon = "unknown-model", True, "unplug"
    sentence = "{alias} is out of service. The model behind it is gone; only an admin can change it, a retry cannot."


class AliasGone(UpstreamError):
    code, final, icon = "alias-gone", True, "unplug"
    elsewhere = False
    sentence = "{alias} is not available any more. Choose another alias for this chat; a retry does not help."


class ContextTooLong(UpstreamError):
    code, final, icon = "context", True, "ruler"
    elsewhere = False
    sentence = "This chat is longer than {alias} can read. Start a new one or choose another alias; a retry is no help."


class ContentRefused(UpstreamError):
    code, final, icon = "refused", True, "shield"
    elsewhere = False
    sentence = "The provider did not answer this one. Its filter stopped it; edit the question, a retry does not help."


class ImageUnsupported(UpstreamError):
    code, final, icon = "image", True, "image-off"
    elsewhere = False
    sentence = "{alias} cannot read images. Choose an alias that can, or leave them out; a retry does not help."


class BadRequest(UpstreamError):
    code, final, icon = "bad-request", True, "wrench"
    elsewhere = False
    sentence = "{alias} did not accept the request. Only an admin can mend that; a retry does not help."


class Network(UpstreamError):
    code, icon = "network", "plug"
    sentence = "{alias} cannot be reached. Retry in a minute; if it goes on, tell an admin."


class Forbidden(Network):
    """The name leads to addresses that we do not connect to, such as a cloud's metadata service."""


class BrokenStream(UpstreamError):
    code, icon = "broken", "unplug"
    sentence = "The connection to {alias} dropped. Retrying helps."


class TimedOut(UpstreamError):
    code, icon = "timed-out", "clock"
    sentence = "{alias} went silent. We stopped waiting; retry, and if it goes on, tell an admin."


class TookTooLong(UpstreamError):
    code, icon = "took-too-long", "clock"
    sentence = "{alias} ran out of time. An answer may only take so long; a smaller question helps, a retry may."


class TooLong(UpstreamError):
    code, final, icon = "too-long", True, "scissors"
    elsewhere = False
    sentence = "{alias} did not come to an end. We cut at the greatest length that we keep; a smaller question helps."


class NotAnAnswer(UpstreamError):
    code, icon = "not-an-answer", "circle-alert"
    sentence = "{alias} sent something that is not an answer. Retry once; if it goes on, tell an admin."


class EmptyAnswer(UpstreamError):
    code, icon = "empty", "circle-alert"
    sentence = "{alias} sent an empty answer. Retrying usually helps."


class UpstreamFailed(UpstreamError):
    code, icon = "upstream-failed", "server"
    sentence = "{alias} failed on its side. Retry in a moment; if it goes on, tell an admin."


BY_CODE: dict[str, type[UpstreamError]] = {error.code: error for error in UpstreamError.__subclasses__()}
