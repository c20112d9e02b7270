"""Run in a server's own environment: makes people and an alias, prints their session keys as JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from accounts.models import User  # noqa: E402
from chatapp.catalog.models import Alias, Provider, Route  # noqa: E402


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


def main(base_url: str, names: list[str]) -> None:
    provider = Provider.objects.create(name="Upstream", base_url=base_url, dialect=Provider.Dialect.LMDEPLOY)
    alias = Alias.objects.create(name="demo", thinking=Alias.Thinking.OPTIONAL, vision=True, default=True)
    Route.objects.create(alias=alias, provider=provider, upstream_model="demo")
    sessions = {}
    for name in names:
        user = User.objects.create_user(
            email=f"{name.lower()}@example.org", name=name, password="correct horse battery"
        )
        sessions[name] = session_of(user)
    print(json.dumps(sessions))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
