"""Which chats a rule deletes and which it spares, one case at a time."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from chatapp.retention.models import Rule
from chatapp.retention.rules import due, enabled, over, rules_for
from tests.retention.chats import ago, chat, rule

BARE = {"spares_pinned": False, "spares_filed": False}


@pytest.mark.parametrize(
    ("said", "given", "goes"),
    [
        ({}, {"days": 31}, True),
        ({}, {"days": 29}, False),
        ({"days": 1}, {"days": 1.1}, True),
        ({"days": 3650}, {"days": 3649}, False),
        ({}, {"days": 31, "pinned_at": ago(40)}, False),
        ({"spares_pinned": False}, {"days": 31, "pinned_at": ago(40)}, True),
        ({}, {"days": 31, "filed": True}, False),
        ({"spares_filed": False}, {"days": 31, "filed": True}, True),
        ({"spares_filed": False}, {"days": 31, "filed": True, "pinned_at": ago(1)}, False),
        (BARE, {"days": 31, "filed": True, "pinned_at": ago(1)}, True),
        ({}, {"days": 31, "archived_at": ago(1)}, True),
        ({"archived_only": True}, {"days": 31}, False),
        ({"archived_only": True}, {"days": 31, "archived_at": ago(1)}, True),
        ({"archived_only": True}, {"days": 29, "archived_at": ago(29)}, False),
        (BARE, {"days": 400, "imported_at": ago(29)}, False),
        (BARE, {"days": 400, "imported_at": ago(31)}, True),
        (BARE, {"days": 400, "running": True}, False),
        (BARE, {"days": 400, "temporary": True}, False),
        (BARE, {"days": 400, "deleted_at": ago(0)}, False),
    ],
)
def test_a_rule_of_thirty_days(ann: User, said: dict[str, Any], given: dict[str, Any], goes: bool) -> None:
    made = chat(ann, **given)
    chat(ann, 0)
    named = due([rule(**said)], timezone.now())
    assert list(named) == ([made] if goes else [])


def test_a_rule_of_a_group_leaves_everybody_else_alone(ann: User, bob: User) -> None:
    group = Group.objects.create(name="Guests")
    bob.groups.add(group, Group.objects.create(name="Chemists"))
    chat(ann, 400)
    of_bob = chat(bob, 400)
    assert list(due([rule(group=group)], timezone.now())) == [of_bob]


def test_a_rule_goes_with_its_group_and_never_widens_to_everyone(ann: User) -> None:
    group = Group.objects.create(name="Guests")
    rule(group=group)
    chat(ann, 400)
    group.delete()
    assert not Rule.objects.exists()


def test_one_rule_that_is_on_is_enough(ann: User) -> None:
    rule(365)
    rule(90, archived_only=True)
    rule(1, enabled=False)
    archived, old = chat(ann, 91, archived_at=ago(91)), chat(ann, 366)
    chat(ann, 91)
    assert set(due(enabled(), timezone.now())) == {archived, old}


def test_without_rules_nothing_goes(ann: User) -> None:
    chat(ann, 4000)
    assert not due([], timezone.now()).exists()


@pytest.mark.parametrize(
    ("given", "goes"),
    [
        ({"days": 1.1, "temporary": True}, True),
        ({"days": 0.9, "temporary": True}, False),
        ({"days": 1.1, "temporary": True, "running": True}, False),
        ({"days": 400}, False),
    ],
    ids=str,
)
def test_a_temporary_chat_goes_a_day_after_its_last_message(ann: User, given: dict[str, Any], goes: bool) -> None:
    made = chat(ann, **given)
    assert list(over(timezone.now())) == ([made] if goes else [])


def test_members_are_told_what_concerns_them_and_nothing_that_goes_without_saying(ann: User, bob: User) -> None:
    guests = Group.objects.create(name="Guests")
    bob.groups.add(guests)
    everyone = rule(365)
    strict = rule(90, group=guests)
    rule(90, group=guests)
    archived = rule(30, archived_only=True)
    rule(7, enabled=False)
    assert rules_for(ann) == [everyone, archived]
    assert rules_for(bob) == [strict, archived]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Chats that were not used for 30 days are deleted, except those that are pinned or in a folder."),
        ({"days": 1, **BARE}, "Chats that were not used for a day are deleted."),
        ({"spares_filed": False}, "Chats that were not used for 30 days are deleted, except those that are pinned."),
        (
            {"days": 1000, "archived_only": True, "spares_pinned": False},
            "Archived chats that were not used for 1,000 days are deleted, except those in a folder.",
        ),
    ],
    ids=str,
)
def test_a_rule_says_in_a_sentence_what_it_does(db: None, said: dict[str, Any], sentence: str) -> None:
    assert rule(**said).sentence == sentence
