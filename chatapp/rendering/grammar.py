"""The Markdown that we speak: CommonMark and GFM without raw HTML, with footnotes, TeX and task lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from chatapp.rendering.limits import MAX_BLOCK_DEPTH, MAX_INLINE_CHARS, PARSER_NESTING
from chatapp.rendering.links import Parser, References, add_bare_links
from chatapp.rendering.math import add_math
from chatapp.rendering.tables import add_tables

Env = dict[str, Any]

# Without these a paragraph is one piece of text.
MARKS = re.compile(r"[\n!$&*:<\[\\\]_`~]")


def _make() -> Parser:
    parser = Parser("commonmark", {"html": False, "tasklists": True, "maxNesting": PARSER_NESTING})
    parser.disable(["html_block", "html_inline"])
    parser.enable("strikethrough")
    add_tables(parser)
    add_math(parser)
    add_bare_links(parser)
    # Inline footnotes are no part of GFM, and "x^[2]" is common.
    footnote_plugin(parser, inline=False, move_to_end=False)
    parser.block.ruler.before("tex_block", "too_deep", _too_deep)
    return parser


def _too_deep(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Show what is nested too deeply as its source; the parser by itself would drop it."""
    if silent or state.level < MAX_BLOCK_DEPTH:
        return False
    line = start_line + 1
    while line < end_line and not state.isEmpty(line):
        # A negative indent marks a line that lazily continues a quote.
        if 0 <= state.sCount[line] < state.blkIndent:
            break
        line += 1
    lines = [start_line, line]
    state.push("paragraph_open", "p", 1).map = lines
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start_line, line, state.blkIndent, False).strip(" \t\n")
    inline.map, inline.children = lines, [_text(inline.content)]
    state.push("paragraph_close", "p", -1)
    state.line = line
    return True


parser = _make()


def parse_blocks(source: str, env: Env) -> list[Token]:
    """Block tokens of normalised text; inline content is not parsed yet. Definitions go to `env`."""
    tokens: list[Token] = []
    parser.block.parse(source, parser, env, tokens)
    if "references" in env:
        env["references"] = References(env["references"])
    return tokens


def parse_inlines(tokens: Sequence[Token], env: Env) -> None:
    """Fill in the children of the inline tokens that have none yet."""
    for at, token in enumerate(tokens):
        if token.type != "inline" or token.children:
            continue
        if len(token.content) > MAX_INLINE_CHARS:
            tokens[at - 1].meta = {"plain": True}
            token.children = [_text(token.content)]
        elif MARKS.search(token.content):
            token.children = parser.inline.parse(token.content, parser, env, [])
        else:
            token.children = [_text(token.content)]


def top_level(tokens: Sequence[Token], level: int = 0) -> list[Sequence[Token]]:
    """The tokens cut into the blocks that lie at this level."""
    blocks, start = [], 0
    for at, token in enumerate(tokens):
        if token.level == level and token.nesting <= 0:
            blocks.append(tokens[start : at + 1])
            start = at + 1
    return blocks


def has_definitions(env: Env) -> bool:
    """Whether link references or footnotes were defined, which reach other blocks."""
    return "references" in env or bool(env.get("footnotes", {}).get("refs"))


def is_closed_fence(token: Token) -> bool:
    """Whether a fence has its closing line: then it spans one line more than the opening one and its content."""
    first, last = token.map or (0, 0)
    unfinished = bool(token.content) and not token.content.endswith("\n")
    return last - first > 1 + token.content.count("\n") + unfinished


def _text(content: str) -> Token:
    token = Token("text", "", 0)
    token.content = content
    return token
