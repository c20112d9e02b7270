"""What a conversation tells its models besides the messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from chatapp.catalog.fields import NumberField, PlainFloatField, dress
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation
from chatapp.conversations.words import clean

# Django's forms take type parameters for the checker alone.
if TYPE_CHECKING:
    _ConversationModelForm = forms.ModelForm[Conversation]
else:
    _ConversationModelForm = forms.ModelForm

INSTRUCTIONS_CHARACTERS = 20_000
PARAMETERS = ("temperature", "top_p", "top_k", "min_p", "answer_tokens")


class InstructionsForm(_ConversationModelForm):
    """The instructions and the parameters; an empty parameter is the alias's, shown as the placeholder."""

    instructions = forms.CharField(
        required=False,
        max_length=INSTRUCTIONS_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "placeholder": "Answer in Chinese. Show each step."}),
        help_text="The model reads them before the first message, in every turn from now on.",
    )

    class Meta:
        model = Conversation
        fields = ["instructions", *PARAMETERS]
        field_classes = {
            "temperature": PlainFloatField,
            "top_p": PlainFloatField,
            "min_p": PlainFloatField,
            "answer_tokens": NumberField,
        }
        widgets = {"top_k": forms.TextInput}
        labels = {"top_p": "Top p", "top_k": "Top k", "min_p": "Min p", "answer_tokens": "Answer limit (tokens)"}
        help_texts = {"answer_tokens": ""}

    def __init__(self, *args: Any, alias: Alias | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instructions"].widget.attrs["data-keep"] = f"instructions:{self.instance.pk}"
        for name, field in self.fields.items():
            dress(field)
            if name in PARAMETERS:
                of_alias = field.prepare_value(getattr(alias, name, None))
                field.widget.attrs["placeholder"] = "" if of_alias is None else of_alias

    def clean_instructions(self) -> str:
        return clean(self.cleaned_data["instructions"]).strip()
