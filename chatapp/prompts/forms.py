"""The form of a prompt: what it says, which model answers and how, and who sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Q

from accounts.models import User, tidy_name
from chatapp.catalog.access import aliases_for
from chatapp.catalog.fields import dress
from chatapp.catalog.models import Alias
from chatapp.conversations.forms import INSTRUCTIONS_CHARACTERS, PARAMETERS, InstructionsForm
from chatapp.conversations.words import clean
from chatapp.prompts.models import NAME_CHARACTERS, TITLE_CHARACTERS, Prompt, check_name, slash_name

# Django's forms take type parameters for the checker alone.
if TYPE_CHECKING:
    _PromptModelForm = forms.ModelForm[Prompt]
else:
    _PromptModelForm = forms.ModelForm

FIRST_MESSAGE_CHARACTERS = 20_000
TAKEN = "You have a prompt of this name already."
_THINK = [("", "As the model does"), ("1", "Think"), ("0", "Do not think")]


class NameField(forms.CharField):
    """What is typed after the slash."""

    def to_python(self, value: Any) -> Any:
        return slash_name(super().to_python(value) or "")


class TitleField(forms.CharField):
    """One line that cannot reorder what stands beside it."""

    def to_python(self, value: Any) -> Any:
        return tidy_name(super().to_python(value) or "")


class PromptForm(_PromptModelForm):
    """A new prompt or one that is there, as this person may write it."""

    name = NameField(
        max_length=NAME_CHARACTERS,
        validators=[check_name],
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Typed after a slash in the composer. Letters, digits, hyphens.",
    )
    title = TitleField(
        required=False,
        max_length=TITLE_CHARACTERS,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        help_text="What it is for, in a few words.",
    )
    instructions = forms.CharField(
        required=False,
        max_length=INSTRUCTIONS_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "placeholder": "Answer in Chinese. Show each step."}),
        help_text="The model reads them before the first message, in every turn.",
    )
    first_message = forms.CharField(
        required=False,
        max_length=FIRST_MESSAGE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "placeholder": "Summarise {{paper}} for {{reader}}."}),
        help_text="Put into the composer. A blank in double braces, such as {{paper}}, is selected there; "
        "Tab goes to the next one.",
    )
    alias = forms.TypedChoiceField(required=False, empty_value=None, label="Model")
    think = forms.TypedChoiceField(
        required=False, choices=_THINK, coerce=lambda value: value == "1", empty_value=None, label="Thinking"
    )

    class Meta:
        model = Prompt
        fields = [
            "name",
            "title",
            "instructions",
            "first_message",
            "alias",
            "think",
            *PARAMETERS,
            "shared",
            "groups",
        ]
        field_classes = InstructionsForm.Meta.field_classes
        widgets = {
            **InstructionsForm.Meta.widgets,
            "shared": forms.RadioSelect,
            "groups": forms.CheckboxSelectMultiple,
        }
        labels = InstructionsForm.Meta.labels
        help_texts = InstructionsForm.Meta.help_texts

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_aliases(aliases_for(by))
        self._offer_groups(by)
        if self.instance.think is not None:
            self.initial["think"] = str(int(self.instance.think))
        for field in self.fields.values():
            dress(field)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Prompt.objects.filter(owner=self.instance.owner_id, name=name, archived_at=None)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(TAKEN)
        return name

    def clean_instructions(self) -> str:
        return clean(self.cleaned_data["instructions"]).strip()

    def clean_first_message(self) -> str:
        return clean(self.cleaned_data["first_message"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("shared") != Prompt.Shared.GROUPS:
            cleaned["groups"] = Group.objects.none()
        elif not cleaned.get("groups"):
            self.add_error("groups", "Tick the groups that shall see it.")
        if not cleaned.get("instructions") and not cleaned.get("first_message") and not self.errors:
            self.add_error(
                "instructions", "Write instructions or a first message; without both there is nothing to use."
            )
        return cleaned

    def _offer_aliases(self, usable: Iterable[Alias]) -> None:
        """Those that this person may use; the one that is chosen stays, without its name if it is not among them."""
        offered = {str(one.pk): one for one in usable}
        names = {pk: one.name for pk, one in offered.items()}
        chosen = self.instance.alias
        if chosen and str(chosen.pk) not in offered:
            offered[str(chosen.pk)] = chosen
            names[str(chosen.pk)] = "One that is not open to you"
        field = self.fields["alias"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [("", "Whichever is chosen"), *names.items()]
            field.coerce = offered.__getitem__

    def _offer_groups(self, by: User) -> None:
        """A member shares with their own groups, an administrator with any; those that see it already stay."""
        present = Q(pk__in=self.instance.groups.values("pk")) if self.instance.pk else Q(pk=None)
        groups = Group.objects.order_by("name")
        offered = groups if by.is_superuser else groups.filter(Q(user=by) | present).distinct()
        field, shared = self.fields["groups"], self.fields["shared"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = offered
        self.has_groups = offered.exists()
        if isinstance(shared, forms.ChoiceField):
            choices = [(one.value, one.label) for one in Prompt.Shared]
            shared.choices = [one for one in choices if self.has_groups or one[0] != Prompt.Shared.GROUPS]
