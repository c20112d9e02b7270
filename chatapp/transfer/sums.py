"""How much a member has, to say so before it is taken along."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Length

from accounts.models import User
from chatapp.conversations.models import Conversation, Message
from chatapp.images.models import Attachment, Image
from chatapp.imaging.errors import in_bytes


@dataclass(frozen=True, slots=True)
class Sums:
    conversations: int
    messages: int
    characters: int
    images: int
    image_bytes: int

    @property
    def size(self) -> str:
        """About how large the zip will be: text packs to a third, twice, and images do not."""
        return in_bytes(self.characters * 2 // 3 + self.image_bytes)


def sums_of(user: User) -> Sums:
    """Three queries. Temporary conversations do not count."""
    mine = Conversation.objects.visible_to(user).filter(owner=user, temporary=False)
    messages = Message.objects.placed().filter(conversation__in=mine)
    texts = messages.aggregate(count=Count("pk"), text=Sum(Length("text")), reasoning=Sum(Length("reasoning")))
    shown = Attachment.objects.filter(message__conversation__in=mine)
    images = Image.objects.filter(pk__in=shown.values("image"))
    pictures = images.aggregate(count=Count("pk"), bytes=Sum("bytes"))
    return Sums(
        conversations=mine.count(),
        messages=texts["count"],
        characters=(texts["text"] or 0) + (texts["reasoning"] or 0),
        images=pictures["count"],
        image_bytes=pictures["bytes"] or 0,
    )
