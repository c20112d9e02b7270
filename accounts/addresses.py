"""Addresses that somebody else wrote and that we shall lead a browser to."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def path_on_site(request: HttpRequest, url: str) -> str:
    """The path of one of our own addresses; the start page for everything else, however it is disguised."""
    if _is_ours(request, url):
        parts = urlsplit(url)
        path = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
        # Again, as what was a path behind a host may be a host when it stands alone.
        if path.startswith("/") and _is_ours(request, path):
            return path
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _is_ours(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
