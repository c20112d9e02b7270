"""Rules about what is not kept: each names the chats that it deletes."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

LONGEST_DAYS = 3650


class Rule(models.Model):
    """Chats that nobody used for so many days go, unless the rule spares them. One rule that is on is enough."""

    days = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)])
    # Whose chats; without a group everyone's. A rule goes with its group: it must never widen to everyone.
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    spares_pinned = models.BooleanField(default=True)
    spares_filed = models.BooleanField(default=True)
    archived_only = models.BooleanField(default=False)
    enabled = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    @property
    def sentence(self) -> str:
        """What it does, for the people whose chats it deletes."""
        which = "Archived chats" if self.archived_only else "Chats"
        days = "a day" if self.days == 1 else f"{self.days:,} days"
        spared = {
            (True, True): ", except those that are pinned or in a folder",
            (True, False): ", except those that are pinned",
            (False, True): ", except those in a folder",
            (False, False): "",
        }[self.spares_pinned, self.spares_filed]
        return f"{which} that were not used for {days} are deleted{spared}."

    def goes_without_saying(self, other: Rule) -> bool:
        """Whether the other rule deletes all that this one does, of a member whom both concern."""
        return (
            other.days <= self.days
            and other.spares_pinned <= self.spares_pinned
            and other.spares_filed <= self.spares_filed
            and other.archived_only <= self.archived_only
        )

    def __str__(self) -> str:
        return self.sentence
