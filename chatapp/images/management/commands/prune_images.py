"""Orphaned images, by hand or from a timer; the server itself does the same while it runs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand

from chatapp.images.pruning import prune


class Command(BaseCommand):
    help = "Delete images that are in no message, belong to deleted conversations, or have no row any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only show what would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        found = async_to_sync(prune)(everywhere=True, dry_run=dry_run)
        groups = {
            "in no message": found.unsent,
            "of deleted conversations": found.deleted,
            "sizes not used": found.unused,
            "without a row": found.stray,
            "of broken-off uploads": [path.name for path in found.left_over],
        }
        for why, names in groups.items():
            for name in names if dry_run else ():
                self.stdout.write(f"{name}  {why}")
        told = ", ".join(f"{len(names)} {why}" for why, names in groups.items())
        self.stdout.write(f"{'Would delete' if dry_run else 'Deleted'} files: {told}.")
