"""Which images of a conversation a model is shown, and how they get into the request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatapp.catalog.models import Alias
from chatapp.conversations.models import Message
from chatapp.images.models import Attachment, Image
from chatapp.images.sending import Unreadable, part
from chatapp.upstream.client import ChatRequest
from chatapp.upstream.client import Message as Turn

# What a model that is not shown an image is told of it.
STAND_IN = "[image]"
# Vision models of the day turn a patch of 28 × 28 pixels, or a little less, into one token.
PIXELS_PER_TOKEN = 750


@dataclass(frozen=True, slots=True)
class Gallery:
    """The images that go along, by id, each with at most `pixels`; those that do not, counted by reason."""

    images: Mapping[str, Image] = field(default_factory=dict)
    pixels: int = 0
    unseen: Mapping[str, int] = field(default_factory=dict)


def hang(messages: Sequence[Message], alias: Alias) -> tuple[dict[int, list[Attachment]], Gallery]:
    """The attachments of these messages, oldest first, by message; and what the alias is shown of them. One query."""
    found = list(
        Attachment.objects.filter(message__in=[message.pk for message in messages])
        .select_related("image")
        .order_by("message_id", "position")
    )
    by_message: dict[int, list[Attachment]] = {}
    for one in found:
        by_message.setdefault(one.message_id, []).append(one)
    shown = found[-alias.images :] if alias.vision else []
    why = "too-many" if alias.vision else "text-only"
    left_out = len(found) - len(shown)
    gallery = Gallery(
        images={str(one.image_id): one.image for one in shown},
        pixels=alias.image_pixels,
        unseen={why: left_out} if left_out else {},
    )
    return by_message, gallery


def turn_of(message: Message, attached: Sequence[Attachment], gallery: Gallery) -> Turn:
    """The text, then the images in their order; an image that goes along is named by its id until `fill`."""
    parts: list[dict[str, Any]] = []
    stand_ins = [_stand_in(one.image) for one in attached if str(one.image_id) not in gallery.images]
    text = "\n".join([*stand_ins, message.text]) if message.text else "\n".join(stand_ins)
    if text:
        parts.append({"type": "text", "text": text})
    parts += [_named(str(one.image_id)) for one in attached if str(one.image_id) in gallery.images]
    return {"role": message.role, "content": text if len(stand_ins) == len(attached) else parts}


def text_of(turn: Turn) -> str:
    """The words of a turn without its images."""
    content = turn["content"] or ""
    return content if isinstance(content, str) else "".join(one.get("text", "") for one in content)


async def fill(request: ChatRequest, gallery: Gallery) -> tuple[ChatRequest, Mapping[str, int]]:
    """The request with the images themselves, and what was not shown in the end: a file may be damaged."""
    if not gallery.images:
        return request, gallery.unseen
    unseen = Counter(gallery.unseen)
    messages: list[Turn] = []
    for turn in request.messages:
        content = turn["content"]
        if isinstance(content, list):
            content = [await _filled(one, gallery, unseen) for one in content]
            messages.append({"role": turn["role"], "content": content})
        else:
            messages.append(turn)
    return replace(request, messages=messages), dict(unseen)


async def _filled(one: dict[str, Any], gallery: Gallery, unseen: Counter[str]) -> dict[str, Any]:
    if one["type"] != "image_url":
        return one
    image = gallery.images[one["image_url"]["url"]]
    try:
        return await part(image, gallery.pixels)
    except Unreadable:
        unseen["damaged"] += 1
        return {"type": "text", "text": _stand_in(image)}


def _named(identity: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": identity}}


def _stand_in(image: Image) -> str:
    return f"[image: {image.alt}]" if image.alt else STAND_IN
