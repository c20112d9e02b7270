"""Run in a server's own environment: more people, and the alias led to the Intern API; prints their session keys."""

from __future__ import annotations

import json
import sys

from tests.live.people import session_of  # first of all: it sets Django up

from accounts.models import User  # isort: skip
from chatapp.catalog.models import Alias, Provider, Route  # isort: skip


def main(base_url: str, token: str, requests_per_minute: int, names: list[str]) -> None:
    provider = Provider(
        name="Intern", base_url=base_url, dialect=Provider.Dialect.INTERN, requests_per_minute=requests_per_minute
    )
    provider.set_key(token)
    provider.save()
    alias = Alias.objects.get()
    Route.objects.filter(alias=alias).delete()
    Route.objects.create(alias=alias, provider=provider, upstream_model="intern-latest")
    sessions = {}
    for name in names:
        user = User.objects.create_user(email=f"{name.lower()}@example.org", name=name)
        sessions[name] = session_of(user)
    print(json.dumps(sessions))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
