"""A page of somebody's who may do more, less or nothing by now: it brings nobody back, and says what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from chatapp.audit.models import Entry
from chatapp.conversations.models import Conversation, Participation
from chatapp.generation import hub
from chatapp.sharing.models import Link
from tests.sharing.talk import allow, form, talk

Browser = Callable[[User], Client]

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def chat(ann: User, bob: User) -> Conversation:
    """Bob takes part in it."""
    allow()
    made = talk(ann)
    made.participations.create(member=bob, may_write=True)
    return made


def post(browser: Client, chat: Conversation, path: str, **fields: object) -> str:
    """What stands in the dialog after it."""
    response = browser.post(f"/c/{chat.pk}/{path}/", fields, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


class Page:
    """What a page of this member is told."""

    def __init__(self, member: User) -> None:
        self.user_id, self.name = member.pk, member.name
        self.frames: list[str] = []
        hub.watch(hub.member_topic(member.pk), self)

    def push(self, frame: str) -> None:
        self.frames.append(frame)

    def told(self, chat: Conversation) -> list[str]:
        """The words since it was asked last."""
        said, self.frames = self.frames, []
        return ["role" if frame == f'{{"t":"role","c":"{chat.pk}"}}' else frame for frame in said]


@pytest.mark.parametrize("gone", ["removed", "left"])
@pytest.mark.parametrize("path", ["members/change", "members/remove"])
def test_who_is_gone_stays_gone(
    chat: Conversation, ann: User, bob: User, signed_in: Browser, gone: str, path: str
) -> None:
    there = Participation.objects.get().pk
    if gone == "removed":
        Participation.objects.all().delete()
    else:
        signed_in(bob).post(f"/c/{chat.pk}/leave/")
    logged = Entry.objects.count()
    said = post(signed_in(ann), chat, path, participation=there, may_write="1")
    assert "They are not in this chat any more" in said
    assert "Nobody but you can open this chat." in said
    assert not Conversation.objects.visible_to(bob).exists()
    assert Entry.objects.count() == logged
    # Without a script as a page of its own.
    page = signed_in(ann).post(f"/c/{chat.pk}/{path}/", {"participation": there})
    assert page.status_code == 422
    assert "They are not in this chat any more" in page.content.decode()


def test_the_list_of_all_shares_says_what_is_gone(chat: Conversation, ann: User, signed_in: Browser) -> None:
    there = Participation.objects.get().pk
    Participation.objects.all().delete()
    said = post(signed_in(ann), chat, "members/remove", participation=there, at="shares")
    assert "They are not in this chat any more" in said
    Conversation.objects.all().delete()
    said = post(signed_in(ann), chat, "members/remove", participation=there, at="shares")
    assert "This chat is not yours any more" in said


def test_the_old_owner_is_told_whose_it_is(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    assert signed_in(ann).post(f"/c/{chat.pk}/pass-on/", {"member": bob.pk}).status_code == 303
    there = Participation.objects.get()
    for path in ("members", "members/change", "members/remove", "pass-on"):
        said = post(signed_in(ann), chat, path, member=bob.pk, participation=there.pk)
        assert "<bdi>Bob</bdi> owns this chat now" in said, path
    assert Participation.objects.get() == there


def test_who_cannot_inherit_any_more_is_said_in_the_dialog(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    Participation.objects.update(may_write=False)
    said = post(signed_in(ann), chat, "pass-on", member=bob.pk)
    assert "Only somebody who takes part in this chat can become its owner." in said
    assert "Reads" in said


def test_links_pass_on_with_the_chat(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    assert signed_in(ann).post(f"/c/{chat.pk}/share/", form()).status_code == 200
    signed_in(ann).post(f"/c/{chat.pk}/pass-on/", {"member": bob.pk})
    assert Link.objects.get().made_by == bob


def test_a_temporary_chat_is_not_shared(chat: Conversation, ann: User, eve: User, signed_in: Browser) -> None:
    Participation.objects.all().delete()
    Conversation.objects.update(temporary=True)
    browser = signed_in(ann)
    assert "A temporary chat cannot be shared." in post(browser, chat, "members", member=eve.pk)
    assert "A temporary chat cannot be shared." in browser.post(f"/c/{chat.pk}/share/", form()).content.decode()
    assert not Participation.objects.exists()
    assert not Link.objects.exists()
    for path in ("members", "share"):
        page = browser.get(f"/c/{chat.pk}/{path}/").content.decode().partition("<main")[2]
        assert "A temporary chat cannot be shared." in page
        assert "Invite a person or a group" not in page
        assert "Make link" not in page
    assert browser.post(f"/c/{chat.pk}/keep/").status_code == 303
    assert "Invite a person or a group" in browser.get(f"/c/{chat.pk}/share/").content.decode()


def test_pages_learn_that_their_member_may_do_something_else(
    chat: Conversation, ann: User, bob: User, eve: User, signed_in: Browser
) -> None:
    hers, his, other = Page(ann), Page(bob), Page(eve)
    browser, there = signed_in(ann), Participation.objects.get().pk

    def told() -> tuple[Any, ...]:
        return tuple([word == "role" for word in page.told(chat)] for page in (hers, his, other))

    for may_write in ("0", "1"):
        browser.post(f"/c/{chat.pk}/members/change/", {"participation": there, "may_write": may_write})
        assert told() == ([False], [True], [])
    browser.post(f"/c/{chat.pk}/members/change/", {"participation": there, "may_write": "1"})
    assert told() == ([False], [], [])
    browser.post(f"/c/{chat.pk}/pass-on/", {"member": bob.pk})
    assert told() == ([True], [True], [])
    team = Group.objects.create(name="Team")
    team.user_set.add(eve, ann)
    signed_in(bob).post(f"/c/{chat.pk}/members/", {"group": team.pk})
    # Ann takes part already.
    assert told() == ([], [False], [True])
    there = Participation.objects.get(member=ann).pk
    signed_in(bob).post(f"/c/{chat.pk}/members/remove/", {"participation": there})
    # She reads now, with her group.
    assert told() == ([True], [False], [])
    signed_in(ann).post(f"/c/{chat.pk}/leave/")
    assert told() == ([False], [False], [])
    signed_in(bob).post(f"/c/{chat.pk}/members/remove/", {"participation": Participation.objects.get(group=team).pk})
    assert told() == ([], [False], [False])
