"""The index goes with the rows: in their transaction, with every deletion, and as a fresh build would be."""

from __future__ import annotations

import random
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.conversations.asking import Order, place, queue_answers
from chatapp.conversations.copies import copy_branch
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.upkeep import _rename
from chatapp.generation.settle import swap
from chatapp.generation.titles import _rename as _title
from chatapp.search import building, index
from chatapp.search.building import Tables, build
from chatapp.search.models import Entry
from tests.search.desk import entries, found, loose_words, say, stored, talk

TEXTS = ["canary", "金丝雀", "```\ncode\n```", "…"]


def test_what_is_rolled_back_was_never_in_the_index(ann: User) -> None:
    conversation = talk(ann, "question")
    with transaction.atomic():
        index.put([say(conversation, "canary")])
        assert found(ann, "canary") == ["canary"]
        transaction.set_rollback(True)
    assert found(ann, "canary") == []
    assert (entries(), loose_words()) == (2, 0)


def test_a_text_that_changes_is_found_by_its_new_words_under_its_old_number(ann: User) -> None:
    conversation = talk(ann, "canary")
    message = conversation.messages.get()
    number = Entry.objects.get(message=message).pk
    message.text = "robin"
    message.save()
    index.put([message])
    assert (found(ann, "canary"), found(ann, "robin")) == ([], ["robin"])
    assert Entry.objects.get(message=message).pk == number
    message.text = " … "
    index.put([message])
    assert (found(ann, "robin"), entries(), loose_words()) == ([], 1, 0)


@pytest.mark.parametrize("how", ["message", "queryset", "conversation", "raw"])
def test_what_is_deleted_is_gone_from_the_index(ann: User, how: str) -> None:
    conversation = talk(ann, "canary", "canary too")
    if how == "message":
        conversation.messages.get(text="canary").delete()
    elif how == "queryset":
        Message.objects.filter(text__startswith="canary").delete()
    elif how == "conversation":
        Conversation.objects.all().delete()
    else:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_entry WHERE message_id IS NOT NULL")
    assert found(ann, "canary") == []
    assert loose_words() == 0
    assert "canary" not in str(stored())


def test_writing_asks_the_database_as_often_for_many_as_for_one(
    ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    conversation = talk(ann, "question")
    for count in (1, 50):
        messages = [say(conversation, f"canary {number}") for number in range(count)]
        with django_assert_num_queries(3):
            index.put(messages)
        with django_assert_num_queries(4):
            index.put(messages)
    assert len(found(ann, "canary")) == index.PAGE


def test_finding_takes_three_queries_however_much_there_is(
    ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 60):
        talk(ann, *["canary"] * count)
        with django_assert_num_queries(3):
            assert found(ann, "canary")


def test_the_command_indexes_what_is_not_and_all_of_it_anew(ann: User) -> None:
    conversation = talk(ann, "canary", "canary too", title="Canary")
    talk(ann, title="No message in it")
    wanted = stored()
    Entry.objects.all().delete()
    assert told() == "Indexed texts: 4."
    assert stored() == wanted
    assert told() == "Indexed texts: 0."
    Entry.objects.filter(message__text="canary").update(version=0)
    assert told() == "Indexed texts: 2."
    numbers = dict(Entry.objects.values_list("pk", "message"))
    assert told(anew=True) == "Indexed texts: 3."
    assert stored() == wanted
    assert dict(Entry.objects.values_list("pk", "message")) == numbers
    conversation.delete()
    assert entries() == 1


def test_the_command_works_in_batches_the_oldest_first(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "BATCH", 3)
    talk(ann, *(f"canary {number}" for number in range(10)))
    talk(ann, *(f"canary {number}" for number in range(10, 20)))
    order = found(ann, "canary")
    Entry.objects.all().delete()
    assert sum(build(Tables())) == 22
    assert found(ann, "canary") == order


def told(**options: bool) -> str:
    out = StringIO()
    call_command("index_search", stdout=out, **options)
    return out.getvalue().strip()


@pytest.mark.parametrize("seed", range(8))
def test_after_whatever_happened_the_index_is_as_a_fresh_build(ann: User, bob: User, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    for step in range(40):
        _happen(chance, chance.choice([ann, bob]), step)
    assert loose_words() == 0
    written = stored()
    Entry.objects.all().delete()
    sum(build(Tables()))
    assert stored() == written
    assert len(written) > 10


def _happen(chance: random.Random, user: User, step: int) -> None:
    """One of the things that change what there is to be found."""
    own = list(Conversation.objects.owned_by(user))
    conversation = chance.choice(own) if own else None
    text = f"{chance.choice(TEXTS)} {step}"
    act = chance.choice(["ask", "ask", "ask", "new", "rename", "title", "fork", "wait", "delete", "hide", "drop"])
    if conversation is None or act == "new":
        fresh = Conversation(owner=user, title=text, active_at="2026-01-01T00:00Z", temporary=chance.random() < 0.2)
        fresh.save()
        index.put_title(fresh)
        _ask(chance, fresh, text)
    elif act == "ask":
        _ask(chance, conversation, text)
    elif act == "rename":
        _rename(user, conversation.pk, text)
    elif act == "title":
        _title(conversation, text)
    elif act == "fork" and (leaf := conversation.messages.placed().order_by("?").first()):
        copy_branch(leaf, Conversation(owner=user))
    elif act == "wait":
        Message.objects.create(conversation=conversation, role="user", text=text, status=Status.WAITING)
    elif act == "delete":
        conversation.delete()
    elif act == "hide":
        Conversation.objects.filter(pk=conversation.pk).update(deleted_at="2026-01-01T00:00Z")
    elif act == "drop":
        conversation.messages.filter(children=None).delete()


def _ask(chance: random.Random, conversation: Conversation, text: str) -> None:
    """A question and its answer, which may fail without a word, or be cut and continued."""
    question = Message(author=conversation.owner, role="user", text=text)
    place(question, conversation, None)
    begun = queue_answers(conversation, question, [Order("demo", False)], conversation.owner_id)
    for answer in (f"half of {text}", chance.choice(["", f"half of {text} and the rest"])):
        Message.objects.filter(pk__in=begun.answers).update(status=Status.STREAMING)
        swap(begun.answers[0], text=answer, reasoning="secret", html="", status=Status.DONE)
