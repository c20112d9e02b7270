"""A temporary chat is in no list and asks for no title; its owner may keep it after all."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation
from chatapp.search.models import Entry
from tests.retention.chats import chat

Browser = Callable[[User], Client]


def sidebar(browser: Client) -> str:
    return browser.get("/sidebar/").content.decode()


def test_the_start_page_offers_it_in_a_form_that_works_by_itself(ann: User, alias: Alias, signed_in: Browser) -> None:
    html = signed_in(ann).get("/").content.decode()
    assert re.search(r'<input[^>]*type="checkbox" name="temporary" value="1"', html)


def test_a_refused_message_stays_temporary(ann: User, alias: Alias, signed_in: Browser) -> None:
    form = {"text": "", "alias": "demo", "client_id": str(uuid.uuid4()), "temporary": "1"}
    response = signed_in(ann).post("/new/", form)
    assert response.status_code == 422
    assert re.search(r'name="temporary" value="1" checked', response.content.decode())


def test_its_page_says_so_and_the_list_has_it_not(ann: User, alias: Alias, signed_in: Browser) -> None:
    made, browser = chat(ann, 0, temporary=True), signed_in(ann)
    page = browser.get(f"/c/{made.pk}/").content.decode()
    assert "not in your list; gone 24 hours after its last message" in page
    assert f'action="/c/{made.pk}/keep/"' in page
    assert f'id="c-{made.pk}"' not in page
    assert "A secret title" not in sidebar(browser)
    assert 'name="temporary"' not in page


def test_kept_it_is_listed_found_and_ordinary(ann: User, alias: Alias, signed_in: Browser) -> None:
    made, browser = chat(ann, 0, temporary=True), signed_in(ann)
    assert not Entry.objects.exists()
    response = browser.post(f"/c/{made.pk}/keep/")
    assert (response.status_code, response["Location"]) == (303, f"/c/{made.pk}/")
    assert "Temporary:" not in browser.get(f"/c/{made.pk}/").content.decode()
    assert "A secret title" in sidebar(browser)
    assert set(Entry.objects.values_list("message__text", flat=True)) == {None, "secret question", "secret answer"}
    assert browser.post(f"/c/{made.pk}/keep/", headers={"HX-Request": "true"}).status_code == 200
    assert Entry.objects.count() == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_its_owner_keeps_it(ann: User, eve: User, signed_in: Browser, method: str) -> None:
    made = chat(ann, 0, temporary=True)
    assert signed_in(eve).generic(method, f"/c/{made.pk}/keep/").status_code == (404 if method == "POST" else 405)
    assert signed_in(eve).post(f"/c/{uuid.uuid4()}/keep/").status_code == 404
    assert Conversation.objects.get().temporary


def test_who_reads_along_is_not_offered_to_keep_it(ann: User, bob: User, alias: Alias, signed_in: Browser) -> None:
    made = chat(ann, 0, temporary=True)
    made.participations.create(member=bob, may_write=True)
    page = signed_in(bob).get(f"/c/{made.pk}/")
    assert page.status_code == 200
    assert "/keep/" not in page.content.decode()
    assert signed_in(bob).post(f"/c/{made.pk}/keep/").status_code == 404


def test_a_deleted_one_is_not_kept(ann: User, signed_in: Browser) -> None:
    made = chat(ann, 0, temporary=True, deleted_at=timezone.now())
    assert signed_in(ann).post(f"/c/{made.pk}/keep/").status_code == 404
