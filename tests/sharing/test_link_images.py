"""The images of a shared page: through its link alone, and without a word about where they come from."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import KEPT_AFTER_DELETE, Conversation
from chatapp.database import in_order
from chatapp.images.models import Attachment, Image
from chatapp.images.pruning import prune
from chatapp.sharing import links
from chatapp.sharing.links import Wish
from tests.images.browser import Browser as Tab
from tests.images.browser import stored_files
from tests.sharing.talk import allow, talk

pytestmark = pytest.mark.django_db(transaction=True)


async def test_images_come_through_the_link_alone(ann: User, folder: Path) -> None:
    browser = AsyncClient()
    await browser.aforce_login(ann)
    image = await Tab(browser).attach(name="SECRET name.jpg")
    other = await Tab(browser).attach()
    chat = await in_order(_with_image, ann, image)
    wish = Wish("snapshot", "", 30, "", True, True, False, leaf=chat.leaf_id, turns=1)
    link, token = await links.make(ann, chat.pk, wish)
    reader = Tab(AsyncClient())
    for path in ("image/1/", "image/1/small/"):
        response = await reader.get(f"/s/{token}/{path}")
        assert response.status_code == 200
        assert len(response.body) > 100
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        told = str(response.headers)
        assert "SECRET" not in told
        assert image.pk.hex not in told.replace("-", "")
        assert "ETag" not in response
    assert (await reader.get(f"/s/{token}/image/2/")).status_code == 404
    for pk in (image.pk, other.pk):
        assert (await reader.get(f"/images/{pk}/")).status_code == 404
    await links.revoke(ann, link.pk)
    assert (await reader.get(f"/s/{token}/image/1/")).status_code == 404


async def test_a_copy_has_the_picture_under_no_name_and_keeps_it(ann: User, bob: User, folder: Path) -> None:
    browser = AsyncClient()
    await browser.aforce_login(ann)
    image = await Tab(browser).attach(name="SECRET name.jpg")
    chat = await in_order(_with_image, ann, image)
    wish = Wish("snapshot", "", 30, "", True, True, False, leaf=chat.leaf_id, turns=1)
    _, token = await links.make(ann, chat.pk, wish)
    reader = AsyncClient()
    await reader.aforce_login(bob)
    copy = (await reader.post(f"/s/{token}/continue/"))["Location"]
    copied = await Image.objects.aget(owner=bob)
    for path in (copy, f"{copy}print/", f"{copy}export/file/?kind=json"):
        response = await Tab(reader).get(path)
        told = (response.body if response.streaming else response.content).decode()
        assert "SECRET" not in told + str(response.headers)
        assert "Image 1" in told
    for gone, left in ((chat.pk, copied), (copy.split("/")[2], None)):
        assert left is None or len((await Tab(reader).get(f"/images/{left.pk}/")).body) > 100
        await Conversation.objects.filter(pk=gone).aupdate(deleted_at=timezone.now() - 2 * KEPT_AFTER_DELETE)
        await prune()
        assert len(stored_files(folder)) == (2 if left else 0)
        assert left is None or len((await Tab(reader).get(f"/images/{left.pk}/")).body) > 100


def _with_image(ann: User, image: Image) -> Conversation:
    allow()
    chat = talk(ann, 1)
    Attachment.objects.create(message=chat.messages.get(), image=image, position=0)
    return chat
