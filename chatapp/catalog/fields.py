"""Fields of forms for numbers as people write them, in the look of the design."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from chatapp.catalog.figures import plain_price


class NumberField(forms.IntegerField):
    """A number, typed and shown with its thousands apart."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        plain = value.replace(",", "").replace(" ", "").replace("\u00a0", "") if isinstance(value, str) else value
        return super().to_python(plain)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value


class PriceField(forms.DecimalField):
    """Dollars for a million tokens."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.strip().removeprefix("$") if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return plain_price(value) if isinstance(value, Decimal) else value


class PlainFloatField(forms.FloatField):
    """Shown without zeros at its end."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        return f"{value:g}" if isinstance(value, float) else value


def dress(field: forms.Field, *more: str) -> None:
    """The design's look, beside whatever classes Django's administration gave."""
    attrs = field.widget.attrs
    ticks = isinstance(field, forms.BooleanField) or isinstance(
        field.widget, forms.CheckboxSelectMultiple | forms.RadioSelect
    )
    classes = [*str(attrs.get("class", "")).split(), "tick" if ticks else "input"]
    attrs["class"] = " ".join(dict.fromkeys([*classes, *([] if ticks else more)]))
    if isinstance(field, forms.DecimalField | forms.FloatField):
        attrs["inputmode"] = "decimal"
    elif isinstance(field, forms.IntegerField):
        attrs["inputmode"] = "numeric"
