"""The texts that the emitter streams, made the same way on both sides so that equality can be checked.

Token shapes put one numbered, time-stamped token "<seq>:<emit_ns> " into every delta. Document shapes are
realistic Markdown cut into deltas of a few characters; words like "m17m" number the places at which a
reader may compare the moment of arrival with the emitter's log.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from itertools import count

TOKEN = re.compile(r"(\d+):(\d{9,})")
MARK = re.compile(r"m(\d+)m")
TOKEN_SHAPES = ("numbers", "list", "fence")
DOCUMENT_SHAPES = ("mixed", "code")
SHAPES = TOKEN_SHAPES + DOCUMENT_SHAPES
TOKENS_PER_LINE = 8
WORDS = re.findall(
    r"\w+",
    "lattice parameter of the sample after annealing shows that oxygen loss and cation mixing compete while "
    "the gradient of each layer stays bounded so we measure peak width twice before fitting any model",
)
HAN = "材料的结构在高温下发生变化因此我们需要重新测量晶格参数并比较两次实验的结果"

Delta = Callable[[int, int], str]
Section = Callable[[random.Random, "count[int]"], str]


def deltas(shape: str, n: int, chars: int, seed: int) -> Delta:
    """What makes delta i (0 … n-1) at the moment given in ns; KeyError for an unknown shape."""
    if shape in DOCUMENT_SHAPES:
        text = document(shape, n * chars, seed)
        return lambda i, _now: text[i * chars : (i + 1) * chars]
    before, after = {"numbers": (plain, plain), "list": (bullet, line_end), "fence": (fence, line_end)}[shape]
    last = n - 1

    def delta(i: int, now: int) -> str:
        end = "\n```\n" if shape == "fence" and i == last else after(i)
        return f"{before(i)}{i}:{now} {end}"

    return delta


def plain(_i: int) -> str:
    return ""


def bullet(i: int) -> str:
    return "- " if i % TOKENS_PER_LINE == 0 else ""


def fence(i: int) -> str:
    return "```text\n" if i == 0 else ""


def line_end(i: int) -> str:
    return "\n" if i % TOKENS_PER_LINE == TOKENS_PER_LINE - 1 else ""


def visible(shape: str, text: str) -> str | None:
    """What a reader sees of a token shape's text, or None where only another rendering can tell."""
    if shape == "numbers":
        return text
    if shape == "list":
        return text.replace("- ", "")
    if shape == "fence":
        return text.removeprefix("```text\n").removesuffix("```\n")
    return None


def document(shape: str, size: int, seed: int) -> str:
    """A text of exactly `size` characters: sections of Markdown, or one fence with a Python program."""
    rng, marks = random.Random(seed), count()  # noqa: S311 - the same text each time is the point
    pieces: list[str] = []
    head, foot = ("```python\n", "\n```\n") if shape == "code" else ("", "\n")
    mixed = (heading, prose, bullets, prose, table, program_block, maths, han)
    sections: Sequence[Section] = (program,) if shape == "code" else mixed
    length = len(head)
    pieces.append(head)
    for turn in count():
        if length >= size:
            break
        piece = sections[turn % len(sections)](rng, marks)
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)[: size - len(foot)] + foot


def mark_positions(text: str, chars: int) -> list[int]:
    """For each mark of the document, in order, the index of the delta that completes it."""
    return [(found.end() - 1) // chars for found in MARK.finditer(text)]


def phrase(rng: random.Random, marks: count[int], words: int) -> str:
    """Some words with one mark among them."""
    chosen = rng.choices(WORDS, k=words)
    chosen[rng.randrange(words)] = f"m{next(marks)}m"
    return " ".join(chosen)


def heading(rng: random.Random, marks: count[int]) -> str:
    return f"## {phrase(rng, marks, 4)}\n\n"


def prose(rng: random.Random, marks: count[int]) -> str:
    parts = [phrase(rng, marks, 9) for _ in range(5)]
    return f"{parts[0]} **{parts[1]}**, {parts[2]} `{rng.choice(WORDS)}()` {parts[3]} *and* {parts[4]}.\n\n"


def bullets(rng: random.Random, marks: count[int]) -> str:
    lines = [f"- **{rng.choice(WORDS)}**: {phrase(rng, marks, 8)}\n" for _ in range(5)]
    return "".join(lines) + "\n"


def table(rng: random.Random, marks: count[int]) -> str:
    rows = [f"| {phrase(rng, marks, 3)} | {rng.random():.3f} | {rng.choice(WORDS)} |\n" for _ in range(5)]
    return "| sample | value | note |\n|---|---:|---|\n" + "".join(rows) + "\n"


def program_block(rng: random.Random, marks: count[int]) -> str:
    return f"```python\n{program(rng, marks)}```\n\n"


def program(rng: random.Random, marks: count[int]) -> str:
    name = rng.choice(WORDS)
    return (
        f"def {name}_m{next(marks)}m(rows: list[float], limit: int = {rng.randrange(99)}) -> float:\n"
        f'    """The {rng.choice(WORDS)} of m{next(marks)}m."""\n'
        f"    total = 0.0  # m{next(marks)}m\n"
        "    for row in rows[:limit]:\n"
        f"        total += row * {rng.random():.4f} if row > 0 else abs(row)\n"
        f'    return round(total, 3) or {{"{name}": m{next(marks)}m}}\n\n'
    )


def maths(rng: random.Random, marks: count[int]) -> str:
    return (
        f"With $a_{{{rng.randrange(9)}}} = \\frac{{\\lambda}}{{2\\sin\\theta}}$ {phrase(rng, marks, 6)}:\n\n"
        f"$$\\int_0^\\infty e^{{-{rng.randrange(2, 9)}x^2}}\\,dx = \\frac{{1}}{{2}}\\sqrt{{\\pi}}$$\n\n"
    )


def han(rng: random.Random, marks: count[int]) -> str:
    start = rng.randrange(len(HAN))
    return f"{HAN[start:]}，m{next(marks)}m，{HAN[:start]}。\n\n"
