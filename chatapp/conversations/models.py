"""Conversations and messages: one row per message, so that no write can lose another's text."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from chatapp.catalog.models import Alias, Parameters, Route

if TYPE_CHECKING:
    from accounts.models import User

# Django's lookups take type parameters for the checker alone.
if TYPE_CHECKING:
    _Lookup = models.Lookup[Any]
else:
    _Lookup = models.Lookup

# A deleted conversation is gone for everybody at once; its rows stay this long, for Undo.
KEPT_AFTER_DELETE = timedelta(hours=1)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: User) -> ConversationQuerySet:
        """The person's own conversations; deleted ones are gone at once."""
        return self.filter(owner=user, deleted_at=None)

    def shared_with(self, user: User) -> ConversationQuerySet:
        """Other people's conversations that this person was invited to, alone or with a group."""
        return self.filter(pk__in=_invitations(user).values("conversation"), deleted_at=None).exclude(owner=user)

    def visible_to(self, user: User | int) -> ConversationQuerySet:
        """The conversations that this person may open: their own, and those that they were invited to."""
        invited = _invitations(user).filter(conversation=models.OuterRef("pk"))
        return self.filter(models.Q(owner=user) | models.Exists(invited), deleted_at=None)

    def open_to(self, user: User | int) -> ConversationQuerySet:
        """The conversations that this person may write in."""
        invited = _invitations(user).filter(conversation=models.OuterRef("pk"), may_write=True)
        return self.filter(models.Q(owner=user) | models.Exists(invited), deleted_at=None)

    def locked(self, pk: uuid.UUID) -> Conversation | None:
        """The conversation with its owner, kept from other writers until the transaction ends.

        On SQLite the transaction itself is that lock, since it is IMMEDIATE.
        """
        return self.select_for_update(of=("self",), no_key=True).select_related("owner").filter(pk=pk).first()


def _invitations(user: User | int) -> models.QuerySet[Participation]:
    """Those that hold for this person: none where they have left the conversation."""
    groups = Group.objects.filter(user=user).values("pk")
    theirs = models.Q(member=user) | models.Q(group__in=groups)
    left = Participation.objects.filter(conversation=models.OuterRef("conversation"), member=user, left=True)
    return Participation.objects.filter(theirs, ~models.Exists(left))


class Folder(models.Model):
    """A member's own drawer for conversations."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="folders")
    name = models.CharField(max_length=80)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="folders_of_a_member_have_names_of_their_own")
        ]

    def __str__(self) -> str:
        return self.name


class Conversation(Parameters):
    """A tree of messages. The newest branch is the way from `leaf` to the root; a member may have another one open.

    Its parameters go before those of the alias. Folder, pin and archive are its owner's.
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
    folder = models.ForeignKey(Folder, models.SET_NULL, null=True, blank=True, related_name="conversations")
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    # In no list and in no search, and gone for good some time after its last use.
    temporary = models.BooleanField(default=False)
    # Counts changes of rows. A page that knows `revision` asks for the rows with a higher one.
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    active_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    # When it was brought in; its other times are those of the file that it came in.
    imported_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "-active_at"],
                condition=models.Q(deleted_at=None, archived_at=None, temporary=False),
                name="listed_by_activity",
            ),
            models.Index(
                fields=["owner", "-pinned_at"], condition=models.Q(pinned_at__isnull=False), name="pinned_by_owner"
            ),
        ]

    def next_revision(self) -> int:
        """Take the next revision; the caller holds the row's lock and saves it."""
        self.revision += 1
        return self.revision

    def may_be_written_by(self, member_id: int) -> bool:
        return self.owner_id == member_id or Conversation.objects.open_to(member_id).filter(pk=self.pk).exists()

    def guest_ids(self) -> set[int]:
        """The members who were invited to it, alone or with a group, and have not left it."""
        return guests_of([self.pk])[self.pk]

    def __str__(self) -> str:
        return self.title or str(self.id)


class Participation(models.Model):
    """A member or a group of them who may read an owner's conversation, or take part in it."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="participations")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    may_write = models.BooleanField(default=False)
    # The member went away by themselves, whatever their groups are invited to.
    left = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(member=None, group__isnull=False) | models.Q(member__isnull=False, group=None),
                name="a_member_or_a_group_takes_part",
            ),
            models.UniqueConstraint(fields=["conversation", "member"], name="a_member_takes_part_once"),
            models.UniqueConstraint(fields=["conversation", "group"], name="a_group_takes_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member or self.group} in {self.conversation_id}"


def guests_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[int]]:
    """The members who were invited to these conversations, alone or with a group, and have not left. One query."""
    found: dict[uuid.UUID, set[int]] = {pk: set() for pk in ids}
    invited = Participation.objects.filter(conversation__in=ids).order_by("left")
    for pk, member, of_group, left in invited.values_list("conversation_id", "member_id", "group__user", "left"):
        if left:
            found[pk].discard(member)
        else:
            found[pk] |= {member, of_group} - {None}
    return found


class OpenBranch(models.Model):
    """The branch that a member has chosen to read; those without one see the newest."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="open_branches")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    leaf = models.ForeignKey("Message", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="one_open_branch_per_member")]

    def __str__(self) -> str:
        return f"{self.member_id} reads up to {self.leaf_id}"


class Status(models.TextChoices):
    """Where a message stands. QUEUED and STREAMING are the two that a run still owns.

    A WAITING question is in no branch yet: it goes out when the answer that it waits for, its parent, has ended.
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


@models.CharField.register_lookup
class Stated(_Lookup):
    """`status__stated=[…]`: the words stand in the statement, as SQLite sees only then that a partial index serves."""

    lookup_name = "stated"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        words = [f"'{Status(word)}'" for word in self.rhs]
        return f"{column} = {words[0]}" if len(words) == 1 else f"{column} IN ({', '.join(words)})", params


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> MessageQuerySet:
        """What stands in the conversations that this person may open."""
        opened = Conversation.objects.visible_to(user).filter(pk=models.OuterRef("conversation"))
        return self.filter(models.Exists(opened))

    def running(self) -> MessageQuerySet:
        return self.filter(status__stated=RUNNING)

    def waiting(self) -> MessageQuerySet:
        """The questions that are not sent yet, the next one first."""
        return self.filter(status__stated=[Status.WAITING]).order_by("pk")

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
    # Who wrote the question or asked for the answer: that is whose aliases, rates and budgets count.
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
    # A question whose answers stand side by side until a member keeps one of them; each is made in a lane of its own.
    compared = models.BooleanField(default=False)
    lane = models.PositiveSmallIntegerField(default=0)
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
                fields=["conversation", "lane"],
                condition=models.Q(status__in=["queued", "streaming"]),
                name="one_running_answer_per_lane",
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

    @property
    def author_name(self) -> str:
        """What its author is called where their account is gone, too, or was never told."""
        return self.author.name if self.author and self.author.name else "Member"

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class Feedback(models.Model):
    """What a member thinks of an answer. Administrators see counts, and comments that were sent to them."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="feedback")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    good = models.BooleanField()
    comment = models.TextField(blank=True)
    # The member chose to send the comment to the administrators.
    sent = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "member"], name="one_opinion_per_member_and_answer")]

    def __str__(self) -> str:
        return "good" if self.good else "bad"
