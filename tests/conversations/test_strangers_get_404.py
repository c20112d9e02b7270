"""PERM-01, PERM-02, PERM-11, PERM-12: every address with an id, for the owner, a stranger and nobody."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Message, Status

Browser = Callable[[User], Client]

POSTS = ["send", "send-on", "stop-all", "rename", "instructions", "delete", "restore"]
MESSAGE_POSTS = ["stop", "keep", "continue", "retry", "edit", "remove", "fork", "show", "answer"]


@pytest.fixture
def answered(ann: User, alias: Alias) -> Message:
    """Ann's conversation with one failed answer; returns the answer."""
    conversation = Conversation.objects.create(owner=ann, title="Ann's secret", active_at=timezone.now())
    question = conversation.messages.create(role=Message.Role.USER, author=ann, text="secret question")
    answer = conversation.messages.create(
        role=Message.Role.ASSISTANT, parent=question, status=Status.FAILED, error="busy", alias_name="demo"
    )
    conversation.leaf = answer
    conversation.save()
    return answer


def addresses(answer: Message) -> dict[str, tuple[str, str]]:
    """Every address with an id: its name → method and path."""
    conversation = answer.conversation_id
    found = {"conversation": ("GET", f"/c/{conversation}/"), "source": ("GET", f"/m/{answer.pk}/source/")}
    found |= {name: ("POST", f"/c/{conversation}/{name.removesuffix('-all')}/") for name in POSTS}
    return found | {name: ("POST", f"/m/{answer.pk}/{name}/") for name in MESSAGE_POSTS}


def test_the_list_of_addresses_is_complete(answered: Message) -> None:
    patterns = get_resolver("chatapp.conversations.urls").url_patterns
    with_id = {getattr(pattern, "name", None) for pattern in patterns if "<" in str(pattern.pattern)}
    assert with_id == set(addresses(answered))


@pytest.mark.parametrize("name", ["conversation", "source", *POSTS, *MESSAGE_POSTS])
def test_a_stranger_gets_404_and_changes_nothing(answered: Message, eve: User, signed_in: Browser, name: str) -> None:
    method, path = addresses(answered)[name]
    form = {"title": "Eve was here", "text": "hello", "alias": "demo", "client_id": str(uuid.uuid4())}
    response = signed_in(eve).generic(method, path) if method == "GET" else signed_in(eve).post(path, form)
    assert response.status_code == 404
    assert "secret" not in response.content.decode()
    answered.refresh_from_db()
    assert answered.status == Status.FAILED
    assert list(Conversation.objects.values_list("title", "deleted_at")) == [("Ann's secret", None)]
    assert Message.objects.count() == 2


@pytest.mark.parametrize("name", ["conversation", "source", *POSTS, *MESSAGE_POSTS])
def test_nobody_is_sent_to_sign_in(answered: Message, client: Client, name: str) -> None:
    method, path = addresses(answered)[name]
    response = client.generic(method, path)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_a_deleted_conversation_is_gone_everywhere_and_comes_back_on_undo(
    answered: Message, ann: User, signed_in: Browser
) -> None:
    browser = signed_in(ann)
    path = f"/c/{answered.conversation_id}/"
    assert browser.post(path + "delete/").status_code == 303
    assert browser.get(path).status_code == 404
    assert browser.get(f"/m/{answered.pk}/source/").status_code == 404
    assert b"Ann&#x27;s secret" not in browser.get("/").content
    assert browser.post(path + "restore/").status_code == 303
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/m/-1/stop/",
        "/m/9223372036854775808/stop/",
        "/m/99999999999999999999999/stop/",
        "/m/1e9/stop/",
        "/m/%00/stop/",
        "/m/%ff/stop/",
        "/m/..%2f/stop/",
        "/m/'%20OR%201=1/stop/",
        "/m/%e2%80%ae1/stop/",
        "/c/not-a-uuid/",
        f"/c/{'a' * 4000}/",
        "/c/00000000-0000-0000-0000-000000000000/",
    ],
)
def test_impossible_ids_are_404_never_500(ann: User, alias: Alias, signed_in: Browser, path: str) -> None:
    browser = signed_in(ann)
    assert browser.get(path).status_code in (404, 405)
    assert browser.post(path).status_code in (404, 405)


@pytest.mark.parametrize("name", sorted({*POSTS, *MESSAGE_POSTS} - {"instructions", "edit"}))
def test_a_get_changes_nothing(answered: Message, ann: User, signed_in: Browser, name: str) -> None:
    assert signed_in(ann).get(addresses(answered)[name][1]).status_code == 405


@pytest.mark.parametrize("name", [*POSTS, *MESSAGE_POSTS])
def test_a_post_without_a_csrf_token_or_from_elsewhere_is_refused(answered: Message, ann: User, name: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    path = addresses(answered)[name][1]
    assert browser.post(path).status_code == 403
    assert browser.post(path, headers={"Origin": "https://evil.example"}).status_code == 403
