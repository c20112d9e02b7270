"""What is in the files that a member takes along, and what never is."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import AsyncClient
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Feedback, Message, Status
from chatapp.database import in_order
from chatapp.images.models import Attachment
from chatapp.transfer.contents import contents
from chatapp.transfer.names import Names, safe_stem
from tests.transfer.chats import make_chat, picture


async def download(user: User, path: str) -> tuple[Any, bytes]:
    client = AsyncClient()
    await client.aforce_login(user)
    response: Any = await client.get(path)
    body = b"".join([piece async for piece in response]) if response.streaming else response.content
    return response, body


@pytest.fixture
def chat(ann: User, alias: Alias, transactional_db: None) -> Conversation:
    made = make_chat(ann)
    made.alias, made.instructions, made.temperature = alias, "Be brief.", 0.5
    made.save()
    return made


async def test_markdown_has_the_open_branch_with_author_and_time(chat: Conversation, ann: User) -> None:
    response, body = await download(ann, f"/c/{chat.pk}/export/file/?kind=md")
    assert response["Content-Disposition"] == 'attachment; filename="Arrhenius.md"'
    assert response["X-Content-Type-Options"] == "nosniff"
    text = body.decode()
    assert text.startswith("# Arrhenius\n\n20")
    assert "· 2 turns ·" in text
    assert "## Ann · 20" in text
    assert "## demo · 20" in text
    assert "它是什么？" in text
    assert "```python\nprint(1)\n```" in text
    assert "What is it?" not in text
    assert "They want the law." not in text


async def test_thinking_is_in_markdown_only_where_it_was_ticked(chat: Conversation, ann: User) -> None:
    _, body = await download(ann, f"/c/{chat.pk}/export/file/?kind=md&reasoning=1")
    assert "> **Thinking**\n>\n> They want the law." in body.decode()


async def test_json_has_every_branch_and_what_is_said_of_the_chat(chat: Conversation, ann: User) -> None:
    response, body = await download(ann, f"/c/{chat.pk}/export/file/?kind=json")
    assert response["Content-Type"] == "application/json"
    value = json.loads(body)
    assert (value["format"], value["version"], value["title"]) == ("parley-conversation", 1, "Arrhenius")
    assert (value["alias"], value["instructions"], value["parameters"]) == ("demo", "Be brief.", {"temperature": 0.5})
    assert value["open"] == 4
    assert [(one["id"], one["parent"], one["role"]) for one in value["messages"]] == [
        (1, None, "user"),
        (2, 1, "assistant"),
        (3, None, "user"),
        (4, 3, "assistant"),
        (5, 3, "assistant"),
    ]
    assert value["messages"][3]["reasoning"] == "They want the law."
    assert (value["messages"][3]["tokens_in"], value["messages"][3]["tokens_out"]) == (12, 0)


async def test_a_zip_has_both_the_images_and_an_index(chat: Conversation, ann: User, folder: object) -> None:
    question = await chat.messages.order_by("pk").afirst()
    assert question is not None
    image = await picture(ann, "JPEG")
    await Attachment.objects.acreate(message=question, image=image, position=0)
    await in_order(make_chat, ann, "CON")
    await Conversation.objects.filter(pk=chat.pk).aupdate(leaf=question)
    _, body = await download(ann, "/export/file/")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert f"images/{image.pk.hex}.jpg" in names
        assert names[-1] == "index.md"
        assert len([name for name in names if name.startswith("chats/")]) == 4
        index = archive.read("index.md").decode()
        assert "[Arrhenius](<chats/" in index
        value = json.loads(archive.read(next(name for name in names if name.endswith("Arrhenius.json"))))
        assert value["images"][0]["file"] == f"images/{image.pk.hex}.jpg"
        text = archive.read(next(name for name in names if name.endswith("Arrhenius.md"))).decode()
        assert f"](<../images/{image.pk.hex}.jpg>)" in text


async def test_no_file_tells_what_is_behind_an_alias_or_whose_address(
    chat: Conversation, ann: User, bob: User, folder: object
) -> None:
    answer = await chat.messages.aget(status=Status.FAILED)
    await Feedback.objects.acreate(message=answer, member=bob, good=False, comment="secret opinion of Bob")
    await Feedback.objects.acreate(message=answer, member=ann, good=True, comment="Ann's own", sent=True)
    for path in [*(f"/c/{chat.pk}/export/file/?kind={kind}" for kind in ("md", "json", "zip")), "/export/file/"]:
        _, body = await download(ann, path)
        if body.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                body = b"".join(archive.read(name) for name in archive.namelist())
        for secret in (b"secret", b"example.org", b"sessions", b"password", b"127.0.0.1"):
            assert secret not in body, path
    assert b"Ann's own" in body


async def test_running_answers_are_marked_and_waiting_questions_are_not_there(chat: Conversation, ann: User) -> None:
    question = await chat.messages.aget(text="What is it?")
    running = await chat.messages.acreate(
        role="assistant", parent=question, status=Status.STREAMING, text="So far", alias_name="demo", lane=3
    )
    await chat.messages.acreate(role="user", status=Status.WAITING, text="later")
    await Conversation.objects.filter(pk=chat.pk).aupdate(leaf=running)
    _, body = await download(ann, f"/c/{chat.pk}/export/file/?kind=md")
    assert "So far\n\n*This answer is still being written.*" in body.decode()
    _, body = await download(ann, f"/c/{chat.pk}/export/file/?kind=json")
    assert json.loads(body)["messages"][-1]["status"] == "streaming"
    assert b"later" not in body


async def test_temporary_and_deleted_chats_are_not_in_the_export_of_all(chat: Conversation, ann: User) -> None:
    await Conversation.objects.acreate(owner=ann, title="gone", active_at=chat.active_at, deleted_at=chat.active_at)
    await Conversation.objects.acreate(owner=ann, title="fleeting", active_at=chat.active_at, temporary=True)
    _, body = await download(ann, "/export/file/")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert "gone" not in str(archive.namelist())
        assert "fleeting" not in str(archive.namelist())


async def test_an_image_whose_file_is_gone_does_not_end_the_export(chat: Conversation, ann: User, folder: Any) -> None:
    question = await chat.messages.order_by("pk").afirst()
    assert question is not None
    image = await picture(ann, "PNG")
    await Attachment.objects.acreate(message=question, image=image, position=0)
    (folder / "images" / image.stored).unlink()
    _, body = await download(ann, f"/c/{chat.pk}/export/file/?kind=json")
    assert json.loads(body)["images"][0]["missing"] is True
    _, body = await download(ann, "/export/file/")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None


def test_a_long_chat_costs_as_many_queries_as_a_short_one_batch_by_batch(chat: Conversation, ann: User) -> None:
    from_few = _queries(chat, ann)
    Message.objects.bulk_create(
        Message(conversation=chat, role="user", text="more", author=ann, status=Status.SENT) for _ in range(150)
    )
    assert _queries(chat, ann) == from_few


def _queries(chat: Conversation, user: User) -> int:
    with CaptureQueriesContext(connection) as captured:
        taken = contents(user, chat.pk)
        assert taken is not None
        for batch in taken.batches():
            taken.messages(batch)
    return len(captured)


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Arrhenius", "Arrhenius"),
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j"),
        ("  ..  ", "chat"),
        ("", "chat"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM¹", "_COM¹"),
        ("console", "console"),
        ("ends in dots...", "ends in dots"),
        ("line\nand\ttab\x00", "line and tab"),
        ("turn\u202earound", "turn around"),
        ("阿伦尼乌斯公式", "阿伦尼乌斯公式"),
        ("四" * 200, "四" * 50),
        ("a" * 200, "a" * 150),
    ],
)
def test_titles_become_names_that_every_system_takes(title: str, stem: str) -> None:
    assert safe_stem(title) == stem


def test_no_name_is_given_twice_whatever_its_case() -> None:
    names = Names()
    assert [names.take(one) for one in ("A", "a", "A", "A (2)")] == ["A", "a (2)", "A (3)", "A (2) (2)"]
