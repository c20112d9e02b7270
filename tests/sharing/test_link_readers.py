"""The page behind a link, for people without an account: headers, password, counting, and a copy for members."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AttemptCount, User
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.logs import OneLine
from chatapp.sharing.models import Link
from chatapp.sharing.reading import OPENED_SECONDS, visitors
from tests.sharing.talk import make_link, picture, read, say

Browser = Callable[[User], Client]

pytestmark = pytest.mark.django_db

PASSWORD = "open sesame"  # noqa: S105


def give(browser: Client, token: str, password: str, headers: dict[str, str] | None = None) -> int:
    return browser.post(f"/s/{token}/open/", {"password": password}, headers=headers or {}).status_code


def test_every_answer_is_for_nobody_else(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat)
    locked = make_link(owner, chat, password=PASSWORD)
    over = make_link(owner, chat)
    Link.objects.filter(pk=Link.objects.latest("pk").pk).update(expires_at=timezone.now())
    paths = [f"{token}/", f"{locked}/", f"{over}/", "A" * 32 + "/", f"{token}/image/9/", f"{over}/image/1/"]
    statuses = []
    for path in paths:
        response = Client().get(f"/s/{path}")
        statuses.append(response.status_code)
        assert response["X-Robots-Tag"].startswith("noindex, nofollow"), path
        assert response["Referrer-Policy"] == "no-referrer", path
        assert response["Cache-Control"] == "no-store", path
        assert response["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"], path
        assert "unsafe" not in response["Content-Security-Policy"], path
        assert not response.cookies, path
        assert '<meta name="robots" content="noindex' in response.content.decode(), path
        assert "csrf" not in response.content.decode(), path
    assert statuses == [200, 200, 410, 404, 404, 410]


def test_it_offers_nothing_that_a_reader_may_not_do(chat: Conversation, owner: Client) -> None:
    picture(chat.messages.get(text="question 3"))
    say(chat, chat.messages.get(text="question 3"), 4, text="another version")
    for kind in ("snapshot", "live"):
        html = read(make_link(owner, chat, kind=kind), owner).content.decode()
        thread = html[html.index('id="thread"') : html.index("<template")]
        assert "<form" not in thread
        assert "<button" not in thread
        assert 'class="acts' not in thread
        assert not re.findall(r"hx-(?:get|post)", html)
        assert "another version" not in html
        assert "Version" not in html
        assert {address.split("/")[1] for address in re.findall(r'href="(/[^"]*)"', html)} == {"static", "s"}


def test_a_password_opens_the_link_in_one_browser_for_a_while(chat: Conversation, owner: Client) -> None:
    image = picture(chat.messages.get(text="question 3"))
    token = make_link(owner, chat, password=PASSWORD)
    other = make_link(owner, chat, password=PASSWORD)
    reader = Client()
    assert image.stored
    page = read(token, reader)
    assert "This link has a password" in page.content.decode()
    for secret in ("Our talk", "question 1", "answer 2", "Ann"):
        assert secret not in page.content.decode()
    assert reader.get(f"/s/{token}/image/1/").status_code == 404
    for wrong in ("", "open sesam", "x" * 2000, "\x00", PASSWORD.upper()):
        assert give(reader, token, wrong) == 422
    assert not reader.cookies
    assert give(reader, token, PASSWORD) == 303
    (cookie,) = reader.cookies.values()
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == OPENED_SECONDS
    assert token not in cookie.value
    assert "question 1" in read(token, reader).content.decode()
    assert "question 1" not in read(other, reader).content.decode()
    assert "question 1" not in read(token).content.decode()
    # A cookie of one link opens no other one, under whatever name.
    for name in list(reader.cookies):
        forged = Client()
        for link in (token, other):
            forged.cookies[name] = cookie.value
            forged.cookies[name[:-1] + "0"] = cookie.value
            assert ("question 1" in read(link, forged).content.decode()) == (link == token)


def test_another_password_ends_what_the_first_one_opened(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, password=PASSWORD)
    link = Link.objects.get()
    assert link.password.startswith("argon2$")
    reader = Client()
    assert give(reader, token, PASSWORD) == 303
    field = f"link-{link.pk}"
    assert owner.post(f"/links/{link.pk}/change/", {f"{field}-label": "New"}).status_code == 303
    assert "question 1" in read(token, reader).content.decode()
    owner.post(f"/links/{link.pk}/change/", {f"{field}-password": "something else"})
    assert "question 1" not in read(token, reader).content.decode()
    assert give(reader, token, PASSWORD) == 422
    owner.post(f"/links/{link.pk}/change/", {f"{field}-no_password": "on"})
    assert "question 1" in read(token).content.decode()
    owner.post(f"/links/{link.pk}/change/", {f"{field}-password": "short"})
    assert Link.objects.get().password == ""


def test_guessing_passwords_is_throttled(chat: Conversation, owner: Client) -> None:
    token, other = make_link(owner, chat, password=PASSWORD), make_link(owner, chat, password=PASSWORD)
    statuses = [give(Client(), token, f"wrong {n}", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(25)]
    assert statuses == [422] * 10 + [429] * 15
    assert give(Client(), token, PASSWORD) == 429
    # Somebody else is let in until the link itself has had too many.
    assert give(Client(REMOTE_ADDR="10.9.9.9"), token, PASSWORD) == 303
    assert give(Client(), other, PASSWORD) == 303
    AttemptCount.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert give(Client(), token, PASSWORD) == 303


def test_a_form_from_elsewhere_opens_nothing(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, password=PASSWORD)
    assert give(Client(), token, PASSWORD, headers={"Sec-Fetch-Site": "cross-site"}) == 404
    assert give(Client(), "A" * 32, PASSWORD) == 404


def test_a_visit_is_counted_once_and_leaves_nothing_behind(chat: Conversation, owner: Client) -> None:
    visitors._seen.clear()
    token = make_link(owner, chat)
    for _ in range(3):
        read(token)
    assert Link.objects.get().views == 1
    read(token, headers={"User-Agent": "Another browser"})
    read(token, Client(REMOTE_ADDR="10.0.0.7"))
    Client().head(f"/s/{token}/")
    read(token, owner)
    link = Link.objects.get()
    assert link.views == 3
    assert link.viewed_at is not None
    assert "10.0.0.7" not in str(Link.objects.values_list()) + str(visitors._seen)
    assert "opened 3 times" in owner.get(f"/c/{chat.pk}/share/").content.decode()
    # An hour later it is another visit.
    for visitor in visitors._seen:
        visitors._seen[visitor] -= 3601
    read(token)
    assert Link.objects.get().views == 4


def test_addresses_do_not_get_into_the_log() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", ("/s/0123456789abcdef/image/1/",), None)
    assert OneLine("%(message)s").format(record) == "Not Found: /s/…/image/1/"
    record = logging.LogRecord("x", logging.WARNING, "", 0, "WebSocket /ws/s/0123456789abcdef", (), None)
    assert OneLine("%(message)s").format(record) == "WebSocket /ws/s/…"


def test_an_unfinished_answer_says_so_and_nothing_else(chat: Conversation, owner: Client) -> None:
    assert chat.leaf is not None
    Message.objects.filter(pk=chat.leaf.pk).update(status=Status.FAILED, error="auth", text="the beginning")
    html = read(make_link(owner, chat)).content.decode()
    assert "This answer was not finished." in html
    assert "key" not in html.partition('id="thread"')[2].partition("<template")[0].lower()


def test_a_member_continues_from_exactly_what_is_shown(
    chat: Conversation, owner: Client, bob: User, signed_in: Browser
) -> None:
    Conversation.objects.update(instructions="secret instructions", temperature=1.5)
    shown = picture(chat.messages.get(text="question 3"), alt="A red square")
    token = make_link(owner, chat, turns=3)
    say(chat, chat.leaf, 5, text="later")
    reader = signed_in(bob)
    page = reader.get(f"/s/{token}/continue/")
    assert "3 messages and 1 image become" in page.content.decode()
    # The form on this page has an origin.
    assert page["Referrer-Policy"] == "same-origin"
    response = reader.post(f"/s/{token}/continue/")
    made = Conversation.objects.get(owner=bob)
    assert response["Location"] == f"/c/{made.pk}/"
    assert made.title == "Our talk"
    assert (made.instructions, made.temperature, made.alias) == ("", None, None)
    copied = made.messages.order_by("pk")
    assert [message.text for message in copied] == ["question 1", "answer 2", "question 3"]
    assert [message.reasoning for message in copied] == ["", "", ""]
    assert [message.author for message in copied] == [chat.owner, None, chat.owner]
    assert made.leaf == copied.last()
    assert made.leaf is not None
    (copied_image,) = [one.image for one in made.leaf.attachments.all()]
    assert (copied_image.name, copied_image.alt, copied_image.owner) == ("Image 1", shown.alt, bob)
    assert copied_image.stored == shown.stored
    assert [m.created_at for m in copied] == [m.created_at for m in chat.messages.order_by("pk")[:3]]
    assert reader.get(f"/c/{made.pk}/").status_code == 200
    assert reader.get(f"/c/{chat.pk}/").status_code == 404


def test_a_copy_without_names_and_images_has_none(
    chat: Conversation, owner: Client, bob: User, signed_in: Browser
) -> None:
    picture(chat.messages.get(text="question 3"))
    for kind in ("live", "snapshot"):
        token = make_link(owner, chat, kind=kind, with_names=None, with_images=None, with_reasoning="on")
        assert signed_in(bob).post(f"/s/{token}/continue/").status_code == 303
    for made in Conversation.objects.filter(owner=bob):
        assert {message.author for message in made.messages.all()} == {None}
        assert not made.messages.filter(attachments__isnull=False).exists()
        assert [m.reasoning for m in made.messages.filter(role="assistant").order_by("pk")] == [
            "thought 2",
            "thought 4",
        ]


def test_only_members_continue_and_only_from_what_is_open(
    chat: Conversation, owner: Client, bob: User, signed_in: Browser
) -> None:
    token = make_link(owner, chat, password=PASSWORD)
    assert Client().get(f"/s/{token}/continue/")["Location"] == f"/sign-in/?next=/s/{token}/continue/"
    assert Client().post(f"/s/{token}/continue/").status_code == 302
    reader = signed_in(bob)
    assert reader.post(f"/s/{token}/continue/")["Location"] == f"/s/{token}/"
    assert give(reader, token, PASSWORD) == 303
    assert reader.post(f"/s/{token}/continue/")["Location"].startswith("/c/")
    Link.objects.update(expires_at=timezone.now())
    assert reader.post(f"/s/{token}/continue/").status_code == 410
    Link.objects.update(revoked_at=timezone.now())
    assert reader.post(f"/s/{token}/continue/").status_code == 404
    assert Conversation.objects.filter(owner=bob).count() == 1
