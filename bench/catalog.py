"""Lead aliases to upstreams, straight through the ORM.

    python -m bench.catalog '{"load": [{"base_url": …, "dialect": …}, …]}'     (PARLEY_DATA_DIR as the server's)

Each route has a provider of its own. It may also have: model, key, priority, weight, requests_per_minute. Prints the
ids of the routes as {alias: [id, …]}.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
django.setup()

from django.db import transaction  # noqa: E402 - models need the set-up above

from chatapp.catalog.models import Alias, Provider, Route  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="Routes for a bench.")
    parser.add_argument("aliases")
    with transaction.atomic():
        aliases = json.loads(parser.parse_args().aliases)
        print(json.dumps({name: lead(name, routes) for name, routes in aliases.items()}))


def lead(name: str, routes: list[dict[str, Any]]) -> list[int]:
    """Make this alias lead here and nowhere else."""
    alias, _ = Alias.objects.get_or_create(name=name, defaults={"thinking": Alias.Thinking.OPTIONAL})
    alias.routes.all().delete()
    return [connect(alias, at, route).pk for at, route in enumerate(routes, start=1)]


def connect(alias: Alias, at: int, route: dict[str, Any]) -> Route:
    provider = Provider(
        name=f"{alias.name} {at}",
        dialect=route["dialect"],
        base_url=route["base_url"],
        requests_per_minute=route.get("requests_per_minute"),
    )
    provider.set_key(route.get("key", ""))
    provider.save()
    return Route.objects.create(
        alias=alias,
        provider=provider,
        upstream_model=route.get("model", "load"),
        priority=route.get("priority", at),
        weight=route.get("weight", 1),
    )


if __name__ == "__main__":
    main()
