"""What a model is shown of the images in a conversation: which, in what order and size, and what stands in."""

from __future__ import annotations

import asyncio
import base64
import io
from typing import Any

import pytest
from PIL import Image

from chatapp.demo import Demo
from tests.browser.database import add_alias
from tests.live.scripted import Scripted
from tests.live.server import Server
from tests.live.test_a_team_on_one_token import team_of
from tests.live.test_routes_and_queues import lead_to, upstreams
from tests.upstream.intern import serving_intern

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (20, 60, 200), "white": (250, 250, 250)}


def picture(colour: str, size: tuple[int, int] = (64, 48)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, COLOURS[colour]).save(file, "PNG")
    return file.getvalue()


def opened(part: dict[str, Any]) -> Image.Image:
    """The image in a part of a request."""
    assert part["type"] == "image_url"
    head, _, data = part["image_url"]["url"].partition(",")
    assert head in ("data:image/png;base64", "data:image/jpeg;base64")
    image = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    image.load()
    return image


def colour_of(part: dict[str, Any]) -> str:
    seen = opened(part).convert("RGB").tobytes()[:3]
    return min(COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(COLOURS[name], seen, strict=True)))


def shown(turn: dict[str, Any]) -> list[str]:
    """The parts of a turn in their order: its text, the colours of its images."""
    content = turn["content"]
    if isinstance(content, str):
        return [content]
    return [part["text"] if part["type"] == "text" else colour_of(part) for part in content]


def last_asked(upstream: Scripted) -> list[dict[str, Any]]:
    """The turns of the last request for an answer; titles are not streamed."""
    turns: list[dict[str, Any]] = [asked for asked in upstream.asked if asked["stream"]][-1]["messages"]
    return turns


async def test_images_go_behind_the_text_in_the_order_of_the_member(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page = await own_server.page()
        images = [await page.attach(picture(colour)) for colour in ("red", "green", "blue")]
        answer = await page.send("What are these?", images=images[::-1])
        await page.connect()
        await page.settled(answer)
        assert [shown(turn) for turn in last_asked(only)] == [["What are these?", "blue", "green", "red"]]
        await page.settled(await page.send("And now?"))
        asked = last_asked(only)
        assert [shown(turn) for turn in asked][0] == ["What are these?", "blue", "green", "red"]
        assert asked[2]["content"] == "And now?"


async def test_an_image_without_words(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page = await own_server.page()
        answer = await page.send("", images=[await page.attach(picture("red"), "Kathode.png")])
        await page.connect()
        await page.settled(answer)
        assert [shown(turn) for turn in last_asked(only)] == [["red"]]
        assert own_server.rows("SELECT title FROM conversations_conversation") == [("Kathode.png",)]


async def test_a_model_that_reads_no_images_is_told_of_them(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        add_alias(own_server, "blind")
        elsewhere = "(SELECT id FROM catalog_provider WHERE name != 'P1')"
        own_server.write(f"DELETE FROM catalog_route WHERE provider_id IN {elsewhere}")
        page = await own_server.page()
        images = [await page.attach(picture("red")), await page.attach(picture("blue"))]
        own_server.write("UPDATE images_image SET alt = 'A red square' WHERE id = ?", images[0].replace("-", ""))
        answer = await page.send("What are these?", images=images, alias="blind")
        await page.connect()
        await page.settled(answer)
        assert shown(last_asked(only)[0]) == ["[image: A red square]\n[image]\nWhat are these?"]
        await page.load()
        assert "blind reads no images; it was told of 2 images." in page.html
        await page.settled(await page.send("And you?", alias="demo"))
        assert shown(last_asked(only)[0]) == ["What are these?", "red", "blue"]


async def test_of_too_many_images_the_oldest_stay_behind_and_that_is_said(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        own_server.write("UPDATE catalog_alias SET images = 2")
        page = await own_server.page()
        answer = await page.send("One", images=[await page.attach(picture("red"))])
        await page.connect()
        await page.settled(answer)
        await page.settled(await page.send("Two", images=[await page.attach(picture(c)) for c in ("green", "blue")]))
        asked = last_asked(only)
        assert (shown(asked[0]), shown(asked[2])) == (["[image]\nOne"], ["Two", "green", "blue"])
        await page.load()
        assert "it did not see the oldest 1" in page.html


async def test_large_images_are_scaled_to_what_the_alias_reads(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        own_server.write("UPDATE catalog_alias SET image_pixels = 120000")
        page = await own_server.page()
        answer = await page.send("?", images=[await page.attach(picture("red", (1600, 1200)))])
        await page.connect()
        await page.settled(answer)
        width, height = opened(last_asked(only)[0]["content"][1]).size
        assert 110_000 < width * height <= 120_000
        assert abs(width / height - 4 / 3) < 0.02


async def test_a_damaged_image_is_skipped_and_the_conversation_goes_on(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page = await own_server.page()
        images = [await page.attach(picture("red")), await page.attach(picture("blue"))]
        stored = own_server.rows("SELECT stored FROM images_image WHERE id = ?", images[0].replace("-", ""))[0][0]
        (own_server.data / "images" / stored).unlink()
        answer = await page.send("What are these?", images=images)
        await page.connect()
        assert (await page.settled(answer)).text == "from P1"
        assert shown(last_asked(only)[0]) == ["What are these?", "[image]", "blue"]
        await page.load()
        assert "the file cannot be read: 1 image" in page.html


async def test_a_size_whose_file_is_gone_is_made_again(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page = await own_server.page()
        answer = await page.send("One", images=[await page.attach(picture("red"))])
        await page.connect()
        await page.settled(answer)
        (own_server.data / "images" / own_server.rows("SELECT stored FROM images_rendition")[0][0]).unlink()
        # What it had in memory is gone with the process.
        own_server.kill()
        await own_server.start()
        page = await own_server.page("Ann", page.conversation)
        await page.settled(await page.send("Two"))
        assert shown(last_asked(only)[0]) == ["One", "red"]


async def test_an_edited_question_keeps_the_images_that_its_form_names(own_server: Server) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page = await own_server.page()
        images = [await page.attach(picture("red")), await page.attach(picture("blue"))]
        answer = await page.send("One", images=images)
        await page.connect()
        await page.settled(answer)
        fields = [("client_id", "7f9e4a4c-8a43-4b1e-9d0c-2a8d9f1f0b11"), ("text", "Uno"), ("alias", "demo")]
        response = await page.post(f"/m/{answer - 1}/edit/", *fields, ("image", images[1]))
        assert response.status == 200
        await page.settled(answer + 2)
        assert shown(last_asked(only)[0]) == ["Uno", "blue"]


async def test_images_wait_with_their_message(own_server: Server) -> None:
    await own_server.start()
    async with upstreams(["hold"]) as (only,):
        lead_to(own_server, only.base_url)
        page, _ = await own_server.ask("One")
        while not only.asked:
            await asyncio.sleep(0.02)
        image = await page.attach(picture("green"))
        await page.post(
            f"/c/{page.conversation}/send/",
            ("client_id", "7f9e4a4c-8a43-4b1e-9d0c-2a8d9f1f0b12"),
            ("text", "Two"),
            ("alias", "demo"),
            ("image", image),
        )
        only.let_go.set()
        async with asyncio.timeout(10):
            while len([asked for asked in only.asked if asked["stream"]]) < 2:
                await asyncio.sleep(0.02)
        assert shown(last_asked(only)[-1]) == ["Two", "green"]


@pytest.mark.parametrize("case", ["someone else's", "sent already", "made up", "too many"])
async def test_an_image_that_is_not_the_members_to_send_is_refused(own_server: Server, case: str) -> None:
    await own_server.start()
    async with upstreams([]) as (only,):
        lead_to(own_server, only.base_url)
        page = await own_server.page("Ann")
        images = ["7f9e4a4c-8a43-4b1e-9d0c-2a8d9f1f0b13"]
        if case == "someone else's":
            eve = await own_server.page("Eve")
            images = [await eve.attach(picture("red"))]
        elif case == "sent already":
            images = [await page.attach(picture("red"))]
            answer = await page.send("One", images=images)
            await page.connect()
            await page.settled(answer)
        elif case == "too many":
            images = [await page.attach(picture("red")) for _ in range(11)]
        before = own_server.rows("SELECT count(*) FROM conversations_message")
        with pytest.raises(AssertionError, match="422"):
            await page.send("Two", images=images)
        assert own_server.rows("SELECT count(*) FROM conversations_message") == before


async def test_intern_gets_them_as_its_documents_want_them(own_server: Server) -> None:
    await own_server.start()
    async with serving_intern() as intern:
        ada = (await team_of(own_server, intern))[0]
        page = await own_server.page(ada.name)
        answer = await page.send("Which colours?", images=[await page.attach(picture(c)) for c in ("red", "blue")])
        await page.connect()
        await page.settled(answer)
        own_server.write("UPDATE conversations_conversation SET instructions = 'Be brief.'")
        await page.settled(await page.send("And now?", think=True))
        asked = [one.body["messages"] for one in intern.chats if one.streamed]
        assert [shown(turn) for turn in asked[0]] == [["Which colours?", "red", "blue"]]
        # With thinking the instructions go in front of the first question, images and all.
        assert shown(asked[1][0]) == ["Be brief.", "Which colours?", "red", "blue"]
        assert intern.broken == []


async def test_the_demo_sees_them(own_server: Server, demo: Demo) -> None:
    await own_server.start()
    page = await own_server.page()
    answer = await page.send("?", images=[await page.attach(picture(c)) for c in ("green", "red")])
    await page.connect()
    said = (await page.settled(answer)).text
    assert said.index("PNG, 64 × 48") < said.index("green") < said.index("red")
    turn = next(
        one.messages[-1] for one in reversed(demo.record.asked) if isinstance(one.messages[-1]["content"], list)
    )
    assert shown(turn) == ["?", "green", "red"]
