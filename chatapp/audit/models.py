"""What changed about who may read what: one entry for each change, never altered."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from chatapp.conversations.models import Conversation


class Entry(models.Model):
    """Who did what about access to a conversation, or to all; `about` names whom or which share it concerned."""

    class What(models.TextChoices):
        SHARED = "shared", "invited"
        CHANGED = "changed", "changed what they may do:"
        UNSHARED = "unshared", "took back the invitation of"
        LEFT = "left", "left"
        PASSED_ON = "passed-on", "passed the chat on to"
        LINK_MADE = "link-made", "made a link:"
        LINK_CHANGED = "link-changed", "changed a link:"
        LINK_UPDATED = "link-updated", "updated a link:"
        LINK_REVOKED = "link-revoked", "revoked a link:"
        LINK_RULES = "link-rules", "changed what is allowed of links:"
        READ = "read", "read the chat as administrator:"

    what = models.CharField(max_length=12, choices=What)
    # Without one it was the product itself.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # Kept where the conversation is gone; its owner then is who it was. Rules are of none.
    conversation = models.ForeignKey(Conversation, models.SET_NULL, null=True, blank=True, related_name="log")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    about = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["conversation", "-id"])]

    def __str__(self) -> str:
        return f"{self.by} {self.get_what_display()} {self.about}"
