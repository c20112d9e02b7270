"""Several chats at once: all of them or none, with one way back for all."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Message, Participation, Status
from chatapp.filing.refusals import MOST_AT_ONCE
from tests.filing.desk import HTMX, chat, chats, folder, html, listening, post, state, was

Browser = Callable[[User], Client]
DELETED = 8
DEEDS = ["pin", "unpin", "archive", "back", "move", "delete"]


@pytest.fixture
def browser(ann: User, alias: Alias, signed_in: Browser) -> Client:
    return signed_in(ann)


def do(browser: Client, deed: str, chosen: list[Conversation], **form: Any) -> HttpResponse:
    return post(browser, "/chats/", do=deed, id=[str(one.pk) for one in chosen], **form)


def test_three_are_archived_and_one_undo_brings_back_what_was_in_the_list(ann: User, browser: Client) -> None:
    listed, put_away = chats(ann, 2), chat(ann, archived_at=timezone.now())
    before = put_away.archived_at
    with listening(ann) as ears:
        response = do(browser, "archive", [*listed, put_away])
        assert "3 chats archived." in html(response)
        assert [state(one)[1] for one in (*listed, put_away)] == [True, True, True]
        assert post(browser, "/chats/undo/", was=was(response)).status_code == 204
    assert [state(one)[1] for one in (*listed, put_away)] == [False, False, True]
    put_away.refresh_from_db()
    assert put_away.archived_at == before
    archived, undone = ears.past()
    assert archived.keys() == {one.pk for one in (*listed, put_away)}
    assert {told["archived"] for told in undone.values()} == {False}


def test_moved_together_and_each_back_where_it_was(ann: User, browser: Client) -> None:
    first, second = folder(ann), folder(ann, "Papers", 1)
    loose, inside, there = chat(ann), chat(ann, folder=first), chat(ann, folder=second)
    response = do(browser, "move", [loose, inside, there], folder=second.pk)
    assert "3 chats moved to Papers." in html(response)
    assert {state(one)[3] for one in (loose, inside, there)} == {second.pk}
    post(browser, "/chats/undo/", was=was(response))
    assert [state(one)[3] for one in (loose, inside, there)] == [None, first.pk, second.pk]
    do(browser, "move", [inside, there], folder="")
    assert {state(one)[3] for one in (inside, there)} == {None}


def test_pinned_together(ann: User, browser: Client) -> None:
    some = chats(ann, 3)
    do(browser, "pin", some)
    assert all(state(one)[0] for one in some)
    do(browser, "unpin", some[:2])
    assert [state(one)[0] for one in some] == [False, False, True]


def test_guests_are_told_of_what_they_were_invited_to_and_of_nothing_else(
    ann: User, bob: User, browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    some = chats(ann, 12)
    team = Group.objects.create(name="Team")
    eve = User.objects.create_user(email="eve@example.org", name="Eve")
    bob.groups.add(team)
    eve.groups.add(team)
    for one in some[:6]:
        Participation.objects.create(conversation=one, group=team)
        Participation.objects.create(conversation=one, member=eve, left=True)
    for few in (some[:1], some[1:8]):
        with listening(bob) as ears, listening(eve) as other, django_assert_num_queries(DELETED):
            response = do(browser, "delete", few)
        (told,) = ears.past()
        assert told.keys() == {one.pk for one in few if one in some[:6]}
        assert all(state["gone"] for state in told.values())
        with listening(bob) as ears:
            post(browser, "/chats/undo/", was=was(response))
        assert [state["gone"] for state in ears.past()[0].values()] == [False] * len(told)
        assert not other.frames
    with listening(bob) as ears:
        post(browser, "/chats/undo/", was=was(do(browser, "archive", few)))
    assert not ears.frames


def test_deleted_together_with_their_answers_stopped_and_brought_back(ann: User, browser: Client) -> None:
    some = chats(ann, 3)
    some[0].messages.create(role=Message.Role.ASSISTANT, status=Status.DONE, alias_name="demo", text="Hi")
    with listening(ann) as ears:
        response = do(browser, "delete", some)
    assert "3 chats deleted." in html(response)
    assert all(told["gone"] for told in ears.past()[0].values())
    assert not Conversation.objects.filter(deleted_at=None).exists()
    assert not Conversation.objects.owned_by(ann).exists()
    post(browser, "/chats/undo/", was=was(response))
    assert Conversation.objects.owned_by(ann).count() == 3


@pytest.mark.parametrize("deed", DEEDS)
def test_one_that_is_not_the_persons_own_and_nothing_is_changed(
    ann: User, bob: User, browser: Client, deed: str
) -> None:
    drawer = folder(ann)
    own, bobs = chat(ann, folder=folder(ann, "Other", 1)), chat(bob)
    with listening(ann) as ears, listening(bob) as bobs_ears:
        for other in (bobs, Conversation(pk=uuid.uuid4()), chat(ann, temporary=True)):
            before = state(own)
            assert do(browser, deed, [own, other], folder=drawer.pk).status_code == 404
            assert state(own) == before
    assert state(bobs) == (False, False, False, None)
    assert not ears.frames
    assert not bobs_ears.frames


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"do": "archive"}, 422, "Tick at least one"),
        ({"do": "burn"}, 400, "does not understand"),
        ({}, 400, "does not understand"),
    ],
)
def test_what_cannot_be_done_is_said(
    ann: User, browser: Client, form: dict[str, str], status: int, sentence: str
) -> None:
    one = chat(ann)
    chosen = {} if form.get("do") == "archive" else {"id": str(one.pk)}
    response = post(browser, "/chats/", **form, **chosen)
    assert response.status_code == status
    assert sentence in html(response)
    plain = browser.post("/chats/", form | chosen)
    assert plain.status_code == status
    assert sentence in html(plain)
    assert "All chats" in html(plain)


@pytest.mark.parametrize("given", ["x", "\0", "9" * 4_000, "' OR 1=1", ""])
def test_what_is_no_id_is_404(ann: User, browser: Client, given: str) -> None:
    assert post(browser, "/chats/", do="archive", id=given).status_code == 404
    assert post(browser, "/archive/", back=given).status_code == 404


def test_too_many_at_once_are_refused(ann: User, browser: Client) -> None:
    some = chats(ann, MOST_AT_ONCE + 1)
    response = do(browser, "archive", some)
    assert response.status_code == 422
    assert "At most 500" in html(response)
    assert "500 chats archived." in html(do(browser, "archive", some[1:]))


def test_a_repeated_id_counts_once(ann: User, browser: Client) -> None:
    one = chat(ann)
    assert "Chat archived." in html(do(browser, "archive", [one, one]))


def test_one_of_the_archive_by_its_own_button(ann: User, browser: Client) -> None:
    one, other = chat(ann, archived_at=timezone.now()), chat(ann, archived_at=timezone.now())
    assert "brought back" in html(post(browser, "/archive/", back=str(one.pk), id=str(other.pk)))
    assert (state(one)[1], state(other)[1]) == (False, True)


def test_without_javascript_the_next_page_says_what_was_done_and_takes_it_back(ann: User, browser: Client) -> None:
    some = chats(ann, 2)
    response = browser.post("/chats/?show=loose", {"do": "delete", "id": [str(one.pk) for one in some]})
    assert (response.status_code, response["Location"]) == (303, "/chats/?show=loose")
    page = browser.get("/chats/?show=loose")
    assert "2 chats deleted." in html(page)
    assert "2 chats deleted." not in html(browser.get("/chats/"))
    assert browser.post("/chats/undo/", {"was": was(page)})["Location"] == "/chats/"  # type: ignore[arg-type]
    assert Conversation.objects.owned_by(ann).count() == 2


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "9" * 4_000])
def test_a_token_that_is_none_takes_nothing_back(ann: User, browser: Client, token: str) -> None:
    response = post(browser, "/chats/undo/", was=token)
    assert response.status_code == 409
    assert "cannot be taken back" in html(response)
    assert browser.post("/chats/undo/", {"was": token}).status_code == 409


def test_a_token_is_its_owners_alone(ann: User, eve: User, browser: Client, signed_in: Browser) -> None:
    one = chat(ann)
    token = was(do(browser, "delete", [one]))
    assert post(signed_in(eve), "/chats/undo/", was=token).status_code == 409
    assert state(one)[2]
    assert post(browser, "/chats/undo/", was=token).status_code == 204
    assert post(browser, "/chats/undo/", was=token).status_code == 204
    assert not state(one)[2]


def test_an_undo_after_the_folder_or_the_chat_is_gone_does_what_is_left(ann: User, browser: Client) -> None:
    drawer = folder(ann)
    one, other = chat(ann, folder=drawer), chat(ann, folder=drawer)
    token = was(do(browser, "move", [one, other], folder=""))
    drawer.delete()
    other.delete()
    assert browser.post("/chats/undo/", {"was": token}, headers=HTMX).status_code == 204
    assert state(one) == (False, False, False, None)
