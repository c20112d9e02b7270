"""What a browser does with images, and what is looked at afterwards."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Message
from chatapp.database import in_order
from chatapp.images.models import Attachment, Image
from tests.imaging.files import corners_as

BOUNDARY = "end-of-part"


class Browser:
    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    async def upload(self, data: bytes | None = None, name: str = "corners.jpg", type: str = "image/jpeg") -> Any:
        given = SimpleUploadedFile(name, corners_as("JPEG") if data is None else data, type)
        return await self.client.post("/images/", {"image": given})

    async def upload_raw(self, disposition: bytes, data: bytes) -> Any:
        """With this Content-Disposition, to the byte."""
        head = b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: " + disposition + b"\r\n\r\n"
        body = head + data + b"\r\n--" + BOUNDARY.encode() + b"--\r\n"
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return await self.client.generic("POST", "/images/", body, kind)

    async def attach(self, data: bytes | None = None, name: str = "corners.jpg") -> Image:
        """Upload, and give the image that was made."""
        response = await self.upload(data, name)
        assert response.status_code == 201, response.content
        return await Image.objects.aget(pk=id_in(response))

    async def get(self, path: str, **headers: str) -> Any:
        """The response; that of an image has its `body`, too."""
        response: Any = await self.client.get(path, headers=headers)
        if response.streaming:
            response.body = b"".join([piece async for piece in response])
        return response

    async def post(self, path: str, **form: Any) -> Any:
        return await self.client.post(path, form)


def id_in(response: Any) -> uuid.UUID:
    found = re.search(r'name="image" value="([0-9a-f-]{36})"', response.content.decode())
    assert found, response.content
    return uuid.UUID(found[1])


async def send(user: User, *images: Image) -> Conversation:
    """A message of this person with these images, as the composer sends it."""
    return await in_order(_send, user, images)


def _send(user: User, images: tuple[Image, ...]) -> Conversation:
    conversation = Conversation.objects.create(owner=user, active_at=timezone.now())
    message = Message.objects.create(conversation=conversation, author=user, role=Message.Role.USER)
    Attachment.objects.bulk_create(
        Attachment(message=message, image=image, position=position) for position, image in enumerate(images)
    )
    return conversation


def stored_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "images").rglob("*") if path.is_file())


def waiting_files(folder: Path) -> list[Path]:
    """What lies about of uploads."""
    return sorted((folder / "uploads").rglob("*"))
