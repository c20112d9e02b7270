"""Which branch is open is kept per member; who reads the newest, or the one that grows, goes along."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.asking import Order, place, queue_answers
from chatapp.conversations.branches import choose, open_leaf
from chatapp.conversations.models import Conversation, Message, Participation, Status

pytestmark = pytest.mark.django_db


@dataclass
class Forked:
    """A question, an answer, and two versions of a second question with their answers."""

    conversation: Conversation
    root: Message
    left: Message
    right: Message


@pytest.fixture
def forked(ann: User, alias: Alias) -> Forked:
    conversation = Conversation.objects.create(owner=ann, title="Two ways", active_at=timezone.now())
    root = asked(conversation, None, "One")
    left = asked(conversation, root, "Left")
    right = asked(conversation, root, "Right")
    return Forked(conversation, root, left, right)


def asked(conversation: Conversation, parent: Message | None, text: str, by: User | None = None) -> Message:
    """A question under this answer, and its settled answer."""
    question = Message(role=Message.Role.USER, author=by or conversation.owner, text=text)
    place(question, conversation, parent.pk if parent else None)
    return settled(conversation, question, question.author_id)


def answered(conversation: Conversation, question: Message | None, by: User) -> Message:
    """One more answer to this question, settled."""
    assert question
    question.refresh_from_db()
    conversation.next_revision()
    return settled(conversation, question, by.pk, again=True)


def settled(conversation: Conversation, question: Message, member_id: int | None, again: bool = False) -> Message:
    begun = queue_answers(conversation, question, [Order("demo", False)], member_id, again=again)
    Message.objects.filter(pk__in=begun.answers).update(status=Status.DONE, text=f"{question.text}, answered")
    return Message.objects.get(pk=begun.answers[0])


def share(conversation: Conversation, member: User) -> None:
    conversation.participations.create(member=member, may_write=True)


def test_without_a_choice_the_newest_is_open(forked: Forked, ann: User, bob: User) -> None:
    assert open_leaf(forked.conversation, ann.pk) == forked.right.pk
    assert open_leaf(forked.conversation, bob.pk) == forked.right.pk


def test_a_choice_is_ones_own(forked: Forked, ann: User, bob: User) -> None:
    choose(forked.conversation, ann.pk, forked.left.pk)
    assert open_leaf(forked.conversation, ann.pk) == forked.left.pk
    assert open_leaf(forked.conversation, bob.pk) == forked.right.pk
    choose(forked.conversation, ann.pk, forked.right.pk)
    assert not forked.conversation.open_branches.exists()


def test_who_reads_the_branch_that_grows_goes_along(forked: Forked, ann: User, bob: User) -> None:
    choose(forked.conversation, ann.pk, forked.left.pk)
    choose(forked.conversation, bob.pk, forked.left.pk)
    grown = asked(forked.conversation, forked.left, "Further left", by=bob)
    assert open_leaf(forked.conversation, ann.pk) == grown.pk
    assert open_leaf(forked.conversation, bob.pk) == grown.pk


def test_who_chose_another_branch_stays_there(forked: Forked, ann: User, bob: User) -> None:
    choose(forked.conversation, bob.pk, forked.left.pk)
    asked(forked.conversation, forked.right, "Further right", by=ann)
    assert open_leaf(forked.conversation, bob.pk) == forked.left.pk


def test_who_reads_the_newest_stays_there_when_another_branch_grows(
    forked: Forked, ann: User, bob: User, eve: User, admin: User
) -> None:
    conversation, team = forked.conversation, Group.objects.create(name="Team")
    eve.groups.add(team)
    admin.groups.add(team)
    conversation.participations.bulk_create(
        [Participation(conversation=conversation, member=bob), Participation(conversation=conversation, group=team)]
    )
    choose(conversation, bob.pk, forked.left.pk)
    choose(conversation, eve.pk, forked.left.pk)
    grown = asked(conversation, forked.left, "Further left", by=bob)
    assert conversation.leaf_id == grown.pk
    assert {member.name: open_leaf(conversation, member.pk) for member in (ann, bob, eve, admin)} == {
        "Ann": forked.right.pk,
        "Bob": grown.pk,
        "Eve": grown.pk,
        "Admin": forked.right.pk,
    }
    # And their branch is one like any other from then on.
    again = asked(conversation, forked.right, "Further right", by=ann)
    assert open_leaf(conversation, ann.pk) == open_leaf(conversation, admin.pk) == again.pk
    assert open_leaf(conversation, bob.pk) == open_leaf(conversation, eve.pk) == grown.pk


@pytest.mark.parametrize("which", ["the first question", "a later question", "an answer"])
def test_a_new_version_of_what_is_read_takes_its_readers_along(
    forked: Forked, ann: User, bob: User, which: str
) -> None:
    conversation, further = forked.conversation, asked(forked.conversation, forked.right, "Further right")
    share(conversation, bob)
    if which == "an answer":
        made = answered(conversation, further.parent, bob)
    else:
        made = asked(conversation, None if "first" in which else forked.root, "In other words", by=bob)
    assert open_leaf(conversation, ann.pk) == open_leaf(conversation, bob.pk) == made.pk
    assert not conversation.open_branches.exists()


@pytest.mark.parametrize("which", ["the question", "its answer"])
def test_a_new_version_on_another_branch_leaves_the_others_where_they_are(
    forked: Forked, ann: User, bob: User, which: str
) -> None:
    conversation, further = forked.conversation, asked(forked.conversation, forked.left, "Further left")
    newest = asked(conversation, forked.right, "Further right")
    share(conversation, bob)
    choose(conversation, bob.pk, further.pk)
    if which == "the question":
        made = asked(conversation, forked.left, "Another way left", by=bob)
    else:
        made = answered(conversation, forked.left.parent, bob)
    assert open_leaf(conversation, bob.pk) == made.pk
    assert open_leaf(conversation, ann.pk) == newest.pk


def test_in_a_private_chat_nobody_has_to_stay(
    forked: Forked, ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    choose(forked.conversation, ann.pk, forked.left.pk)
    conversation = Conversation.objects.locked(forked.conversation.pk)
    assert conversation
    question = Message(role=Message.Role.USER, author=ann, text="Further left")
    place(question, conversation, forked.left.pk)
    # The answer; who goes along, the tree, who could stay, letting go, the rows with a new revision; the conversation.
    with django_assert_num_queries(7):
        queue_answers(conversation, question, [Order("demo", False)], ann.pk)
    assert not conversation.open_branches.exists()


def test_rows_that_followers_lack_get_the_new_revision(forked: Forked, ann: User) -> None:
    conversation = forked.conversation
    choose(conversation, ann.pk, forked.left.pk)
    before = conversation.revision
    asked(conversation, forked.left, "Further left")
    newer = conversation.messages.filter(revision__gt=before).order_by("pk").values_list("text", flat=True)
    assert list(newer) == ["Left", "Left, answered", "Further left", "Further left, answered"]


def test_who_asks_on_a_page_that_is_not_up_to_date_goes_along(forked: Forked, ann: User) -> None:
    conversation = forked.conversation
    choose(conversation, ann.pk, forked.left.pk)
    before = conversation.revision
    question = Message(role=Message.Role.USER, author=ann, text="Further right")
    place(question, conversation, forked.right.pk)
    begun = queue_answers(conversation, question, [Order("demo", False)], ann.pk)
    assert open_leaf(conversation, ann.pk) == begun.answers[0]
    # The pages that show what is left are told, and get what they have not got.
    assert begun.branch
    newer = conversation.messages.filter(revision__gt=before).order_by("pk").values_list("text", flat=True)
    assert list(newer) == ["Right", "Right, answered", "Further right", ""]


def test_what_waited_takes_nobody_away_from_what_they_read(forked: Forked, ann: User, bob: User) -> None:
    conversation = forked.conversation
    share(conversation, bob)
    choose(conversation, ann.pk, forked.left.pk)
    question = Message(role=Message.Role.USER, author=ann, text="Further right")
    place(question, conversation, forked.right.pk)
    begun = queue_answers(conversation, question, [Order("demo", False)], ann.pk, waited=True)
    assert open_leaf(conversation, ann.pk) == forked.left.pk
    assert open_leaf(conversation, bob.pk) == conversation.leaf_id == begun.answers[0]
    assert Message.objects.get(pk=begun.answers[0]).author_id == ann.pk


def test_a_branch_that_only_gets_longer_touches_no_other_row(forked: Forked) -> None:
    conversation = forked.conversation
    before = conversation.revision
    asked(conversation, forked.right, "Further right")
    assert conversation.messages.filter(revision__gt=before).count() == 2


def test_a_link_to_a_message_opens_its_branch(forked: Forked, ann: User, signed_in: Callable[[User], Client]) -> None:
    browser = signed_in(ann)
    path = f"/c/{forked.conversation.pk}/"
    assert b"Left, answered" not in browser.get(path).content
    page = browser.get(path, {"m": forked.left.pk})
    assert b"Left, answered" in page.content
    assert b"Right, answered" not in page.content
    assert b"Left, answered" in browser.get(path).content


@pytest.mark.parametrize("wanted", ["-1", "x", "9" * 30, str(2**63), "%00", "١"])
def test_an_odd_number_is_404(forked: Forked, ann: User, signed_in: Callable[[User], Client], wanted: str) -> None:
    assert signed_in(ann).get(f"/c/{forked.conversation.pk}/", {"m": wanted}).status_code == 404


def test_a_message_of_another_conversation_is_404(
    forked: Forked, ann: User, bob: User, signed_in: Callable[[User], Client]
) -> None:
    for owner in (ann, bob):
        other = Conversation.objects.create(owner=owner, title=str(uuid.uuid4()), active_at=timezone.now())
        message = asked(other, None, "Elsewhere")
        page = signed_in(ann).get(f"/c/{forked.conversation.pk}/", {"m": message.pk})
        assert page.status_code == 404
