"""The written texts in the folder `texts`, with places to fill, written {{name}}."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
PLACE = re.compile(r"\{\{([a-z_]+)\}\}")
SECTION = re.compile(r"^=== (\w+)\n", re.MULTILINE)


def prose(name: str, **values: str) -> str:
    """The text `name` (a file without its .md), filled, without a last newline; KeyError for a place left."""
    return fill(_whole(name), **values)


def sections(name: str) -> dict[str, str]:
    """A text of several parts, by their names; each is still to be filled."""
    _, *parts = SECTION.split(_whole(name))
    return {title: body.rstrip("\n") for title, body in zip(parts[::2], parts[1::2], strict=True)}


def fill(text: str, **values: str) -> str:
    """Put the values into their places in one pass, so that a value that looks like a place stays so."""
    return PLACE.sub(lambda place: values[place[1]], text)


@cache
def _whole(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").rstrip("\n")
