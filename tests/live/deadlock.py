"""Run in a server's own environment: two transactions that lock the same two members in opposite orders."""

from __future__ import annotations

import asyncio
import os
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
django.setup()

from asgiref.sync import ThreadSensitiveContext  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import Value  # noqa: E402
from django.db.models.functions import Concat  # noqa: E402

from accounts.models import User  # noqa: E402
from chatapp.database import written  # noqa: E402

met = threading.Barrier(2)
attempts: list[str] = []


@transaction.atomic
def add(letter: str, first: str, second: str) -> None:
    """Write the letter behind the name of the first, then of the second; at the first attempt, when both have begun."""
    attempts.append(letter)
    _write(first, letter)
    if attempts.count(letter) == 1:
        met.wait(30)
    _write(second, letter)


def _write(name: str, letter: str) -> None:
    User.objects.filter(name__startswith=name).update(name=Concat("name", Value(letter)))


async def in_a_thread_of_its_own(letter: str, first: str, second: str) -> None:
    async with ThreadSensitiveContext():
        await written(add, letter, first, second)


async def main() -> None:
    await asyncio.gather(in_a_thread_of_its_own("a", "Ann", "Bob"), in_a_thread_of_its_own("b", "Bob", "Ann"))
    print(len(attempts))


if __name__ == "__main__":
    asyncio.run(main())
