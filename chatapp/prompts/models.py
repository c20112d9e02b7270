"""The team's prompts: what a conversation begins with, and every state that each of them ever had."""

from __future__ import annotations

import unicodedata

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models

from chatapp.catalog.models import Alias, Parameters

NAME_CHARACTERS = 40
TITLE_CHARACTERS = 120
NAMELESS = "A member"


def slash_name(name: str) -> str:
    """The name as it is stored and typed after the slash: in small letters, without that slash, blanks as hyphens."""
    return "-".join(folded(name).lstrip("/、 ").split())


def check_name(name: str) -> None:
    """Letters and digits of any script with hyphens between them. Raises ValidationError."""
    # Marks are the vowels of many scripts.
    if not name.strip("-") or not all(sign == "-" or unicodedata.category(sign)[0] in "LMN" for sign in name):
        raise ValidationError("Letters, digits and hyphens.")


def folded(text: str) -> str:
    """As names and titles are compared: whichever width and case they are written in."""
    return unicodedata.normalize("NFKC", text).lower()


class Prompt(Parameters):
    """A preset: instructions, model, parameters and a first message for a new conversation.

    The first message may hold {{blanks}}, which the composer selects one after the other; nothing else is made of them.
    """

    class Shared(models.TextChoices):
        NOBODY = "nobody", "Only you"
        GROUPS = "groups", "Groups"
        EVERYONE = "everyone", "Everyone"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="prompts")
    name = models.CharField(max_length=NAME_CHARACTERS, validators=[check_name])
    title = models.CharField(max_length=TITLE_CHARACTERS, blank=True)
    instructions = models.TextField(blank=True)
    alias = models.ForeignKey(Alias, models.SET_NULL, null=True, blank=True, related_name="+")
    # None: as the alias does by default.
    think = models.BooleanField(null=True, blank=True)
    first_message = models.TextField(blank=True)
    shared = models.CharField(max_length=8, choices=Shared, default=Shared.NOBODY)
    # Those that it is shared with while it is shared with groups.
    groups = models.ManyToManyField(Group, blank=True, related_name="+")
    # Name and title as they are searched for.
    found_by = models.TextField(editable=False)
    # The number of its newest version.
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=models.Q(archived_at=None),
                name="prompts_of_a_member_have_names_of_their_own",
            )
        ]
        indexes = [
            models.Index(fields=["shared", "name"], condition=models.Q(archived_at=None), name="prompts_to_offer")
        ]

    @property
    def owner_name(self) -> str:
        """Never the address, which stands in for a name elsewhere."""
        return self.owner.name or NAMELESS

    def __str__(self) -> str:
        return f"/{self.name}"


class Version(models.Model):
    """What a prompt was after one save. `fields` holds values as versions.py writes them."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    fields = models.JSONField()
    # The version that this one brought back.
    of = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["prompt", "number"], name="versions_of_a_prompt_are_numbered")]

    @property
    def by_name(self) -> str:
        return (self.by and self.by.name) or NAMELESS

    def __str__(self) -> str:
        return f"{self.prompt_id}, version {self.number}"
