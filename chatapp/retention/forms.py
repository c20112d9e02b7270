"""The form of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group

from chatapp.catalog.fields import NumberField, dress
from chatapp.retention.models import Rule

# Django's forms take type parameters for the checker alone.
if TYPE_CHECKING:
    _RuleModelForm = forms.ModelForm[Rule]
    _GroupChoiceField = forms.ModelChoiceField[Group]
else:
    _RuleModelForm = forms.ModelForm
    _GroupChoiceField = forms.ModelChoiceField


class RuleForm(_RuleModelForm):
    """What a rule deletes. `seen` comes back with it: the values whose preview the administrator has looked at."""

    group = _GroupChoiceField(
        Group.objects.order_by("name"), required=False, empty_label="Everyone", label="Whose chats"
    )

    class Meta:
        model = Rule
        fields = ["days", "group", "spares_pinned", "spares_filed", "archived_only", "enabled"]
        field_classes = {"days": NumberField}
        labels = {
            "days": "Not used for (days)",
            "spares_pinned": "Keep pinned chats",
            "spares_filed": "Keep chats in folders",
            "archived_only": "Only archived chats",
            "enabled": "In use",
        }
        help_texts = {
            "archived_only": "What nobody has archived stays.",
            "enabled": "Off: it deletes nothing.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)

    @property
    def signature(self) -> str:
        """What this rule would delete, in a few characters: the same values give the same. Of a valid form."""
        rule = self.instance
        return f"{rule.days}-{rule.group_id or 0}-{rule.spares_pinned:d}{rule.spares_filed:d}{rule.archived_only:d}"

    @property
    def looked_at(self) -> bool:
        """Whether the preview of exactly these values was on the page that sent them."""
        return self.data.get("seen") == self.signature
