"""The states of a prompt: how they are written down, what differs between two of them, how one comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.forms import PARAMETERS
from chatapp.prompts.models import Prompt, Version

# A difference in a long text is shown up to here.
SHOWN_CHARACTERS = 600
_CONTENT = ("title", "instructions", "first_message", "think", *PARAMETERS)
_LABELS = {
    "name": "Name",
    "title": "Title",
    "instructions": "Instructions",
    "first_message": "First message",
    "alias": "Model",
    "think": "Thinking",
    "temperature": "Temperature",
    "top_p": "Top p",
    "top_k": "Top k",
    "min_p": "Min p",
    "answer_tokens": "Answer limit",
    "shared": "Who sees it",
    "groups": "Groups",
}
_THINK = {None: "As the model does", True: "On", False: "Off"}

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, in words; of a long text only the lines that differ."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history."""

    version: Version
    differences: Sequence[Difference]
    newest: bool


def state(prompt: Prompt, groups: Iterable[Group]) -> dict[str, Any]:
    """Everything that a person can set, as JSON holds it. Aliases and groups by id, with their names of that time."""
    return {
        "name": prompt.name,
        **{name: getattr(prompt, name) for name in _CONTENT},
        "alias": [prompt.alias.pk, prompt.alias.name] if prompt.alias else None,
        "shared": prompt.shared,
        "groups": sorted([group.pk, group.name] for group in groups),
    }


def record(prompt: Prompt, fields: State, by: User, of: int | None = None) -> Version:
    """Write the next version; the caller has locked the prompt, and saves it."""
    prompt.version += 1
    return Version.objects.create(prompt=prompt, number=prompt.version, by=by, fields=dict(fields), of=of)


def take(prompt: Prompt, fields: State) -> None:
    """Give the prompt what this version said. Its name and who sees it stay: those are decided today."""
    for name in _CONTENT:
        setattr(prompt, name, fields[name])
    prompt.alias = Alias.objects.filter(pk=fields["alias"][0]).first() if fields["alias"] else None


def entries(prompt: Prompt, usable: Mapping[int, str], before: int, most: int) -> list[Entry]:
    """The versions under this number, newest first; `usable` names the aliases that the reader may use."""
    found = list(prompt.versions.filter(number__lt=before).select_related("by")[: most + 1])
    older = [*found[1:], None][: len(found)]
    pairs = list(zip(found, older, strict=True))[:most]
    return [
        Entry(one, differences(earlier.fields, one.fields, usable) if earlier else [], one.number == prompt.version)
        for one, earlier in pairs
    ]


def differences(before: State, after: State, usable: Mapping[int, str]) -> list[Difference]:
    return [
        Difference(label, *_lines(_words(name, before[name], usable), _words(name, after[name], usable)))
        for name, label in _LABELS.items()
        if before[name] != after[name]
    ]


def changed_labels(before: State, after: State) -> list[str]:
    """The names of the fields that differ, for a sentence."""
    return [label.lower() for name, label in _LABELS.items() if before[name] != after[name]]


def _words(name: str, value: Any, usable: Mapping[int, str]) -> str:
    if name == "think":
        return _THINK[value]
    if name == "shared":
        return str(Prompt.Shared(value).label)
    if name == "groups":
        return ", ".join(group for _, group in value)
    if name == "alias" and value:
        return usable.get(value[0], "A model that is not open to you")
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _lines(before: str, after: str) -> tuple[str, str]:
    """Both without the lines that they begin and end with in common."""
    old, new = before.split("\n"), after.split("\n")
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return _cut("\n".join(old)), _cut("\n".join(new))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
