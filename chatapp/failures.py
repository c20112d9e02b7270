"""What a page gets when something broke."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 5


def broken(request: HttpRequest) -> HttpResponse:
    """500, or 503 where it is the database that cannot be reached. Asks nothing of the database itself."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return HttpResponse(render_to_string("500.html"), status=500)
    answer = HttpResponse(render_to_string("500.html", {"away": True}), status=503)
    answer["Retry-After"] = RETRY_SECONDS
    return answer
