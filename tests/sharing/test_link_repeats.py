"""A form that is sent twice does what it does once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.audit.models import Entry
from chatapp.conversations.models import Conversation
from chatapp.sharing.models import Link
from tests.sharing.talk import form, make_link, talk

Browser = Callable[[User], Client]

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
