"""Texts as members and models write them, English and Chinese, the same ones for the same seed.

Words come by Zipf's law: a few are in every text and most are in almost none, so that a search meets both. Passages of
answers are drawn from some thousands that are rendered once, since rendering half a million answers would take hours;
each answer begins with sentences of its own.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from itertools import accumulate

from chatapp.rendering.markdown import render

WORDS = 30_000
PASSAGES = 4_000
# How much of an answer is in no other one.
OWN_SHARE = 0.3
COMMON = re.findall(
    r"\w+",
    "the of and to in a is that for it as with be on by this are or an from at which we can not have if but you all"
    " was will one how what more when there use so out has its about than into them time could may my make like only",
)
ONSETS = re.findall(r"\w+", "b br c ch cr d dr f fl g gr h j k l m n p pl pr qu r s sh sl st str t th tr v w z")
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou"]
CODAS = ["", "", "n", "r", "s", "t", "l", "m", "nd", "st", "ck", "th"]
# Of the some thousand characters that everybody reads.
HAN = [chr(0x4E00 + 7 * place) for place in range(2_600)]
KEYWORDS = ["for", "if", "while", "return", "with"]

Text = tuple[str, str]


class Language:
    """One language's words by frequency, and what stands between and after them."""

    def __init__(self, name: str, words: Sequence[str], blank: str, stop: str, rng: random.Random) -> None:
        self.name, self.words, self.blank, self.stop, self.rng = name, words, blank, stop, rng
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
        self._passages: list[Text] = []

    def some(self, count: int) -> list[str]:
        return self.rng.choices(self.words, cum_weights=self._weights, k=count)

    def sentence(self) -> str:
        words = self.some(self.rng.randint(5, 18))
        return f"{self.blank.join(words).capitalize()}{self.stop}"

    def prose(self, characters: int) -> str:
        """Sentences of about this length in all; the last one is cut at a word."""
        parts: list[str] = []
        left = characters
        while left > 0:
            parts.append(self.sentence())
            left -= len(parts[-1]) + len(self.blank)
        return self.blank.join(parts)[: max(characters, 1)].rstrip()

    def words_in(self, text: str, count: int) -> list[str]:
        """Words of a text that somebody may look for: of two characters or more."""
        found = [word for word in re.findall(r"\w+", text[: int(len(text) * OWN_SHARE)]) if len(word) > 1]
        chosen = self.rng.choices(found or [self.words[0]], k=count)
        return chosen if self.blank else [_piece(word, self.rng) for word in chosen]

    def question(self) -> str:
        return self.prose(_size(self.rng, 90, 1.0, 20, 2_000))

    def answer(self) -> Text:
        """Markdown and its HTML; one in five hundred is very long."""
        size = 30_000 if self.rng.random() < 0.002 else _size(self.rng, 900, 0.9, 100, 8_000)
        own = self.prose(int(size * OWN_SHARE))
        parts: list[Text] = [(own, f'<p dir="auto">{own}</p>\n')]
        left = size - len(own)
        while left > 0:
            parts.append(self.rng.choice(self.passages))
            left -= len(parts[-1][0])
        return "\n\n".join(text for text, _ in parts), "".join(html for _, html in parts)

    @property
    def passages(self) -> list[Text]:
        if not self._passages:
            kinds: list[Callable[[], str]] = [self._paragraph, self._list, self._section, self._code, self._table]
            made = (kind().strip() for kind in self.rng.choices(kinds, [60, 15, 10, 10, 5], k=PASSAGES))
            self._passages = [(text, render(text)) for text in made]
        return self._passages

    def _paragraph(self) -> str:
        first, second = self.sentence(), self.sentence()
        return f"{first}{self.blank}**{self.some(1)[0]}**{self.blank}{second}{self.blank}`{self._name()}()`"

    def _list(self) -> str:
        return "".join(f"- **{self.some(1)[0]}**: {self.sentence()}\n" for _ in range(self.rng.randint(3, 6)))

    def _section(self) -> str:
        return f"## {self.blank.join(self.some(4))}\n\n{self.prose(400)}"

    def _code(self) -> str:
        lines = [f"def {self._name()}({self._name()}, limit={self.rng.randrange(999)}):"]
        for _ in range(self.rng.randint(3, 12)):
            lines.append(f"    {self.rng.choice(KEYWORDS)} {self._name()}({self._name()}[{self.rng.randrange(99)}])")
        return "```python\n" + "\n".join(lines) + "\n```"

    def _table(self) -> str:
        rows = [f"| {self.some(1)[0]} | {self.rng.random():.3f} | {self.some(1)[0]} |" for _ in range(5)]
        return "\n".join(["| a | b | c |", "|---|---|---|", *rows])

    def _name(self) -> str:
        return "_".join(self.rng.choices(COMMON, k=2))


def languages(seed: int) -> tuple[Language, Language]:
    """English and Chinese."""
    rng = random.Random(seed)  # noqa: S311 - the same texts each time are the point
    english = dict.fromkeys([*COMMON, *(_english(rng) for _ in range(WORDS))])
    chinese = dict.fromkeys(_chinese(rng) for _ in range(WORDS))
    return Language("en", list(english), " ", ".", rng), Language("zh", list(chinese), "", "。", rng)


def _english(rng: random.Random) -> str:
    syllables = rng.choices([1, 2, 3, 4], [10, 40, 35, 15])[0]
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables))


def _chinese(rng: random.Random) -> str:
    return "".join(rng.choices(HAN, k=rng.choices([1, 2, 3, 4], [5, 70, 15, 10])[0]))


def _piece(run: str, rng: random.Random) -> str:
    """Two characters of a run that has no blanks."""
    at = rng.randrange(max(1, len(run) - 1))
    return run[at : at + 2]


def _size(rng: random.Random, median: int, spread: float, least: int, most: int) -> int:
    return min(most, max(least, round(rng.lognormvariate(math.log(median), spread))))
