"""The forms of an alias: its settings, its routes, and one route more, all sent in one post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.http import QueryDict

from accounts.models import User
from chatapp.catalog.aliases import last_place, record
from chatapp.catalog.fields import NumberField, PlainFloatField, PriceField, dress
from chatapp.catalog.models import Alias, FormerName, Provider, Route
from chatapp.catalog.portraits import portrait

# Django's forms take type parameters for the checker alone.
if TYPE_CHECKING:
    _AliasModelForm = forms.ModelForm[Alias]
    _RouteModelForm = forms.ModelForm[Route]
else:
    _AliasModelForm = _RouteModelForm = forms.ModelForm

HIGHEST_ORDER = 99
HEAVIEST = 1000


class AliasForm(_AliasModelForm):
    """What an alias is, without its routes; for its own page and for Django's administration."""

    class Meta:
        model = Alias
        fields = [
            "name",
            "description",
            "hue",
            "vision",
            "images",
            "image_pixels",
            "tools",
            "thinking",
            "think_by_default",
            "context_tokens",
            "answer_tokens",
            "price_in",
            "price_out",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "groups",
            "shows_target",
            "enabled",
            "default",
        ]
        field_classes = {
            "images": NumberField,
            "image_pixels": NumberField,
            "context_tokens": NumberField,
            "answer_tokens": NumberField,
            "price_in": PriceField,
            "price_out": PriceField,
            "temperature": PlainFloatField,
            "top_p": PlainFloatField,
            "min_p": PlainFloatField,
        }
        widgets = {
            "name": forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}),
            "hue": forms.RadioSelect,
            "groups": forms.CheckboxSelectMultiple,
            "top_k": forms.TextInput,
        }
        labels = {
            "name": "Alias",
            "description": "Best for",
            "vision": "Read images",
            "images": "Images at once",
            "image_pixels": "Pixels of each",
            "tools": "Use tools",
            "thinking": "Thinking",
            "think_by_default": "Think by default",
            "context_tokens": "Context (tokens)",
            "answer_tokens": "Answer limit (tokens)",
            "price_in": "Price in, $ per million",
            "price_out": "Price out, $ per million",
            "temperature": "Temperature",
            "top_p": "Top p",
            "top_k": "Top k",
            "min_p": "Min p",
            "groups": "Who may use it",
            "shows_target": "Members see what it points to",
            "enabled": "In use",
            "default": "Default",
        }
        help_texts = {
            "name": "Renaming keeps the old name working.",
            "description": "Shown in the picker.",
            "think_by_default": "People can still switch it off for one message.",
            "images": "Of a whole chat; the oldest are left out.",
            "image_pixels": "Larger ones are scaled down.",
            "context_tokens": "Empty: not checked before sending.",
            "answer_tokens": "Empty: as long as the model likes.",
            "groups": "",
            "shows_target": "Model and provider, never the address.",
            "enabled": "Off: nobody can choose it, and answers with it are refused.",
            "default": "Chosen for a new chat.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        thinking, name = self.fields["thinking"], self.fields["name"]
        if isinstance(thinking, forms.ChoiceField):
            thinking.choices = [(value, label.capitalize()) for value, label in Alias.Thinking.choices]
        if self.instance._state.adding:
            name.help_text = "What people pick and scripts ask for."
        for field in self.fields.values():
            dress(field)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        taken = FormerName.objects.filter(name=name).exclude(alias=self.instance.pk).select_related("alias").first()
        if taken:
            raise forms.ValidationError(
                f"{taken.alias} was called so once and still answers to it. Let go of that name there first."
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("thinking") != Alias.Thinking.OPTIONAL:
            cleaned["think_by_default"] = False
        context, answer = cleaned.get("context_tokens"), cleaned.get("answer_tokens")
        if context and answer and answer >= context:
            self.add_error("answer_tokens", "Leave room for the question: less than the context.")
        return cleaned


class SettingsForm(AliasForm):
    """On the alias's own page, where its former names can be let go of too."""

    kept_names = forms.MultipleChoiceField(
        label="It also answers to", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [former.name for former in self.instance.former_names.order_by("name")] if self.instance.pk else []
        kept = self.fields["kept_names"]
        if isinstance(kept, forms.MultipleChoiceField):
            kept.choices = [(name, name) for name in names]
        kept.initial = names
        dress(kept)

    def save(self, commit: bool = True) -> Alias:
        alias: Alias = super().save(commit)
        alias.former_names.exclude(name__in=self.cleaned_data["kept_names"]).delete()
        return alias


class RouteForm(_RouteModelForm):
    """A line of the table of routes."""

    priority = forms.IntegerField(min_value=0, max_value=HIGHEST_ORDER, widget=forms.TextInput)
    weight = forms.IntegerField(min_value=1, max_value=HEAVIEST, widget=forms.TextInput)
    remove = forms.BooleanField(required=False)

    class Meta:
        model = Route
        fields = ["priority", "weight", "enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The instance forgets it when it is removed.
        self.route_id = self.instance.pk
        for name, label in (("priority", "Order of"), ("weight", "Weight of"), ("enabled", "Use")):
            field = self.fields[name]
            dress(field, "tiny")
            field.widget.attrs["aria-label"] = f"{label} {self.instance.upstream_model}"
            field.widget.attrs["form"] = "alias"

    def save(self, commit: bool = True) -> Route:
        if self.cleaned_data["remove"]:
            self.instance.delete()
            return self.instance
        route: Route = super().save(commit)
        return route


class NewRouteForm(forms.Form):
    """A route more, unless its model is left empty."""

    provider = forms.ModelChoiceField(Provider.objects.all(), required=False, empty_label="Choose a provider")
    upstream_model = forms.CharField(label="Model", required=False, max_length=200)
    priority = forms.IntegerField(label="Order", required=False, min_value=0, max_value=HIGHEST_ORDER)
    weight = forms.IntegerField(label="Weight", required=False, min_value=1, max_value=HEAVIEST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("priority", "weight"):
            self.fields[name].widget = forms.TextInput()
        for field in self.fields.values():
            dress(field)
            field.widget.attrs["form"] = "alias"
        own = {"list": "listed", "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
        self.fields["upstream_model"].widget.attrs |= own

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        model, provider = cleaned.get("upstream_model"), cleaned.get("provider")
        if model and not provider and "provider" not in self.errors:
            self.add_error("provider", "Choose the provider that serves this model.")
        if model and not model.isprintable():
            self.add_error("upstream_model", "A model's id is one line of plain text.")
        return cleaned

    def save(self, alias: Alias) -> None:
        """Nothing happens without a model, or when the alias leads there already: the form may be sent twice."""
        route = self.cleaned_data
        if not route["upstream_model"]:
            return
        last = alias.routes.order_by("-priority").first()
        values = {
            "priority": route["priority"] if route["priority"] is not None else last.priority + 1 if last else 1,
            "weight": route["weight"] or 1,
        }
        alias.routes.get_or_create(provider=route["provider"], upstream_model=route["upstream_model"], defaults=values)


class Desk:
    """All forms of one alias's page. `alias` takes the values that were typed: show another copy of it."""

    def __init__(self, alias: Alias, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> None:
        self.alias = alias
        self.settings = SettingsForm(data, instance=alias, initial=initial)
        self.routes = [_route_form(route, data) for route in _routes(alias)]
        self.added = NewRouteForm(data, prefix="new", initial=initial)

    def is_valid(self) -> bool:
        # Every form is asked, so that each tells what is wrong with it.
        valid = [form.is_valid() for form in (self.settings, self.added, *self.routes) if form.is_bound]
        return all(valid)

    @property
    def wrong_routes(self) -> list[str]:
        """What is wrong in the table of routes, where a cell has no room for a sentence."""
        return [
            f"{form.instance.upstream_model}: {' '.join(str(error) for error in errors)}"
            for form in self.routes
            for errors in form.errors.values()
        ]

    @transaction.atomic
    def save(self, by: User) -> list[str]:
        """Save all of it; the lines that went into the history. IntegrityError: the name was taken meanwhile."""
        is_new = self.alias._state.adding
        before = None if is_new else portrait(self.alias)
        if is_new:
            self.alias.order = last_place()
        self.settings.save()
        for form in self.routes:
            if form.is_bound:
                form.save()
        self.added.save(self.alias)
        return record(self.alias, before, by)


def _routes(alias: Alias) -> list[Route]:
    return list(alias.routes.select_related("provider")) if alias.pk else []


def _route_form(route: Route, data: QueryDict | None) -> RouteForm:
    """A route that the page did not show when it was sent keeps its values."""
    prefix = f"route-{route.pk}"
    return RouteForm(data if data and f"{prefix}-priority" in data else None, instance=route, prefix=prefix)
