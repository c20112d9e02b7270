"""The preview, the dry run and what is then deleted are the same numbers, whatever there is."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chatapp.conversations.models import Conversation, Folder, Message
from chatapp.images.models import Attachment, Image
from chatapp.retention.counts import Tally, chats_by_rule, preview_of, tally_of
from chatapp.retention.models import Rule
from chatapp.retention.removing import apply_rules, remove_temporary
from chatapp.retention.rules import due, enabled, over
from chatapp.search.models import Entry
from tests.conftest import make_member
from tests.retention.chats import TURNS, ago, chat, left, picture, rule

flags = st.booleans()
CHATS = st.lists(
    st.fixed_dictionaries(
        {
            "bobs": flags,
            "days": st.sampled_from([0.5, 2, 20, 50, 400]),
            "running": st.sampled_from([False, False, False, True]),
            "filed": flags,
            "pinned": flags,
            "archived": flags,
            "imported": flags,
            "temporary": st.sampled_from([False, False, True]),
            "deleted": st.sampled_from([False, False, False, True]),
        }
    ),
    max_size=12,
)
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.sampled_from([1, 10, 30, 300]),
            "grouped": flags,
            "spares_pinned": flags,
            "spares_filed": flags,
            "archived_only": flags,
            "enabled": st.sampled_from([True, True, False]),
        }
    ),
    max_size=3,
)
# Which of the chats show one image: it goes with the last of them.
SHOWN_IN = st.lists(st.sets(st.integers(0, 11), min_size=1, max_size=3), max_size=6)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chats=CHATS, rules=RULES, shown_in=SHOWN_IN)
def test_the_preview_equals_what_is_deleted(
    chats: list[dict[str, Any]], rules: list[dict[str, Any]], shown_in: list[set[int]]
) -> None:
    try:
        _fill(chats, rules, shown_in)
        _compare()
    finally:
        for model in (Conversation, Folder, Image, Rule, Group, User):
            model._default_manager.all().delete()


def _fill(chats: list[dict[str, Any]], rules: list[dict[str, Any]], shown_in: list[set[int]]) -> None:
    ann, bob = make_member("Ann"), make_member("Bob")
    group = Group.objects.create(name="Guests")
    bob.groups.add(group)
    made = [_chat(bob if one["bobs"] else ann, one) for one in chats]
    for places in shown_in:
        if shown := [made[place] for place in places if place < len(made)]:
            picture(*shown, bytes=len(shown))
    for one in rules:
        rule(group=group if one.pop("grouped") else None, **one)


def _chat(owner: User, one: dict[str, Any]) -> Conversation:
    said = {name: one[name] for name in ("days", "running", "filed", "temporary")}
    said |= {f"{name}_at": ago(1) for name in ("pinned", "archived", "imported") if one[name]}
    return chat(owner, **said, deleted_at=ago(0) if one["deleted"] else None)


def _compare() -> None:
    now, rules = timezone.now(), enabled()
    doomed = set(due(rules, now).values_list("pk", flat=True))
    preview = preview_of(due(rules, now))
    assert preview.tally == tally_of(due(rules, now))
    assert preview.tally.chats == sum(share.chats for share in preview.shares) == len(doomed)
    by_rule = chats_by_rule(rules, now)
    assert {one.pk: due([one], now).count() for one in rules} == by_rule
    images, messages, before = Image.objects.count(), Message.objects.count(), left()

    assert async_to_sync(apply_rules)() == preview.tally

    assert left() == before - doomed
    assert images - Image.objects.count() == preview.tally.images
    assert messages - Message.objects.count() == preview.tally.messages == TURNS * len(doomed)
    assert not Image.objects.filter(attachments=None).exists()
    assert async_to_sync(apply_rules)() == Tally()
    temporary = tally_of(over(now))
    assert async_to_sync(remove_temporary)() == temporary


@pytest.mark.django_db(transaction=True)
def test_the_command_prints_before_what_it_prints_after(ann: User, bob: User) -> None:
    rule()
    gone = [chat(ann, 40), chat(bob, 50), chat(ann, 2, temporary=True)]
    kept = chat(ann, 0)
    picture(gone[0], gone[1], bytes=1234)
    picture(gone[2], kept)
    told, done = io.StringIO(), io.StringIO()
    call_command("apply_retention", "--dry-run", stdout=told)
    assert len(left()) == 4
    call_command("apply_retention", stdout=done)
    assert told.getvalue() == (
        "Would delete by rules: 2 chats, 4 messages, 1 image (1,234 bytes).\n"
        "Would delete temporary: 1 chat, 2 messages, 0 images (0 bytes).\n"
    )
    assert done.getvalue() == told.getvalue().replace("Would delete", "Deleted")
    assert left() == {kept.pk}
    assert Image.objects.count() == Attachment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_log_has_counts_and_no_word_of_a_chat(ann: User, caplog: pytest.LogCaptureFixture) -> None:
    rule()
    chat(ann, 40)
    with caplog.at_level("INFO", "parley.retention"):
        async_to_sync(apply_rules)()
    assert re.fullmatch(r"1 rule deleted 1 chat, 2 messages, 0 images \(0 bytes\)", caplog.messages[0])
    assert "secret" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_is_gone_is_not_found_any_more(ann: User) -> None:
    rule()
    gone = chat(ann, 40)
    Entry.objects.create(conversation=gone, message=gone.leaf, version=1)
    async_to_sync(apply_rules)()
    assert not Entry.objects.exists()
