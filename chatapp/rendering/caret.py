"""Puts the caret at the end of what has arrived, and tells which leaf it stands in."""

from __future__ import annotations

from markdown_it.token import Token

from chatapp.rendering.grammar import is_closed_fence
from chatapp.rendering.leaf import SOURCE_LINES, TEX_LINES, Code, Leaf, Nowhere, Pattern, Prose
from chatapp.rendering.limits import MAX_INLINE_CHARS

INDENTED_CODE = 4


def place_caret(tokens: list[Token], source: str) -> Leaf:
    """Put a caret into the last block of tokens whose inlines are parsed, if it has a place for one.

    `source`: what the tokens were made from; the `map` of the tokens counts its lines.
    """
    at = len(tokens) - 1
    while at > 0 and tokens[at].nesting < 0:
        at -= 1
    if at < 0:
        return Nowhere()
    token = tokens[at]
    if token.type == "inline":
        return _in_text(tokens, at, source)
    if token.type in ("fence", "code_block"):
        return _in_code(tokens, at, source)
    if token.type == "list_item_open":
        tokens.insert(at + 1, _caret())
    return Nowhere()


def _in_text(tokens: list[Token], at: int, source: str) -> Leaf:
    opener, inline = tokens[at - 1], tokens[at]
    if opener.type not in ("paragraph_open", "heading_open"):
        return Nowhere()
    if "pending" in opener.meta:
        return _in_tex(tokens, at, source)
    inline.children = [*(inline.children or []), _caret()]
    ended = source.rstrip(" \t\n")
    # A definition may follow what is shown, or marks of a heading that are not shown.
    lines = inline.map[1] if inline.map else 0
    if ended.count("\n") + 1 != lines or not ended.endswith(inline.content.rpartition("\n")[2]):
        return Nowhere()
    if len(inline.content) > MAX_INLINE_CHARS:
        return Pattern(SOURCE_LINES)
    return Prose(inline.content, heading=opener.type == "heading_open")


def _in_tex(tokens: list[Token], at: int, source: str) -> Leaf:
    # A backslash may be the first half of the closer; the lines of a container have marks before them.
    undecided = source.endswith("\\") or tokens[at].level > 1
    token = Token("math_pending", "", 0)
    token.content = tokens[at - 1].meta["pending"].rstrip(" \t\n")
    tokens[at - 1 : at + 2] = [token]
    return Nowhere() if undecided else Pattern(TEX_LINES)


def _in_code(tokens: list[Token], at: int, source: str) -> Leaf:
    token = tokens[at]
    fence = token.markup if token.type == "fence" else ""
    if is_closed_fence(token) if fence else token.level:
        return Nowhere()
    if not fence and not source.endswith("\n"):
        # The parser ends indented code with a newline of its own.
        token.content = token.content.removesuffix("\n")
    token.meta = {"caret": True}
    first = token.map[0] if token.map else 0
    opening, *code = source.split("\n", first + 1)[first:]
    if fence and not code:
        # The name of the language may go on.
        return Nowhere()
    indent = opening.find(fence) if fence else INDENTED_CODE
    if ">" in opening[:indent] or any(outer.type == "blockquote_open" for outer in tokens[:at]):
        return Nowhere()
    return Code(token.content, indent, fence, nested=token.level > 0 or not fence)


def _caret() -> Token:
    return Token("caret", "", 0)
