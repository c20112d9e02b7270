"""Refusing a bomb costs under a second of work and under 100 MB, by the kernel's count of the worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.press import Press
from tests.imaging import files

BOMBS: dict[str, Callable[[], bytes]] = {
    "177 megapixels": files.pixel_bomb,
    "png of 65,535 × 65,535": lambda: files.png_that_claims(65_535, 65_535),
    "jpeg of 65,500 × 65,500": lambda: files.jpeg_that_claims(65_500, 65_500),
    "gif of 65,535 × 65,535": lambda: files.gif_that_claims(65_535, 65_535),
    "webp of 16,384 × 16,384": lambda: files.webp_that_claims(16_384, 16_384),
    "heic of 30,000 × 30,000": lambda: files.boxed_that_claims("HEIF", 30_000, 30_000),
    "avif of 16,000 × 16,000": lambda: files.boxed_that_claims("AVIF", 16_000, 16_000),
    "200 MB in zTXt": lambda: files.hidden_in(b"zTXt"),
    "200 MB in iTXt": lambda: files.hidden_in(b"iTXt"),
    "200 MB in iCCP": lambda: files.hidden_in(b"iCCP"),
    "100 MB": files.hundred_megabytes,
}
MOST_SECONDS = 1.0
MOST_KILOBYTES = 100_000


@pytest_asyncio.fixture
async def press(tmp_path: Path) -> AsyncIterator[Press]:
    """With a worker that has started."""
    made = Press(workers=1)
    first = tmp_path / "first"
    await asyncio.to_thread(first.write_bytes, files.corners_as("JPEG"))
    await made.clean(first, tmp_path / "a", tmp_path / "b", bytes=10**9, pixels=10**6)
    yield made
    made.close()


def peak_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def worked_seconds(pid: int) -> float:
    """clock_getcpuclockid(3): the CPU clock of another process."""
    return time.clock_gettime((~pid << 3) | 2)


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_before_it_goes_off(name: str, press: Press, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    await asyncio.to_thread(bomb.write_bytes, BOMBS[name]())
    (pid,) = press.pids
    peak, worked = peak_kilobytes(pid), worked_seconds(pid)
    with pytest.raises(ImageRefused):
        await press.clean(bomb, tmp_path / "full", tmp_path / "small", bytes=20_000_000, pixels=50_000_000)
    assert press.pids == [pid]
    assert worked_seconds(pid) - worked < MOST_SECONDS
    assert peak_kilobytes(pid) - peak < MOST_KILOBYTES
