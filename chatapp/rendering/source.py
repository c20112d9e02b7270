"""The text as the parser sees it. Every way into the parser goes through here."""

from __future__ import annotations

import re

# Lone surrogates cannot be encoded, and NUL has no place in HTML.
UNFIT = re.compile("[\0\ud800-\udfff]")
LINE_ENDS = re.compile(r"\r\n?")


class Intake:
    """Normalises text that comes in pieces: LF line ends, no NUL, no surrogates.

    The pieces may be cut anywhere, also between CR and LF.
    """

    def __init__(self) -> None:
        self._carriage_return = ""

    def take(self, piece: str) -> str:
        """The normal form of what is certain so far."""
        piece = self._carriage_return + piece
        self._carriage_return = ""
        if piece.endswith("\r"):
            self._carriage_return, piece = "\r", piece[:-1]
        return UNFIT.sub("\ufffd", LINE_ENDS.sub("\n", piece))

    def end(self) -> str:
        """What was held back; the text is over."""
        held, self._carriage_return = self._carriage_return, ""
        return "\n" if held else ""


def normalise(text: str) -> str:
    """The whole text at once, as `Intake` gives it in pieces."""
    return UNFIT.sub("\ufffd", LINE_ENDS.sub("\n", text))
