"""Log lines that nobody's text can break in two."""

import logging


class OneLine(logging.Formatter):
    """Escapes control characters of the message; a traceback of ours keeps its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, the library's name
        record.message = "".join(c if c.isprintable() else repr(c)[1:-1] for c in record.message)
        return super().formatMessage(record)
