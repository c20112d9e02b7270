"""Members with ready sessions, a provider and an alias, straight through the ORM; prints them as JSON.

    python -m bench.seed --users 100 --upstream http://127.0.0.1:9900/v1     (PARLEY_DATA_DIR as the server's)

Sessions are written directly: a hundred password checks would cost more than the bench itself.
"""

from __future__ import annotations

import argparse
import json
import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
django.setup()

from django.conf import settings  # noqa: E402 - models need the set-up above
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import transaction  # noqa: E402

from accounts.models import User  # noqa: E402
from chatapp.catalog.models import Alias, Provider, Route  # noqa: E402
from chatapp.conversations.models import Message  # noqa: E402

ALIAS = "load"


def main() -> None:
    parser = argparse.ArgumentParser(description="Members, sessions and an alias for a bench.")
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--upstream", required=True, help="the emitter's base URL, with /v1")
    asked = parser.parse_args()
    with transaction.atomic():
        connect_alias(asked.upstream)
        sessions = [session_for(member(i)) for i in range(asked.users)]
    print(
        json.dumps(
            {
                "sessions": sessions,
                "alias": ALIAS,
                "session_cookie": settings.SESSION_COOKIE_NAME,
                "csrf_cookie": settings.CSRF_COOKIE_NAME,
                "database": str(settings.DATABASES["default"]["NAME"]),
                "messages_table": Message._meta.db_table,
            }
        )
    )


def connect_alias(upstream: str) -> None:
    provider, _ = Provider.objects.update_or_create(
        name="bench", defaults={"dialect": Provider.Dialect.OPENAI, "base_url": upstream}
    )
    alias, _ = Alias.objects.update_or_create(name=ALIAS, defaults={"thinking": Alias.Thinking.OPTIONAL})
    Route.objects.update_or_create(alias=alias, provider=provider, upstream_model="load")


def member(i: int) -> User:
    user, new = User.objects.get_or_create(email=f"user{i}@example.org", defaults={"name": f"User {i}"})
    if new:
        user.set_unusable_password()
        user.save()
    return user


def session_for(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    main()
