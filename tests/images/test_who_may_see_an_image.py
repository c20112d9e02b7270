"""An image is seen by those who may open its conversation; all others, signed in or not, get 404."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import User
from chatapp.images.models import Image
from tests.images.browser import Browser, send, stored_files
from tests.imaging import files

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[[User | None], Awaitable[Browser]]

SEEN, NOT_SEEN = 200, 404
# Who asks; whether Ann's image was sent, and what became of its conversation since; what they get.
TABLE = [
    ("Ann", "unsent", SEEN),
    ("Ann", "sent", SEEN),
    ("Ann", "deleted", NOT_SEEN),
    ("Ann", "deleted, but forked", SEEN),
    ("Bob", "unsent", NOT_SEEN),
    ("Bob", "sent", NOT_SEEN),
    ("Bob", "deleted", NOT_SEEN),
    ("Bob", "sent by Bob too", SEEN),
    ("an administrator", "sent", NOT_SEEN),
    ("nobody", "unsent", NOT_SEEN),
    ("nobody", "sent", NOT_SEEN),
    ("a removed member", "sent", NOT_SEEN),
]


@pytest.mark.parametrize(("who", "fate", "status"), TABLE, ids=[f"{who}, {fate}" for who, fate, _ in TABLE])
async def test_who_gets_an_image(
    who: str, fate: str, status: int, ann: User, bob: User, admin: User, browser: Open
) -> None:
    image = await (await browser(ann)).attach()
    if fate != "unsent":
        conversation = await send(ann, image)
        if "deleted" in fate:
            conversation.deleted_at = timezone.now()
            await conversation.asave()
        if "forked" in fate:
            await send(ann, image)
        if "Bob" in fate:
            await send(bob, image)
    person = {"Ann": ann, "Bob": bob, "an administrator": admin, "a removed member": ann}.get(who)
    tab = await browser(person)
    if who == "a removed member":
        await User.objects.filter(pk=ann.pk).aupdate(is_active=False)
    for path in (f"/images/{image.pk}/", f"/images/{image.pk}/small/"):
        assert (await tab.get(path)).status_code == status, path


async def test_a_guessed_address_leads_nowhere(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    image = await tab.attach()
    for path in (f"/images/{uuid.uuid4()}/", "/images/1/", "/images/../images/", f"/images/{image.pk}.jpg"):
        assert (await tab.get(path)).status_code == 404, path
    for stored in (image.stored, image.thumbnail):
        for root in ("/media/", "/static/", "/images/", "/data/images/", "/static/../images/"):
            assert (await tab.get(root + stored)).status_code == 404, root + stored


async def test_only_the_owner_changes_an_image_and_only_before_it_is_sent(ann: User, bob: User, browser: Open) -> None:
    mine, other = await browser(ann), await browser(bob)
    image = await mine.attach()
    for path in (f"/images/{image.pk}/alt/", f"/images/{image.pk}/remove/"):
        assert (await other.post(path, alt="x")).status_code == 404
        assert (await (await browser(None)).post(path, alt="x")).status_code == 302
        assert (await mine.get(path)).status_code == 405
    assert (await mine.post(f"/images/{image.pk}/alt/", alt="  A\u202e \n cell\0 ")).status_code == 204
    assert (await Image.objects.aget()).alt == "A cell"
    await send(ann, image)
    assert (await mine.post(f"/images/{image.pk}/alt/", alt="x")).status_code == 404
    assert (await mine.post(f"/images/{image.pk}/remove/")).status_code == 404
    assert (await Image.objects.aget()).alt == "A cell"


async def test_a_removed_image_leaves_nothing(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    image = await tab.attach()
    assert (await tab.post(f"/images/{image.pk}/remove/")).status_code == 204
    assert (await tab.get(f"/images/{image.pk}/")).status_code == 404
    assert (await tab.post(f"/images/{image.pk}/remove/")).status_code == 404
    assert stored_files(folder) == []


async def test_chips_come_back_for_what_is_unsent_and_ones_own(ann: User, bob: User, browser: Open) -> None:
    mine, other = await browser(ann), await browser(bob)
    first, second, sent, foreign = await mine.attach(), await mine.attach(), await mine.attach(), await other.attach()
    await send(ann, sent)
    asked = [second.pk, "nonsense", sent.pk, foreign.pk, uuid.uuid4(), first.pk, second.pk]
    html = (await mine.get("/images/unsent/?" + "&".join(f"id={one}" for one in asked))).content.decode()
    assert html.count('name="image"') == 2
    assert html.index(str(second.pk)) < html.index(str(first.pk))
    assert (await mine.get("/images/unsent/")).content.decode().strip() == ""


async def test_how_an_image_is_served(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    image = await tab.attach(files.gif_that_is_a_script())
    response = await tab.get(f"/images/{image.pk}/")
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"] == "private, max-age=300"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"] == f'inline; filename="image-{image.pk.hex[:8]}.png"'
    assert response.body == stored_files(folder)[0].read_bytes()  # noqa: ASYNC240
    small = await tab.get(f"/images/{image.pk}/small/")
    assert small.headers["Content-Type"] == "image/webp"
    assert small.body == stored_files(folder)[1].read_bytes()  # noqa: ASYNC240


async def test_what_a_browser_has_is_not_sent_again_unless_it_may_not_see_it(
    ann: User, bob: User, browser: Open
) -> None:
    tab = await browser(ann)
    image = await tab.attach()
    tag = (await tab.get(f"/images/{image.pk}/")).headers["ETag"]
    again = await tab.get(f"/images/{image.pk}/", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, max-age=300"
    assert (await (await browser(bob)).get(f"/images/{image.pk}/", **{"If-None-Match": tag})).status_code == 404


async def test_a_file_that_is_gone_is_a_404(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    image = await tab.attach()
    for path in stored_files(folder):
        path.unlink()
    assert (await tab.get(f"/images/{image.pk}/")).status_code == 404
