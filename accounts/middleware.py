"""What a request gets that needs a member and has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render, resolve_url

from accounts.addresses import path_on_site


class SignedOutMiddleware(LoginRequiredMiddleware):
    """Every page is for members unless its view says `login_not_required`.

    A page that is asked for leads to the sign-in page and back. A fragment gets 401 and says so in place: following a
    redirect, htmx would put the sign-in page into the middle of the conversation.
    """

    def get_login_url(self, view_func: Callable[..., Any]) -> str:
        """The house's one door; the administration's views name another."""
        return settings.LOGIN_URL

    def handle_no_permission(  # type: ignore[override]  # the stubs know only Django's own redirect
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request") == "true":
            back = path_on_site(request, request.headers.get("HX-Current-URL", ""))
            return render(request, "accounts/_signed_out.html", {"next": back}, status=401)
        if request.method not in ("GET", "HEAD"):
            # The address of a form takes no GET, so nobody can be led back to it.
            return redirect_to_login(resolve_url(settings.LOGIN_REDIRECT_URL))
        return super().handle_no_permission(request, view_func)
