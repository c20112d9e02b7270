"""What an upstream is sent: JPEG or PNG, within the alias's limit, upright, never enlarged, without alpha."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chatapp.imaging.errors import ImageRefused
from chatapp.imaging.scale import NARROWEST, SHORTEST_EDGE, fitted, scale
from tests.imaging import files
from tests.imaging.metadata import strange_parts


def written(folder: Path, data: bytes) -> Path:
    path = folder / "stored"
    path.write_bytes(data)
    return path


@given(st.integers(1, 65_535), st.integers(1, 65_535), st.integers(10_000, 16_000_000))
def test_any_size_fits_and_keeps_its_shape(width: int, height: int, pixels: int) -> None:
    made, canvas = fitted((width, height), pixels)
    assert made[0] <= width
    assert made[1] <= height
    assert made[0] <= canvas[0]
    assert made[1] <= canvas[1]
    assert min(canvas) >= SHORTEST_EDGE
    assert min(canvas) / max(canvas) >= NARROWEST
    # A canvas of the least edge may pass a very small limit.
    assert canvas[0] * canvas[1] <= max(pixels * 1.01, SHORTEST_EDGE**2 / NARROWEST)
    if width * height <= pixels and min(width, height) >= SHORTEST_EDGE and min(made) >= NARROWEST * max(made):
        assert canvas == (width, height)


@pytest.mark.parametrize(("format", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_large_one_is_made_smaller_and_a_small_one_stays(tmp_path: Path, format: str, media_type: str) -> None:
    large = written(tmp_path, files.saved(files.corners(2_000, 1_500), format))
    scaled = scale(large, tmp_path / "scaled", 750_000)
    assert (scaled.media_type, scaled.width, scaled.height) == (media_type, 1_000, 750)
    data = (tmp_path / "scaled").read_bytes()
    assert scaled.bytes == len(data)
    assert strange_parts(data) == []
    small = written(tmp_path, files.corners_as(format))
    scaled = scale(small, tmp_path / "scaled", 750_000)
    assert (scaled.width, scaled.height) == (files.WIDTH, files.HEIGHT)


def test_a_webp_becomes_what_every_upstream_reads(tmp_path: Path) -> None:
    scaled = scale(written(tmp_path, files.saved(files.with_hole(), "WEBP")), tmp_path / "scaled", 750_000)
    assert scaled.media_type in ("image/jpeg", "image/png")


@pytest.mark.parametrize(("colour", "ground"), [((0, 0, 0), (255, 255, 255)), ((255, 255, 255), (64, 64, 64))])
def test_a_drawing_is_laid_on_a_ground_on_which_it_is_seen(
    tmp_path: Path, colour: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    drawing = Image.new("RGBA", (90, 60), (*colour, 0))
    drawing.paste((*colour, 255), (30, 20, 60, 40))
    scale(written(tmp_path, files.saved(drawing, "PNG")), tmp_path / "scaled", 750_000)
    with Image.open(tmp_path / "scaled") as seen:
        assert seen.mode == "RGB"
        assert (seen.getpixel((0, 0)), seen.getpixel((45, 30))) == (ground, colour)


def test_a_strip_gets_a_margin_that_models_can_take(tmp_path: Path) -> None:
    strip = written(tmp_path, files.saved(Image.new("RGB", (9_000, 5), files.RED), "PNG"))
    scaled = scale(strip, tmp_path / "scaled", 1_600_000)
    assert (scaled.width, scaled.height) == (9_000, 50)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageRefused):
        scale(written(tmp_path, files.corners_as("JPEG")[:-200]), tmp_path / "scaled", 750_000)
    with pytest.raises(ImageRefused):
        scale(written(tmp_path, b""), tmp_path / "scaled", 750_000)
    assert not (tmp_path / "scaled").exists()
