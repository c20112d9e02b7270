"""Code blocks: the figure with its label and buttons, and highlighting into short classes."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import STANDARD_TYPES

from chatapp.rendering.limits import (
    CACHED_CODE_BLOCKS,
    CACHED_CODE_CHARS,
    MAX_HIGHLIGHT_CHARS,
    MAX_LINE_CHARS,
    MAX_RUN_CHARS,
)

# Pygments' names. Each lexer is a set of regular expressions that meets hostile text, so no more than people use.
NAMES = """
ada applescript arduino asymptote awk bash bat bibtex c clojure cmake common-lisp console cpp csharp css cuda cython d
dart diff docker elixir elm emacs-lisp erlang fish fortran fsharp gdscript glsl gnuplot go graphql groovy haskell html
http ini java javascript jinja json jsx julia kotlin llvm lua make markdown matlab mathematica mysql nasm nginx nim nix
objective-c ocaml octave perl php postgresql powershell properties protobuf python pycon qml r racket rst ruby rust
sass scala scheme scss solidity splus sql stan swift systemverilog tcl tex toml tsx typescript vbnet verilog vhdl vim
wast xml yaml zig
"""
LANGUAGES = frozenset(NAMES.split())
# What models write that Pygments does not know.
OTHER_NAMES = {"jsonc": "json", "json5": "json", "kt": "kotlin", "svg": "xml", "vue": "html"}
RUN = re.compile(r"[\w\s]+")
FIRST_WORD = re.compile(r"[\w+#.-]+")


def _known() -> dict[str, tuple[str, str]]:
    known = {}
    for name, aliases, _, _ in get_all_lexers(plugins=False):
        if LANGUAGES.intersection(aliases):
            known.update({alias.lower(): (aliases[0], name) for alias in aliases})
    return known | {other: known[alias] for other, alias in OTHER_NAMES.items()}


# Any alias to Pygments' first alias and the name to show.
KNOWN = _known()
CODE_CLASSES = frozenset(f"language-{alias}" for alias, _ in KNOWN.values())
SPAN_CLASSES = frozenset(filter(None, STANDARD_TYPES.values()))

BUTTONS = (
    '<button type="button" class="btn ghost sm" data-wrap>Wrap</button>'
    '<button type="button" class="btn ghost sm" data-copy>Copy</button>'
)
_formatter = HtmlFormatter(nowrap=True)


def figure(info: str, code: str) -> str:
    """The finished block. `info` is what follows the fence; its first word names the language."""
    alias, _ = language(info)
    return open_figure(info) + _coloured(alias, code.removesuffix("\n")) + CLOSE_FIGURE


def open_figure(info: str) -> str:
    """The block up to the place where code is written; `CLOSE_FIGURE` ends it."""
    alias, name = language(info)
    code = f'<code class="language-{escape(alias)}">' if alias else "<code>"
    label = escape(name)
    return (
        f'<figure class="block" aria-label="{label}{" code" if alias else ""}">'
        f'<figcaption class="row"><span class="grow">{label}</span>{BUTTONS}</figcaption>'
        f'<pre tabindex="0">{code}'
    )


CLOSE_FIGURE = "</code></pre></figure>\n"


def language(info: str) -> tuple[str, str]:
    """Pygments' alias and the name to show; ("", "Text") if there is none that we know. Never guessed from the code."""
    word = FIRST_WORD.match(info.strip())
    return KNOWN.get(word[0].lower(), ("", "Text")) if word else ("", "Text")


def _coloured(alias: str, code: str) -> str:
    if not alias or len(code) > MAX_HIGHLIGHT_CHARS or _is_slow(code):
        return escape(code)
    return _cached(alias, code) if len(code) <= CACHED_CODE_CHARS else _highlighted(alias, code)


def _is_slow(code: str) -> bool:
    longest_line = max(map(len, code.split("\n")))
    return longest_line > MAX_LINE_CHARS or any(len(run) > MAX_RUN_CHARS for run in RUN.findall(code))


def _highlighted(alias: str, code: str) -> str:
    lexer = get_lexer_by_name(alias, stripnl=False, ensurenl=False)
    try:
        # The formatter ends every text with a newline.
        return str(highlight(code, lexer, _formatter)).removesuffix("\n")
    except Exception:
        # Some lexers trip over broken code; colours are not worth an answer.
        return escape(code)


_cached = lru_cache(maxsize=CACHED_CODE_BLOCKS)(_highlighted)
