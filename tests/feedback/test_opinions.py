"""A member calls an answer good or bad, says why, and takes it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Feedback, Message, Status
from tests.feedback.answers import answer_of

Browser = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def answer(ann: User) -> Message:
    return answer_of(ann)


def at(answer: Message, more: str = "") -> str:
    return f"/m/{answer.pk}/feedback/{more}"


def given() -> list[tuple[bool, str, bool]]:
    return list(Feedback.objects.values_list("good", "comment", "sent"))


def test_given_in_place_with_a_form_for_a_comment(answer: Message, ann: User, signed_in: Browser) -> None:
    html = signed_in(ann).post(at(answer), {"opinion": "good"}, headers=HTMX).content.decode()
    assert given() == [(True, "", False)]
    assert 'value="none" data-opinion="good" aria-pressed="true"' in html
    assert 'value="bad" data-opinion="bad" aria-pressed="false"' in html
    assert 'name="comment"' in html
    assert "checked" not in html
    assert "<html" not in html


def test_without_a_script_a_page_of_its_own_takes_the_comment(answer: Message, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    response = browser.post(at(answer), {"opinion": "bad"})
    assert (response.status_code, response["Location"]) == (303, at(answer))
    assert b"You called an answer of <bdi>demo</bdi> bad." in browser.get(at(answer)).content
    response = browser.post(at(answer, "comment/"), {"comment": "Wrong sign.", "sent": "1"})
    assert (response.status_code, response["Location"]) == (303, f"/c/{answer.conversation_id}/#m{answer.pk}")
    assert given() == [(False, "Wrong sign.", True)]


def test_the_same_again_changes_nothing_and_none_takes_it_back(answer: Message, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    for _ in range(2):
        browser.post(at(answer), {"opinion": "good"})
    assert given() == [(True, "", False)]
    for _ in range(2):
        response = browser.post(at(answer), {"opinion": "none"})
        assert response["Location"] == f"/c/{answer.conversation_id}/#m{answer.pk}"
        assert given() == []


def test_another_opinion_keeps_the_comment_but_does_not_send_it(answer: Message, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    browser.post(at(answer), {"opinion": "good"})
    browser.post(at(answer, "comment/"), {"comment": "Clear.", "sent": "1"})
    html = browser.post(at(answer), {"opinion": "bad"}, headers=HTMX).content.decode()
    assert given() == [(False, "Clear.", False)]
    assert "Clear." in html


def test_the_page_of_the_chat_shows_ones_own_opinion(
    answer: Message, ann: User, bob: User, alias: Alias, signed_in: Browser
) -> None:
    browser, pressed = signed_in(ann), 'data-opinion="bad" aria-pressed="true"'
    Feedback.objects.create(message=answer, member=bob, good=False)
    page = f"/c/{answer.conversation_id}/"
    assert pressed not in browser.get(page).content.decode()
    browser.post(at(answer), {"opinion": "bad"})
    assert pressed in browser.get(page).content.decode()


def test_it_never_changes_the_message_for_other_readers(answer: Message, ann: User, signed_in: Browser) -> None:
    before = Message.objects.values_list("revision", "conversation__revision", "conversation__active_at").get(
        pk=answer.pk
    )
    signed_in(ann).post(at(answer), {"opinion": "good"})
    after = Message.objects.values_list("revision", "conversation__revision", "conversation__active_at").get(
        pk=answer.pk
    )
    assert after == before


def test_a_comment_is_kept_for_oneself_unless_it_is_sent(answer: Message, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    browser.post(at(answer), {"opinion": "good"})
    html = browser.post(at(answer, "comment/"), {"comment": "  好极了\r\n\x00 "}, headers=HTMX).content.decode()
    assert given() == [(True, "好极了\n\ufffd", False)]
    assert "Comment kept" in html
    browser.post(at(answer, "comment/"), {"comment": "", "sent": "1"})
    assert given() == [(True, "", False)]


def test_a_comment_that_is_too_long_stays_in_its_field(answer: Message, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    browser.post(at(answer), {"opinion": "good"})
    long = "x" * 2001
    response = browser.post(at(answer, "comment/"), {"comment": long, "sent": "1"})
    assert response.status_code == 422
    assert "2,001 characters; the limit is 2,000" in response.content.decode()
    assert long in response.content.decode()
    assert browser.post(at(answer, "comment/"), {"comment": long}, headers=HTMX).status_code == 422
    assert given() == [(True, "", False)]
    assert browser.post(at(answer, "comment/"), {"comment": "x" * 2000}).status_code == 303


def test_a_comment_needs_an_opinion(answer: Message, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    assert browser.post(at(answer, "comment/"), {"comment": "so"}).status_code == 404
    assert browser.post(at(answer, "comment/"), {"comment": "x" * 2001}).status_code == 303
    assert browser.get(at(answer)).status_code == 303
    assert given() == []


@pytest.mark.parametrize("opinion", ["", "Good", "1", "x" * 4000])
def test_another_word_is_no_opinion(answer: Message, ann: User, signed_in: Browser, opinion: str) -> None:
    assert signed_in(ann).post(at(answer), {"opinion": opinion}).status_code == 400
    assert given() == []


def test_strangers_get_404_and_nobody_is_sent_to_sign_in(
    answer: Message, ann: User, eve: User, client: Client, signed_in: Browser
) -> None:
    signed_in(ann).post(at(answer), {"opinion": "good"})
    for address in (at(answer), at(answer, "comment/")):
        response = signed_in(eve).post(address, {"opinion": "bad", "comment": "Eve was here", "sent": "1"})
        assert response.status_code == 404
        assert "secret" not in response.content.decode()
        assert client.post(address)["Location"].startswith("/sign-in/")
    assert signed_in(eve).get(at(answer)).status_code == 404
    assert given() == [(True, "", False)]


def test_there_is_an_opinion_only_about_a_finished_answer_that_is_there(ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    running = answer_of(ann, status=Status.STREAMING, heartbeat_at=timezone.now())
    assert running.parent
    deleted = answer_of(ann)
    Conversation.objects.filter(pk=deleted.conversation_id).update(deleted_at=timezone.now())
    for message in (running, running.parent, deleted):
        assert browser.post(at(message), {"opinion": "good"}).status_code == 404
    assert given() == []


@pytest.mark.parametrize("pk", ["9223372036854775807", "9223372036854775808", "9" * 4000, "0", "-1", "%00", "1e9"])
def test_impossible_ids_are_404_never_500(ann: User, signed_in: Browser, pk: str) -> None:
    for more in ("", "comment/"):
        assert signed_in(ann).post(f"/m/{pk}/feedback/{more}", {"opinion": "good", "comment": "x"}).status_code == 404


def test_a_form_of_another_site_is_refused(answer: Message, ann: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    for more in ("", "comment/"):
        assert browser.post(at(answer, more), {"opinion": "good"}).status_code == 403
    assert given() == []


def test_hostile_text_stays_text(answer: Message, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    browser.post(at(answer), {"opinion": "good"})
    browser.post(at(answer, "comment/"), {"comment": "</textarea><script>alert(1)</script>"})
    for headers in ({}, HTMX):
        html = browser.get(at(answer), headers=headers).content.decode()
        assert "<script>alert" not in html
        assert "&lt;/textarea&gt;&lt;script&gt;" in html
