"""What a conversation tells its models besides the messages: set by its owner, checked, and shown as it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation

Browser = Callable[[User], Client]
PARAMETERS = ("temperature", "top_p", "top_k", "min_p", "answer_tokens")


@pytest.fixture
def conversation(ann: User, alias: Alias) -> Conversation:
    Alias.objects.filter(pk=alias.pk).update(temperature=0.8, top_k=50, answer_tokens=8192)
    return Conversation.objects.create(owner=ann, title="Cathodes", alias=alias, active_at=timezone.now())


def page(conversation: Conversation) -> str:
    return f"/c/{conversation.pk}/instructions/"


def test_they_are_kept_and_can_be_emptied_again(ann: User, signed_in: Browser, conversation: Conversation) -> None:
    browser = signed_in(ann)
    sent = {
        "instructions": " 用中文回答。\r\nBrief. ",
        "temperature": "0.2",
        "top_p": "0.9",
        "answer_tokens": "1,000",
    }
    response = browser.post(page(conversation), sent)
    assert (response.status_code, response["Location"]) == (303, f"/c/{conversation.pk}/")
    conversation.refresh_from_db()
    assert conversation.instructions == "用中文回答。\nBrief."
    assert [getattr(conversation, name) for name in PARAMETERS] == [0.2, 0.9, None, None, 1000]
    assert "用中文回答。" in browser.get(page(conversation)).content.decode()
    browser.post(page(conversation), {})
    conversation.refresh_from_db()
    assert [conversation.instructions, *(getattr(conversation, name) for name in PARAMETERS)] == ["", *[None] * 5]


def test_an_empty_field_shows_what_the_alias_says(ann: User, signed_in: Browser, conversation: Conversation) -> None:
    html = signed_in(ann).get(page(conversation)).content.decode()
    for shown in ("0.8", "50", "8,192"):
        assert f'placeholder="{shown}"' in html


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": "3"},
        {"top_p": "0"},
        {"top_k": "none"},
        {"min_p": "-1"},
        {"answer_tokens": "0"},
        {"temperature": "nan"},
    ],
    ids=str,
)
def test_a_bad_value_is_named_and_nothing_is_lost(
    ann: User, signed_in: Browser, conversation: Conversation, wrong: dict[str, str]
) -> None:
    response = signed_in(ann).post(page(conversation), {"instructions": "Be brief."} | wrong)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Nothing is saved yet." in html
    assert "Be brief." in html
    assert f'id="id_{next(iter(wrong))}_error"' in html
    conversation.refresh_from_db()
    assert conversation.instructions == ""


def test_too_much_and_what_cannot_be_stored(ann: User, signed_in: Browser, conversation: Conversation) -> None:
    browser = signed_in(ann)
    assert browser.post(page(conversation), {"instructions": "x" * 20_001}).status_code == 422
    assert browser.post(page(conversation), {"instructions": "<script>alert(1)</script>"}).status_code == 303
    assert "<script>alert(1)" not in browser.get(page(conversation)).content.decode()
