"""Files that are broken or mean harm: refused in words, never a failed server, and what is good in them comes in."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from chatapp.conversations.models import Conversation, Message
from chatapp.images.models import Image
from chatapp.transfer.limits import MESSAGES
from tests.imaging.files import corners_as
from tests.transfer.conftest import BringIn
from tests.transfer.gpt import chat, file_of, node, zip_of


def ours(**changed: Any) -> dict[str, Any]:
    messages = [
        {"id": 1, "parent": None, "role": "user", "text": "Hi", "created_at": "2024-01-01T00:00:00+00:00"},
        {"id": 2, "parent": 1, "role": "assistant", "text": "Ho", "status": "done"},
    ]
    return {"format": "parley-conversation", "version": 1, "id": "x", "title": "T", "messages": messages} | changed


def message(**changed: Any) -> dict[str, Any]:
    return ours(messages=[{"id": 1, "parent": None, "role": "user", "text": "Hi"} | changed])


def bomb(size: int) -> bytes:
    return zip_of({"conversations.json": b"[" + b" " * size + b"]"})


def many_entries() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(100_001):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    return made.getvalue()


def lying() -> bytes:
    """The list of contents says ten bytes where there are many."""
    content = bytearray(zip_of({"conversations.json": file_of(chat(node("q", None, "user", "Hi" * 999)))}))
    entry = content.rindex(b"PK\x01\x02")
    struct.pack_into("<L", content, entry + 24, 10)
    return bytes(content)


def locked() -> bytes:
    content = bytearray(zip_of({"conversations.json": b"[]" * 99}))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    content[content.index(b"PK\x03\x04") + 6] |= 1
    return bytes(content)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing of ours": (lambda: b'{"hello": 1}', "no chat in it"),
    "a list of nothing": (lambda: b"[]", "no chat in it"),
    "numbers": (lambda: b"[1, 2, null]", "no chat in it"),
    "no json": (lambda: b"Dear all,", "not JSON"),
    "bytes": (lambda: bytes(range(256)) * 9, "not JSON"),
    "one bracket": (lambda: b"[", "not whole"),
    "broken off": (lambda: file_of(chat(node("q", None, "user", "Hi")))[:-9], "not whole"),
    "an endless string": (lambda: b'["' + b"a" * 3_000_000, "not whole"),
    "deep lists": (lambda: b"[" * 100_000, "not whole"),
    "deep objects": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper"),
    "a deep list that ends": (lambda: b"[" * 100_000 + b"]" * 100_000, "no chat in it"),
    "a long number": (lambda: b'{"format": "parley-conversation", "version": ' + b"1" * 9999 + b"}", "not JSON"),
    "a picture": (lambda: corners_as("PNG"), "not JSON"),
    "a zip of pictures": (lambda: zip_of({"a.png": corners_as("PNG")}), "no chat in it"),
    "an empty zip": (lambda: zip_of({"a": b""})[:30], "damaged"),
    "half a zip": (lambda: zip_of({"conversations.json": b"[]" * 99})[:-30], "damaged"),
    "a bomb": (lambda: bomb(300_000_000), "unpacks to more"),
    "many small bombs": (lambda: zip_of({f"{n}.json": b" " * 30_000_000 for n in range(70)}), "unpacks to more"),
    "many entries": (many_entries, "entries"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_file_that_holds_no_chat_is_refused_in_words(
    name: str, ann: User, bring_in: BringIn, folder: Path
) -> None:
    make, words = REFUSED[name]
    job = await bring_in(ann, make())
    assert words in job.refused or any(words in one["why"] for one in job.reasons), (job.refused, job.reasons)
    assert job.imported == 0
    assert not await Conversation.objects.aexists()
    assert [path for path in (folder / "uploads").rglob("*") if path.is_file()] == []


UNREAD: dict[str, tuple[Any, str]] = {
    "a newer version": (ours(version=2), "newer Parley"),
    "no messages": (ours(messages=[]), "no message"),
    "messages of another type": (ours(messages={"a": 1}), "no message"),
    "a message of another type": (ours(messages=[7]), "numbers of their own"),
    "a number twice": (ours(messages=ours()["messages"][:1] * 2), "numbers of their own"),
    "a circle": (message(parent=1), "do not form a tree"),
    "a wide circle": (
        ours(messages=[{"id": n, "parent": 3 - n, "role": "user", "text": "a"} for n in (1, 2)]),
        "do not form a tree",
    ),
    "a parent twice": (ours(messages=[*ours()["messages"], ours()["messages"][0]]), "numbers of their own"),
    "an unknown parent": (message(parent=99), "do not form a tree"),
    "a parent of another type": (message(parent="1"), "do not form a tree"),
    "an unknown role": (message(role="root"), "neither a question nor an answer"),
    "a role of another type": (message(role=["user"]), "neither a question nor an answer"),
    "a text of another type": (message(text={"a": 1}), "neither a question nor an answer"),
    "a long text": (message(text="a" * 1_000_001), "1,000,000 characters"),
    "many messages": (
        ours(messages=[{"id": n, "parent": None, "role": "user", "text": "a"} for n in range(MESSAGES + 1)]),
        "20,000 messages",
    ),
    "a deep list inside": (ours(messages=json.loads("[" * 90 + "]" * 90)), "nested deeper"),
    "a circle of ChatGPT's": (chat(node("a", "b", "user", "x"), node("b", "a", "user", "y")), "no message"),
    "nothing but the system": (chat(node("a", None, "system", "x")), "no message"),
    "a mapping of other types": ({"mapping": {"a": 1, "b": None, "c": {"message": []}}, "title": 7}, "no message"),
}


@pytest.mark.parametrize("name", UNREAD)
async def test_a_chat_that_cannot_be_read_is_named_and_the_others_come_in(
    name: str, ann: User, bring_in: BringIn
) -> None:
    value, words = UNREAD[name]
    good = ours(id="good", title="The good one")
    job = await bring_in(ann, json.dumps([value, good]).encode())
    assert (job.imported, job.unread, job.refused) == (1, 1, "")
    assert words in job.reasons[0]["why"]
    assert [one.title async for one in Conversation.objects.all()] == ["The good one"]


WHIMS: list[Any] = [
    None,
    True,
    -1,
    0,
    2**70,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x" * 300,
    "\ud800\x00",
    [],
    {},
    [[]],
]


@pytest.mark.parametrize("whim", WHIMS, ids=lambda one: repr(one)[:12])
async def test_wrong_types_anywhere_beside_the_messages_do_no_harm(whim: Any, ann: User, bring_in: BringIn) -> None:
    heads = [
        *("id", "title", "titled_by", "created_at", "active_at", "alias", "think", "instructions", "parameters"),
        *("folder", "pinned_at", "archived_at", "open", "images"),
    ]
    marks = [
        *("created_at", "status", "reasoning", "alias", "model", "error", "retry_after", "think", "compared", "lane"),
        *("unseen", "tokens_in", "reasoning_seconds", "context_from", "images", "feedback", "author"),
    ]
    told = ours(**dict.fromkeys(heads, whim))
    for one in told["messages"]:
        one |= dict.fromkeys(marks, whim)
    values = [
        told,
        ours(parameters=dict.fromkeys(("temperature", "top_p", "top_k"), whim), images=[whim, {"id": whim}]),
    ]
    values.append(chat(node("q", None, "user", {"content_type": whim, "parts": [whim, "Hi"]}, at=whim), title=whim))
    values[2] |= dict.fromkeys(("create_time", "update_time", "pinned_time", "current_node", "conversation_id"), whim)
    values[2]["mapping"]["q"]["children"] = whim
    job = await bring_in(ann, json.dumps(values).encode())
    assert (job.imported, job.unread) == (3, 0), job.reasons


async def test_lone_surrogates_and_nul_are_replaced(ann: User, bring_in: BringIn) -> None:
    await bring_in(ann, json.dumps(ours(title="a\x00b\ud800c") | message(text="x\x00\udfffy")).encode())
    assert (await Message.objects.aget()).text == "x\ufffd\ufffdy"


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"data": "not base64"}, 0),
        ({"data": "aGVsbG8="}, 0),
        ({"data": 7}, 0),
        ({"file": "../../etc/passwd"}, 0),
        ({"file": "/etc/passwd"}, 0),
        ({"missing": True}, 0),
        ({}, 0),
    ],
)
async def test_an_image_that_is_none_becomes_a_note(given: Any, taken: int, ann: User, bring_in: BringIn) -> None:
    told = ours(images=[{"id": 1, "name": "a.png"} | given])
    told["messages"][0]["images"] = [1]
    job = await bring_in(ann, json.dumps(told).encode())
    assert (job.imported, job.images) == (1, taken)
    first = await Message.objects.order_by("pk").afirst()
    assert first is not None
    assert first.text.startswith("Hi\n\n[Image not taken")
    assert sum(job.left_out.values()) == 1
    assert not await Image.objects.aexists()


async def test_images_beyond_the_quota_become_notes(ann: User, bring_in: BringIn, settings: Any) -> None:
    settings.PARLEY_IMAGE_QUOTA = 10
    files = {"c.json": json.dumps(ours(images=[{"id": 1, "file": "a.png"}])).encode(), "a.png": corners_as("PNG")}
    files["c.json"] = files["c.json"].replace(b'"text": "Hi"', b'"text": "Hi", "images": [1]')
    job = await bring_in(ann, zip_of(files))
    assert (job.imported, job.images) == (1, 0)


async def test_a_damaged_part_of_a_zip_leaves_the_others(ann: User, bring_in: BringIn) -> None:
    content = bytearray(zip_of({"a.json": json.dumps(ours()).encode(), "b.json": json.dumps(ours(id="b")).encode()}))
    second = content.index(b"b.json") + 30
    content[second : second + 20] = b"\0" * 20
    job = await bring_in(ann, bytes(content))
    assert job.imported == 1


@pytest.mark.parametrize("make", [lying, locked])
async def test_a_zip_that_lies_or_is_locked_ends_in_words(
    make: Callable[[], bytes], ann: User, bring_in: BringIn
) -> None:
    job = await bring_in(ann, make())
    assert job.imported == 0
    assert job.refused or job.reasons


async def test_a_conversation_that_was_deleted_comes_back(ann: User, bring_in: BringIn) -> None:
    content = json.dumps(ours()).encode()
    await bring_in(ann, content)
    assert (await bring_in(ann, content)).already == 1
    made = await Conversation.objects.aget()
    made.deleted_at = made.created_at
    await made.asave()
    assert (await bring_in(ann, content)).imported == 1
    assert await Conversation.objects.filter(deleted_at=None).acount() == 1
    assert await Message.objects.acount() == 2
