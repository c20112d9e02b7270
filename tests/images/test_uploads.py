"""A file comes in and its chip goes out; or a sentence, and nothing is left behind."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture
from pytest_django import Settings

from accounts.models import User
from chatapp.images import storing
from chatapp.images.models import Image
from tests.images.browser import Browser, id_in, stored_files, waiting_files
from tests.imaging import files

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[[User | None], Awaitable[Browser]]


async def nothing_is_left(folder: Path) -> bool:
    return not stored_files(folder) and not waiting_files(folder) and not await Image.objects.aexists()


async def test_an_upload_becomes_a_chip_two_files_and_a_row(ann: User, browser: Open, folder: Path) -> None:
    response = await (await browser(ann)).upload(files.turned(6), "Cathode 4.JPG")
    assert response.status_code == 201
    image = await Image.objects.aget()
    assert id_in(response) == image.pk
    assert "Cathode 4.JPG" in response.content.decode()
    assert (image.owner_id, image.media_type, image.width, image.height) == (ann.pk, "image/jpeg", 64, 48)
    assert [path.name for path in stored_files(folder)] == [f"{image.pk.hex}-full.jpg", f"{image.pk.hex}-small.webp"]
    assert {path.stat().st_mode & 0o777 for path in stored_files(folder)} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder / "images").iterdir()} == {0o700}
    assert waiting_files(folder) == []


async def test_the_content_decides_not_the_name_or_the_type(ann: User, browser: Open) -> None:
    tab = await browser(ann)
    response = await tab.upload(files.corners_as("PNG"), "picture.jpg", "image/jpeg")
    assert response.status_code == 201
    assert (await Image.objects.aget()).media_type == "image/png"
    for name, kind in (("x.png", "image/png"), ("x.svg", "image/svg+xml")):
        response = await tab.upload(files.SVG, name, kind)
        assert response.status_code == 422
        assert "This is an SVG drawing. Images can be JPEG, PNG, WebP, GIF, HEIC and AVIF." in words(response)
    response = await tab.upload(files.OTHERS["html"], "x.jpg", "image/jpeg")
    assert response.status_code == 422
    assert "a web page" in words(response)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "an empty file"),
        (files.corners_as("JPEG")[:-200], "damaged or incomplete"),
        (files.png_that_claims(65_535, 65_535), "4,294.8 megapixels; the limit is 50."),
    ],
    ids=["empty", "cut", "bomb"],
)
async def test_a_refusal_says_why_and_leaves_nothing(
    ann: User, browser: Open, folder: Path, data: bytes, sentence: str
) -> None:
    response = await (await browser(ann)).upload(data, "<b>x</b>.jpg")
    assert response.status_code == 422
    assert sentence in words(response)
    assert "<b>x" not in words(response)
    assert await nothing_is_left(folder)


async def test_a_file_over_the_limit_is_refused_with_both_figures(
    ann: User, browser: Open, folder: Path, settings: Settings
) -> None:
    settings.PARLEY_IMAGE_BYTES = 100_000
    response = await (await browser(ann)).upload(files.corners_as("JPEG") + bytes(3_100_000))
    assert response.status_code == 422
    assert "The file has 3.1 MB; the limit is 100 kB." in words(response)
    assert await nothing_is_left(folder)


async def test_the_same_file_twice_is_two_images(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    first, second = await tab.attach(), await tab.attach()
    assert first.pk != second.pk
    assert len(stored_files(folder)) == 4


async def test_many_at_once_are_all_taken(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    responses = await asyncio.gather(*[tab.upload(name=f"{n}.jpg") for n in range(8)])
    assert {response.status_code for response in responses} == {201}
    assert len(stored_files(folder)) == 16
    assert waiting_files(folder) == []


async def test_a_form_without_a_file_or_with_two_is_refused(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    assert (await tab.post("/images/", image="no file")).status_code == 422
    two = [SimpleUploadedFile("x.jpg", files.corners_as("JPEG")) for _ in range(2)]
    assert (await tab.post("/images/", image=two)).status_code == 422
    assert await nothing_is_left(folder)


@pytest.mark.filterwarnings("ignore::UserWarning")
async def test_a_thousand_files_or_ten_thousand_fields_are_a_bad_request(
    ann: User, browser: Open, folder: Path
) -> None:
    tab = await browser(ann)
    many = [SimpleUploadedFile("x.jpg", b"x") for _ in range(1_000)]
    assert (await tab.post("/images/", image=many)).status_code == 400
    assert (await tab.post("/images/", **{f"f{n}": "x" for n in range(10_000)})).status_code == 400
    assert await nothing_is_left(folder)


async def test_the_quota_holds_even_against_uploads_at_once(
    ann: User, bob: User, browser: Open, folder: Path, settings: Settings
) -> None:
    tab = await browser(ann)
    size = (await tab.attach()).bytes
    settings.PARLEY_IMAGE_QUOTA = size * 3
    responses = await asyncio.gather(*[tab.upload() for _ in range(6)])
    statuses = sorted(response.status_code for response in responses)
    assert statuses == [201, 201, 422, 422, 422, 422]
    refused = next(response for response in responses if response.status_code == 422)
    assert "kB; the limit is" in words(refused)
    assert len(stored_files(folder)) == 6
    assert (await (await browser(bob)).upload()).status_code == 201


async def test_unsent_images_have_a_limit_of_their_own(
    ann: User, browser: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "MOST_UNSENT", 2)
    tab = await browser(ann)
    first = await tab.attach()
    await tab.attach()
    response = await tab.upload()
    assert response.status_code == 422
    assert "2 images that are in no message" in words(response)
    assert (await tab.post(f"/images/{first.pk}/remove/")).status_code == 204
    assert (await tab.upload()).status_code == 201


class FullDisk(FileSystemStorage):
    """Half of a file fits, and of the first nothing but thumbnails."""

    def _save(self, name: str, content: Any) -> str:
        if "small" in name:
            Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
            Path(self.path(name)).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        saved: str = super()._save(name, content)  # type: ignore[misc]  # not in the stubs
        return saved


async def test_a_full_disk_is_said_and_leaves_no_half_of_an_image(
    ann: User, browser: Open, folder: Path, settings: Settings
) -> None:
    tab = await browser(ann)
    images = {"BACKEND": "tests.images.test_uploads.FullDisk", "OPTIONS": {"location": folder / "images"}}
    settings.STORAGES = settings.STORAGES | {"images": images}
    response = await tab.upload()
    assert response.status_code == 507
    assert "its disk may be full" in words(response)
    assert await nothing_is_left(folder)


async def test_an_upload_that_is_cut_off_leaves_nothing(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(ann)
    slow = await asyncio.to_thread(files.saved, Picture.effect_noise((5_000, 3_500), 90), "PNG", compress_level=1)
    upload = asyncio.create_task(tab.upload(slow[:20_000_000]))
    async with asyncio.timeout(20):
        while not waiting_files(folder):
            await asyncio.sleep(0.01)
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert await nothing_is_left(folder)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
async def test_nothing_but_a_post_is_taken(ann: User, browser: Open, method: str) -> None:
    tab = await browser(ann)
    assert (await getattr(tab.client, method)("/images/")).status_code == 405


async def test_who_is_signed_out_uploads_nothing(ann: User, browser: Open, folder: Path) -> None:
    tab = await browser(None)
    assert (await tab.upload()).status_code == 302
    given = {"image": SimpleUploadedFile("x.jpg", files.corners_as("JPEG"))}
    response = await tab.client.post("/images/", given, headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert await nothing_is_left(folder)


def words(response: Any) -> str:
    text: str = response.content.decode()
    return text
