"""The administration's own rules: the house has one door, and members learn nothing here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Administration(AdminSite):
    """Django's administration without its own sign-in and password pages, which no throttle guards."""

    site_header = site_title = "Parley administration"
    index_title = "Administration"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A view for administrators. Members get 404; the house's middleware has turned away everybody else."""
        checked = super().admin_view(view, cacheable)

        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            return checked(request, *args, **kwargs)

        return cast("View", inner)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_permission(request):
            raise Http404
        return redirect("admin:index")

    def password_change(  # type: ignore[override]  # the stubs know only Django's own page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("accounts:profile")
