"""Numbered text: "0 1 2 …", so that whoever receives it can tell what is missing, doubled or out of order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

SHAPES = ("paragraph", "paragraphs", "list", "fence", "mixed")
MOST_NUMBERS = 200_000
PER_LINE = 10
PER_PARAGRAPH = 40


def numbers(n: int, shape: str = "paragraph") -> str:
    """The numbers from 0 to n - 1 in order, as Markdown without any other number and without a last newline.

    Shapes: one `paragraph`; `paragraphs` of 40; a `list` with ten to an item; one code `fence` with ten to a
    line; `mixed`: those in turn, with quotes and headings. ValueError for any other shape.
    """
    if shape not in SHAPES:
        raise ValueError(f"no such shape: {shape}")
    if shape == "paragraph":
        return _line(range(n))
    if shape == "list":
        return _list(range(n))
    if shape == "fence":
        return _fence(range(n))
    forms = MIXED if shape == "mixed" else (_line,)
    blocks = enumerate(_portions(range(n), PER_PARAGRAPH))
    return "\n\n".join(forms[place % len(forms)](portion) for place, portion in blocks)


def _portions(span: range, size: int) -> Iterator[range]:
    return (span[start : start + size] for start in range(0, len(span), size))


def _line(span: range) -> str:
    return " ".join(map(str, span))


def _list(span: range) -> str:
    return "\n".join(f"- {_line(portion)}" for portion in _portions(span, PER_LINE))


def _fence(span: range) -> str:
    lines = "\n".join(_line(portion) for portion in _portions(span, PER_LINE))
    return f"```text\n{lines}\n```"


def _quote(span: range) -> str:
    return "\n".join(f"> {_line(portion)}" for portion in _portions(span, PER_LINE))


def _heading(span: range) -> str:
    return f"### {_line(span[:PER_LINE])}\n\n{_line(span[PER_LINE:])}".rstrip()


MIXED: tuple[Callable[[range], str], ...] = (_line, _list, _fence, _heading, _quote)
