"""Imports as their members follow them: the row is what is left when every tab is closed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User

# A running import writes at least every ten seconds; after this its process is taken for dead.
DEAD_AFTER = timedelta(seconds=60)


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> ImportQuerySet:
        return self.filter(owner=user)

    def running(self) -> ImportQuerySet:
        return self.filter(ended_at=None, heartbeat_at__gt=timezone.now() - DEAD_AFTER)


class Import(models.Model):
    """A file that a member brought along. The counts are those of conversations; each grows in its transaction."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    name = models.CharField(max_length=120)
    imported = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    # Of conversations that could not be read: how many, and title and reason of the first ones.
    unread = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list)
    # What was not taken of those that were: its words → how often.
    left_out = models.JSONField(default=dict)
    # Why the file as a whole was not taken.
    refused = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["owner", "-started_at"])]

    @property
    def running(self) -> bool:
        return self.ended_at is None and self.heartbeat_at > timezone.now() - DEAD_AFTER

    @property
    def cut_off(self) -> bool:
        """The server stopped in the middle of it."""
        return self.ended_at is None and not self.running

    @property
    def more_unread(self) -> int:
        """How many could not be read besides those with a reason."""
        return self.unread - len(self.reasons)

    def __str__(self) -> str:
        return self.name
