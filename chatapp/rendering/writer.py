"""Tokens → HTML in the design's markup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from markdown_it.token import Token

from chatapp.rendering.code import CLOSE_FIGURE, figure, open_figure
from chatapp.rendering.limits import MAX_INLINE_DEPTH

CARET = '<span class="caret" aria-hidden="true"></span>'
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
TABLE_OPEN = (
    '<figure class="block"><div class="scroll" role="region" tabindex="0" aria-label="Table"><table class="table">\n'
)
TABLE_CLOSE = "</table></div></figure>\n"
EQUATION = '<div class="{}"><div tabindex="0" role="group" aria-label="Equation"{}>{}</div></div>\n'

FIXED = {
    "blockquote_open": '<blockquote dir="auto">\n',
    "blockquote_close": "</blockquote>\n",
    "bullet_list_open": "<ul>\n",
    "bullet_list_close": "</ul>\n",
    "ordered_list_close": "</ol>\n",
    "list_item_close": "</li>\n",
    "hr": "<hr>\n",
    "table_open": TABLE_OPEN,
    "table_close": TABLE_CLOSE,
    "thead_open": "<thead>",
    "thead_close": "</thead>\n",
    "tbody_open": "<tbody>\n",
    "tbody_close": "</tbody>",
    "tr_open": "<tr>",
    "tr_close": "</tr>\n",
    "th_close": "</th>",
    "td_close": "</td>",
    "footnote_reference_open": '<section class="footnotes" aria-label="Footnote">\n',
    "footnote_reference_close": "</section>\n",
    "softbreak": "\n",
    "hardbreak": "<br>\n",
    "caret": CARET,
}


def write(tokens: Sequence[Token], *, live: bool = False) -> str:
    """HTML of block tokens whose inlines are parsed.

    `live`: the text goes on. Code is not highlighted, TeX that has no end yet stands as source, and the tokens may
    hold a caret.
    """
    out: list[str] = []
    for token in tokens:
        if token.type == "inline":
            out.append(write_inline(token.children or []))
        elif token.type in FIXED:
            out.append(FIXED[token.type])
        elif live and token.type in LIVE_BLOCKS:
            out.append(LIVE_BLOCKS[token.type](token))
        else:
            out.append(BLOCKS[token.type](token))
    return "".join(out)


def write_inline(tokens: Sequence[Token]) -> str:
    out: list[str] = []
    depth = links = 0
    for token in tokens:
        if token.type in TEXTS:
            out.append(escape(token.content))
        elif token.type in FIXED:
            out.append(FIXED[token.type])
        elif token.nesting:
            # HTML has no links in links, and a browser suffers from what is nested by the thousand.
            links += token.nesting * (token.tag == "a")
            outer = token.tag != "a" or links == (token.nesting > 0)
            depth += token.nesting
            if outer and depth + (token.nesting < 0) <= MAX_INLINE_DEPTH:
                out.append(_tag(token))
        elif token.type == "image":
            out.append(_image(token, linked=links > 0))
        else:
            out.append(INLINES[token.type](token))
    return "".join(out)


TEXTS = frozenset({"text", "text_special"})


def _tag(token: Token) -> str:
    if token.nesting < 0:
        return f"</{token.tag}>"
    return f'<a href="{escape(str(token.attrs["href"]))}">' if token.tag == "a" else f"<{token.tag}>"


def _image(token: Token, *, linked: bool) -> str:
    """A picture never loads by itself: its address would carry data out. It becomes a link."""
    words = "Image: " + escape(plain_text(token.children or []).strip() or "no description")
    return words if linked else f'<a href="{escape(str(token.attrs["src"]))}">{words}</a>'


def _paragraph_open(token: Token) -> str:
    if token.hidden:
        return ""
    return '<p dir="auto" class="plain">' if token.meta.get("plain") else '<p dir="auto">'


def _paragraph_close(token: Token) -> str:
    return "\n" if token.hidden else "</p>\n"


def _heading_open(token: Token) -> str:
    return f'<{HEADINGS[token.tag]} dir="auto">'


def _heading_close(token: Token) -> str:
    return f"</{HEADINGS[token.tag]}>\n"


def _ordered_list_open(token: Token) -> str:
    start = token.attrs.get("start")
    return "<ol>\n" if start is None else f'<ol start="{start}">\n'


def _list_item_open(token: Token) -> str:
    opened = f'<li dir="auto"{" data-open" if token.meta.get("open") else ""}>'
    if "checked" not in token.meta:
        return opened
    return f'{opened}<input type="checkbox" disabled{" checked" if token.meta["checked"] else ""}> '


def _cell_open(token: Token) -> str:
    scope = ' scope="col"' if token.tag == "th" else ""
    column = f' class="{token.info}"' if token.info else ""
    return f'<{token.tag} dir="auto"{scope}{column}>'


def _fence(token: Token) -> str:
    return figure(token.info, token.content)


def _live_code(token: Token) -> str:
    caret = CARET if token.meta.get("caret") else ""
    return open_figure(token.info) + escape(token.content) + caret + CLOSE_FIGURE


def _math_block(token: Token) -> str:
    return EQUATION.format("eq", ' data-math="display"', escape(token.content))


def _math_pending(token: Token) -> str:
    return EQUATION.format("eq pending", "", escape(token.content) + CARET)


def _math_inline(token: Token) -> str:
    return f'<span class="math" data-math="{token.info}">{escape(token.content)}</span>'


def _code_inline(token: Token) -> str:
    return f"<code>{escape(token.content)}</code>"


def _footnote_ref(token: Token) -> str:
    return f"<sup>{token.meta['id'] + 1}</sup>"


def plain_text(tokens: Sequence[Token]) -> str:
    """The words without the markup."""
    out = []
    for token in tokens:
        out.append(plain_text(token.children) if token.children else token.content)
        if token.type in ("softbreak", "hardbreak"):
            out.append(" ")
    return "".join(out)


BLOCKS: dict[str, Callable[[Token], str]] = {
    "paragraph_open": _paragraph_open,
    "paragraph_close": _paragraph_close,
    "heading_open": _heading_open,
    "heading_close": _heading_close,
    "ordered_list_open": _ordered_list_open,
    "list_item_open": _list_item_open,
    "th_open": _cell_open,
    "td_open": _cell_open,
    "fence": _fence,
    "code_block": _fence,
    "math_block": _math_block,
}
LIVE_BLOCKS: dict[str, Callable[[Token], str]] = {
    "fence": _live_code,
    "code_block": _live_code,
    "math_pending": _math_pending,
}
INLINES: dict[str, Callable[[Token], str]] = {
    "math_inline": _math_inline,
    "code_inline": _code_inline,
    "footnote_ref": _footnote_ref,
}
