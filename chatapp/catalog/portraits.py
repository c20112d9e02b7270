"""What an alias is at one moment, and what changed between two of them, a sentence for each difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatapp.catalog.figures import plain_price
from chatapp.catalog.models import Alias

_EMPTY = (None, "")


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A route as its alias's history names it."""

    provider: str
    model: str
    priority: int
    weight: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class Portrait:
    """Values of the fields by name; names of the groups; former names; routes by id."""

    fields: Mapping[str, Any]
    groups: Sequence[str]
    former: Sequence[str]
    routes: Mapping[int, RouteLine]


def portrait(alias: Alias) -> Portrait:
    """As it stands in the database, read in four queries."""
    saved = Alias.objects.values(*_SENTENCES).get(pk=alias.pk)
    routes = alias.routes.select_related("provider")
    return Portrait(
        saved,
        list(alias.groups.order_by("name").values_list("name", flat=True)),
        list(alias.former_names.order_by("name").values_list("name", flat=True)),
        {
            route.pk: RouteLine(route.provider.name, route.upstream_model, route.priority, route.weight, route.enabled)
            for route in routes
        },
    )


def differences(before: Portrait, after: Portrait) -> list[str]:
    """Lines for the history, in the order of the page: "raised Cluster A to weight 3"."""
    return [*_of_routes(before, after), *_of_fields(before, after), *_of_names(before, after)]


def _of_fields(before: Portrait, after: Portrait) -> Iterator[str]:
    for name, sentence in _SENTENCES.items():
        was, now = before.fields[name], after.fields[name]
        if was != now:
            yield sentence(was, now)
    if before.groups != after.groups:
        who = " and ".join(after.groups)
        yield f"gave it to {who} alone" if who else "gave it to everyone"


def _of_names(before: Portrait, after: Portrait) -> Iterator[str]:
    # The name before a renaming is kept without a word, and so is its return.
    renamed = {before.fields["name"], after.fields["name"]}
    for name in before.former:
        if name not in after.former and name not in renamed:
            yield f"let go of the former name {name}"
    for name in after.former:
        if name not in before.former and name not in renamed:
            yield f"let it answer to {name} too"


def _of_routes(before: Portrait, after: Portrait) -> Iterator[str]:
    for pk, line in before.routes.items():
        if pk not in after.routes:
            yield f"removed {line.provider}: {line.model}"
    for pk, line in after.routes.items():
        if pk not in before.routes:
            off = "" if line.enabled else ", switched off"
            yield f"added {line.provider}: {line.model}{off}"
        else:
            yield from _of_route(before.routes[pk], line, _label(after, line))


def _of_route(was: RouteLine, now: RouteLine, label: str) -> Iterator[str]:
    if (was.provider, was.model) != (now.provider, now.model):
        yield f"led {was.provider}: {was.model} to {now.provider}: {now.model}"
    if was.priority != now.priority:
        yield f"moved {label} to order {now.priority}"
    if was.weight != now.weight:
        yield f"{'raised' if now.weight > was.weight else 'lowered'} {label} to weight {now.weight}"
    if was.enabled != now.enabled:
        yield f"switched {label} {'on' if now.enabled else 'off'}"


def _label(whole: Portrait, line: RouteLine) -> str:
    """The provider's name; with the model where two routes lead to the same provider."""
    alone = sum(other.provider == line.provider for other in whole.routes.values()) == 1
    return line.provider if alone else f"{line.provider}: {line.model}"


_Sentence = Callable[[Any, Any], str]


def _either(on: str, off: str) -> _Sentence:
    return lambda was, now: on if now else off


def _value(label: str, show: Callable[[Any], str] = str) -> _Sentence:
    return lambda was, now: f"took {label} away" if now in _EMPTY else f"set {label} to {show(now)}"


def _left_to_the_model(label: str) -> _Sentence:
    return lambda was, now: f"left {label} to the model" if now is None else f"set {label} to {now:g}"


def _dollars(value: Any) -> str:
    return f"${plain_price(value)}"


def _pixels(value: Any) -> str:
    return f"{value:,} pixels"


def _tokens(value: Any) -> str:
    return f"{value:,} tokens"


_SENTENCES: dict[str, _Sentence] = {
    "name": lambda was, now: f"renamed it from {was} to {now}",
    "description": lambda was, now: f"wrote that it is best for {now}" if now else "took away what it is best for",
    "hue": lambda was, now: f"coloured it {now}",
    "vision": _either("let it read images", "took reading images away"),
    "images": _value("the images at once"),
    "image_pixels": _value("the size of an image", _pixels),
    "thinking": lambda was, now: f"said that it {Alias.Thinking(now).label}",
    "think_by_default": _either("let it think by default", "let it answer without thinking by default"),
    "tools": _either("let it use tools", "took tools away"),
    "context_tokens": _value("the context", _tokens),
    "answer_tokens": _value("the answer limit", _tokens),
    "temperature": _left_to_the_model("the temperature"),
    "top_p": _left_to_the_model("top_p"),
    "top_k": _left_to_the_model("top_k"),
    "min_p": _left_to_the_model("min_p"),
    "price_in": _value("the price in", _dollars),
    "price_out": _value("the price out", _dollars),
    "shows_target": _either("let members see what it points to", "hid from members what it points to"),
    "enabled": _either("switched it on", "switched it off"),
    "default": _either("made it the default", "took the default from it"),
    "order": lambda was, now: f"gave it the place number {now}",
}
