"""Images that members attach: one row and two files each, found only through the conversations they are in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from chatapp.conversations.models import Message

if TYPE_CHECKING:
    from accounts.models import User

NAME_CHARACTERS = 120
ALT_CHARACTERS = 400


class ImageQuerySet(models.QuerySet["Image"]):
    def unsent_by(self, user: User) -> ImageQuerySet:
        """What this person has attached to no message yet."""
        return self.filter(owner=user, attachments=None)

    def visible_to(self, user: User) -> ImageQuerySet:
        """The person's own unsent images, and those in conversations that the person may open."""
        sent = Attachment.objects.filter(image=models.OuterRef("pk"))
        seen = sent.filter(models.Exists(Message.objects.visible_to(user).filter(pk=models.OuterRef("message"))))
        return self.filter(models.Q(~models.Exists(sent), owner=user) | models.Exists(seen))


class Image(models.Model):
    """A clean re-encoding of what was uploaded; nothing of the original file is kept but its name, to show."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None: the account is gone. What it had sent stays in other people's conversations; the rest is pruned.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="images")
    name = models.CharField(max_length=NAME_CHARACTERS, blank=True)
    alt = models.CharField(max_length=ALT_CHARACTERS, blank=True)
    media_type = models.CharField(max_length=32)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    # Of an animation the first frame is kept.
    animated = models.BooleanField(default=False)
    # Names in the storage "images". A copy that was made through a link has the same files.
    stored = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    thumbnail_width = models.PositiveIntegerField()
    thumbnail_height = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "created_at"]), models.Index(fields=["stored"])]

    def __str__(self) -> str:
        return self.name or str(self.id)


class Attachment(models.Model):
    """An image in a message. Branches and forks may show the same one."""

    message = models.ForeignKey("conversations.Message", models.CASCADE, related_name="attachments")
    image = models.ForeignKey(Image, models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="one_image_in_each_place_of_a_message")
        ]

    def __str__(self) -> str:
        return f"{self.image} in {self.message_id}"


class Rendition(models.Model):
    """The size of an image that goes upstream, made once and used in every turn after."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    # The most pixels that it may have; the alias's limit.
    pixels = models.PositiveIntegerField()
    media_type = models.CharField(max_length=32)
    stored = models.CharField(max_length=200)
    bytes = models.PositiveIntegerField()
    used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image", "pixels"], name="an_image_has_each_size_once")]

    def __str__(self) -> str:
        return f"{self.image} at {self.pixels} pixels"


def files_of(images: Sequence[Image]) -> list[str]:
    """The names of their files that no other image has; prefetch the renditions. One query."""
    others = Image.objects.exclude(pk__in=[image.pk for image in images])
    shared = set(others.filter(stored__in=[image.stored for image in images]).values_list("stored", flat=True))
    return [
        name
        for image in images
        for name in (
            *(() if image.stored in shared else (image.stored, image.thumbnail)),
            *(size.stored for size in image.renditions.all()),
        )
    ]
