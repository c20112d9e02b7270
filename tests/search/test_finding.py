"""What a query finds. Every test here is also run on PostgreSQL (test_the_same_on_postgres.py)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chatapp.conversations.models import Folder, Message
from chatapp.images.models import Attachment, Image
from chatapp.search import index
from chatapp.search.index import MOST_COUNTED, PAGE, Filters
from chatapp.search.query import Phrase, phrases_of
from chatapp.search.results import chats, summary
from chatapp.search.tokens import MOST_PLACES, tokens
from tests.search.desk import found, say, talk

MIXING = "Cation mixing in NMC811, or preferred orientation?"
CHINESE = "氧分压不足时 Ni²⁺ 难以完全氧化，阳离子混排随之加重；第3章 has more."
CODE = "Use it so:\n```python\npath = os.path.join(get_user_name(), 'x')\n```\nÉlan, café."


@pytest.fixture
def written(ann: User) -> None:
    talk(ann, MIXING, CHINESE, CODE, title="High nickel 高镍三元")


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("cation", [MIXING]),
        ("CATION nmc811", [MIXING]),
        ("cation orientation", [MIXING]),
        ("cation café", []),
        ("mix", []),
        ('"cation mixing"', [MIXING]),
        ('"mixing cation"', []),
        ('"mixing in NMC811"', [MIXING]),
        ("混排", [CHINESE]),
        ("离子", [CHINESE]),
        ("阳离子混排", [CHINESE]),
        ("阳离子排混", []),
        ("阳 排", [CHINESE]),
        ("混", [CHINESE]),
        ("重", [CHINESE]),
        ("吨", []),
        ("完全氧化 混排 ni2", [CHINESE]),
        ("第3章", [CHINESE]),
        ("3章", [CHINESE]),
        ("has 混排", [CHINESE]),
        ("氧化阳离子", []),
        ("化阳", []),
        ("get_user_name", [CODE]),
        ("user_name", [CODE]),
        ("name_user", []),
        ("os.path.join", [CODE]),
        ("path os", [CODE]),
        ("elan cafe", [CODE]),
        ("ÉLAN", [CODE]),
        ("nickel", ["[High nickel 高镍三元]"]),
        ("高镍", ["[High nickel 高镍三元]"]),
        ("三元", ["[High nickel 高镍三元]"]),
        ("", []),
        ("   ", []),
        ('"', []),
        ('""', []),
        ('"cation', [MIXING]),
        ("*", []),
        ("cat*", []),
        ("NEAR(cation mixing)", []),
        ("cation AND mixing", []),
        ("cation NOT mixing", []),
        ("-mixing", [MIXING]),
        ("tokens:cation", []),
        ("'cation' & !mixing | x:*", []),
        ("cation\\", [MIXING]),
        ("'", []),
        ("%s %d {0}", []),
        ("\ue0001", []),
        ("\ue001", []),
    ],
)
def test_words_quotations_chinese_and_code(ann: User, query: str, wanted: list[str]) -> None:
    assert found(ann, query) == wanted


@pytest.mark.usefixtures("written")
def test_strange_and_long_queries_find_nothing_and_break_nothing(ann: User) -> None:
    for query in ("\0", "a\0b", "\ud800", "cation" * 100, "混" * 4000, '"' * 300, "y " * 3000, "\u202e\u2066", "🎉"):
        assert found(ann, query) == []


def test_the_newest_comes_first_and_pages_go_on_from_there(ann: User) -> None:
    talk(ann, *(f"needle {number}" for number in range(PAGE + 5)))
    first = index.find(ann, "needle", Filters())
    texts = [hit.message.text for hit in first.entries if hit.message]
    assert texts == [f"needle {number}" for number in range(PAGE + 4, 4, -1)]
    assert (first.passages, first.chats, first.more) == (PAGE + 5, 1, False)
    second = index.find(ann, "needle", Filters(), before=first.before)
    assert [hit.message.text for hit in second.entries if hit.message] == [f"needle {n}" for n in range(4, -1, -1)]
    assert second.before is None
    assert index.find(ann, "needle", Filters(), before=2**63 - 1).entries == first.entries


def test_beyond_a_limit_nobody_counts(ann: User) -> None:
    talk(ann, *["needle"] * (MOST_COUNTED + 1))
    assert summary(index.find(ann, "needle", Filters())) == "More than 200 passages"


def test_what_was_found_is_counted_in_words(ann: User) -> None:
    talk(ann, "needle one", "needle two", title="Needle")
    talk(ann, "needle three")
    talk(ann, "nothing", title="Needle alone")
    assert summary(index.find(ann, "needle", Filters())) == "3 passages in 3 chats"
    assert summary(index.find(ann, "three", Filters())) == "1 passage in 1 chat"
    assert summary(index.find(ann, "alone", Filters())) == "1 chat"


def test_passages_stand_under_their_conversation_with_the_number_of_their_turn(ann: User) -> None:
    older = talk(ann, "needle", "no", "needle again", title="Needle <b>work</b>")
    branch = say(older, "another needle", older.messages.get(text="needle"), answer=True)
    index.put([branch])
    talk(ann, "needle elsewhere", title="Other")
    made = chats(index.find(ann, "needle", Filters()), "needle", ann)
    assert [str(chat.title) for chat in made] == ["Other", "<mark>Needle</mark> &lt;b&gt;work&lt;/b&gt;"]
    assert [(one.number, one.who, str(one.text)) for one in made[1].passages] == [
        (1, "Ann", "<mark>needle</mark>"),
        (3, "Ann", "<mark>needle</mark> again"),
        (2, "demo", "another <mark>needle</mark>"),
    ]


def test_by_alias_the_answers_and_the_questions_that_they_answer(ann: User) -> None:
    talk(ann, "needle?", "needle.", "needle, unanswered", title="Needle")
    assert found(ann, "needle", alias="demo") == ["needle.", "needle?"]
    assert found(ann, "needle", alias="other") == []


def test_by_folder_and_archived_too(ann: User) -> None:
    folder = Folder.objects.create(owner=ann, name="Drawer")
    talk(ann, "needle outside")
    talk(ann, "needle inside", title="Needle", folder=folder, archived_at=timezone.now())
    assert found(ann, "needle", folder=folder.pk) == ["needle inside", "[Needle]"]
    assert found(ann, "needle", folder=2**63 - 1) == []
    assert len(found(ann, "needle")) == 3


def test_by_day(ann: User) -> None:
    conversation = talk(ann, "needle then", "needle now")
    conversation.messages.filter(text="needle then").update(created_at=datetime(2024, 5, 1, tzinfo=UTC))
    now = timezone.now()
    assert found(ann, "needle", since=now - timedelta(days=1)) == ["needle now"]
    assert found(ann, "needle", until=now - timedelta(days=1)) == ["needle then"]
    days = {"since": datetime(2024, 5, 1, tzinfo=UTC), "until": datetime(2024, 5, 2, tzinfo=UTC)}
    assert found(ann, "needle", **days) == ["needle then"]
    assert found(ann, "talk", since=now - timedelta(days=1)) == ["[A talk]"]


def test_with_images_and_with_code(ann: User) -> None:
    conversation = talk(ann, "needle with a picture", "needle\n```\ncode\n```", "needle `inline`", title="Needle")
    size = dict.fromkeys(["width", "height", "bytes", "thumbnail_width", "thumbnail_height"], 1)
    image = Image.objects.create(owner=ann, name="a.png", media_type="image/png", stored="a", thumbnail="b", **size)
    Attachment.objects.create(message=conversation.messages.get(text__contains="picture"), image=image, position=0)
    assert found(ann, "needle", images=True) == ["needle with a picture"]
    assert found(ann, "needle", code=True) == ["needle\n```\ncode\n```"]
    assert found(ann, "needle", images=True, code=True) == []


def test_a_word_that_comes_very_often_is_found_and_its_neighbours_keep_their_places(ann: User) -> None:
    text = "again " * (MOST_PLACES + 3) + "the very end"
    talk(ann, text)
    assert found(ann, "again end") == [text]
    assert found(ann, '"the very end"') == [text]
    assert found(ann, '"again the"') == []
    assert found(ann, '"again again"') == [text]


def test_texts_of_every_size_can_be_written(ann: User) -> None:
    long = "needle " + " ".join("\U00010428" * 60 + str(number) for number in range(16_000))
    talk(ann, "needle " + "x" * 100_000, long, "needle " + "混" * 30_000)
    assert len(found(ann, "needle")) == 3


# Few characters, so that queries often find something.
TEXT = st.text(st.sampled_from("ab 阳离子ñ_.\n"), max_size=14)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(TEXT, min_size=1, max_size=6), st.lists(TEXT.map(lambda one: one.replace("\n", " ")), max_size=6))
def test_the_database_finds_what_reading_everything_finds(ann: User, texts: list[str], queries: list[str]) -> None:
    conversation = talk(ann, *texts, title="")
    for query in [*queries, *(f'"{one}"' for one in queries)]:
        phrases = phrases_of(query)
        wanted = [text for text in reversed(texts) if phrases and all(has(text, phrase) for phrase in phrases)]
        assert found(ann, query) == wanted, query
    conversation.delete()


def has(text: str, phrase: Phrase) -> bool:
    size, inside = len(phrase.tokens), tokens(text)
    for at in range(len(inside) - size + 1):
        *before, last = inside[at : at + size]
        ends = last.startswith(phrase.tokens[-1]) if phrase.open else last == phrase.tokens[-1]
        if ends and tuple(before) == phrase.tokens[:-1]:
            return True
    return False


def test_messages_that_wait_or_are_being_made_are_not_in_the_index(ann: User) -> None:
    conversation = talk(ann, "a question")
    say(conversation, "needle waits").__class__.objects.filter(text="needle waits").update(status="waiting")
    Message.objects.create(conversation=conversation, role="assistant", text="needle half", status="streaming")
    index.put_conversation(conversation)
    assert found(ann, "needle") == []
