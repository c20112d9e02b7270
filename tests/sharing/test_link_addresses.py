"""Addresses of links: their origin is the configured one (WEB-05b), and guesses are not looked at for long (SH-09)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from chatapp.asgi import sockets
from chatapp.conversations.models import Conversation
from chatapp.sharing.guesses import MOST_PLACES, MOST_WRONG, WINDOW_SECONDS, Guesses, guesses
from chatapp.sharing.links import digest_of
from chatapp.sharing.models import Link
from tests.sharing.talk import allow, form, make_link, talk

Browser = Callable[[User], Client]

pytestmark = pytest.mark.django_db

GUESSES = 10_000


@pytest.fixture
def chat(ann: User) -> Conversation:
    allow()
    return talk(ann)


def token_of(number: int) -> str:
    """A word that looks like the token of a link."""
    return f"guess{number}".ljust(32, "x")


def status(path: str, address: str = "198.51.100.7") -> int:
    return Client(REMOTE_ADDR=address).get(path).status_code


@pytest.mark.parametrize(
    "asked", [{"X-Forwarded-Host": "evil.example"}, {"Host": "127.0.0.1"}, {"Host": "localhost:99"}]
)
@pytest.mark.parametrize("trusted", [True, False])
def test_the_address_of_a_link_is_the_configured_one_whatever_a_request_says(
    chat: Conversation, ann: User, signed_in: Browser, settings: Settings, asked: dict[str, str], trusted: bool
) -> None:
    """WEB-05b."""
    settings.PARLEY_ORIGIN, settings.PARLEY_TRUST_PROXY = "https://chat.example.org", trusted
    headers = asked | {"X-Forwarded-Proto": "http", "Forwarded": "host=evil.example", "Origin": "https://evil.example"}
    page = signed_in(ann).post(f"/c/{chat.pk}/share/", form(), headers=headers).content.decode()
    assert re.findall(r"(\S*)/s/[\w-]{32}/", page)
    assert {found.rpartition('"')[2] for found in re.findall(r"(\S*)/s/[\w-]{32}/", page)} == {
        "https://chat.example.org"
    }
    assert "evil.example" not in page


def test_ten_thousand_guesses_are_one_404_and_then_not_looked_at(
    chat: Conversation, ann: User, signed_in: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = make_link(signed_in(ann), chat)
    told = {Client(REMOTE_ADDR="198.51.100.7").get(f"/s/{token_of(n)}/").content for n in range(MOST_WRONG)}
    assert len(told) == 1
    response = Client(REMOTE_ADDR="198.51.100.7").get(f"/s/{token_of(MOST_WRONG)}/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= WINDOW_SECONDS
    assert response["Cache-Control"] == "no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert "Too many addresses were tried" in response.content.decode()
    with django_assert_num_queries(0):
        # The right one is among them, and tells nothing.
        assert status(f"/s/{token}/") == 429
        for part in ("", "image/1/", "image/1/small/"):
            assert status(f"/s/{token_of(1)}/{part}") == 429
        for number in range(MOST_WRONG, GUESSES, 100):
            assert status(f"/s/{token_of(number)}/") == 429
    assert Client(REMOTE_ADDR="198.51.100.7").post(f"/s/{token}/open/", {"password": "x"}).status_code == 429
    assert status(f"/s/{token}/", "198.51.100.8") == 200


def test_who_reloads_a_link_that_was_revoked_guesses_nothing(chat: Conversation, ann: User, signed_in: Browser) -> None:
    old, new = make_link(signed_in(ann), chat), make_link(signed_in(ann), chat)
    Link.objects.filter(digest=digest_of(old)).update(revoked_at=chat.active_at)
    assert {status(f"/s/{old}/") for _ in range(MOST_WRONG + 10)} == {404}
    assert status(f"/s/{new}/") == 200


def test_the_wait_has_an_end_and_the_memory_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    tries, now = Guesses(), time.monotonic()
    for number in range(MOST_WRONG):
        tries.note("here", token_of(number))
    with pytest.raises(Exception, match="again in 300 s"):
        tries.check("here")
    monkeypatch.setattr(time, "monotonic", lambda: now + WINDOW_SECONDS + 1)
    tries.check("here")
    for number in range(MOST_PLACES + 10):
        tries.note(f"place {number}", "x")
    assert len(tries._tries) == MOST_PLACES


@pytest.mark.django_db(transaction=True)
async def test_sockets_are_no_second_door(transactional_db: None) -> None:
    async def code(token: str) -> int:
        socket = WebsocketCommunicator(sockets, f"/ws/s/{token}/")
        socket.scope["client"] = ("198.51.100.7", 1)
        await socket.connect(timeout=10)
        closed = await socket.receive_output()
        await socket.disconnect()
        return int(closed["code"])

    assert await code(token_of(0)) == 4410
    for number in range(1, MOST_WRONG):
        guesses.note("198.51.100.7", token_of(number))
    assert await code(token_of(0)) == 4429
