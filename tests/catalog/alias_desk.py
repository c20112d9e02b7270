"""What the tests of the pages of aliases do again and again."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from chatapp.catalog.models import Alias, Provider, Route

HOSTILE = '<img src=x onerror="alert(1)">'


def settings_of(alias: Alias | None = None, **changes: Any) -> dict[str, Any]:
    """What the form of this alias sends when nobody touches it, with these changes. None takes a field away."""
    values: dict[str, Any] = {"name": "intern-science", "hue": "teal", "thinking": "none", "enabled": "on"}
    values |= {"images": 10, "image_pixels": 1_600_000}
    if alias is not None:
        plain = ["name", "description", "hue", "thinking", "context_tokens", "answer_tokens", "price_in", "price_out"]
        plain += ["temperature", "top_p", "top_k", "min_p", "images", "image_pixels"]
        values = {name: getattr(alias, name) for name in plain}
        ticks = ["vision", "tools", "think_by_default", "shows_target", "enabled", "default"]
        values |= {name: "on" for name in ticks if getattr(alias, name)}
        values["groups"] = [group.pk for group in alias.groups.all()]
        values["kept_names"] = [former.name for former in alias.former_names.all()]
        for route in alias.routes.all():
            values |= line_of(route)
        latest = alias.changes.first()
        values["seen"] = latest.pk if latest else 0
    return {name: value for name, value in (values | changes).items() if value is not None}


def line_of(route: Route, **changes: Any) -> dict[str, Any]:
    values = {"priority": route.priority, "weight": route.weight, "enabled": "on" if route.enabled else None} | changes
    return {f"route-{route.pk}-{name}": value for name, value in values.items() if value is not None}


def another_route(provider: Provider, model: str, **changes: Any) -> dict[str, Any]:
    return {
        f"new-{name}": value for name, value in ({"provider": provider.pk, "upstream_model": model} | changes).items()
    }


def story(alias: Alias) -> list[str]:
    return [change.what for change in alias.changes.order_by("pk")]


def cells(html: bytes, row: str) -> list[str]:
    """The texts of the cells of the first table row that has this text in it."""
    rows = re.findall(r"<tr.*?</tr>", html.decode(), flags=re.DOTALL)
    found = next(one for one in rows if row in one)
    plain = [re.sub(r"<[^>]*>", " ", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", found, flags=re.DOTALL)]
    return [" ".join(unescape(one).split()) for one in plain]
