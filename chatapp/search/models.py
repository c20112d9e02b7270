"""One row per text that can be found: a message's, or the title of a conversation."""

from __future__ import annotations

from django.db import models

from chatapp.conversations.models import Conversation, Message


class Entry(models.Model):
    """A text in the index; its words are kept under the same number by the database's own means (see the migration).

    Without a message it is the conversation's title. Newer texts have higher numbers.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, models.CASCADE, null=True, blank=True, related_name="+")
    # The text has a block of code.
    code = models.BooleanField(default=False)
    # Of the tokens; another one than that of today's means: index again.
    version = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(message=None), name="one_entry_for_a_title"
            )
        ]

    def __str__(self) -> str:
        return f"message {self.message_id}" if self.message_id else f"title of {self.conversation_id}"
