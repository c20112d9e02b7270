"""A form that is sent twice does what it does once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.audit.models import Entry
from chatapp.conversations.models import Conversation
from chatapp.conversations.tree import path_to
from chatapp.sharing.models import Link
from tests.sharing.talk import allow, form, make_link, picture, talk

Browser = Callable[[User], Client]

# However many messages there are, up to those that SQLite takes at once.
COPIED, FORKED = 22, 24

pytestmark = pytest.mark.django_db


def id_in(browser: Client, path: str) -> str:
    page = browser.get(path).content.decode()
    return str(re.findall(r'name="client_id" value="([\w-]{36})"', page)[0])


def test_make_link_twice_makes_one(chat: Conversation, owner: Client) -> None:
    path = f"/c/{chat.pk}/share/"
    wish = id_in(owner, path)
    assert make_link(owner, chat, client_id=wish, label="For Jo") == make_link(owner, chat, client_id=wish)
    assert [link.label for link in Link.objects.all()] == ["For Jo"]
    assert Entry.objects.count() == 1
    assert id_in(owner, path) != wish
    make_link(owner, chat, client_id=id_in(owner, path))
    assert Link.objects.count() == 2
    assert owner.post(path, form(client_id="x")).status_code == 422


def test_the_id_of_a_wish_is_of_one_member_and_one_chat(
    chat: Conversation, owner: Client, ann: User, bob: User, signed_in: Browser
) -> None:
    wish = str(uuid.uuid4())
    tokens = {make_link(owner, chat, client_id=wish), make_link(owner, talk(ann), client_id=wish)}
    tokens.add(make_link(signed_in(bob), talk(bob), client_id=wish))
    assert len(tokens) == 3


def test_the_repeat_of_what_was_revoked_brings_nothing_back(chat: Conversation, owner: Client) -> None:
    wish = str(uuid.uuid4())
    make_link(owner, chat, client_id=wish)
    owner.post(f"/links/{Link.objects.get().pk}/revoke/")
    response = owner.post(f"/c/{chat.pk}/share/", form(client_id=wish))
    assert response.status_code == 200
    assert "The link is ready" not in response.content.decode()
    assert Link.objects.get().revoked_at is not None


def test_continue_twice_makes_one_copy(chat: Conversation, owner: Client, bob: User, signed_in: Browser) -> None:
    path, reader = f"/s/{make_link(owner, chat)}/continue/", signed_in(bob)
    wish = {"client_id": id_in(reader, path)}
    there = {reader.post(path, wish)["Location"] for _ in range(2)}
    assert len(there) == 1
    copy = Conversation.objects.get(owner=bob)
    assert copy.messages.count() == 4
    assert reader.post(path, {"client_id": id_in(reader, path)})["Location"] not in there
    # Somebody else's wish of the same name is another one, and so is one after the copy was deleted.
    assert owner.post(path, wish)["Location"] not in there
    Conversation.objects.filter(pk=copy.pk).update(deleted_at=timezone.now())
    assert reader.post(path, wish)["Location"] not in there
    for odd in ("", "x", "\x00"):
        assert reader.post(path, {"client_id": odd}).status_code == 303


@pytest.mark.parametrize("turns", [4, 20])
def test_a_copy_keeps_nobody_waiting_for_long(
    ann: User, bob: User, signed_in: Browser, turns: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    allow()
    chat = talk(ann, turns)
    for message in chat.messages.all():
        picture(message)
    owner, reader = signed_in(ann), signed_in(bob)
    path = f"/s/{make_link(owner, chat)}/continue/"
    wish = {"client_id": id_in(reader, path)}
    with django_assert_num_queries(COPIED):
        reader.post(path, wish)
    with django_assert_num_queries(FORKED):
        owner.post(f"/m/{chat.leaf_id}/fork/")
    fork = Conversation.objects.filter(owner=ann).exclude(pk=chat.pk).get()
    for copy in (Conversation.objects.get(owner=bob), fork):
        assert told(copy) == told(chat)
        assert copy.leaf is not None
        assert [message.text for message in path_to(copy.leaf)] == [text for text, *_ in told(chat)]


def told(chat: Conversation) -> list[tuple[object, ...]]:
    """What a copy has of its messages."""
    attached = chat.messages.order_by("pk").prefetch_related("attachments__image")
    return [(m.text, m.role, m.author_id, m.created_at, m.attachments.count()) for m in attached]
