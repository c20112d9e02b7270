"""What the tests of the administration's pages do again and again."""

from __future__ import annotations

import re
from html import unescape
from typing import Protocol

from django.urls import reverse

from chatapp.catalog.models import Alias, Provider, Route

KEY = "sk-canary-0123456789abcdef"
ADDRESS = "https://intern.example/api/v1"


class Page(Protocol):
    """What a browser of the tests gets."""

    @property
    def content(self) -> bytes: ...


def at(name: str, *args: object) -> str:
    return reverse(f"catalog:{name}", args=args)


def form(**changes: str) -> dict[str, str]:
    values = {"name": "Intern", "dialect": "intern", "address": ADDRESS, "streams": "on", "enabled": "on"} | changes
    return {name: value for name, value in values.items() if value}


def text(response: Page) -> str:
    """What a reader sees, in one line."""
    body = re.sub(r"<(script|template|svg).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def history(provider: Provider) -> list[str]:
    return [change.what for change in provider.changes.order_by("pk")]


def lead(name: str, provider: Provider, model: str = "intern-s1") -> Alias:
    alias, _ = Alias.objects.get_or_create(name=name)
    Route.objects.create(alias=alias, provider=provider, upstream_model=model)
    return alias
