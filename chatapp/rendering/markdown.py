"""One full render: a whole text → safe HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markdown_it.token import Token

from chatapp.rendering.clean import clean
from chatapp.rendering.grammar import Env, has_definitions, parse_blocks, parse_inlines, top_level
from chatapp.rendering.limits import MAX_TEXT_CHARS, MAX_TEXT_LINES
from chatapp.rendering.source import normalise
from chatapp.rendering.writer import write

# Stored beside rendered HTML; another version means: render again.
RENDERER_VERSION = "1"


def render(text: str) -> str:
    """Safe HTML of a Markdown text, block after block, each ending in a newline.

    Any text is welcome; beyond the limits it is shown as it is.
    """
    source = normalise(text)
    if too_long(source):
        return render_plain(source)
    env: Env = {}
    tokens = parse_blocks(source, env)
    parse_inlines(tokens, env)
    blocks = "".join(render_block(block) for block in top_level(_without_footnotes(tokens, env)))
    return blocks + _footnotes(env)


def reasoning_html(text: str) -> str:
    """Safe HTML of finished reasoning."""
    return render(text)


def render_block(tokens: Sequence[Token]) -> str:
    """Safe HTML of one top-level block whose inlines are parsed."""
    return clean(write(tokens))


def too_long(source: str) -> bool:
    return len(source) > MAX_TEXT_CHARS or source.count("\n") > MAX_TEXT_LINES


def render_plain(source: str) -> str:
    """The text as it is, for what is too long to parse."""
    return f'<p dir="auto" class="plain">{escape(source)}</p>\n'


def _without_footnotes(tokens: list[Token], env: Env) -> list[Token]:
    """The tokens without the definitions of footnotes, which go to `env["notes"]` by label."""
    if not has_definitions(env):
        return tokens
    kept: list[Token] = []
    notes: dict[str, list[Token]] = env.setdefault("notes", {})
    open_notes: list[list[Token]] = []
    for token in tokens:
        if token.type == "footnote_reference_open":
            open_notes.append(notes.setdefault(token.meta["label"], []))
        elif token.type == "footnote_reference_close":
            open_notes.pop()
        else:
            (open_notes[-1] if open_notes else kept).append(token)
    return kept


def _footnotes(env: Env) -> str:
    """The list at the end: first those referred to, in the order of their numbers, then the others."""
    notes: dict[str, list[Token]] = env.get("notes", {})
    if not notes:
        return ""
    referred = [note["label"] for _, note in sorted(env["footnotes"]["list"].items())]
    order = referred + [label for label in notes if label not in referred]
    items = "".join(f'<li dir="auto">{write(notes[label])}</li>\n' for label in order)
    return clean(f'<section class="footnotes" aria-label="Footnotes"><ol>\n{items}</ol></section>\n')
