"""Is what a page shows what the upstream sent?"""

from __future__ import annotations

from bench import shapes
from bench.page import Article, text_of, words


def fault_in_page(shape: str, article: Article, sent: str) -> str:
    """What is wrong with a settled answer on a page; "" when it shows exactly what was sent.

    Token shapes are compared as text (a fence to the byte, others with white space made even); of documents
    each numbered mark must be there once and in order, and the caller compares the rest with a fresh page.
    """
    shown = text_of(article.prose)
    expected = shapes.visible(shape, sent)
    if expected is None:
        return "" if shapes.MARK.findall(shown.text) == shapes.MARK.findall(sent) else "marks differ"
    if shape == "fence":
        return difference("".join(shown.exact).rstrip("\n"), expected.rstrip("\n"))
    return difference(words(shown.text), words(expected))


def difference(shown: str, expected: str) -> str:
    """Where two texts part; "" when they are equal."""
    if shown == expected:
        return ""
    pairs = enumerate(zip(shown, expected, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(shown), len(expected)))
    return f"differs at {at} of {len(expected)}: {shown[at : at + 40]!r} instead of {expected[at : at + 40]!r}"


def doubled(shape: str, text: str) -> int:
    """How many numbered tokens or marks a text holds more than once."""
    pattern = shapes.TOKEN if shape in shapes.TOKEN_SHAPES else shapes.MARK
    found = [match[1] for match in pattern.finditer(text)]
    return len(found) - len(set(found))
