"""Long lists, quotes and tables that are still open: their finished children are not parsed again.

What stands here is provisional and decides nothing: when the container ends, all of it is parsed and rendered as one
block. So a slice needs only to look right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.token import Token

from chatapp.rendering.clean import clean, clean_rows
from chatapp.rendering.grammar import Env, parse_inlines, parser, top_level
from chatapp.rendering.tables import column_classes, table_rows
from chatapp.rendering.writer import write

OPEN_ROW = "<tr data-open></tr>\n"
FEET = {
    "bullet_list_open": "</ul>\n",
    "ordered_list_open": "</ol>\n",
    "blockquote_open": "</blockquote>\n",
    "table_open": "</tbody></table></div></figure>\n",
}


@dataclass
class Slice:
    """The children found in a piece of source; the last one is open, except in a table."""

    children: list[list[Token]]
    open_line: int
    ended: bool
    loose: bool


class Container:
    """An open container. `columns`: the classes of a table's columns."""

    def __init__(self, tokens: list[Token], source: str) -> None:
        """`tokens`: the container alone, inlines not parsed; `source`: what they were made from."""
        self.kind = tokens[0].type
        self.foot = FEET[self.kind]
        self.columns = column_classes(source) if self.kind == "table_open" else []
        head = tokens[: _head_length(tokens)]
        parse_inlines(head, {})
        self.head = clean(write(head, live=True) + self.foot).removesuffix(self.foot)
        self.loose = _is_loose(tokens)

    @property
    def is_table(self) -> bool:
        return self.kind == "table_open"

    def slice(self, source: str) -> Slice:
        """The children in this source, which begins with a child."""
        tokens: list[Token] = []
        env: Env = {}
        state = StateBlock(source, parser, env, tokens)
        if self.is_table:
            line = table_rows(state, 0, state.lineMax, self.columns)
            return Slice([list(row) for row in top_level(tokens)], line, line < state.lineMax, False)
        rule = list_block if self.kind.endswith("list_open") else blockquote
        if state.lineMax == 0 or not rule(state, 0, state.lineMax, False) or tokens[0].type != self.kind:
            return Slice([], 0, True, False)
        # A blank line ends a quote, but not a list.
        rest = range(state.line, state.lineMax)
        ended = any(not state.isEmpty(line) for line in rest) or (rule is blockquote and len(rest) > 0)
        return self._slice_of(tokens, ended)

    def first_slice(self, tokens: list[Token], source: str) -> Slice:
        """The children of a container that was parsed as a block."""
        if self.is_table:
            rows = [list(row) for row in top_level(tokens[_head_length(tokens) :], 2) if row[0].type == "tr_open"]
            return Slice(rows, source.count("\n"), False, False)
        return self._slice_of(tokens, False)

    def _slice_of(self, tokens: list[Token], ended: bool) -> Slice:
        children = [list(child) for child in top_level(tokens[1:-1], 1)]
        open_line = children[-1][0].map[0] if children and children[-1][0].map else 0
        return Slice(children, open_line, ended or not children, _is_loose(tokens))

    def finished(self, children: Sequence[list[Token]]) -> str:
        """Safe HTML of children that are done for now."""
        html = "".join(self._write(child) for child in children)
        return clean_rows(html) if self.is_table else clean(html)

    def opened(self, child: list[Token]) -> str:
        """Safe HTML of the open child, which bears the attribute data-open."""
        if self.kind == "blockquote_open":
            return clean(f"<div data-open>{self._write(child)}</div>\n")
        child[0].meta = {**child[0].meta, "open": True}
        return clean(self._write(child))

    def _write(self, child: list[Token]) -> str:
        parse_inlines(child, {})
        if self.loose:
            for token in child:
                if token.level == PARAGRAPH_OF_ITEM and token.type in ("paragraph_open", "paragraph_close"):
                    token.hidden = False
        return write(child, live=True)


PARAGRAPH_OF_ITEM = 2


def _head_length(tokens: list[Token]) -> int:
    """How many tokens stand before the first child."""
    if tokens[0].type != "table_open":
        return 1
    return next(at for at, token in enumerate(tokens) if token.type == "tbody_open") + 1


def _is_loose(tokens: list[Token]) -> bool:
    return tokens[0].type.endswith("list_open") and any(
        token.level == PARAGRAPH_OF_ITEM and token.type == "paragraph_open" and not token.hidden for token in tokens
    )
