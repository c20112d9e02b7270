"""Fills a data directory with many old chats and a rule; run as a program, in a process with that directory."""

from __future__ import annotations

import sys

import django
from django.conf import settings
from django.core.management import call_command


def fill(chats: int) -> None:
    """So many chats that a rule deletes, each with an image of its own, and a tenth as many that it spares."""
    # Only importable once Django is set up.
    ann = make_member("Ann")
    rule()
    for number in range(chats + chats // 10):
        made = chat(ann, 400 if number < chats else 1)
        image = picture(made)
        path = settings.DATA_DIR / "images" / image.stored
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)

from tests.conftest import make_member  # noqa: E402
from tests.retention.chats import chat, picture, rule  # noqa: E402

if __name__ == "__main__":
    fill(int(sys.argv[1]))
