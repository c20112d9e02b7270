"""Which links exist: http, https, mailto and tel, written as Markdown, in <…>, or bare with http:// or https://."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from chatapp.rendering.limits import MAX_REFERRED_CHARS, MAX_URL_CHARS

ALLOWED = re.compile(r"(?:https?://|mailto:|tel:)[^\s]", re.IGNORECASE)
SCHEME = re.compile(r"(?<![0-9A-Za-z])https?\Z", re.IGNORECASE)
LONGEST_SCHEME = len("https")
# A bare address ends at blanks, brackets and quotes, and at the punctuation of Chinese and Japanese.
STOPS = r"\s<>\"`|\\^{}\u2018-\u201f\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40"
BARE = re.compile(rf"://[^{STOPS}]{{1,{MAX_URL_CHARS}}}")
HOST_START = re.compile(r"://[^\W_]|://\[")
# GFM 0.29, section 6.9: these end a sentence rather than an address.
TRAILING = "?!.,:*_~;'"
OPENERS = {")": "(", "]": "["}


class References(dict[str, dict[str, Any]]):
    """Link definitions that can be looked up until the addresses they gave are too many."""

    def __init__(self, found: Mapping[str, dict[str, Any]]) -> None:
        super().__init__(found)
        self._left = MAX_REFERRED_CHARS

    def get(self, label: str, default: Any = None) -> Any:
        found = super().get(label, default)
        self._left -= len(found["href"]) if found else 0
        return found if self._left >= 0 else default


class Parser(MarkdownIt):
    """A parser that knows our links."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802, the library's name
        # Punycode takes quadratic time: refuse before, not after.
        return url if len(url) > MAX_URL_CHARS else super().normalizeLink(url)

    def validateLink(self, url: str) -> bool:  # noqa: N802, the library's name
        return len(url) <= MAX_URL_CHARS and ALLOWED.match(url) is not None


def add_bare_links(md: MarkdownIt) -> None:
    md.inline.ruler.after("text", "bare_link", bare_link)


def bare_link(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] != ":" or state.linkLevel or silent:
        return False
    scheme = SCHEME.search(state.src[max(0, start - LONGEST_SCHEME - 1) : start])
    found = scheme and BARE.match(state.src, start, state.posMax)
    if not scheme or not found or not state.pending.endswith(scheme[0]):
        return False
    tail = _trimmed(found[0])
    href = state.md.normalizeLink(scheme[0] + tail)
    if not HOST_START.match(tail) or not state.md.validateLink(href):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = scheme[0] + tail
    state.push("link_close", "a", -1)
    state.pos += len(tail)
    return True


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it and without a bracket that was opened before it."""
    while url:
        end = url[-1]
        unopened = end in OPENERS and url.count(end) > url.count(OPENERS[end])
        if end not in TRAILING and not unopened:
            break
        url = url[:-1]
    return url
