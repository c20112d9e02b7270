"""Counts of opinions by alias and model, and the comments that were sent; never a text of a chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.conversations.models import Conversation, Feedback
from tests.catalog.desk import text
from tests.conftest import make_member
from tests.feedback.answers import answer_of

PAGE = "/manage/feedback/"


@pytest.fixture
def office(admin: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(admin)


def say(member: User, good: bool, comment: str = "", *, sent: bool = False, days: int = 0, **answer: str) -> Feedback:
    made = Feedback.objects.create(
        message=answer_of(member, **answer), member=member, good=good, comment=comment, sent=sent
    )
    Feedback.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=days))
    return made


def test_nothing_yet(office: Client) -> None:
    shown = text(office.get(PAGE))
    assert "No opinion in the last 30 days." in shown
    assert "Nobody has sent one yet." in shown


def test_counts_by_alias_and_model_of_seven_thirty_and_ninety_days(office: Client, ann: User) -> None:
    for days in (1, 20, 80, 100):
        say(ann, True, days=days)
    say(ann, False, days=2)
    say(ann, False, days=2, alias_name="fast", shown_model="intern-s1")
    for days, counts in ((7, "1 1 50 %"), (30, "2 1 67 %"), (90, "3 1 75 %")):
        shown = text(office.get(f"{PAGE}?days={days}"))
        assert f"demo Not shown to members {counts}" in shown
        assert "fast intern-s1 0 1 0 %" in shown
    for odd in ("", "8", "x", "9" * 4000, "%00"):
        assert "demo Not shown to members 2 1 67 %" in text(office.get(f"{PAGE}?days={odd}"))


def test_comments_only_where_members_sent_them(office: Client, ann: User, bob: User) -> None:
    say(ann, True, "for me alone")
    say(bob, False, "<b>Wrong</b> sign", sent=True, alias_name="fast", shown_model="intern-s1")
    shown = office.get(PAGE)
    assert "for me alone" not in text(shown)
    assert "Bad Bob about fast ( intern-s1 )" in text(shown)
    assert b"&lt;b&gt;Wrong&lt;/b&gt; sign" in shown.content
    assert "secret" not in shown.content.decode()
    assert "example.org" not in shown.content.decode()


def test_newest_first_and_page_by_page(office: Client, ann: User) -> None:
    made = [say(ann, True, f"comment number {number};", sent=True) for number in range(51)]
    first = office.get(PAGE).content.decode()
    assert first.index("number 50;") < first.index("number 49;") < first.index("number 1;")
    assert "number 0;" not in first
    link = f"{PAGE}?days=30&before={made[1].pk}"
    assert link.replace("&", "&amp;") in first
    rest = text(office.get(link))
    assert "number 0;" in rest
    assert "number 1;" not in rest
    assert "There are no older ones." in text(office.get(f"{PAGE}?before={made[0].pk}"))


def test_what_is_deleted_with_its_chat_is_not_there(office: Client, ann: User) -> None:
    gone = say(ann, True, "gone words", sent=True)
    Conversation.objects.filter(pk=gone.message.conversation_id).update(deleted_at=timezone.now())
    shown = text(office.get(PAGE))
    assert "gone words" not in shown
    assert "No opinion in the last 30 days." in shown


@pytest.mark.parametrize("before", ["9223372036854775808", "9" * 4000, "-1", "x", "%00", "١"])
def test_impossible_pages_are_404(office: Client, before: str) -> None:
    assert office.get(f"{PAGE}?before={before}").status_code == 404


def test_the_number_of_queries_does_not_grow(
    office: Client, ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    say(ann, True, "one", sent=True)
    with django_assert_num_queries(4):
        office.get(PAGE)
    for number in range(60):
        say(make_member(f"Member{number}"), number % 3 == 0, "more", sent=True, alias_name=f"alias{number % 7}")
    with django_assert_num_queries(4):
        office.get(PAGE)


@pytest.mark.parametrize("staff", [False, True])
def test_members_and_half_administrators_get_404(
    eve: User, client: Client, signed_in: Callable[[User], Client], staff: bool
) -> None:
    User.objects.filter(pk=eve.pk).update(is_staff=staff)
    for method in ("GET", "HEAD", "POST", "PUT"):
        assert signed_in(eve).generic(method, PAGE).status_code == 404
    assert client.get(PAGE)["Location"].startswith("/sign-in/")
