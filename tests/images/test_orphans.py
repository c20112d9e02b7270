"""What nobody can see any more is deleted in time, and nothing else; a dry run only tells."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import KEPT_AFTER_DELETE, Conversation
from chatapp.images import files
from chatapp.images.models import Image, Rendition
from chatapp.images.pruning import RENDITION_KEPT, STRAY_KEPT, UNSENT_KEPT, prune
from tests.images.browser import Browser, send, stored_files, waiting_files

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[[User | None], Awaitable[Browser]]
MARGIN = timedelta(minutes=1)


async def made_ago(image: Image, how_long: timedelta) -> None:
    await Image.objects.filter(pk=image.pk).aupdate(created_at=timezone.now() - how_long)


async def deleted_ago(conversation: Conversation, how_long: timedelta) -> None:
    conversation.deleted_at = timezone.now() - how_long
    await conversation.asave()


async def left(folder: Path) -> set[str]:
    """The names of the images that have rows; each has its two files, and there are no others."""
    images = [image async for image in Image.objects.all()]
    assert len(stored_files(folder)) == 2 * len(images)
    return {image.name for image in images}


async def test_images_in_no_message_go_after_a_day(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    old, new, sent = await tab.attach(name="old"), await tab.attach(name="new"), await tab.attach(name="sent")
    await made_ago(old, UNSENT_KEPT + MARGIN)
    await made_ago(new, UNSENT_KEPT - MARGIN)
    await made_ago(sent, timedelta(days=400))
    await send(ann, sent)
    assert len((await prune()).unsent) == 2
    assert await left(folder) == {"new", "sent"}


async def test_images_of_a_deleted_conversation_go_with_its_undo_time(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    gone, undoable, forked = (
        await tab.attach(name="gone"),
        await tab.attach(name="undoable"),
        await tab.attach(name="f"),
    )
    await deleted_ago(await send(ann, gone, forked), KEPT_AFTER_DELETE + MARGIN)
    await deleted_ago(await send(ann, undoable), KEPT_AFTER_DELETE - MARGIN)
    await send(ann, forked)
    assert len((await prune()).deleted) == 2
    assert await left(folder) == {"undoable", "f"}


async def test_sizes_that_no_turn_asks_for_go_and_the_image_stays(ann: User, browser: Open, folder: Path) -> None:
    image = await (await browser(ann)).attach()
    await send(ann, image)
    for pixels, age in ((1_000, RENDITION_KEPT + MARGIN), (2_000, RENDITION_KEPT - MARGIN)):
        name = await sync_to_async(files.save)(
            files.name_of(image.pk, str(pixels), "image/png"), stored_files(folder)[0]
        )
        size = await Rendition.objects.acreate(image=image, pixels=pixels, media_type="image/png", stored=name, bytes=1)
        await Rendition.objects.filter(pk=size.pk).aupdate(used_at=timezone.now() - age)
    assert len((await prune()).unused) == 1
    assert [size.pixels async for size in Rendition.objects.all()] == [2_000]
    assert len(stored_files(folder)) == 3
    assert await Image.objects.acount() == 1


async def test_files_without_a_row_go_but_not_those_that_may_have_one_soon(
    ann: User, bob: User, browser: Open, folder: Path
) -> None:
    await (await browser(bob)).attach(name="Bob's")
    await (await browser(ann)).attach()
    await Image.objects.filter(owner=ann).adelete()
    assert len(stored_files(folder)) == 4
    assert (await prune(everywhere=True)).stray == []
    grow_old(*stored_files(folder))
    assert (await prune()).stray == []
    assert len((await prune(everywhere=True)).stray) == 2
    assert await left(folder) == {"Bob's"}


async def test_of_a_deleted_account_only_what_stands_in_others_chats_stays(
    ann: User, bob: User, browser: Open, folder: Path
) -> None:
    his, hers = await browser(bob), await browser(ann)
    in_hers, in_his, unsent = [await his.attach(name=name) for name in ("in hers", "in his", "unsent")]
    await send(ann, in_hers)
    await send(bob, in_his)
    await bob.adelete()
    assert (await hers.get(f"/images/{in_hers.pk}/")).status_code == 200
    for pk in (in_his.pk, unsent.pk):
        assert (await hers.get(f"/images/{pk}/")).status_code == 404
    assert len((await prune()).unsent) == 4
    assert await left(folder) == {"in hers"}


async def test_what_a_crash_left_of_an_upload_goes(folder: Path, transactional_db: None) -> None:
    for name in ("old", "new"):
        (files.workplace() / name).mkdir()
        (files.workplace() / name / "given").write_bytes(b"x")
    grow_old(files.workplace() / "old")
    assert [path.name for path in (await prune(everywhere=True)).left_over] == ["old"]
    assert [path.name for path in waiting_files(folder)] == ["new", "given"]


async def test_a_dry_run_tells_all_and_does_nothing(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    old, gone = await tab.attach(), await tab.attach()
    await made_ago(old, UNSENT_KEPT + MARGIN)
    await deleted_ago(await send(ann, gone), KEPT_AFTER_DELETE + MARGIN)
    stray = folder / "images" / "ab" / "stray.jpg"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    grow_old(stray)
    told = io.StringIO()
    await sync_to_async(call_command)("prune_images", "--dry-run", stdout=told)
    assert "Would delete files: 2 in no message, 2 of deleted conversations, 0 sizes not used, 1 without a row" in (
        told.getvalue()
    )
    for name in (old.stored, old.thumbnail, gone.stored, "ab/stray.jpg"):
        assert name in told.getvalue()
    assert len(stored_files(folder)) == 5
    assert await Image.objects.acount() == 2
    told = io.StringIO()
    await sync_to_async(call_command)("prune_images", stdout=told)
    assert told.getvalue().startswith("Deleted files: 2 in no message, 2 of deleted conversations")
    assert await left(folder) == set()


async def test_an_instance_without_images_has_no_orphans(folder: Path, transactional_db: None) -> None:
    assert (await prune(everywhere=True)).names == []


def grow_old(*paths: Path) -> None:
    then = time.time() - (STRAY_KEPT + MARGIN).total_seconds()
    for path in paths:
        os.utime(path, (then, then))
