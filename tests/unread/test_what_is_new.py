"""What counts as new for whom, and what reading changes; rows as the product writes them."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.asking import Order, place, queue_answers
from chatapp.conversations.branches import choose
from chatapp.conversations.models import Conversation, Message, Participation, Status
from chatapp.conversations.sidebar import sidebar
from chatapp.unread import marks
from chatapp.unread.models import Mention, ReadMark

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@example.com", name="Ann")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob@example.com", name="Bob")


@pytest.fixture
def chat(ann: User, bob: User) -> Conversation:
    """Ann's, in which Bob takes part."""
    made = Conversation.objects.create(owner=ann, title="Waves", active_at=timezone.now())
    Participation.objects.create(conversation=made, member=bob, may_write=True)
    return made


def say(chat: Conversation, by: User, text: str, after: int | None = None) -> Message:
    """A question and its answer at the end, or after this message; returns the answer."""
    with transaction.atomic():
        conversation = Conversation.objects.get(pk=chat.pk)
        question = Message(author=by, role=Message.Role.USER, client_id=uuid.uuid4(), text=text)
        place(question, conversation, conversation.leaf_id if after is None else after or None)
        begun = queue_answers(conversation, question, [Order("demo", think=False)], by.pk)
    Message.objects.filter(pk__in=begun.answers).update(status=Status.DONE, text="So it is.")
    return Message.objects.get(pk=begun.answers[0])


def unread(member: User) -> set[str]:
    found = Conversation.objects.visible_to(member).filter(marks.unread_by(member.pk))
    return {one.title for one in found}


def named(member: User) -> int:
    return sum(marks.unread_mentions(member.pk).values())


def new_on_its_page(chat: Conversation, member: User) -> bool:
    return sidebar(member, RequestFactory().get("/"), opened=chat.pk).new_here


def test_what_others_write_is_new_until_it_is_seen(chat: Conversation, ann: User, bob: User) -> None:
    answer = say(chat, ann, "One")
    assert (unread(ann), unread(bob)) == (set(), {"Waves"})
    assert new_on_its_page(chat, bob)
    assert marks.saw(bob.pk, chat.pk, answer.pk)
    assert unread(bob) == set()
    assert not new_on_its_page(chat, bob)
    assert not marks.saw(bob.pk, chat.pk, answer.pk)
    say(chat, bob, "Two")
    assert (unread(ann), unread(bob)) == ({"Waves"}, set())
    say(chat, ann, "Three")
    assert (unread(ann), unread(bob)) == (set(), {"Waves"})


def test_who_saw_only_the_beginning_has_more_to_read(chat: Conversation, ann: User, bob: User) -> None:
    first, last = say(chat, ann, "One"), say(chat, ann, "Two")
    assert marks.saw(bob.pk, chat.pk, first.pk)
    assert unread(bob) == {"Waves"}
    assert marks.saw(bob.pk, chat.pk, last.pk)
    assert unread(bob) == set()
    assert not marks.saw(bob.pk, chat.pk, first.pk)
    assert unread(bob) == set()


def test_the_end_of_a_branch_of_ones_own_is_the_end(chat: Conversation, ann: User, bob: User) -> None:
    first = say(chat, ann, "One")
    end = say(chat, bob, "Mine")
    choose(Conversation.objects.get(pk=chat.pk), bob.pk, end.pk)
    other = say(chat, ann, "Another", after=first.pk)
    choose(Conversation.objects.get(pk=chat.pk), bob.pk, end.pk)
    assert unread(bob) == {"Waves"}
    assert not marks.saw(bob.pk, chat.pk, other.pk), "it is on a branch that Bob has not open"
    assert marks.saw(bob.pk, chat.pk, end.pk)
    assert unread(bob) == set()


def test_a_chat_of_ones_own_has_no_marks(ann: User) -> None:
    alone = Conversation.objects.create(owner=ann, title="Alone", active_at=timezone.now())
    answer = say(alone, ann, "One @Ann")
    assert unread(ann) == set()
    assert not marks.saw(ann.pk, alone.pk, answer.pk)
    assert not ReadMark.objects.exists()
    assert not Mention.objects.exists()


def test_who_is_named_is_told_once_and_reads_it(chat: Conversation, ann: User, bob: User) -> None:
    answer = say(chat, ann, "@Bob look, @Bob! And @Ann, and @Cleo.")
    assert list(Mention.objects.values_list("member__name", "message")) == [("Bob", answer.parent_id)]
    assert named(bob) == 1
    assert not marks.saw(bob.pk, chat.pk, 0)
    assert answer.parent_id
    assert marks.saw(bob.pk, chat.pk, answer.parent_id)
    assert named(bob) == 0


def test_another_version_names_only_who_was_not_named(chat: Conversation, ann: User, bob: User) -> None:
    cleo = User.objects.create_user("cleo@example.com", name="Cleo")
    team = Group.objects.create(name="Team")
    team.user_set.add(cleo, bob)
    Participation.objects.create(conversation=chat, group=team)
    first = say(chat, ann, "One")
    say(chat, ann, "@Bob", after=first.pk)
    say(chat, ann, "@Bob @Cleo", after=first.pk)
    say(chat, ann, "@bob @cleo", after=first.pk)
    assert (named(bob), named(cleo)) == (1, 1)
    say(chat, ann, "@Bob")
    assert named(bob) == 2


def test_who_is_removed_or_disabled_is_not_told(chat: Conversation, ann: User, bob: User) -> None:
    say(chat, ann, "@Bob one")
    chat.participations.all().delete()
    assert (named(bob), unread(bob)) == (0, set())
    say(chat, ann, "@Bob two")
    assert Mention.objects.count() == 1
    Participation.objects.create(conversation=chat, member=bob)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    say(chat, ann, "@Bob three")
    assert Mention.objects.count() == 1


def test_a_stranger_marks_nothing_and_learns_nothing(chat: Conversation, ann: User, bob: User) -> None:
    eve = User.objects.create_user("eve@example.com", name="Eve")
    answer = say(chat, ann, "One")
    browser = Client()
    for person, told in ((bob, True), (eve, False)):
        browser.force_login(person)
        assert ("data-unread" in browser.get(f"/sidebar/?c={chat.pk}").content.decode()) == told
    assert not marks.saw(eve.pk, chat.pk, answer.pk)
    assert not ReadMark.objects.exists()


def test_the_page_lists_them_and_marks_all_as_read(chat: Conversation, ann: User, bob: User) -> None:
    for number in range(35):
        say(chat, ann, f"@Bob <b>{number}</b> 你好")
    browser = Client()
    browser.force_login(bob)
    page = browser.get("/mentions/").content.decode()
    assert page.count('class="hit"') == 30
    assert "@Bob &lt;b&gt;34&lt;/b&gt; 你好" in page
    assert '<b class="badge" id="unread-mentions">35<' in page
    older = page.split("?before=")[1].split('"')[0]
    page = browser.get(f"/mentions/?before={older}").content.decode()
    assert page.count('class="hit"') == 5
    assert browser.get("/mentions/?before=x").status_code == 404
    assert browser.get("/mentions/read/").status_code == 405
    assert browser.post("/mentions/read/").status_code == 303
    assert (named(bob), unread(bob)) == (0, set())
    page = browser.get("/mentions/").content.decode()
    assert '<b class="badge" id="unread-mentions" hidden></b>' in page
    assert page.count('class="hit"') == 30
    browser.force_login(ann)
    assert "Nobody has mentioned you." in browser.get("/mentions/").content.decode()


def test_whom_a_text_could_name(chat: Conversation, ann: User, bob: User) -> None:
    cleo = User.objects.create_user("cleo@example.com", name="Bobbie <i>")
    Participation.objects.create(conversation=chat, member=cleo)
    browser = Client()
    browser.force_login(ann)
    page = browser.get(f"/c/{chat.pk}/people/?q=BOB").content.decode()
    assert page.count('role="option"') == 2
    assert "Bobbie &lt;i&gt;" in page
    assert "role=" not in browser.get(f"/c/{chat.pk}/people/?q=Bob%20has").content.decode()
    assert "Ann" not in browser.get(f"/c/{chat.pk}/people/").content.decode()
    browser.force_login(cleo)
    assert browser.get(f"/c/{chat.pk}/people/").status_code == 403
    browser.force_login(User.objects.create_user("eve@example.com", name="Eve"))
    assert browser.get(f"/c/{chat.pk}/people/").status_code == 404
