"""The pages of export, import and print: for their people alone, and at a fixed price."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.generation import hub
from chatapp.transfer.limits import FILE_BYTES
from chatapp.transfer.models import Import
from tests.transfer.chats import make_chat
from tests.transfer.conftest import ended
from tests.transfer.test_hostile_files import ours

Browser = Callable[[User], Client]
OF_A_CHAT = ["export/", "export/file/?kind=md", "export/file/?kind=json", "export/file/?kind=zip", "print/"]


class Ear:
    def __init__(self, user: User) -> None:
        self.user_id, self.name, self.heard = user.pk, user.name, list[dict[str, Any]]()

    def push(self, frame: str) -> None:
        self.heard.append(json.loads(frame))


@pytest.fixture
def chat(ann: User, alias: Alias) -> Conversation:
    return make_chat(ann, "Ann's secret")


def test_the_list_of_addresses_is_complete() -> None:
    patterns = get_resolver("chatapp.transfer.urls").url_patterns
    with_id = {str(pattern.pattern) for pattern in patterns if "<" in str(pattern.pattern)}
    of_a_chat = {f"c/<uuid:pk>/{path.partition('?')[0]}" for path in OF_A_CHAT}
    assert with_id == of_a_chat | {"import/<uuid:pk>/"}


@pytest.mark.parametrize("path", OF_A_CHAT)
def test_a_stranger_gets_404_and_nobody_is_sent_to_sign_in(
    path: str, chat: Conversation, eve: User, client: Client, signed_in: Browser
) -> None:
    response = signed_in(eve).get(f"/c/{chat.pk}/{path}")
    assert response.status_code == 404
    assert b"secret" not in response.content
    assert signed_in(eve).get(f"/c/{uuid.uuid4()}/{path}").status_code == 404
    response = client.get(f"/c/{chat.pk}/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", OF_A_CHAT)
def test_a_deleted_chat_is_gone_here_too(path: str, chat: Conversation, ann: User, signed_in: Browser) -> None:
    Conversation.objects.update(deleted_at=timezone.now())
    assert signed_in(ann).get(f"/c/{chat.pk}/{path}").status_code == 404


@pytest.mark.parametrize("kind", ["", "pdf", "%00", "md" * 2000])
def test_an_unknown_kind_of_file_is_404(kind: str, chat: Conversation, ann: User, signed_in: Browser) -> None:
    assert signed_in(ann).get(f"/c/{chat.pk}/export/file/?kind={kind}").status_code == 404


def test_an_import_is_seen_by_its_member_alone(ann: User, eve: User, signed_in: Browser) -> None:
    job = Import.objects.create(owner=ann, name="secret.json")
    assert signed_in(eve).get(f"/import/{job.pk}/").status_code == 404
    assert b"secret" not in signed_in(eve).get("/import/").content
    assert b"secret.json" in signed_in(ann).get(f"/import/{job.pk}/").content
    assert b"secret.json" in signed_in(ann).get("/import/").content


def test_an_import_that_its_server_left_says_so(ann: User, signed_in: Browser) -> None:
    job = Import.objects.create(owner=ann, name="a.json", heartbeat_at=timezone.now() - timedelta(minutes=5))
    page = signed_in(ann).get(f"/import/{job.pk}/").content.decode()
    assert "The server stopped in the middle of it." in page
    assert "load delay" not in page


def test_a_form_from_elsewhere_is_refused(ann: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    assert browser.post("/import/", {"file": SimpleUploadedFile("a.json", b"[]")}).status_code == 403


def test_without_a_file_and_with_too_large_a_one_the_page_says_why(ann: User, signed_in: Browser) -> None:
    response = signed_in(ann).post("/import/")
    assert response.status_code == 422
    assert "There is no file in what was sent." in response.content.decode()
    large = SimpleUploadedFile("a.json", b" " * (FILE_BYTES + 1))
    response = signed_in(ann).post("/import/", {"file": large})
    assert response.status_code == 413
    assert "The file has 39 MB; the limit is 39 MB." in response.content.decode()
    assert not Import.objects.exists()


async def test_a_file_that_is_posted_becomes_chats_and_all_tabs_are_told(
    folder: object, transactional_db: None, ann: User
) -> None:
    ear = Ear(ann)
    hub.watch(hub.member_topic(ann.pk), ear)
    client = AsyncClient()
    await client.aforce_login(ann)
    file = SimpleUploadedFile("chats.json", json.dumps(ours()).encode())
    response = await client.post("/import/", {"file": file})
    assert response.status_code == 303
    job = await ended(await Import.objects.aget())
    assert response["Location"] == f"/import/{job.pk}/"
    hub.leave(hub.member_topic(ann.pk), ear)
    assert {"t": "past", "chats": {}} in ear.heard
    page = (await client.get(response["Location"])).content.decode()
    assert "<b>1</b> imported" in page
    fragment = (await client.get(response["Location"], headers={"HX-Request": "true"})).content.decode()
    assert "<html" not in fragment
    assert "<b>1</b> imported" in fragment


async def test_a_member_has_one_import_at_a_time(folder: object, transactional_db: None, ann: User) -> None:
    await Import.objects.acreate(owner=ann, name="first.json")
    client = AsyncClient()
    await client.aforce_login(ann)
    response = await client.post("/import/", {"file": SimpleUploadedFile("chats.json", b"[]")})
    assert response.status_code == 409
    assert await Import.objects.acount() == 1


def test_the_print_page_has_the_whole_open_branch_and_nothing_to_press_but_print(
    chat: Conversation, ann: User, signed_in: Browser
) -> None:
    page = signed_in(ann).get(f"/c/{chat.pk}/print/").content.decode()
    assert page.count('<article class="printed"') == 2
    assert "它是什么？" in page
    assert "They want the law." in page
    assert "<form" not in page
    assert page.count("<button") - page.count("data-copy") - page.count("data-wrap") == 1


def test_pages_cost_the_same_with_little_and_with_much(chat: Conversation, ann: User, signed_in: Browser) -> None:
    browser = signed_in(ann)
    paths = ["/export/", "/import/", f"/c/{chat.pk}/export/", f"/c/{chat.pk}/print/"]
    few = [_queries(browser, path) for path in paths]
    for number in range(30):
        make_chat(ann, f"Chat {number}")
        Import.objects.create(owner=ann, name=f"{number}.json", ended_at=timezone.now())
    parent = chat.leaf
    for _ in range(30):
        parent = Message.objects.create(
            conversation=chat, role="user", parent=parent, text="more", author=ann, status=Status.SENT
        )
    chat.leaf = parent
    chat.save()
    assert [_queries(browser, path) for path in paths] == few


def _queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)
