"""The one place where an upstream's text is made fit for a database and a socket."""

from __future__ import annotations


class Cleaner:
    """Drops NUL, joins surrogate halves that came apart, and puts U+FFFD for halves that stay alone.

    json.loads accepts a lone half; PostgreSQL refuses NUL, and UTF-8 cannot encode a half at all.
    """

    def __init__(self) -> None:
        self._half = ""

    def clean(self, text: str) -> str:
        if self._half:
            text, self._half = self._half + text, ""
        if "\0" in text:
            text = text.replace("\0", "")
        if text.isascii():
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            self._half, text = text[-1], text[:-1]
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    def close(self) -> str:
        """A half that was held back and stays alone."""
        half, self._half = self._half, ""
        return "\ufffd" if half else ""
