"""Uploads over real sockets: what is too large, what breaks off, and a disk that is full."""

from __future__ import annotations

import asyncio
import io
import resource
from pathlib import Path

import aiohttp
import pytest
from PIL import Image as Picture

from tests.images.browser import stored_files, waiting_files
from tests.imaging.files import corners_as, saved
from tests.live.page import Page
from tests.live.server import Server

MOST_KILOBYTES = 120_000


def form_with(data: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("image", io.BytesIO(data), filename="x.jpg", content_type="image/jpeg")
    return form


async def upload(server: Server, page: Page, data: bytes) -> int:
    """The status of the answer; 0 where the connection is closed instead."""
    headers = {"X-CSRFToken": page.token, "HX-Request": "true"}
    try:
        async with page.http.post(server.base + "/images/", data=form_with(data), headers=headers) as response:
            return response.status
    except aiohttp.ClientError:
        return 0


def resident_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def photo(width: int, height: int, quality: int = 95) -> bytes:
    return saved(Picture.effect_noise((width, height), 90).convert("RGB"), "JPEG", quality=quality)


async def test_what_a_real_server_does_with_uploads(server: Server) -> None:
    page = await server.page(connect=False)
    assert await upload(server, page, corners_as("JPEG")) == 201
    await too_large_a_body_is_not_held(server, page)
    await a_connection_that_breaks_off_leaves_nothing(server, page)
    await a_full_disk_is_survived(server, page)


async def too_large_a_body_is_not_held(server: Server, page: Page) -> None:
    assert server.process
    before = resident_kilobytes(server.process.pid)
    assert await upload(server, page, bytes(100_000_000)) in (0, 413)
    assert resident_kilobytes(server.process.pid) - before < MOST_KILOBYTES
    assert await upload(server, page, corners_as("JPEG")) == 201


async def a_connection_that_breaks_off_leaves_nothing(server: Server, page: Page) -> None:
    rows, stored = server.rows("SELECT count(*) FROM images_image"), len(stored_files(server.data))
    cut = asyncio.create_task(upload(server, page, photo(4_000, 3_000)))
    async with asyncio.timeout(20):
        while not waiting_files(server.data):
            await asyncio.sleep(0.005)
        cut.cancel()
        while waiting_files(server.data):
            await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await cut
    await asyncio.sleep(0.3)
    assert server.rows("SELECT count(*) FROM images_image") == rows
    assert len(stored_files(server.data)) == stored


async def a_full_disk_is_survived(server: Server, page: Page) -> None:
    """To the process a file that may not grow is a disk that is full."""
    assert server.process
    rows, stored = server.rows("SELECT count(*) FROM images_image"), len(stored_files(server.data))
    most = 3_000_000
    # Small as it comes; cleaned it does not fit.
    coarse = photo(3_000, 2_000, quality=15)
    assert len(coarse) < most // 2
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert await upload(server, page, coarse) == 507
    # So large a body meets the full disk before any of our code does.
    assert await upload(server, page, photo(3_000, 2_000)) in (0, 500, 507)
    async with page.http.get(server.base + "/") as response:
        assert response.status == 200
    assert server.rows("SELECT count(*) FROM images_image") == rows
    assert len(stored_files(server.data)) == stored
    assert waiting_files(server.data) == []
    assert await upload(server, page, corners_as("JPEG")) == 201
