"""The forms of a link, and of what administrators allow."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from accounts.limits import PASSWORD_CHARACTERS
from accounts.models import tidy_name
from chatapp.catalog.fields import NumberField, dress
from chatapp.sharing.links import Change, Wish
from chatapp.sharing.models import LABEL_CHARACTERS, Link, LinkRules, counted
from chatapp.sharing.taking import Tally

# Django's forms take type parameters for the checker alone.
if TYPE_CHECKING:
    _RulesModelForm = forms.ModelForm[LinkRules]
else:
    _RulesModelForm = forms.ModelForm

SHORTEST_PASSWORD = 6
# What the list of ends offers, as far as it is allowed, and the most that is.
DAYS = (1, 7, 30, 90, 365)


class LabelField(forms.CharField):
    """One line that cannot reorder what stands beside it."""

    def to_python(self, value: Any) -> Any:
        return tidy_name(super().to_python(value) or "")


class PasswordField(forms.CharField):
    """Kept as it is typed, blanks too."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"required": False, "strip": False, "min_length": SHORTEST_PASSWORD}
        super().__init__(max_length=PASSWORD_CHARACTERS, **kwargs)


class _Dressed(forms.Form):
    label = LabelField(
        required=False,
        max_length=LABEL_CHARACTERS,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        label="Label",
        help_text="For your own list. Whoever opens the link does not see it.",
    )

    def _dress(self) -> None:
        for field in self.fields.values():
            dress(field)


class LinkForm(_Dressed):
    """A new link, of a conversation whose open branch has so many turns."""

    kind = forms.ChoiceField(choices=Link.Kind, widget=forms.RadioSelect, initial=Link.Kind.SNAPSHOT, label="Shows")
    turns = NumberField(min_value=1, label="Up to turn", required=False)
    client_id = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput({"autocomplete": "off"}))
    leaf = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False, widget=forms.HiddenInput)
    days = forms.TypedChoiceField(coerce=int, label="Ends")
    password = PasswordField(label="Password", help_text=f"Optional; at least {SHORTEST_PASSWORD} characters.")
    with_names = forms.BooleanField(required=False, initial=True, label="Show names")
    with_images = forms.BooleanField(required=False, initial=True, label="Include attached images")
    with_reasoning = forms.BooleanField(required=False, label="Include the thinking")

    def __init__(self, sent: QueryDict | None, *, rules: LinkRules, turns: int, leaf: int | None) -> None:
        super().__init__(sent, initial={"turns": turns, "leaf": leaf, "days": _usual(rules)})
        self.fields["turns"].max_value = turns  # type: ignore[attr-defined]
        self._give_ends(rules)
        if not rules.reasoning:
            del self.fields["with_reasoning"]
        self._dress()

    def _give_ends(self, rules: LinkRules) -> None:
        choices = [(days, _in_days(days)) for days in ends(rules)]
        self.fields["days"].choices = choices  # type: ignore[attr-defined]

    @property
    def first_wish(self) -> Wish:
        """What it is before anybody has changed it."""
        values = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}
        return Wish(
            kind=values["kind"],
            label="",
            days=values["days"],
            password="",
            with_names=values["with_names"],
            with_images=values["with_images"],
            with_reasoning=False,
            leaf=values["leaf"],
            turns=values["turns"],
        )

    @property
    def wish(self) -> Wish:
        """Of a valid form."""
        values = self.cleaned_data
        return Wish(
            kind=values["kind"],
            label=values["label"],
            days=values["days"],
            password=values["password"],
            with_names=values["with_names"],
            with_images=values["with_images"],
            with_reasoning=values.get("with_reasoning", False),
            leaf=values["leaf"] or self.initial["leaf"],
            turns=values["turns"] or self.initial["turns"],
            client_id=values["client_id"] or uuid.uuid4(),
        )


class ChangeForm(_Dressed):
    """What may become another way about a link."""

    days = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label="Ends")
    password = PasswordField(label="New password")
    no_password = forms.BooleanField(required=False, label="Without a password")

    def __init__(self, sent: QueryDict | None, *, link: Link, rules: LinkRules) -> None:
        super().__init__(sent, initial={"label": link.label, "days": ""}, prefix=f"link-{link.pk}")
        choices = [("", "As it is"), *((days, f"{_in_days(days)} from now") for days in ends(rules))]
        self.fields["days"].choices = choices  # type: ignore[attr-defined]
        if link.password:
            self.fields["password"].help_text = "Whoever has the old one must give the new one."
        else:
            self.fields["password"].label = "Password"
            del self.fields["no_password"]
        self._dress()

    @property
    def change(self) -> Change:
        """Of a valid form."""
        values = self.cleaned_data
        none = "" if values.get("no_password") else None
        return Change(values["label"], values["days"], values["password"] or none)


class RulesForm(_RulesModelForm):
    """What administrators allow."""

    class Meta:
        model = LinkRules
        fields = ["allowed", "most_days", "reasoning"]
        field_classes = {"most_days": NumberField}
        labels = {
            "allowed": "Members may share chats by link",
            "most_days": "Longest life of a link (days)",
            "reasoning": "Links may include the thinking",
        }
        help_texts = {
            "allowed": "Off: every link shows nothing, at once. On again, those that have not ended work as before.",
            "most_days": "Links that would last longer end then, counted from today.",
            "reasoning": "Off: links that include it show the answers alone.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)

    @property
    def changes(self) -> str:
        """Of a valid form: what is another way now."""
        rules = self.instance
        said = {
            "allowed": "links on" if rules.allowed else "links off",
            "most_days": f"at most {counted(rules.most_days, 'day')}",
            "reasoning": "with the thinking" if rules.reasoning else "without the thinking",
        }
        return ", ".join(said[name] for name in self.changed_data)


def ends(rules: LinkRules) -> list[int]:
    """After how many days a link may end."""
    return sorted({*(days for days in DAYS if days < rules.most_days), rules.most_days})


def shorten(rules: LinkRules) -> None:
    """No link lasts longer than is allowed from now."""
    latest = timezone.now() + timedelta(days=rules.most_days)
    Link.objects.filter(expires_at__gt=latest).update(expires_at=latest)


def sentence(tally: Tally, wish: Wish | Link) -> str:
    """What goes out, in words."""
    live = wish.kind == Link.Kind.LIVE
    messages = tally.messages + (tally.running if live else 0)
    parts = [
        counted(messages, "message"),
        counted(tally.images, "image") if wish.with_images else "no images",
        f"the thinking of {counted(tally.thoughts, 'answer')}" if wish.with_reasoning else "no thinking",
        *(() if wish.with_names else ("no names",)),
    ]
    return ", ".join(parts) + (", and whatever is added later." if live else ".")


def _in_days(days: int) -> str:
    return "In a day" if days == 1 else f"In {days:,} days"


def _usual(rules: LinkRules) -> int:
    return min(30, rules.most_days)
