"""An image by its link: fetched from the Internet, never from where only the server can go."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from pytest_django import Settings

from accounts.models import User
from chatapp.images import fetching
from chatapp.images.models import Image
from chatapp.images.refusals import NotFetched
from chatapp.imaging.errors import ImageRefused
from chatapp.upstream.addresses import Address
from tests.images.browser import Browser, stored_files, waiting_files
from tests.imaging import files

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[[User | None], Awaitable[Browser]]


class World:
    """A web server at 127.0.0.1, which these tests take for the Internet; 127.0.0.2 is the private network."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str]] = []
        self.heads: list[str] = []
        self.callers: list[asyncio.StreamWriter] = []
        self.port = 0

    def link(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def serve(self, path: str, data: bytes, **headers: str) -> str:
        self.pages[path] = (200, headers, data)
        return self.link(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        self.pages[path] = (status, {"Location": to}, b"")
        return self.link(path)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers.append(writer)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        self.heads.append(head)
        self.asked.append((writer.get_extra_info("sockname")[0], path))
        status, headers, data = self.pages.get(path, (404, {}, b"not here"))
        lines = [f"HTTP/1.1 {status} x", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        try:
            for at in range(0, len(data), 65536):
                writer.write(data[at : at + 65536])
                await writer.drain()
            if "X-Hangs" not in headers.values():
                writer.close()
        except ConnectionError:
            pass


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    server = await asyncio.start_server(made.answer, ["127.0.0.1"], 0)
    made.port = server.sockets[0].getsockname()[1]
    private = await asyncio.start_server(made.answer, ["127.0.0.2"], made.port)
    yield made
    server.close()
    private.close()
    for caller in made.callers:
        caller.close()


def internet(address: Address) -> bool:
    return address == ipaddress.ip_address("127.0.0.1")


async def refusal(ann: User, url: str) -> str:
    try:
        await fetching.fetch(ann, url, permit=internet)
    except (NotFetched, ImageRefused) as refused:
        return refused.sentence
    pytest.fail("the image was taken")


async def test_a_link_becomes_an_image_named_as_its_last_part(ann: User, folder: Path, world: World) -> None:
    url = world.serve("/a/cell%204.jpg?x=1", files.turned(6))
    image = await fetching.fetch(ann, url, permit=internet)
    assert (image.name, image.width, image.height) == ("cell 4.jpg", 64, 48)
    assert len(stored_files(folder)) == 2
    assert waiting_files(folder) == []
    assert "cookie" not in world.heads[0].lower()


async def test_redirects_are_followed_as_far_as_they_may_go(ann: User, folder: Path, world: World) -> None:
    world.serve("/3", files.corners_as("PNG"))
    world.redirect("/2", "/3", 307)
    world.redirect("/1", world.link("/2"), 301)
    await fetching.fetch(ann, world.redirect("/0", "1"), permit=internet)
    assert "more than 3 times" in await refusal(ann, world.redirect("/more", "/0"))
    assert "more than 3 times" in await refusal(ann, world.redirect("/round", "/round"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_into_the_private_network_is_not_followed(
    ann: User, folder: Path, world: World, status: int
) -> None:
    url = world.redirect("/out", world.link("/secret", "127.0.0.2"), status)
    assert "private address" in await refusal(ann, url)
    assert world.asked == [("127.0.0.1", "/out")]
    assert waiting_files(folder) == []


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://[::1", "//u:p@127.0.0.1/"])
async def test_a_redirect_to_something_else_is_not_followed(ann: User, folder: Path, world: World, to: str) -> None:
    assert await refusal(ann, world.redirect("/out", to))
    assert len(world.asked) == 1


async def test_a_name_that_leads_to_a_private_address_is_not_followed(
    ann: User, folder: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    look_up = loop.getaddrinfo
    names = {"inside.example": "127.0.0.2", "outside.example": "127.0.0.1"}

    async def getaddrinfo(host: str, port: int, **options: int) -> object:
        return await look_up(names.get(host, host), port, **options)

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    world.serve("/x.png", files.corners_as("PNG"))
    await fetching.fetch(ann, world.link("/x.png", "outside.example"), permit=internet)
    assert "private address" in await refusal(ann, world.link("/x.png", "inside.example"))
    assert world.asked == [("127.0.0.1", "/x.png")]


PRIVATE_LINKS = [
    "http://127.0.0.1:{port}/x.png",
    "http://localhost:{port}/x.png",
    "http://2130706433:{port}/x.png",
    "http://0x7f.1:{port}/x.png",
    "http://0:{port}/x.png",
    "http://[::1]:{port}/x.png",
    "http://[::ffff:127.0.0.1]:{port}/x.png",
    "http://127.0.0.1.:{port}/x.png",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
]


@pytest.mark.parametrize("link", PRIVATE_LINKS)
async def test_the_page_cannot_lead_the_server_to_itself(
    link: str, ann: User, browser: Open, folder: Path, world: World
) -> None:
    world.serve("/x.png", files.corners_as("PNG"))
    response = await (await browser(ann)).post("/images/fetch/", url=link.format(port=world.port))
    assert response.status_code == 422
    sentence = response.content.decode()
    assert "private address" in sentence or "cannot be reached" in sentence
    assert world.asked == []
    assert not await Image.objects.aexists()


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://example.org/x", "data:image/png;base64,AA", "http://a b/", "http://" + "x" * 3_000]
)
async def test_what_is_no_link_is_said_so(url: str, ann: User, browser: Open) -> None:
    response = await (await browser(ann)).post("/images/fetch/", url=url)
    assert response.status_code == 422
    assert "not a link that can be followed" in response.content.decode()


async def test_a_password_in_a_link_is_not_sent_anywhere(ann: User, folder: Path, world: World) -> None:
    assert "user name or password" in await refusal(ann, world.link("/x").replace("//", "//ann:secret@"))
    assert world.asked == []


async def test_content_decides_there_too(ann: User, folder: Path, world: World) -> None:
    assert "a web page" in await refusal(ann, world.serve("/x.png", files.OTHERS["html"], Content_Type="image/png"))
    assert "an SVG drawing" in await refusal(ann, world.serve("/x.svg", files.SVG))
    assert "answered 404" in await refusal(ann, world.link("/no"))
    assert not stored_files(folder)


async def test_a_large_file_is_not_taken_in_whether_it_says_its_size_or_not(
    ann: User, folder: Path, world: World, settings: Settings
) -> None:
    settings.PARLEY_IMAGE_BYTES = 1_000_000
    data = files.corners_as("JPEG") + bytes(30_000_000)
    said = world.serve("/said", data, Content_Length=str(len(data)))
    assert "30 MB; the limit is 1 MB." in await refusal(ann, said)
    assert "MB; the limit is 1 MB." in await refusal(ann, world.serve("/unsaid", data))
    assert waiting_files(folder) == []


async def test_a_server_that_does_not_end_is_given_up(
    ann: User, folder: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    assert "within 0.3 seconds" in await refusal(ann, world.serve("/hangs", b"\xff\xd8\xff", Note="X-Hangs"))
    assert waiting_files(folder) == []


async def test_only_so_many_links_are_followed_at_once(
    ann: User, folder: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    hangs = asyncio.create_task(refusal(ann, world.serve("/hangs", b"\xff\xd8\xff", Note="X-Hangs")))
    async with asyncio.timeout(5):
        while not world.asked:
            await asyncio.sleep(0.01)
    assert "Too many images" in await refusal(ann, world.link("/x"))
    assert "within 1 seconds" in await hangs
