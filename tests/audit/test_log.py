"""Changes of access stay in a log; an administrator who reads a chat says why, and its owner sees that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.audit.log import note
from chatapp.audit.models import Entry
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Message, Status

Browser = Callable[[User], Client]

pytestmark = pytest.mark.django_db
REASON = "Ann asked us to look at this answer"


@pytest.fixture
def chat(ann: User, alias: Alias) -> Conversation:
    conversation = Conversation.objects.create(owner=ann, title="Ann's secret title", active_at=timezone.now())
    question = conversation.messages.create(role=Message.Role.USER, author=ann, text="secret question")
    conversation.leaf = conversation.messages.create(
        role=Message.Role.ASSISTANT, parent=question, status=Status.DONE, text="secret answer", alias_name="demo"
    )
    conversation.save()
    return conversation


def read(browser: Client, chat: Conversation, reason: str = REASON) -> tuple[int, str]:
    page = browser.post(
        "/manage/log/read/", {"conversation": f"https://chat.example/c/{chat.pk}/#m2", "reason": reason}
    )
    return page.status_code, page.content.decode()


def test_an_administrator_reads_for_a_reason_and_the_owner_sees_it(
    chat: Conversation, admin: User, ann: User, signed_in: Browser
) -> None:
    status, page = read(signed_in(admin), chat)
    assert status == 200
    assert "secret answer" in page
    assert REASON in page
    log = signed_in(ann).get(f"/c/{chat.pk}/log/").content.decode()
    assert REASON in log
    assert "Admin" in log


@pytest.mark.parametrize("reason", ["", "because", " " * 40, "x" * 501])
def test_without_a_reason_there_is_no_page_and_no_entry(
    chat: Conversation, admin: User, signed_in: Browser, reason: str
) -> None:
    status, page = read(signed_in(admin), chat, reason)
    assert status == 422
    assert "secret" not in page.replace(str(chat.pk), "")
    assert not Entry.objects.exists()


@pytest.mark.parametrize("wanted", ["", "nothing", "%00", "9" * 600, "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_chat_is_said_to_be_unknown(admin: User, signed_in: Browser, wanted: str) -> None:
    page = signed_in(admin).post("/manage/log/read/", {"conversation": wanted, "reason": REASON})
    assert page.status_code == 422
    assert "There is no such chat." in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_reading_is_once_and_opens_no_other_door(chat: Conversation, admin: User, signed_in: Browser) -> None:
    browser = signed_in(admin)
    read(browser, chat)
    assert browser.get(f"/c/{chat.pk}/").status_code == 404
    assert browser.get(f"/m/{chat.leaf_id}/source/").status_code == 404
    assert "secret" not in browser.get("/manage/log/read/").content.decode()


def test_a_deleted_chat_is_gone_for_administrators_too(chat: Conversation, admin: User, signed_in: Browser) -> None:
    Conversation.objects.update(deleted_at=timezone.now())
    assert read(signed_in(admin), chat)[0] == 422


def test_members_and_strangers_find_no_such_pages(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    for person in (ann, bob):
        assert signed_in(person).get("/manage/log/").status_code == 404
        assert read(signed_in(person), chat)[0] == 404
    assert signed_in(bob).get(f"/c/{chat.pk}/log/").status_code == 404


def test_administrators_see_who_did_what_and_no_title(
    chat: Conversation, admin: User, ann: User, signed_in: Browser
) -> None:
    note(Entry.What.SHARED, by=ann, conversation=chat, about="Bob, reads")
    page = signed_in(admin).get("/manage/log/").content.decode()
    assert "Bob, reads" in page
    assert "secret" not in page


@pytest.mark.parametrize("count", [2, 250])
def test_the_log_is_paged_and_costs_the_same(
    chat: Conversation,
    admin: User,
    ann: User,
    signed_in: Browser,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for at in range(count):
        note(Entry.What.SHARED, by=ann, conversation=chat, about=f"no {at}")
    browser = signed_in(admin)
    browser.get("/manage/log/")
    with django_assert_num_queries(3):
        page = browser.get("/manage/log/").content.decode()
    assert f"no {count - 1}<" in page
    assert ("Older" in page) == (count > 100)


def test_the_log_stays_when_the_chat_goes(chat: Conversation, ann: User) -> None:
    note(Entry.What.SHARED, by=ann, conversation=chat, about="Bob")
    chat.delete()
    entry = Entry.objects.get()
    assert (entry.conversation, entry.owner) == (None, ann)
