"""GFM tables (GitHub Flavored Markdown Spec 0.29, section 4.10), with two liberties.

Short rows stay short: the stock rule fills them with empty cells, so that two bytes of text can cost a hundred cells.
And what is too much for a row stays in its last cell, since models forget to escape a pipe.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from chatapp.rendering.limits import MAX_TABLE_CELLS, MAX_TABLE_COLUMNS

# The second mark keeps "- a" and "-" for lists.
DELIMITERS = re.compile(r"(?:\||:|-(?=[|:-]))[-:| \t]+")
DELIMITER = re.compile(r":?-+:?")
PIPE = re.compile(r"(?<!\\)\|")


def add_tables(md: MarkdownIt) -> None:
    """Replace the stock rule. Cells carry "", "num" (right) or "ctr" (centre) in `info`."""
    md.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    md.enable("table")


def table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if start_line + 2 > end_line or state.sCount[start_line + 1] < state.blkIndent:
        return False
    if state.is_code_block(start_line) or state.is_code_block(start_line + 1):
        return False
    classes = _classes(_line(state, start_line + 1))
    if not classes:
        return False
    header = _line(state, start_line)
    if "|" not in header or len(_cells(header)) != len(classes):
        return False
    if silent:
        return True

    lines = [start_line, 0]
    state.push("table_open", "table", 1).map = lines
    state.push("thead_open", "thead", 1)
    _row(state, start_line, "th", classes)
    state.push("thead_close", "thead", -1)
    state.push("tbody_open", "tbody", 1)
    lines[1] = table_rows(state, start_line + 2, end_line, classes)
    state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)
    state.line = lines[1]
    return True


def table_rows(state: StateBlock, line: int, end_line: int, classes: list[str]) -> int:
    """Push the rows from this line on; returns the line after the last one."""
    stops = state.md.block.ruler.getRules("blockquote")
    before, state.parentType = state.parentType, "table"
    cells = 0
    while line < end_line and cells < MAX_TABLE_CELLS:
        if state.sCount[line] < state.blkIndent or state.isEmpty(line):
            break
        if state.is_code_block(line) or any(stop(state, line, end_line, True) for stop in stops):
            break
        cells += _row(state, line, "td", classes)
        line += 1
    state.parentType = before
    return line


def column_classes(source: str) -> list[str]:
    """The classes of the columns of a table, from the text that begins with it."""
    return _classes(source.split("\n", 2)[1].strip())


def _row(state: StateBlock, line: int, tag: str, classes: list[str]) -> int:
    """Push one row; returns the number of its cells."""
    state.push("tr_open", "tr", 1).map = [line, line + 1]
    cells, last = _cells(_line(state, line)), len(classes) - 1
    cells[last:] = [" | ".join(cells[last:])] if len(cells) > last else []
    for cell, column in zip(cells, classes, strict=False):
        state.push(f"{tag}_open", tag, 1).info = column
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = cell, [line, line + 1], []
        state.push(f"{tag}_close", tag, -1)
    state.push("tr_close", "tr", -1)
    return len(cells)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip(" \t")


def _cells(line: str) -> list[str]:
    cells = [cell.strip(" \t").replace("\\|", "|") for cell in PIPE.split(line)]
    if not cells[0]:
        cells = cells[1:]
    return cells[:-1] if cells and not cells[-1] else cells


def _classes(line: str) -> list[str]:
    """One class per column of a delimiter row; [] if the line is none."""
    if not DELIMITERS.fullmatch(line):
        return []
    columns = [column.strip(" \t") for column in line.removeprefix("|").removesuffix("|").split("|")]
    fits = len(columns) <= MAX_TABLE_COLUMNS and all(map(DELIMITER.fullmatch, columns))
    return [_class(column) for column in columns] if fits else []


def _class(column: str) -> str:
    if not column.endswith(":"):
        return ""
    return "ctr" if column.startswith(":") else "num"
