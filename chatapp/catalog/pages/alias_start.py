"""How the form of a new alias starts: from a provider's model, as far as anything is known about it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import QueryDict

from chatapp.catalog.known_models import Known, known
from chatapp.catalog.models import Alias, FormerName, Provider, UpstreamModel

NAME_CHARACTERS = 64
ID_CHARACTERS = 200
ID_DIGITS = 18
_HUES = [hue for hue in Alias.Hue.values if hue != Alias.Hue.GREY]


@dataclass(frozen=True, slots=True)
class Start:
    """`values` are first values for the forms; without a provider and a model these are asked for first."""

    provider: Provider | None = None
    model: str = ""
    known: Known | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return bool(self.provider and self.model)


NOWHERE = Start()


def start_of(asked: QueryDict) -> Start:
    """From a link such as ?provider=3&model=intern-s1-pro; whatever is wrong in it is left out."""
    number = asked.get("provider", "")
    is_id = number.isascii() and number.isdecimal() and len(number) <= ID_DIGITS
    provider = Provider.objects.filter(pk=int(number)).first() if is_id else None
    model = asked.get("model", "").strip()[:ID_CHARACTERS]
    if not (provider and model and model.isprintable()):
        return Start(provider, model)
    listed = UpstreamModel.objects.filter(provider=provider, model_id=model).first()
    found = known(model, listed.ref_model if listed else "")
    values = asdict(found) if found else {}
    if listed and listed.context_tokens:
        values["context_tokens"] = listed.context_tokens
    count = Alias.objects.count()
    values |= {
        "name": free_name(model),
        "hue": _HUES[count % len(_HUES)],
        "default": count == 0,
        "provider": provider.pk,
        "upstream_model": model,
    }
    return Start(provider, model, found, values)


def free_name(model: str) -> str:
    """The model's own name without folders, or the first of "name-2", "name-3" … that no alias has or had."""
    name = re.sub(r"[^\w.\-]+", "-", model.rpartition("/")[2]).strip("-.")[: NAME_CHARACTERS - 4] or "model"
    taken = {
        *Alias.objects.filter(name__startswith=name).values_list("name", flat=True),
        *FormerName.objects.filter(name__startswith=name).values_list("name", flat=True),
    }
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)
