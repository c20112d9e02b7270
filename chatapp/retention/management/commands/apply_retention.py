"""The rules about what is kept, by hand or from a timer; the server itself does the same while it runs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand
from django.utils import timezone

from chatapp.retention.counts import tally_of
from chatapp.retention.removing import apply_rules, remove_temporary
from chatapp.retention.rules import due, enabled, over


class Command(BaseCommand):
    help = "Delete for good what the retention rules delete, and temporary chats whose time is over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only show how much would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        now = timezone.now()
        by_rules = tally_of(due(enabled(), now)) if dry_run else async_to_sync(apply_rules)()
        temporary = tally_of(over(now)) if dry_run else async_to_sync(remove_temporary)()
        self.stdout.write(f"{'Would delete' if dry_run else 'Deleted'} by rules: {by_rules}.")
        self.stdout.write(f"{'Would delete' if dry_run else 'Deleted'} temporary: {temporary}.")
