"""The index of the search, for what is there already; the server itself indexes what is new."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chatapp.search.building import Tables, build


class Command(BaseCommand):
    help = "Index messages and titles that cannot be found yet. May run beside the server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anew", action="store_true", help="index everything again")

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        for texts in build(Tables(), anew=options["anew"]):
            done += texts
            if options["verbosity"] > 1:
                self.stdout.write(f"{done:,} texts")
        self.stdout.write(f"Indexed texts: {done:,}.")
