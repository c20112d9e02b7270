"""Conversations and messages: one row per message, so that no write can lose another's text."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from chatapp.catalog.models import Alias, Parameters, Route

if TYPE_CHECKING:
    from accounts.models import User

# A deleted conversation is gone for everybody at once; its rows stay this long, for Undo.
KEPT_AFTER_DELETE = timedelta(hours=1)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> ConversationQuerySet:
        """The conversations that this person may open; deleted ones are gone at once."""
        return self.filter(owner=user, deleted_at=None)

    def locked(self, pk: uuid.UUID) -> Conversation | None:
        """The conversation with its owner, kept from other writers until the transaction ends.

        On SQLite the transaction itself is that lock, since it is IMMEDIATE.
        """
        return self.select_for_update(of=("self",)).select_related("owner").filter(pk=pk).first()


class Conversation(Parameters):
    """A tree of messages with one branch open: the way from `leaf` to the root.

    Its parameters go before those of the alias.
    """

    class TitledBy(models.TextChoices):
        QUESTION = "question", "the first words of the question"
        MODEL = "model", "a model"
        MEMBER = "member", "a member"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    titled_by = models.CharField(max_length=8, choices=TitledBy, default=TitledBy.QUESTION)
    alias = models.ForeignKey(Alias, models.SET_NULL, null=True, blank=True, related_name="+")
    think = models.BooleanField(default=False)
    instructions = models.TextField(blank=True)
    # The last answer failed: what waits is not sent before a member says so.
    paused = models.BooleanField(default=False)
    leaf = models.ForeignKey("Message", models.SET_NULL, null=True, blank=True, related_name="+")
    # Counts changes of rows. A page that knows `revision` asks for the rows with a higher one.
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    active_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "deleted_at", "-active_at"])]

    def next_revision(self) -> int:
        """Take the next revision; the caller holds the row's lock and saves it."""
        self.revision += 1
        return self.revision

    def __str__(self) -> str:
        return self.title or str(self.id)


class Status(models.TextChoices):
    """Where a message stands. QUEUED and STREAMING are the two that a run still owns.

    A WAITING question is in no branch yet: it has no parent, and goes out when the answer before it has ended.
    """

    WAITING = "waiting", "waiting for the end of an answer"
    SENT = "sent", "sent"
    QUEUED = "queued", "waiting for the first word"
    STREAMING = "streaming", "streaming"
    DONE = "done", "done"
    STOPPED = "stopped", "stopped by a member"
    INTERRUPTED = "interrupted", "interrupted"
    FAILED = "failed", "failed"


RUNNING = (Status.QUEUED, Status.STREAMING)


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> MessageQuerySet:
        return self.filter(conversation__owner=user, conversation__deleted_at=None)

    def running(self) -> MessageQuerySet:
        return self.filter(status__in=RUNNING)

    def waiting(self) -> MessageQuerySet:
        """The questions that are not sent yet, the next one first."""
        return self.filter(status=Status.WAITING).order_by("pk")

    def placed(self) -> MessageQuerySet:
        """What stands in the tree."""
        return self.exclude(status=Status.WAITING)


class Message(models.Model):
    """A node of the tree: a member's question or an alias's answer."""

    class Role(models.TextChoices):
        USER = "user", "question"
        ASSISTANT = "assistant", "answer"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=9, choices=Role)
    # Named by the browser, so that a repeated send finds the first one.
    client_id = models.UUIDField(null=True, blank=True)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    # The rendered text of a settled message; trusted only with the renderer's version.
    html = models.TextField(blank=True)
    reasoning_html = models.TextField(blank=True)
    html_version = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=11, choices=Status, default=Status.SENT)
    error = models.CharField(max_length=32, blank=True)
    retry_after = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds, as the upstream asked.")
    alias_name = models.CharField(max_length=64, blank=True)
    # What made the answer. A route may be gone by now; the names stay.
    route = models.ForeignKey(Route, models.SET_NULL, null=True, blank=True, related_name="+")
    upstream_model = models.CharField(max_length=200, blank=True)
    ref_model = models.CharField(max_length=200, blank=True)
    # What members may see of that: "" unless an administrator shows it. `repointed`: not as in the answer before.
    shown_model = models.CharField(max_length=200, blank=True)
    repointed = models.BooleanField(default=False)
    # Another route had failed before.
    fallback = models.BooleanField(default=False)
    # Where the conversation was too long: the first message that the model saw.
    context_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    # Images that the model was not shown, counted by reason: text-only, too-many or damaged.
    unseen = models.JSONField(default=dict, blank=True)
    think = models.BooleanField(default=False)
    reasoning_seconds = models.FloatField(null=True, blank=True)
    first_word_seconds = models.FloatField(null=True, blank=True)
    answer_seconds = models.FloatField(null=True, blank=True)
    tokens_in = models.PositiveIntegerField(null=True, blank=True)
    tokens_out = models.PositiveIntegerField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    # Written every second by the process that runs the answer; old means that it died.
    heartbeat_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="a_repeated_send_is_one_message"),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status__in=["queued", "streaming"]),
                name="one_running_answer_per_conversation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"],
                condition=models.Q(status__in=["queued", "streaming"]),
                name="running_by_heartbeat",
            ),
            models.Index(fields=["conversation"], condition=models.Q(status="waiting"), name="waiting_by_conversation"),
        ]

    @property
    def running(self) -> bool:
        return self.status in RUNNING

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"
