"""Members and groups are invited to read or to take part; they leave, are removed, and inherit."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.audit.models import Entry
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Folder, Message, Participation, Status
from chatapp.conversations.requests import LARGEST_ID
from chatapp.search import index
from chatapp.sharing.members import MOST_INVITED

Browser = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(ann: User, alias: Alias) -> Conversation:
    conversation = Conversation.objects.create(owner=ann, title="Ours", active_at=timezone.now(), instructions="secret")
    question = conversation.messages.create(role=Message.Role.USER, author=ann, text="A question")
    conversation.leaf = conversation.messages.create(
        role=Message.Role.ASSISTANT, parent=question, status=Status.DONE, text="An answer", alias_name="demo"
    )
    conversation.save()
    return conversation


def invite(browser: Client, chat: Conversation, *, may_write: bool = False, member: int = 0, group: int = 0) -> int:
    fields = {"may_write": "1" if may_write else "0", "member": member or "", "group": group or ""}
    return browser.post(f"/c/{chat.pk}/members/", fields).status_code


def may_open(browser: Client, chat: Conversation) -> bool:
    return browser.get(f"/c/{chat.pk}/").status_code == 200


def send(browser: Client, chat: Conversation) -> int:
    form = {"text": "Hello", "alias": "demo", "client_id": str(uuid.uuid4())}
    return browser.post(f"/c/{chat.pk}/send/", form, headers={"HX-Request": "true"}).status_code


def test_who_is_invited_may_open_it_and_finds_it_in_the_sidebar(
    chat: Conversation, ann: User, bob: User, eve: User, signed_in: Browser
) -> None:
    assert not may_open(signed_in(bob), chat)
    assert invite(signed_in(ann), chat, member=bob.pk) == 303
    assert may_open(signed_in(bob), chat)
    assert not may_open(signed_in(eve), chat)
    assert b"Shared with me" in signed_in(bob).get("/").content
    assert b"Shared with me" not in signed_in(eve).get("/").content


def test_a_reader_may_not_write_and_is_told_so(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    invite(signed_in(ann), chat, member=bob.pk)
    browser = signed_in(bob)
    assert send(browser, chat) == 403
    page = browser.get(f"/c/{chat.pk}/").content.decode()
    assert 'id="compose"' not in page
    assert "Answer again" not in page
    assert "Ann shows you this chat" in page
    answer = chat.leaf_id
    for action in ("retry", "continue", "edit", "stop", "keep"):
        form = {"text": "x", "alias": "demo", "client_id": str(uuid.uuid4())}
        assert browser.post(f"/m/{answer}/{action}/", form, headers={"HX-Request": "true"}).status_code == 403
    assert Message.objects.count() == 2


def test_what_is_the_owners_alone_is_404_for_who_takes_part(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    invite(signed_in(ann), chat, may_write=True, member=bob.pk)
    browser = signed_in(bob)
    for path in ("rename", "delete", "instructions", "members", "members/change", "members/remove", "pass-on"):
        form = {"title": "Mine", "member": bob.pk, "participation": 1, "may_write": "1"}
        assert browser.post(f"/c/{chat.pk}/{path}/", form).status_code == 404, path
    assert browser.get(f"/c/{chat.pk}/instructions/").status_code == 404
    chat.refresh_from_db()
    assert (chat.title, chat.owner, chat.deleted_at) == ("Ours", ann, None)
    assert "secret" not in browser.get(f"/c/{chat.pk}/").content.decode()


def test_who_takes_part_sees_the_composer(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    invite(signed_in(ann), chat, may_write=True, member=bob.pk)
    page = signed_in(bob).get(f"/c/{chat.pk}/").content.decode()
    assert 'id="compose"' in page
    assert "Leave this chat" in page
    assert "Rename" not in page.partition('id="chat-menu"')[2].partition("</div>")[0]


def test_a_group_reaches_those_who_join_it_later_and_not_those_who_went(
    chat: Conversation, ann: User, bob: User, eve: User, signed_in: Browser
) -> None:
    team = Group.objects.create(name="Cathodes")
    team.user_set.add(bob)
    assert invite(signed_in(ann), chat, group=team.pk) == 303
    assert may_open(signed_in(bob), chat)
    assert not may_open(signed_in(eve), chat)
    team.user_set.add(eve)
    team.user_set.remove(bob)
    assert may_open(signed_in(eve), chat)
    assert not may_open(signed_in(bob), chat)


def test_who_left_is_away_although_the_group_is_invited(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    team = Group.objects.create(name="Cathodes")
    team.user_set.add(bob)
    invite(signed_in(ann), chat, group=team.pk)
    assert signed_in(bob).post(f"/c/{chat.pk}/leave/").status_code == 303
    assert not may_open(signed_in(bob), chat)
    assert signed_in(bob).post(f"/c/{chat.pk}/leave/").status_code == 404
    # Nor is he told of what happens there.
    assert chat.guest_ids() == set()
    invite(signed_in(ann), chat, member=bob.pk)
    assert may_open(signed_in(bob), chat)


def test_the_list_of_all_shares_takes_an_invitation_back(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    participation = chat.participations.create(member=bob)
    owner, said = signed_in(ann), {"participation": participation.pk, "at": "shares"}
    part = owner.post(f"/c/{chat.pk}/members/remove/", said, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<section class="stack tight" id="shared-members"')
    assert "Nobody is invited to a chat of yours." in part
    assert signed_in(bob).get(f"/c/{chat.pk}/").status_code == 404
    again = chat.participations.create(member=bob)
    answer = owner.post(f"/c/{chat.pk}/members/remove/", said | {"participation": again.pk})
    assert (answer.status_code, answer["Location"]) == (303, "/shares/")


def test_removing_takes_everything_away_at_once(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    invite(signed_in(ann), chat, may_write=True, member=bob.pk)
    taken = Participation.objects.get().pk
    assert signed_in(ann).post(f"/c/{chat.pk}/members/remove/", {"participation": taken}).status_code == 303
    assert not may_open(signed_in(bob), chat)
    assert signed_in(bob).get(f"/m/{chat.leaf_id}/source/").status_code == 404
    assert send(signed_in(bob), chat) == 404


def test_ownership_is_passed_on_and_the_first_owner_takes_part(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    chat.folder = Folder.objects.create(owner=ann, name="Mine")
    chat.pinned_at = timezone.now()
    chat.save()
    assert signed_in(ann).post(f"/c/{chat.pk}/pass-on/", {"member": bob.pk}).status_code == 422
    invite(signed_in(ann), chat, member=bob.pk)
    assert signed_in(ann).post(f"/c/{chat.pk}/pass-on/", {"member": bob.pk}).status_code == 422
    invite(signed_in(ann), chat, may_write=True, member=bob.pk)
    assert signed_in(ann).post(f"/c/{chat.pk}/pass-on/", {"member": bob.pk}).status_code == 303
    chat.refresh_from_db()
    assert chat.owner == bob
    assert chat.folder is None
    assert chat.pinned_at is None
    assert signed_in(bob).post(f"/c/{chat.pk}/rename/", {"title": "Bob's"}).status_code == 303
    assert signed_in(ann).post(f"/c/{chat.pk}/rename/", {"title": "Ann's"}).status_code == 404
    assert may_open(signed_in(ann), chat)


def test_who_is_in_a_group_alone_is_invited_by_name_to_become_the_owner(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    team = Group.objects.create(name="Cathodes")
    team.user_set.add(bob)
    invite(signed_in(ann), chat, may_write=True, group=team.pk)
    page = signed_in(ann).get(f"/c/{chat.pk}/members/").content.decode()
    assert "Make owner" not in page
    assert "invite that person by name first" in page
    invite(signed_in(ann), chat, may_write=True, member=bob.pk)
    page = signed_in(ann).get(f"/c/{chat.pk}/members/").content.decode()
    assert "Make owner" in page
    assert "Bob sees the instructions" in page


def test_a_person_and_a_group_at_once_are_nobody(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    team = Group.objects.create(name="Cathodes")
    for pk in (ann.pk, bob.pk, 10**9):
        assert invite(signed_in(ann), chat, member=pk, group=team.pk) == 422
    assert not Participation.objects.exists()


def test_each_change_is_in_the_log(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    invite(browser, chat, member=bob.pk)
    there = Participation.objects.get().pk
    for may_write in ("1", "1"):
        form = {"participation": there, "may_write": may_write}
        assert browser.post(f"/c/{chat.pk}/members/change/", form).status_code == 303
    invite(browser, chat, may_write=True, member=bob.pk)
    signed_in(bob).post(f"/c/{chat.pk}/leave/")
    invite(browser, chat, member=bob.pk)
    browser.post(f"/c/{chat.pk}/members/remove/", {"participation": Participation.objects.get().pk})
    what = Entry.objects.order_by("pk").values_list("what", "by", "about")
    assert list(what) == [
        ("shared", ann.pk, "Bob, reads"),
        ("changed", ann.pk, "Bob, takes part"),
        ("left", bob.pk, ""),
        ("shared", ann.pk, "Bob, reads"),
        ("unshared", ann.pk, "Bob"),
    ]


@pytest.mark.parametrize("whom", [{}, {"member": 10**9}, {"group": 10**9}, {"member": 2**63}])
def test_nobody_and_unknown_ones_cannot_be_invited(
    chat: Conversation, ann: User, signed_in: Browser, whom: dict[str, int]
) -> None:
    status = 404 if whom.get("member", 0) > LARGEST_ID else 422
    assert invite(signed_in(ann), chat, member=whom.get("member", 0), group=whom.get("group", 0)) == status
    assert not Participation.objects.exists()


def test_the_owner_and_people_who_are_shut_out_cannot_be_invited(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    told = set()
    for pk in (ann.pk, bob.pk, 10**9):
        response = signed_in(ann).post(f"/c/{chat.pk}/members/", {"member": pk}, headers={"HX-Request": "true"})
        # The dialog shows it in its place.
        assert response.status_code == 200
        assert "cannot be invited" in response.content.decode()
        told.add(response.content)
    # Whether there is such an account cannot be told from that.
    assert len(told) == 1
    assert not Participation.objects.exists()


def test_there_is_an_end_to_invitations(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    groups = Group.objects.bulk_create(Group(name=f"Team {at}") for at in range(MOST_INVITED))
    Participation.objects.bulk_create(Participation(conversation=chat, group=group) for group in groups)
    assert invite(signed_in(ann), chat, member=bob.pk) == 422
    assert invite(signed_in(ann), chat, may_write=True, group=groups[0].pk) == 303


def test_people_are_found_by_name_and_their_addresses_stay_hidden(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    browser = signed_in(ann)
    for words in ("bo", "Bob", "bob@example.org"):
        found = browser.get(f"/c/{chat.pk}/members/find/", {"q": words}).content.decode()
        assert "Bob" in found
        assert "example.org" not in found.replace("bob@example.org", "", 0 if words != "bob@example.org" else 1)
    for words in ("example.org", "@example.org", "bob@", "x" * 4000, "%00", "'"):
        assert "Let Bob" not in browser.get(f"/c/{chat.pk}/members/find/", {"q": words}).content.decode()


def test_a_guest_may_not_look_people_up_here(chat: Conversation, ann: User, bob: User, signed_in: Browser) -> None:
    invite(signed_in(ann), chat, may_write=True, member=bob.pk)
    assert signed_in(bob).get(f"/c/{chat.pk}/members/find/", {"q": "a"}).status_code == 404


def test_a_fork_takes_the_words_along_and_not_the_instructions(
    chat: Conversation, ann: User, bob: User, signed_in: Browser
) -> None:
    invite(signed_in(ann), chat, member=bob.pk)
    assert signed_in(bob).post(f"/m/{chat.leaf_id}/fork/").status_code == 303
    copy = Conversation.objects.get(owner=bob)
    assert copy.instructions == ""
    assert list(copy.messages.order_by("pk").values_list("text", flat=True)) == ["A question", "An answer"]


def test_search_follows_the_invitation_and_the_owner(
    chat: Conversation, ann: User, bob: User, eve: User, signed_in: Browser
) -> None:
    index.put_conversation(chat)

    def finds(person: User) -> bool:
        return "Ours" in signed_in(person).get("/search/", {"q": "answer"}).content.decode().partition("<main")[2]

    assert (finds(ann), finds(bob), finds(eve)) == (True, False, False)
    invite(signed_in(ann), chat, may_write=True, member=bob.pk)
    assert (finds(ann), finds(bob), finds(eve)) == (True, True, False)
    signed_in(ann).post(f"/c/{chat.pk}/pass-on/", {"member": bob.pk})
    signed_in(bob).post(f"/c/{chat.pk}/members/remove/", {"participation": Participation.objects.get().pk})
    assert (finds(ann), finds(bob), finds(eve)) == (False, True, False)
