r"""TeX between `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, kept as source for the browser to draw.

Inline `$` follows Pandoc (manual, extension tex_math_dollars): something not blank right inside both dollars, no digit
after the second. Stricter than Pandoc, because prose has prices and shell variables: no ASCII letter or digit touches
the dollars from outside, and a number followed by a word is money.

A display block is decided line by line, so that arriving text can be frozen: it begins on a line that starts with its
opener and ends on the line with its closer. If a blank line or the end of the container comes first, the same lines
are a paragraph.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from chatapp.rendering.limits import MAX_TEX_CHARS

DOLLARS = re.compile(r"\$(?![\s$])((?:[^$\\`]|\\.)+?)(?<!\s)\$(?![0-9A-Za-z$])", re.DOTALL)
DOUBLE_DOLLARS = re.compile(r"\$\$(?!\$)((?:[^$\\]|\\.)+)\$\$(?!\$)", re.DOTALL)
MONEY = re.compile(r"\d[\d.,]*\s+[A-Za-z]{2}")
WORD = re.compile(r"[0-9A-Za-z]")
CLOSERS = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}


def add_math(md: MarkdownIt) -> None:
    """Add the rules. Tokens: math_inline and math_block, with TeX in `content` and "inline" or "display" in `info`."""
    md.inline.ruler.before("escape", "tex_brackets", tex_brackets)
    md.inline.ruler.before("escape", "tex_dollars", tex_dollars)
    # Before tables: the first line alone must decide.
    stops: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("table", "tex_block", tex_block, stops)


def tex_dollars(state: StateInline, silent: bool) -> bool:
    src, start = state.src, state.pos
    if src[start] != "$":
        return False
    if src.startswith("$$", start):
        return _double_dollars(state, silent)
    if start and WORD.match(src[start - 1]):
        return False
    found = DOLLARS.match(src, start, state.posMax)
    if not found or MONEY.match(found[1]):
        return False
    return _emit(state, found[1], "inline", found.end(), silent)


def _double_dollars(state: StateInline, silent: bool) -> bool:
    found = DOUBLE_DOLLARS.match(state.src, state.pos, state.posMax)
    if found and found[1].strip():
        return _emit(state, found[1], "display", found.end(), silent)
    # The whole run is text, or each dollar of it would be tried again.
    end = state.pos + 2
    while end < state.posMax and state.src[end] == "$":
        end += 1
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def tex_brackets(state: StateInline, silent: bool) -> bool:
    opener = state.src[state.pos : state.pos + 2]
    if opener not in ("\\(", "\\["):
        return False
    # So that an opener without a closer costs one look-up; the parser keeps the answer for the whole paragraph.
    if state.html_terminator_last(CLOSERS[opener]) < state.pos:
        return False
    end = state.src.find(CLOSERS[opener], state.pos + 2, state.posMax)
    tex = state.src[state.pos + 2 : end]
    if end < 0 or not tex.strip():
        return False
    return _emit(state, tex, "inline" if opener == "\\(" else "display", end + 2, silent)


def _emit(state: StateInline, tex: str, kind: str, end: int, silent: bool) -> bool:
    if len(tex) > MAX_TEX_CHARS:
        return False
    if not silent:
        token = state.push("math_inline", "", 0)
        token.content, token.info = tex, kind
    state.pos = end
    return True


def tex_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    start = state.bMarks[start_line] + state.tShift[start_line]
    opener = state.src[start : start + 2]
    if opener not in ("$$", "\\[") or state.src.startswith("$$$", start):
        return False
    first = state.src[start + 2 : state.eMarks[start_line]]
    if (at := _closer(first, opener)) >= 0:
        # Text around it: a paragraph with display maths in it.
        if first[at + 2 :].strip() or not 0 < len(first[:at].strip()) <= MAX_TEX_CHARS:
            return False
        return silent or _block(state, start_line, start_line + 1, first[:at])
    if silent:
        return True
    return _open_block(state, start_line, end_line, opener, first)


def _open_block(state: StateBlock, start_line: int, end_line: int, opener: str, first: str) -> bool:
    lines = [first]
    line = start_line + 1
    while line < end_line and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        line += 1
        if (at := _closer(text, opener)) >= 0:
            tex = "\n".join([*lines, text[:at]])
            if text[at + 2 :].strip() or not tex.strip() or len(tex) > MAX_TEX_CHARS:
                return _paragraph(state, start_line, line)
            return _block(state, start_line, line, tex)
        lines.append(text)
    pending = "\n".join(lines) if line >= end_line else None
    return _paragraph(state, start_line, line, pending)


def _closer(text: str, opener: str) -> int:
    """Where the closer begins in this line; -1 if nowhere. A backslash guards the character after it."""
    closer, at = CLOSERS[opener], -1
    while (at := text.find(closer, at + 1)) >= 0:
        before = text[:at]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            return at
    return -1


def _block(state: StateBlock, start_line: int, end_line: int, tex: str) -> bool:
    token = state.push("math_block", "", 0)
    token.content, token.info, token.map = tex.strip(), "display", [start_line, end_line]
    state.line = end_line
    return True


def _paragraph(state: StateBlock, start_line: int, end_line: int, pending: str | None = None) -> bool:
    """The lines as a paragraph. `pending`: TeX so far, if the text ended before the block did."""
    lines = [start_line, end_line]
    token = state.push("paragraph_open", "p", 1)
    token.map = lines
    token.meta = {} if pending is None else {"pending": pending}
    token = state.push("inline", "", 0)
    token.map, token.children = lines, []
    token.content = state.getLines(start_line, end_line, state.blkIndent, False).strip(" \t\n")
    state.push("paragraph_close", "p", -1)
    state.line = end_line
    return True
