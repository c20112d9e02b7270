"""The demo says what it sees in pictures, and what it cannot see, and fetches nothing."""

from __future__ import annotations

import asyncio
import base64
import io
import struct
import zlib

import pytest
from PIL import Image

from chatapp.demo import script_for, serving
from chatapp.demo.pictures import MOST_PIXELS
from chatapp.demo.sights import MOST_MEGAPIXELS, Sight, look_at
from tests.demo.talking import CONTINUE, ask, model, user


def painted(*colours: str, kind: str = "PNG", width: int = 80, height: int = 60) -> bytes:
    """A picture of equal vertical stripes."""
    picture = Image.new("RGB", (width, height), colours[0])
    share = width // len(colours)
    for place, colour in enumerate(colours):
        picture.paste(colour, (place * share, 0, (place + 1) * share, height))
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


async def look(*addresses: str) -> list[Sight]:
    return await look_at(addresses, asyncio.Semaphore(1))


@pytest.mark.parametrize(("kind", "name"), [("PNG", "PNG"), ("JPEG", "JPEG"), ("WEBP", "WebP"), ("GIF", "GIF")])
async def test_format_size_and_colours_are_seen(kind: str, name: str) -> None:
    data = painted("red", "blue", kind=kind)
    [sight] = await look(data_url(data))
    assert (sight.kind, sight.format, sight.width, sight.height) == ("seen", name, 80, 60)
    assert sight.size == len(data)
    assert {colour for colour, _ in sight.colours} == {"red", "blue"}
    assert all(45 <= percent <= 55 for _, percent in sight.colours)


@pytest.mark.parametrize(
    ("paint", "name"),
    [
        ("#000000", "black"),
        ("#ffffff", "white"),
        ("#808080", "grey"),
        ("#d02020", "red"),
        ("#ff9020", "orange"),
        ("#704214", "brown"),
        ("#ffe030", "yellow"),
        ("#209040", "green"),
        ("#10a0a0", "teal"),
        ("#2040d0", "blue"),
        ("#7020b0", "purple"),
        ("#ff69b4", "pink"),
    ],
)
async def test_colours_have_their_everyday_names(paint: str, name: str) -> None:
    [sight] = await look(data_url(painted(paint)))
    assert sight.colours == ((name, 100),)


async def test_the_transparent_counts_as_white() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(file, "PNG")
    [sight] = await look(data_url(file.getvalue()))
    assert sight.colours == (("white", 100),)


async def test_the_type_comes_from_the_bytes_not_from_the_address() -> None:
    [sight] = await look(data_url(painted("green", kind="JPEG"), "image/png"))
    assert sight.format == "JPEG"


@pytest.mark.parametrize(
    "address",
    [
        data_url(b""),
        data_url(b"no picture at all"),
        data_url(painted("red")[:90]),
        data_url(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        data_url(painted("red", kind="BMP"), "image/bmp"),
        "data:image/png;base64,%%%",
        "data:image/png,plain",
        "data:",
    ],
)
async def test_what_is_no_whole_picture_is_unreadable(address: str) -> None:
    [sight] = await look(address)
    assert sight.kind == "unreadable"


def test_the_limit_that_is_said_is_the_limit_that_holds() -> None:
    assert MOST_MEGAPIXELS * 1_000_000 == MOST_PIXELS


async def test_a_bomb_is_not_opened() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0))
    [sight] = await look(data_url(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") + chunk(b"IEND", b"")))
    assert (sight.kind, sight.width, sight.height) == ("too_large", 9000, 9000)


async def test_several_pictures_are_described_in_their_order() -> None:
    addresses = [data_url(painted("red")), "https://example.org/cat.png", data_url(b"x")]
    async with serving(rate=0) as demo:
        heard = await ask(demo, user("What is this?", *addresses))
    assert "1. **PNG**, 80 × 60 pixels" in heard.text
    assert "Main colours: red 100 %." in heard.text
    assert "2. this is an **address**" in heard.text
    assert "3. I **cannot read** it" in heard.text


async def test_a_chinese_question_gets_a_chinese_description() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, user("这是什么？", data_url(painted("blue"))))
    assert "主要颜色：蓝 100 %" in heard.text


async def test_a_description_can_be_continued() -> None:
    question = user("What is this?", data_url(painted("red", "blue")))
    async with serving(rate=0) as demo:
        whole = (await ask(demo, question)).text
        rest = (await ask(demo, question, model(whole[:250]), CONTINUE)).text
    assert whole[:250] + rest == whole


async def test_demo_plain_takes_no_pictures() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, user("What is this?", data_url(painted("red"))), model="demo-plain")
    assert heard.status == 400


async def test_too_many_pictures_are_refused() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, user("?", *["https://example.org/a.png"] * 21))
    assert heard.status == 400


def test_a_failed_look_is_said() -> None:
    assert "**could not look**" in script_for("?", False, pictures=[Sight("unseen")]).text


async def test_the_record_shows_the_beginning_of_a_picture_only() -> None:
    address = data_url(painted("red"))
    async with serving(rate=0) as demo:
        await ask(demo, user("?", address))
        seen = str(demo.record.as_json())
        assert demo.record.asked[0].messages[0]["content"][1]["image_url"]["url"] == address
    assert address not in seen
    assert address[:40] in seen
