"""The form of a provider, for its own page and for Django's administration. A key goes in and never comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from chatapp.catalog.addresses import check_base_url, origin_of
from chatapp.catalog.models import Provider
from chatapp.catalog.secrets import SecretLost, unseal

# Django's forms take type parameters for the checker alone.
if TYPE_CHECKING:
    _ProviderForm = forms.ModelForm[Provider]
else:
    _ProviderForm = forms.ModelForm

KEY_CHARACTERS = 1000
UNREADABLE = "key unreadable, enter it again"


class ProviderForm(_ProviderForm):
    """The stored key is not among its values: leaving the field empty keeps it."""

    # Not the model's field, whose form would refuse the one-word hosts of a container network.
    address = forms.CharField(
        label="Base URL",
        max_length=300,
        validators=[check_base_url],
        widget=forms.URLInput(attrs={"class": "vURLField input mono", "spellcheck": "false"}),
        help_text="Up to and with /v1, without /chat/completions.",
    )
    new_key = forms.CharField(
        label="Key",
        required=False,
        max_length=KEY_CHARACTERS,
        widget=forms.PasswordInput(attrs={"class": "vTextField input mono", "autocomplete": "new-password"}),
        help_text="Kept encrypted on this server. Nobody sees it again.",
    )
    remove_key = forms.BooleanField(label="Remove key", required=False)
    lines: Sequence[str] = ()

    class Meta:
        model = Provider
        fields = ["name", "dialect", "streams", "requests_per_minute", "tokens_per_minute", "concurrent", "enabled"]
        labels = {
            "dialect": "What kind of server",
            "streams": "Stream the answers",
            "requests_per_minute": "Requests a minute",
            "tokens_per_minute": "Tokens a minute",
            "concurrent": "Answers at once",
            "enabled": "In use",
        }
        help_texts = {
            "streams": "Off: each answer is asked for in one piece.",
            "requests_per_minute": "Of the whole team. Empty: no limit.",
            "tokens_per_minute": "Empty: no limit.",
            "concurrent": "Empty: no limit.",
            "enabled": "Off: its routes are passed over.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.base_url:
            self.fields["address"].initial = self.instance.base_url
        if self.instance.sealed_key:
            state = key_state(self.instance)
            help_text = f"Stored: {state}." if state == UNREADABLE else f"Stored ({state}). Leave empty to keep it."
            self.fields["new_key"].label, self.fields["new_key"].help_text = "Replace key", help_text
        if self.instance.dialect != Provider.Dialect.DEMO and isinstance(
            kinds := self.fields["dialect"], forms.ChoiceField
        ):
            kinds.choices = [choice for choice in Provider.Dialect.choices if choice[0] != Provider.Dialect.DEMO]
        for field in self.fields.values():
            _dress(field)

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
        """Afterwards `lines` tells what was changed."""
        self.lines = self.history()
        provider = self.instance
        provider.base_url = self.cleaned_data["address"]
        if self.cleaned_data["new_key"] or self.cleaned_data["remove_key"]:
            provider.set_key(self.cleaned_data["new_key"])
        super().save(commit)
        return provider

    def history(self) -> list[str]:
        """What this valid form changes, a line for each and never the key. To be asked before it is saved."""
        if self.instance._state.adding:
            return [f"added it at {self.cleaned_data['address']}"]
        return [line for name in self.changed_data if (line := self._line(name))]

    def _line(self, name: str) -> str:
        value, before = self.cleaned_data[name], self[name].initial
        match name:
            case "name":
                return f"renamed it from {before} to {value}"
            case "address":
                return f"moved it to {value}"
            case "dialect":
                return f"made it {Provider.Dialect(value).label}"
            case "new_key":
                if value == _stored_key(self.instance):
                    return ""
                return "replaced the key" if self.instance.sealed_key else "entered the key"
            case "remove_key":
                # With a key beside it, that one counts.
                return "" if self.cleaned_data["new_key"] else "removed the key"
            case "streams":
                return "let it stream again" if value else "told it not to stream"
            case "enabled":
                return "switched it on" if value else "switched it off"
        label = str(self.fields[name].label).lower()
        return f"limited {label} to {value:,}" if value else f"took the limit of {label} away"


def _stored_key(provider: Provider) -> str | None:
    try:
        return provider.key
    except SecretLost:
        return None


def key_state(provider: Provider) -> str:
    """What administrators may know about the key: its first characters, that there is none, or that it is lost."""
    if not provider.sealed_key:
        return "none"
    try:
        unseal(provider.sealed_key)
    except SecretLost:
        return UNREADABLE
    return provider.key_prefix


def _dress(field: forms.Field) -> None:
    """The design's look, beside whatever classes Django's administration gave."""
    attrs = field.widget.attrs
    classes = str(attrs.get("class", "")).split()
    own = "tick" if isinstance(field, forms.BooleanField) else "input"
    if own not in classes:
        attrs["class"] = " ".join([*classes, own])
    if isinstance(field, forms.IntegerField):
        attrs["inputmode"] = "numeric"
