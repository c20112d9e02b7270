"""Any other server that speaks like OpenAI's: only what every one of them takes."""

from __future__ import annotations

from chatapp.upstream.dialects.base import Dialect


class Plain(Dialect):
    """`transformers serve` refuses a request for one field that it does not know (HTTP 422), some gateways too.

    So nothing is said about thinking, and usage is taken where it comes unasked.
    """

    asks_for_usage = False
