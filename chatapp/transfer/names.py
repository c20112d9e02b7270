"""Names of files that every system takes: a conversation's title, made fit for a folder."""

from __future__ import annotations

import re
import unicodedata

# Most file systems take 255 bytes; a date, a number and a suffix come on top of this.
STEM_BYTES = 150

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# Windows opens devices by these names, whatever the suffix.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.I)


def safe_stem(title: str) -> str:
    """The title as a file's name without its suffix; never empty."""
    seen = (" " if unicodedata.category(one)[0] == "C" else one for one in unicodedata.normalize("NFC", title))
    words = " ".join(_FORBIDDEN.sub("-", "".join(seen)).split())
    cut = words.encode()[:STEM_BYTES].decode(errors="ignore")
    stem = cut.strip(" .")
    if _DEVICES.fullmatch(stem):
        stem = f"_{stem}"
    return stem or "chat"


class Names:
    """Gives each name once. Two names that differ only in case are one on many systems."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, stem: str) -> str:
        """This name, or with a number where it is taken."""
        key, name = stem.casefold(), stem
        while name.casefold() in self._taken:
            self._next[key] = self._next.get(key, 1) + 1
            name = f"{stem} ({self._next[key]})"
        self._taken.add(name.casefold())
        return name
