"""Folders are made, named, put in order and deleted; chats are never lost with one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.filing.refusals import MOST_FOLDERS
from tests.filing.desk import chat, folder, html, listening, post, state

Browser = Callable[[User], Client]


@pytest.fixture
def browser(ann: User, alias: Alias, signed_in: Browser) -> Client:
    return signed_in(ann)


def names(user: User) -> list[str]:
    return list(user.folders.values_list("name", flat=True))


def test_made_at_the_end_and_told_to_every_tab(ann: User, browser: Client) -> None:
    with listening(ann) as ears:
        for name in ("Batteries", "  电池\n论文 ", "<b>Bold</b>"):
            assert post(browser, "/folders/", name=name).status_code == 200
    assert names(ann) == ["Batteries", "电池 论文", "<b>Bold</b>"]
    assert ears.past() == [{}, {}, {}]
    page = html(browser.get("/folders/"))
    assert "<b>Bold</b>" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html(browser.get("/sidebar/"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "between 1 and 80"), (" \t", "between 1 and 80"), ("x" * 81, "between 1 and 80"), ("Papers", "already")],
)
def test_a_bad_name_is_refused_in_words(ann: User, browser: Client, name: str, sentence: str) -> None:
    folder(ann, "Papers")
    other = folder(ann, "Other", 1)
    for path in ("/folders/", f"/folders/{other.pk}/rename/"):
        for response in (post(browser, path, name=name), browser.post(path, {"name": name})):
            assert response.status_code == 422
            assert sentence in html(response)
    assert names(ann) == ["Papers", "Other"]


def test_two_people_may_have_folders_of_one_name(ann: User, bob: User, browser: Client) -> None:
    folder(bob, "Papers")
    assert post(browser, "/folders/", name="Papers").status_code == 200


def test_odd_characters_are_stored_or_replaced(ann: User, browser: Client) -> None:
    for text in ("nul \0 inside", "lone \ud83d surrogate", "x" * 80):
        encoded = text.encode("utf-8", "surrogatepass").decode("latin1")
        assert browser.post("/folders/", {"name": encoded}).status_code in (303, 422)
    assert not [name for name in names(ann) if "\0" in name]


def test_there_is_a_limit(ann: User, browser: Client) -> None:
    for number in range(MOST_FOLDERS):
        folder(ann, f"Folder {number}", number)
    response = post(browser, "/folders/", name="One more")
    assert response.status_code == 422
    assert "that is the limit" in html(response)
    assert post(browser, f"/c/{chat(ann).pk}/move/", name="One more").status_code == 422
    assert ann.folders.count() == MOST_FOLDERS


def test_renamed_to_another_name_or_its_own(ann: User, browser: Client) -> None:
    one = folder(ann)
    assert "Papers" in html(post(browser, f"/folders/{one.pk}/rename/", name="Papers"))
    assert post(browser, f"/folders/{one.pk}/rename/", name="Papers").status_code == 200
    assert names(ann) == ["Papers"]


def test_moved_up_and_down_and_no_further_than_the_ends(ann: User, browser: Client) -> None:
    # As an older version, or two tabs at once, may have left them.
    a, b, c = (folder(ann, name, 0) for name in "abc")
    response = post(browser, f"/folders/{c.pk}/up/")
    assert "c is folder 2 of 3" in html(response)
    assert names(ann) == ["a", "c", "b"]
    post(browser, f"/folders/{c.pk}/up/")
    post(browser, f"/folders/{c.pk}/up/")
    assert names(ann) == ["c", "a", "b"]
    post(browser, f"/folders/{a.pk}/down/")
    post(browser, f"/folders/{a.pk}/down/")
    assert names(ann) == ["c", "b", "a"]
    assert browser.post(f"/folders/{b.pk}/up/")["Location"] == "/folders/"
    assert names(ann) == ["b", "c", "a"]


def test_deleted_after_a_question_and_its_chats_go_back_among_the_days(ann: User, browser: Client) -> None:
    drawer = folder(ann)
    some = [chat(ann, folder=drawer), chat(ann, folder=drawer, archived_at=timezone.now())]
    question = html(browser.get(f"/folders/{drawer.pk}/delete/"))
    assert "Its 2 chats stay and go back among the days." in question
    assert names(ann) == ["Batteries"]
    with listening(ann) as ears:
        assert browser.post(f"/folders/{drawer.pk}/delete/")["Location"] == "/folders/"
    assert names(ann) == []
    assert [state(one) for one in some] == [(False, False, False, None), (False, True, False, None)]
    assert ears.past() == [{}]
    assert browser.post(f"/folders/{drawer.pk}/delete/").status_code == 404


def test_the_page_without_any_says_what_to_do(ann: User, browser: Client) -> None:
    assert "No folder yet. Make the first one below." in html(browser.get("/folders/"))
