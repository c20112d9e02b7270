"""Text that is still arriving: closed blocks, rendered once and for good, and an open tail.

Why closed blocks stay as they are: the block parser goes through the lines from the top, and what it decides about a
block depends on no line behind the line that begins the next one. So in a text of complete lines every block but the
last is final, with one exception, for which `needs_render` stands: definitions of links and footnotes reach backwards.

Only that decision must be exact. The tail is provisional: it may be approximate as long as it is safe and shows the
text in order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from markdown_it.token import Token

from chatapp.rendering.boundaries import complete, finished_blocks, line_start, must_wait, starts_block
from chatapp.rendering.caret import place_caret
from chatapp.rendering.children import FEET, OPEN_ROW, Container, Slice
from chatapp.rendering.clean import clean
from chatapp.rendering.grammar import Env, has_definitions, parse_blocks, parse_inlines, top_level
from chatapp.rendering.leaf import Anything, Leaf, Nowhere, Pattern, Prose, Rows
from chatapp.rendering.limits import (
    MAX_TEXT_CHARS,
    MAX_TEXT_LINES,
    RESEND_CHARS_PER_SECOND,
    REST_PER_RENDER,
)
from chatapp.rendering.markdown import render, render_block, render_plain
from chatapp.rendering.source import Intake
from chatapp.rendering.view import Op, View
from chatapp.rendering.writer import CARET, write

__all__ = ["Live", "Op"]


class Live:
    """One text on its way. Not thread-safe; a caller may run any one method in a thread."""

    def __init__(self, text: str = "", clock: Callable[[], float] = time.perf_counter) -> None:
        """`text`: what is there already; it is shown at once. `clock`: seconds, for the pace of renderings."""
        self.needs_render = False
        self._clock: Final = clock
        self._intake = Intake()
        self._raw: list[str] = []
        self._new: list[str] = []
        self._closed: list[str] = []
        self._view = View()
        # Source behind the closed blocks: before the open child of a container, shown from there on, not yet shown.
        self._past: list[str] = []
        self._shown: list[str] = []
        self._held = ""
        self._leaf: Leaf = Nowhere()
        self._container: Container | None = None
        # How much of the open source has been searched for finished blocks.
        self._judged = 0
        self._chars = self._lines = 0
        self._open_chars = 0
        self._behind = False
        self._ready_at = 0.0
        if text:
            self.feed(text)
            self.flush()

    @property
    def text(self) -> str:
        """The whole source, exactly as it was fed."""
        self._raw = ["".join(self._raw)]
        return self._raw[0]

    @property
    def closed(self) -> str:
        """HTML of the closed blocks; after `finish`, of all."""
        return "".join(self._closed)

    @property
    def open_chars(self) -> int:
        """Characters that the next flush or finish may have to parse at once.

        A thousand cost 0.4 ms in a list, 1.5 in a table, 3 in code that gets its colours, 12 in the worst case.
        """
        return self._open_chars + sum(map(len, self._new))

    def tail(self) -> str:
        """HTML of the open tail as a viewer who got all operations has it, with the caret."""
        return self._view.html()

    def html(self) -> str:
        """After `finish`: what `render` makes of the text."""
        return render(self.text) if self.needs_render else self.closed

    def feed(self, delta: str) -> None:
        """Collect; costs nothing that grows with the text."""
        self._raw.append(delta)
        self._new.append(delta)

    def flush(self) -> list[Op]:
        """What brings a viewer from the state of the last flush to this one; may leave some text for the next."""
        self._take_in()
        if not self._behind:
            return []
        ops = self._append()
        if ops is not None:
            return ops
        began = self._clock()
        if began < self._ready_at:
            return []
        ops = self._grow(self._container) if self._container else None
        if ops is None:
            ops = self._start_over()
        ops += self._append() or []
        self._rest(began, ops)
        return ops

    def finish(self) -> list[Op]:
        """Close what is open. Unless `needs_render`, the closed blocks are now the full render."""
        self._take_in(last=True)
        source = self._open_source()
        if self._is_too_long():
            self.needs_render = True
            html = render_plain(source)
        else:
            env: Env = {}
            tokens = self._parse(source, env)
            html = _render(top_level(tokens), env)
        tail = self._view.html()
        self._set_open("", "", Nowhere())
        self._behind, self._open_chars = False, 0
        if html:
            return self._close(html)
        self._view.clear()
        return [("tail", "")] if tail else []

    def _take_in(self, *, last: bool = False) -> None:
        if not self._new and not last:
            return
        piece = self._intake.take("".join(self._new)) + (self._intake.end() if last else "")
        self._new.clear()
        self._held += piece
        self._chars += len(piece)
        self._open_chars += len(piece)
        self._lines += piece.count("\n")
        self._behind = True

    def _is_too_long(self) -> bool:
        return self._chars > MAX_TEXT_CHARS or self._lines > MAX_TEXT_LINES

    def _append(self) -> list[Op] | None:
        """Show what can be shown by appending; None if the tail must be rendered anew."""
        taken = self._leaf.take(self._held)
        if taken is None:
            return None
        self._behind = False
        text, used = taken
        if not used:
            return []
        self._shown.append(self._held[:used])
        self._held = self._held[used:]
        return self._view.append(text) if text else []

    def _rest(self, began: float, ops: Sequence[Op]) -> None:
        """Long tails are rendered and sent less often, so that their cost stays a fixed share of the time."""
        now = self._clock()
        sent = sum(len(arg) for kind, arg in ops if kind in ("tail", "open"))
        self._ready_at = now + max(REST_PER_RENDER * (now - began), sent / RESEND_CHARS_PER_SECOND)
        self._behind = False

    def _grow(self, container: Container) -> list[Op] | None:
        """Render the open child of a container, and the children after it; None if the container seems to end."""
        source = "".join(self._shown) + self._held
        lines = complete(source)
        if starts_block(source, lines):
            return None
        visible = lines if container.is_table or must_wait(source[lines:]) else len(source)
        found = container.slice(source[:visible])
        if found.ended and visible > lines:
            visible = lines
            found = container.slice(source[:visible])
        if found.ended or (found.loose and not container.loose):
            return None
        children, open_child = self._render_children(container, found, source, visible)
        return self._view.grow(children, open_child)

    def _start_over(self) -> list[Op]:
        """Look for finished blocks in all of the open source, and show the rest anew."""
        source = self._open_source()
        if self._is_too_long():
            return self._give_up(source)
        ops: list[Op] = []
        stable = complete(source)
        if starts_block(source, stable):
            stable = len(source)
        if stable != self._judged or self._container:
            env: Env = {}
            end, blocks = finished_blocks(self._parse(source[:stable], env), source[:stable])
            if blocks:
                ops += self._close(_render(blocks, env))
            source = source[end:]
            self._open_chars -= end
            self._judged = stable - end
        return ops + self._show(source)

    def _show(self, source: str) -> list[Op]:
        lines = complete(source)
        visible = lines if must_wait(source[lines:]) else len(source)
        env: Env = {}
        tokens = parse_blocks(source[:visible], env)
        blocks = top_level(tokens)
        ends = len(blocks) > 1 and blocks[0][0].type in FEET
        if visible > lines and (ends or (blocks and blocks[0][0].type == "table_open")):
            # No unfinished row; and not with every delta a long list that a heading is about to end.
            visible = lines
            env = {}
            tokens = parse_blocks(source[:visible], env)
            blocks = top_level(tokens)
        has_child = len(tokens) > 1 and tokens[1].nesting >= 0
        if len(blocks) == 1 and tokens[0].type in FEET and has_child:
            return self._show_container(tokens, source, visible)
        parse_inlines(tokens, env)
        leaf = place_caret(tokens, source[:visible])
        self._set_open(source[:visible], source[visible:], leaf)
        return self._view.show(clean(write(tokens, live=True)))

    def _show_container(self, tokens: list[Token], source: str, visible: int) -> list[Op]:
        container = Container(tokens, source)
        found = container.first_slice(tokens, source[:visible])
        self._set_open("", "", Nowhere())
        self._container = container
        children, open_child = self._render_children(container, found, source, visible)
        return self._view.show_children(container.head, children, open_child, container.foot)

    def _render_children(self, container: Container, found: Slice, source: str, visible: int) -> tuple[str, str]:
        """HTML of the finished children and of the open one; moves the source along."""
        start = line_start(source, found.open_line)
        self._past.append(source[:start])
        if container.is_table:
            self._shown, self._held, self._leaf = [], source[start:], Rows()
            return container.finished(found.children), OPEN_ROW
        *finished, last = found.children
        parse_inlines(last, {})
        leaf = place_caret(last, source[:visible])
        self._set_shown(source[start:visible], source[visible:], leaf)
        return container.finished(finished), container.opened(last)

    def _give_up(self, source: str) -> list[Op]:
        """Too long for Markdown: from here on the text is shown as it is."""
        self.needs_render = True
        self._set_open(source, "", Anything())
        return self._view.show(render_plain(source).replace("</p>", CARET + "</p>"))

    def _parse(self, source: str, env: Env) -> list[Token]:
        tokens = parse_blocks(source, env)
        self.needs_render |= has_definitions(env)
        return tokens

    def _close(self, html: str) -> list[Op]:
        self._closed.append(html)
        self._view.clear()
        return [("block", html)]

    def _open_source(self) -> str:
        return "".join(self._past) + "".join(self._shown) + self._held

    def _set_open(self, shown: str, held: str, leaf: Leaf) -> None:
        self._past, self._container = [], None
        self._set_shown(shown, held, leaf)

    def _set_shown(self, shown: str, held: str, leaf: Leaf) -> None:
        if isinstance(leaf, Prose | Pattern):
            # Blanks at the end of a paragraph are not shown; they come back with the next word.
            end = len(shown.rstrip(" \t\n"))
            shown, held = shown[:end], shown[end:] + held
        self._shown, self._held, self._leaf = [shown], held, leaf


def _render(blocks: Sequence[Sequence[Token]], env: Env) -> str:
    for block in blocks:
        parse_inlines(list(block), env)
    return "".join(render_block(block) for block in blocks)
