"""Each refusal has its status and its sentence, and leaves nothing behind."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.refusals import MESSAGE_CHARACTERS

Browser = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def conversation_of(user: User) -> Conversation:
    return Conversation.objects.create(owner=user, title="Cation mixing", active_at=timezone.now())


def send(client: Client, path: str, **fields: str) -> HttpResponse:
    form = {"client_id": str(uuid.uuid4()), "text": "Hello", "alias": "demo", **fields}
    return client.post(path, form, headers=HTMX)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"text": ""}, 422, "nothing to send"),
        ({"text": " \n\t "}, 422, "nothing to send"),
        ({"text": "x" * (MESSAGE_CHARACTERS + 1)}, 422, "100,001 characters; the limit is 100,000"),
        ({"alias": "no-such-model"}, 422, "not available"),
        ({"alias": ""}, 422, "not available"),
        ({"client_id": "not-a-uuid"}, 400, "Reload the page"),
        ({"client_id": ""}, 400, "Reload the page"),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused_and_nothing_is_stored(
    ann: User, alias: Alias, signed_in: Browser, fields: dict[str, str], status: int, sentence: str
) -> None:
    conversation = conversation_of(ann)
    for path in ("/new/", f"/c/{conversation.pk}/send/"):
        response = send(signed_in(ann), path, **fields)
        assert response.status_code == status
        assert sentence in response.content.decode()
    assert not Message.objects.exists()
    assert Conversation.objects.count() == 1


def test_without_javascript_a_refused_message_comes_back_with_its_text_in_the_composer(
    ann: User, alias: Alias, signed_in: Browser
) -> None:
    conversation = conversation_of(ann)
    form = {"client_id": str(uuid.uuid4()), "text": "my long <b>thought</b>", "alias": "gone"}
    for path in ("/new/", f"/c/{conversation.pk}/send/"):
        response = signed_in(ann).post(path, form)
        assert response.status_code == 422
        page = response.content.decode()
        assert "my long &lt;b&gt;thought&lt;/b&gt;" in page
        assert "not available" in page


def test_a_disabled_alias_is_refused(ann: User, alias: Alias, signed_in: Browser) -> None:
    Alias.objects.update(enabled=False)
    response = send(signed_in(ann), "/new/")
    assert response.status_code == 422
    assert "No model is connected" in response.content.decode()


def test_answering_again_during_an_answer_is_refused_with_what_to_do(
    ann: User, alias: Alias, signed_in: Browser
) -> None:
    conversation = conversation_of(ann)
    question = conversation.messages.create(role=Message.Role.USER, author=ann, text="Hello")
    done = conversation.messages.create(role=Message.Role.ASSISTANT, parent=question, status=Status.DONE, text="Hi")
    conversation.messages.create(
        role=Message.Role.ASSISTANT, status=Status.STREAMING, alias_name="demo", heartbeat_at=timezone.now()
    )
    response = send(signed_in(ann), f"/m/{done.pk}/retry/")
    assert response.status_code == 409
    assert "Stop it or wait" in response.content.decode()


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_title_that_is_none_is_refused(ann: User, signed_in: Browser, title: str) -> None:
    conversation = conversation_of(ann)
    response = signed_in(ann).post(f"/c/{conversation.pk}/rename/", {"title": title}, headers=HTMX)
    assert response.status_code == 422
    conversation.refresh_from_db()
    assert conversation.title == "Cation mixing"


@pytest.mark.parametrize("text", ["nul \0 inside", "lone \ud83d surrogate", "private \ue000 \ufffe"])
def test_odd_characters_in_a_title_are_stored_or_replaced(ann: User, signed_in: Browser, text: str) -> None:
    conversation = conversation_of(ann)
    encoded = {"title": text.encode("utf-8", "surrogatepass").decode("latin1")}
    assert signed_in(ann).post(f"/c/{conversation.pk}/rename/", encoded).status_code in (303, 422)
    conversation.refresh_from_db()
    assert "\0" not in conversation.title
