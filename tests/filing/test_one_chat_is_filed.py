"""Pinned, archived, moved and back: each does one thing, once, and every tab of the owner hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation
from tests.filing.desk import HTMX, chat, folder, html, listening, post, state, was

Browser = Callable[[User], Client]


@pytest.fixture
def browser(ann: User, alias: Alias, signed_in: Browser) -> Client:
    return signed_in(ann)


def test_pinned_and_unpinned(ann: User, browser: Client) -> None:
    one = chat(ann)
    with listening(ann) as ears:
        assert "Chat pinned." in html(post(browser, f"/c/{one.pk}/pin/"))
        assert state(one)[0]
        assert "Chat unpinned." in html(post(browser, f"/c/{one.pk}/unpin/"))
    assert not state(one)[0]
    assert [told[one.pk]["pinned"] for told in ears.past()] == [True, False]


def test_a_repeated_pin_keeps_the_moment_of_the_first(ann: User, browser: Client) -> None:
    one = chat(ann)
    post(browser, f"/c/{one.pk}/pin/")
    one.refresh_from_db()
    first = one.pinned_at
    assert post(browser, f"/c/{one.pk}/pin/").status_code == 200
    one.refresh_from_db()
    assert one.pinned_at == first


def test_archived_and_back_with_folder_and_pin_as_before(ann: User, browser: Client) -> None:
    drawer = folder(ann)
    one = chat(ann, "Put away", folder=drawer, pinned_at=timezone.now())
    with listening(ann) as ears:
        assert "Chat archived." in html(post(browser, f"/c/{one.pk}/archive/"))
    assert state(one) == (True, True, False, drawer.pk)
    assert ears.past() == [{one.pk: {"gone": False, "archived": True, "pinned": True}}]
    assert "Put away" not in html(browser.get("/sidebar/"))
    assert "Put away" in html(browser.get("/archive/"))
    page = html(browser.get(f"/c/{one.pk}/"))
    assert "· Archived" in page
    assert "Back to the list" in page
    assert "brought back" in html(post(browser, f"/c/{one.pk}/unarchive/"))
    assert state(one) == (True, False, False, drawer.pk)
    assert "Put away" in html(browser.get("/sidebar/"))
    assert "Put away" not in html(browser.get("/archive/", headers=HTMX))


def test_moved_into_a_folder_another_one_and_out_again(ann: User, browser: Client) -> None:
    first, second, one = folder(ann), folder(ann, "审稿", 1), chat(ann)
    assert "Chat moved to Batteries." in html(post(browser, f"/c/{one.pk}/move/", folder=first.pk))
    assert state(one)[3] == first.pk
    assert "Chat moved to 审稿." in html(post(browser, f"/c/{one.pk}/move/", folder=second.pk))
    assert state(one)[3] == second.pk
    assert "taken out of the folder" in html(post(browser, f"/c/{one.pk}/move/", folder=""))
    assert state(one)[3] is None


def test_a_pinned_chat_stays_pinned_in_its_folder_unless_it_was_dragged_there(ann: User, browser: Client) -> None:
    drawer, one = folder(ann), chat(ann, pinned_at=timezone.now())
    post(browser, f"/c/{one.pk}/move/", folder=drawer.pk)
    assert state(one) == (True, False, False, drawer.pk)
    response = post(browser, f"/c/{one.pk}/move/", folder=drawer.pk, unpin="1")
    assert state(one) == (False, False, False, drawer.pk)
    post(browser, "/chats/undo/", was=was(response))
    assert state(one) == (True, False, False, drawer.pk)


def test_moved_into_a_new_folder_which_is_made_once(ann: User, browser: Client) -> None:
    one, other = chat(ann), chat(ann)
    for conversation in (one, other):
        assert "moved to Solid &lt;state&gt;" in html(
            post(browser, f"/c/{conversation.pk}/move/", name=" Solid  <state> ")
        )
    made = ann.folders.get()
    assert made.name == "Solid <state>"
    assert state(one)[3] == state(other)[3] == made.pk


@pytest.mark.parametrize("name", ["", " \n ", "x" * 81])
def test_a_name_that_is_none_moves_nothing(ann: User, browser: Client, name: str) -> None:
    one = chat(ann)
    response = post(browser, f"/c/{one.pk}/move/", name=name)
    assert response.status_code == 422
    assert "between 1 and 80 characters" in html(response)
    plain = browser.post(f"/c/{one.pk}/move/", {"name": name})
    assert plain.status_code == 422
    assert "between 1 and 80 characters" in html(plain)
    assert "File this chat" in html(plain)
    assert not ann.folders.exists()


@pytest.mark.parametrize("given", ["0", "-1", "9223372036854775808", "9" * 4_000, "1e3", "½", "%00", "\0", "x"])
def test_a_folder_that_cannot_be_is_404(ann: User, browser: Client, given: str) -> None:
    one = chat(ann)
    assert post(browser, f"/c/{one.pk}/move/", folder=given).status_code == 404
    assert state(one)[3] is None


def test_somebody_elses_folder_is_404(ann: User, bob: User, browser: Client) -> None:
    one, bobs = chat(ann), folder(bob)
    assert post(browser, f"/c/{one.pk}/move/", folder=bobs.pk).status_code == 404
    assert state(one)[3] is None


def test_a_temporary_or_deleted_chat_is_not_filed(ann: User, browser: Client) -> None:
    fleeting, gone = chat(ann, temporary=True), chat(ann, deleted_at=timezone.now())
    for one in (fleeting, gone):
        assert browser.get(f"/c/{one.pk}/file/").status_code == 404
        for action in ("pin", "unpin", "archive", "unarchive", "move"):
            assert post(browser, f"/c/{one.pk}/{action}/").status_code == 404
    assert not Conversation.objects.exclude(pinned_at=None, archived_at=None).exists()


def test_without_javascript_a_page_has_all_of_it(ann: User, browser: Client) -> None:
    drawer, one = folder(ann), chat(ann, "Cathodes", folder=folder(ann, "Now in", 1))
    page = html(browser.get(f"/c/{one.pk}/file/"))
    assert "<!doctype html>" in page
    for path in ("pin", "archive", "delete", "move"):
        assert f'action="/c/{one.pk}/{path}/"' in page
    assert f'name="folder" value="{drawer.pk}"' in page
    assert browser.post(f"/c/{one.pk}/pin/")["Location"] == f"/c/{one.pk}/"
    assert "Unpin" in html(browser.get(f"/c/{one.pk}/file/"))


def test_a_message_brings_an_archived_chat_back(ann: User, browser: Client) -> None:
    one = chat(ann, archived_at=timezone.now(), age=timedelta(days=40))
    form = {"client_id": "6f1d6d1e-5a0c-4d5a-9a55-3f6f0c1f2a19", "text": "Still there?", "alias": "demo"}
    with listening(ann) as ears:
        assert browser.post(f"/c/{one.pk}/send/", form).status_code == 303
    assert not state(one)[1]
    side = next(frame for frame in ears.frames if frame["t"] == "side")
    assert not side["archived"]
    assert f'id="c-{one.pk}"' in side["html"]
