"""Shares by link: who opens one needs no account, so its address is the key, and only a digest of that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists
from django.utils import timezone

from chatapp.conversations.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User

LABEL_CHARACTERS = 80
LONGEST_DAYS = 3650
USUAL_DAYS = 30


class LinkRules(models.Model):
    """What administrators allow: one row, and without it no links."""

    allowed = models.BooleanField(default=False)
    most_days = models.PositiveIntegerField(
        default=USUAL_DAYS, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)]
    )
    reasoning = models.BooleanField(default=False)

    @classmethod
    def now(cls) -> LinkRules:
        """The rules as they are. One query."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def __str__(self) -> str:
        return f"up to {self.most_days} days" if self.allowed else "no links"


class LinkQuerySet(models.QuerySet["Link"]):
    def known(self) -> LinkQuerySet:
        """Those whose address is not a wrong one: neither revoked nor gone with what they need. They may be over."""
        conversation = {"conversation__deleted_at": None, "conversation__owner__is_active": True}
        found = self.filter(Exists(_allowing()), revoked_at=None, made_by__is_active=True, **conversation)
        return found.with_rules()

    def working(self) -> LinkQuerySet:
        """Those that open what they lead to."""
        return self.known().filter(expires_at__gt=timezone.now())

    def kept_by(self, user: User) -> LinkQuerySet:
        """Those to the person's own conversations, whoever made them."""
        return self.filter(conversation__owner=user, conversation__deleted_at=None).with_rules()

    def with_rules(self) -> LinkQuerySet:
        """They know whether thinking may be shown."""
        return self.annotate(reasoning_allowed=Exists(_allowing().filter(reasoning=True)))


def _allowing() -> models.QuerySet[LinkRules]:
    return LinkRules.objects.filter(allowed=True)


class Link(models.Model):
    """An address under which anybody reads a conversation: as it was (a snapshot) or as it goes on (live)."""

    class Kind(models.TextChoices):
        SNAPSHOT = "snapshot", "Frozen"
        LIVE = "live", "As it grows"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="links")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # SHA-256 of the token, which nobody but its maker has seen, once.
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=LABEL_CHARACTERS, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SNAPSHOT)
    # Which branch it is bound to: one through this message. It goes on from there, and never to another one.
    through = models.ForeignKey("conversations.Message", models.SET_NULL, null=True, blank=True, related_name="+")
    # Hashed as those of members; "" is none.
    password = models.CharField(max_length=128, blank=True)
    with_names = models.BooleanField(default=True)
    with_images = models.BooleanField(default=True)
    with_reasoning = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # Nothing is kept about who has looked.
    views = models.PositiveIntegerField(default=0)
    viewed_at = models.DateTimeField(null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["conversation", "-id"])]

    @property
    def live(self) -> bool:
        return self.kind == self.Kind.LIVE

    @property
    def over(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def shows_reasoning(self) -> bool:
        """Its maker chose so, and the administrators still allow it: of a link that was asked for `with_rules`."""
        return self.with_reasoning and bool(vars(self).get("reasoning_allowed"))

    @property
    def includes(self) -> str:
        """What is in it, in a few words: of a frozen one counted."""
        images = counted(self.snapshot.images, "image") if self.with_images and not self.live else "images"
        parts = [
            *(() if self.live else (counted(self.snapshot.turns, "turn"),)),
            images if self.with_images else "no images",
            "thinking" if self.shows_reasoning else "no thinking",
            "names" if self.with_names else "no names",
        ]
        return ", ".join(parts)

    def __str__(self) -> str:
        return self.label or f"link {self.pk}"


class Snapshot(models.Model):
    """What a frozen link shows: nothing that happens later in the conversation gets in here."""

    link = models.OneToOneField(Link, models.CASCADE, primary_key=True, related_name="snapshot")
    title = models.CharField(max_length=200, blank=True)
    # One record for each message; see sharing.taking.
    messages = models.JSONField(default=list)
    # Of these messages, so that lists need not load them.
    turns = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.title}, {self.taken_at:%Y-%m-%d %H:%M}"


def counted(count: int, what: str) -> str:
    """As sentences have it: "no images", "1 image", "2 images"."""
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
