"""What a member has not seen yet of conversations in which several people write."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from chatapp.conversations.models import Conversation, Message


class ReadMark(models.Model):
    """How far a member has read a conversation: up to the newest message that there was then."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # The id of a message; of any branch.
    upto = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="one_read_mark_per_member")]

    def __str__(self) -> str:
        return f"{self.member_id} has read up to {self.upto}"


class Mention(models.Model):
    """A question names somebody who may read it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "member"], name="a_message_names_a_member_once")]
        indexes = [
            models.Index(fields=["member", "-id"], name="mentions_of_a_member"),
            models.Index(fields=["member"], condition=models.Q(read_at=None), name="unread_mentions_of_a_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.message_id}"
