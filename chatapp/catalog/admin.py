"""Administration of providers, aliases and routes. A key goes in and never comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from chatapp.catalog import aliases
from chatapp.catalog.alias_forms import AliasForm
from chatapp.catalog.forms import ProviderForm, key_state
from chatapp.catalog.models import Alias, FormerName, Provider, Route
from chatapp.catalog.portraits import portrait
from chatapp.catalog.providers import record, remove

# Django's forms and pages take type parameters for the checker alone.
if TYPE_CHECKING:
    _ProviderAdmin = admin.ModelAdmin[Provider]
    _AliasAdmin = admin.ModelAdmin[Alias]
    _RouteInline = admin.TabularInline[Route, Alias]
    _FormerNameInline = admin.TabularInline[FormerName, Alias]
else:
    _ProviderAdmin = _AliasAdmin = admin.ModelAdmin
    _RouteInline = _FormerNameInline = admin.TabularInline


def administrator(request: HttpRequest) -> User:
    """Who is at work here; the administration lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@admin.register(Provider)
class ProviderAdmin(_ProviderAdmin):
    form = ProviderForm
    list_display = ("name", "dialect", "base_url", "stored_key", "enabled")

    def get_fields(self, request: HttpRequest, obj: Provider | None = None) -> list[Any]:
        removal = ["remove_key"] if obj and obj.sealed_key else []
        limits = ["streams", "requests_per_minute", "tokens_per_minute", "concurrent"]
        return ["name", "dialect", "address", "new_key", *removal, *limits, "enabled"]

    def save_model(self, request: HttpRequest, obj: Provider, form: ProviderForm, change: bool) -> None:
        """In the page's transaction."""
        super().save_model(request, obj, form, change)
        record(obj, form.lines, administrator(request))

    def delete_model(self, request: HttpRequest, obj: Provider) -> None:
        remove(obj, administrator(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            remove(provider, administrator(request))

    @admin.display(description="Key")
    def stored_key(self, provider: Provider) -> str:
        return key_state(provider)

    @method_decorator(sensitive_post_parameters("new_key"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)


class RouteInline(_RouteInline):
    model = Route
    extra = 0
    fields = ("priority", "provider", "upstream_model", "weight", "enabled")


class FormerNameInline(_FormerNameInline):
    """They come from renaming alone, so that none is anybody else's name; here they can be let go of."""

    model = FormerName
    extra = 0
    fields = readonly_fields = ("name",)

    def has_add_permission(self, request: HttpRequest, obj: Alias | None = None) -> bool:
        return False


@admin.register(Alias)
class AliasAdmin(_AliasAdmin):
    form = AliasForm
    inlines = [RouteInline, FormerNameInline]
    list_display = ("name", "leads_to", "order", "default", "thinking", "vision", "enabled")
    list_editable = ("order",)
    list_filter = ("enabled",)
    fields = (*AliasForm.Meta.fields, "order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alias]:
        return super().get_queryset(request).prefetch_related("routes__provider")

    @admin.display(description="Leads to")
    def leads_to(self, alias: Alias) -> str:
        return ", ".join(f"{route.provider}: {route.upstream_model}" for route in alias.routes.all()) or "nowhere"

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """What it was is read in the page's transaction, before anything of it is written."""
        form.before = portrait(form.instance) if change else None
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The last part of saving: routes and groups are written here too, so the history is."""
        super().save_related(request, form, formsets, change)
        aliases.record(form.instance, form.before, administrator(request))

    def delete_model(self, request: HttpRequest, obj: Alias) -> None:
        aliases.remove(obj, administrator(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Alias]) -> None:
        for alias in queryset:
            aliases.remove(alias, administrator(request))
