"""The reply to a first send was lost, and it is sent again: the same chat, or a new one where that is gone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Participation

Browser = Callable[[User], Client]


def send(browser: Client, client_id: str) -> Conversation:
    """The chat that the page is led to."""
    response: Any = browser.post("/new/", {"client_id": client_id, "text": "Hello", "alias": "demo"})
    assert response.status_code == 303
    return Conversation.objects.get(pk=response["Location"].split("/")[2])


def test_it_finds_the_first_one(ann: User, alias: Alias, signed_in: Browser) -> None:
    browser, name = signed_in(ann), str(uuid.uuid4())
    assert send(browser, name) == send(browser, name)
    assert Conversation.objects.get().messages.count() == 2


def test_the_first_one_was_deleted(ann: User, alias: Alias, signed_in: Browser) -> None:
    browser, name = signed_in(ann), str(uuid.uuid4())
    first = send(browser, name)
    Conversation.objects.update(deleted_at=timezone.now())
    again = send(browser, name)
    assert again != first
    assert (again.owner, again.deleted_at) == (ann, None)
    assert again.messages.first().text == "Hello"  # type: ignore[union-attr]


def test_the_first_one_was_passed_on(ann: User, bob: User, alias: Alias, signed_in: Browser) -> None:
    browser, name = signed_in(ann), str(uuid.uuid4())
    first = send(browser, name)
    Conversation.objects.update(owner=bob)
    invited = Participation.objects.create(conversation=first, member=ann, may_write=True)
    assert send(browser, name) == first
    invited.delete()
    again = send(browser, name)
    assert again != first
    assert again.owner == ann
