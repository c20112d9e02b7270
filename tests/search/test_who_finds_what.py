"""PERM-08: nobody finds what they may not open, not a hit, not a count, not a word of it. On PostgreSQL, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Folder, Participation
from chatapp.search import index
from chatapp.search.index import Filters
from chatapp.sharing.models import Link, LinkRules
from tests.search.desk import entries, found, stored, talk


@pytest.mark.parametrize("query", ["canary", '"canary song"', "金丝雀", "金", "get_canary", "Canaries"])
def test_words_in_somebody_elses_conversation_alone_find_nothing(
    ann: User, eve: User, signed_in: Callable[[User], Client], query: str
) -> None:
    talk(ann, "The canary song. 金丝雀 get_canary()", title="Canaries")
    talk(eve, "Nothing of that kind", title="Eve's own")
    assert found(ann, query)
    result = index.find(eve, query, Filters())
    assert (result.entries, result.passages, result.chats, result.more) == ([], 0, 0, False)
    page = signed_in(eve).get("/search/", {"q": query}).content.decode()
    assert "Nothing found for" in page
    assert "The canary" not in page
    assert "passage" not in page.replace("at the passage", "")


@pytest.mark.parametrize("how", ["member", "group"])
def test_a_shared_conversation_is_found_by_those_invited_until_they_are_not(
    ann: User, bob: User, eve: User, signed_in: Callable[[User], Client], how: str
) -> None:
    folder = Folder.objects.create(owner=ann, name="Aviary")
    shared = talk(ann, "The canary song.", title="Canaries", folder=folder, archived_at=timezone.now())
    talk(ann, "The canary alone.", title="My canary")
    team = Group.objects.create(name="Team")
    bob.groups.add(team)
    invited = {"member": bob} if how == "member" else {"group": team}
    invitation = Participation.objects.create(conversation=shared, **invited)
    assert found(bob, "canary") == ["The canary song."]
    assert found(bob, "canaries") == ["[Canaries]"]
    assert len(found(ann, "canary")) == 3
    assert found(eve, "canary") == []
    assert found(ann, "canary", shared=True) == ["The canary song."]
    assert found(bob, "canary", shared=True) == ["The canary song."]
    page = signed_in(bob).get("/search/", {"q": "canary"}).content.decode()
    assert "1 passage in 1 chat" in page
    assert "<bdi>Ann</bdi>" in page
    assert "Aviary" not in page
    assert "Archived" not in page.split('id="found"')[1]
    assert found(bob, "canary", folder=folder.pk) == []
    invitation.delete()
    assert found(bob, "canary") == []
    assert found(bob, "canaries") == []


@pytest.mark.parametrize(
    ("days", "revoked", "allowed", "shared"),
    [(1, False, True, True), (-1, False, True, False), (1, True, True, False), (1, False, False, False)],
    ids=["works", "is over", "was revoked", "links are off"],
)
def test_a_conversation_with_a_link_that_works_is_a_shared_one(
    ann: User, bob: User, days: int, revoked: bool, allowed: bool, shared: bool
) -> None:
    conversation, now = talk(ann, "The canary song."), timezone.now()
    talk(ann, "The canary alone.")
    LinkRules.objects.create(pk=1, allowed=allowed)
    ends = {"expires_at": now + timedelta(days=days), "revoked_at": now if revoked else None}
    Link.objects.create(conversation=conversation, made_by=ann, digest="0", **ends)
    assert found(ann, "canary", shared=True) == (["The canary song."] if shared else [])
    assert found(bob, "canary", shared=True) == []


def test_very_many_invitations_are_no_hindrance(ann: User, bob: User) -> None:
    made = [Conversation(owner=ann, title=f"Number {n}", active_at=timezone.now()) for n in range(1500)]
    Conversation.objects.bulk_create(made)
    Participation.objects.bulk_create(Participation(conversation=one, member=bob) for one in made)
    index.put_title(made[700])
    assert found(bob, "number") == ["[Number 700]"]


def test_an_owner_cannot_be_asked_for(ann: User, eve: User) -> None:
    talk(ann, "canary")
    for query in (f"\ue000{ann.pk}", f'"\ue000{ann.pk}" canary', f'canary" OR "\ue000{ann.pk}', f"canary) | ({ann.pk}"):
        assert found(eve, query) == []


def test_deleted_conversations_are_not_found_until_they_are_brought_back(ann: User) -> None:
    conversation = talk(ann, "canary", title="Canary")
    conversation.deleted_at = timezone.now()
    conversation.save()
    assert found(ann, "canary") == []
    conversation.deleted_at = None
    conversation.save()
    assert len(found(ann, "canary")) == 2


def test_temporary_conversations_are_never_in_the_index(ann: User) -> None:
    conversation = talk(ann, "canary", title="Canary", temporary=True)
    assert stored() == []
    conversation.temporary = False
    conversation.save()
    index.put_conversation(conversation)
    assert found(ann, "canary") == ["canary", "[Canary]"]
    # Even if one became temporary.
    conversation.temporary = True
    conversation.save()
    assert found(ann, "canary") == []


def test_reasoning_is_not_found(ann: User) -> None:
    conversation = talk(ann, "question", "answer")
    conversation.messages.filter(text="answer").update(reasoning="canary")
    index.put_conversation(conversation)
    assert found(ann, "canary") == []


def test_what_goes_with_a_member_goes_from_the_index(ann: User, bob: User) -> None:
    talk(ann, "canary")
    talk(bob, "canary")
    ann.delete()
    assert entries() == 2
    assert found(bob, "canary") == ["canary"]
    assert "canary" in str(stored())
