"""Log lines that nobody's text can break in two, and that open nothing."""

import logging
import re

# In the address of a shared page its token is the key.
_TOKEN = re.compile(r"(/s/)[^/\s]+")


class OneLine(logging.Formatter):
    """Escapes control characters of the message, leaves out tokens of links; a traceback of ours keeps its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, the library's name
        line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in record.message)
        record.message = _TOKEN.sub(r"\1…", line)
        return super().formatMessage(record)
