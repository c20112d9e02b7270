"""Asking an alias's routes from its page: what each made of the question, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation
from tests.catalog.alias_desk import HOSTILE
from tests.catalog.chat_server import ChatServer, chat_server

HTMX = {"HX-Request": "true"}


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


@pytest.fixture
def alias(db: None) -> Alias:
    return Alias.objects.create(name="intern-science", thinking="optional", temperature=0.8)


def told(office: Client, alias: Alias, what: str = "try_alias", **form: str) -> str:
    """What the page says to this, in one line."""
    response = office.post(reverse(f"catalog:{what}", args=[alias.pk]), form, headers=HTMX)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_answer_is_shown_with_what_it_took(office: Client, server: ChatServer, alias: Alias) -> None:
    server.serves(alias, "intern-s1")
    server.reasoning = "Compare the tenths."
    said = told(office, alias, question="Which is larger?", think="on")
    for part in ("9.9 is larger.", "Compare the tenths.", "intern-s1", "m-2026", "11", "5"):
        assert part in said
    assert [asked["messages"] for asked in server.asked] == [[{"role": "user", "content": "Which is larger?"}]]
    assert (server.asked[0]["model"], server.asked[0]["temperature"]) == ("intern-s1", 0.8)
    assert server.asked[0]["max_tokens"] == 500
    assert Conversation.objects.count() == 0


def test_only_the_first_three_routes_are_asked_but_all_are_tested(
    office: Client, server: ChatServer, alias: Alias
) -> None:
    for number in range(5):
        server.serves(alias, f"m{number}", priority=number)
    told(office, alias, question="Which?")
    assert sorted(asked["model"] for asked in server.asked) == ["m0", "m1", "m2"]
    server.asked.clear()
    said = told(office, alias, "test_alias")
    assert {asked["model"] for asked in server.asked} == {f"m{number}" for number in range(5)}
    assert said.count("Works in") == 5


@pytest.mark.parametrize(
    ("status", "words"), [(401, "Key not accepted"), (403, "No access"), (500, "Failed on its side")]
)
def test_a_failure_is_named_in_our_words_alone(
    office: Client, server: ChatServer, alias: Alias, status: int, words: str
) -> None:
    server.serves(alias)
    server.status, server.complaint = status, {"error": {"message": "/srv/secret/path.py line 7"}}
    tried, tested = told(office, alias, question="Which?"), told(office, alias, "test_alias")
    assert words.lower() in tried.lower()
    assert words.lower() in tested.lower()
    assert "secret" not in tried + tested


def test_what_a_model_writes_is_text(office: Client, server: ChatServer, alias: Alias) -> None:
    server.serves(alias)
    server.text = server.reasoning = server.model = HOSTILE
    said = told(office, alias, question=HOSTILE)
    assert "<img" not in said
    assert "&lt;img" in said


@pytest.mark.parametrize("question", ["", "  \n "])
def test_no_question_asks_nobody(office: Client, server: ChatServer, alias: Alias, question: str) -> None:
    server.serves(alias)
    told(office, alias, question=question)
    assert server.asked == []


def test_without_a_route_it_says_what_to_do(office: Client, alias: Alias) -> None:
    assert "Add one" in told(office, alias, question="Which?")
    assert "Add one" in told(office, alias, "test_alias")


def test_without_a_script_it_is_the_page_again(office: Client, server: ChatServer, alias: Alias) -> None:
    server.serves(alias)
    response = office.post(reverse("catalog:try_alias", args=[alias.pk]), {"question": "Which?"})
    assert "9.9 is larger." in response.content.decode()
    assert "<h1" in response.content.decode()
