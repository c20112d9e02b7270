"""Administration of providers, aliases and routes. A key goes in and never comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from chatapp.catalog.addresses import check_base_url, origin_of
from chatapp.catalog.models import Alias, Provider, Route
from chatapp.catalog.secrets import SecretLost, unseal

# Django's forms and pages take type parameters for the checker alone.
if TYPE_CHECKING:
    _ProviderForm = forms.ModelForm[Provider]
    _ProviderAdmin = admin.ModelAdmin[Provider]
    _AliasAdmin = admin.ModelAdmin[Alias]
    _RouteInline = admin.TabularInline[Route, Alias]
else:
    _ProviderForm = forms.ModelForm
    _ProviderAdmin = _AliasAdmin = admin.ModelAdmin
    _RouteInline = admin.TabularInline

KEY_CHARACTERS = 1000


class ProviderForm(_ProviderForm):
    """The stored key is not among its values: leaving the field empty keeps it."""

    # Not the model's field, whose form would refuse the one-word hosts of a container network.
    address = forms.CharField(
        label="Base URL",
        max_length=300,
        validators=[check_base_url],
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text="Up to and with /v1, without /chat/completions.",
    )
    new_key = forms.CharField(
        label="Key",
        required=False,
        max_length=KEY_CHARACTERS,
        widget=forms.PasswordInput(attrs={"class": "vTextField", "autocomplete": "new-password"}),
        help_text="Kept encrypted on this server. Nobody sees it again.",
    )
    remove_key = forms.BooleanField(label="Remove key", required=False)

    class Meta:
        model = Provider
        fields = ["name", "dialect", "enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].initial = self.instance.base_url
        if self.instance.sealed_key:
            help_text = f"Stored: {key_state(self.instance)}. Leave empty to keep it."
            self.fields["new_key"].label, self.fields["new_key"].help_text = "Replace key", help_text

    def clean_new_key(self) -> str:
        key: str = self.cleaned_data["new_key"]
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise forms.ValidationError("A key is made of letters, digits and signs, without blanks or line ends.")
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # Else whoever may edit a provider could have its key sent to a server of theirs.
        keeps = self.instance.sealed_key and not cleaned.get("new_key") and not cleaned.get("remove_key")
        address = cleaned.get("address")
        if keeps and address and origin_of(address) != origin_of(self.instance.base_url):
            self.add_error("new_key", "The server is another one: enter the key for it, or remove the stored key.")
        return cleaned

    def save(self, commit: bool = True) -> Provider:
        provider = self.instance
        provider.base_url = self.cleaned_data["address"]
        if self.cleaned_data["new_key"] or self.cleaned_data["remove_key"]:
            provider.set_key(self.cleaned_data["new_key"])
        super().save(commit)
        return provider


def key_state(provider: Provider) -> str:
    """What administrators may know about the key: its first characters, that there is none, or that it is lost."""
    if not provider.sealed_key:
        return "none"
    try:
        unseal(provider.sealed_key)
    except SecretLost:
        return "key unreadable, enter it again"
    return provider.key_prefix


@admin.register(Provider)
class ProviderAdmin(_ProviderAdmin):
    form = ProviderForm
    list_display = ("name", "dialect", "base_url", "stored_key", "enabled")

    def get_fields(self, request: HttpRequest, obj: Provider | None = None) -> list[Any]:
        removal = ["remove_key"] if obj and obj.sealed_key else []
        return ["name", "dialect", "address", "new_key", *removal, "enabled"]

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


@admin.register(Alias)
class AliasAdmin(_AliasAdmin):
    inlines = [RouteInline]
    list_display = ("name", "leads_to", "order", "default", "thinking", "vision", "enabled")
    list_editable = ("order",)
    list_filter = ("enabled",)
    fields = ("name", "description", "order", "default", "thinking", "vision", "enabled")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alias]:
        return super().get_queryset(request).prefetch_related("routes__provider")

    @admin.display(description="Leads to")
    def leads_to(self, alias: Alias) -> str:
        return ", ".join(f"{route.provider}: {route.upstream_model}" for route in alias.routes.all()) or "nowhere"

    def save_model(self, request: HttpRequest, obj: Alias, form: forms.ModelForm[Alias], change: bool) -> None:
        """One alias is the default: choosing it takes that from the one before, in the page's transaction."""
        if obj.default:
            Alias.objects.exclude(pk=obj.pk).update(default=False)
        super().save_model(request, obj, form, change)
