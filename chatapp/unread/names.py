"""Who is named in a text: "@" and the name of somebody who is there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Between its marks "@property" is code.
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
# An e-mail address names nobody.
_AT = r"(?<![a-z0-9._%+-])@"
# A name ends where its word does; scripts without blanks between words go on at once.
_NO_LETTER = r"(?![^\W\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\U00020000-\U0003ffff])"


def folded(text: str) -> str:
    """For comparing: without differences of case and of width."""
    return unicodedata.normalize("NFKC", text).casefold()


def named_in(text: str, people: Mapping[int, str]) -> set[int]:
    """Which of these people, names by ids, the text names. Of two names at one place the longer one counts."""
    if "@" not in text and "＠" not in text:
        return set()
    by_name: dict[str, set[int]] = {}
    for pk, name in people.items():
        if plain := folded(name).strip():
            by_name.setdefault(plain, set()).add(pk)
    if not by_name:
        return set()
    names = "|".join(f"{re.escape(name)}{_end(name)}" for name in sorted(by_name, key=len, reverse=True))
    found = re.finditer(f"{_AT}({names})", folded(_CODE.sub(" ", text)))
    return {pk for match in found for pk in by_name[match[1]]}


def _end(name: str) -> str:
    wide = unicodedata.east_asian_width(name[-1]) in "WF"
    return "" if wide else _NO_LETTER
