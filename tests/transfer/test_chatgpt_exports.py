"""A ChatGPT export becomes conversations: branches, thinking, programs, images, times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import User
from chatapp.conversations.models import Conversation, Message
from chatapp.transfer.models import Import
from tests.imaging.files import corners_as
from tests.transfer.conftest import BringIn
from tests.transfer.gpt import BEGAN, chat, file_of, node, opening, zip_of

CITE = "\ue200cite\ue202turn0search3\ue201"


async def tree(owner: User) -> list[tuple[str, str, int | None]]:
    """Role, text and the place of the parent of each message of the one conversation."""
    rows = [row async for row in Message.objects.filter(conversation__owner=owner).order_by("pk")]
    places = {row.pk: place for place, row in enumerate(rows)}
    return [(row.role, row.text, places.get(row.parent_id or 0)) for row in rows]


async def test_questions_answers_titles_and_times_come_over(ann: User, bring_in: BringIn) -> None:
    told = chat(
        *opening(),
        node("q", "system", "user", "Why?"),
        node("a", "q", "assistant", "Because.", at=BEGAN + 5, metadata={"model_slug": "gpt-4o"}),
    )
    job = await bring_in(ann, file_of(told))
    assert (job.imported, job.messages, job.left_out, job.refused) == (1, 2, {}, "")
    made = await Conversation.objects.select_related("leaf").aget(owner=ann)
    assert (made.title, made.titled_by) == ("From ChatGPT", "model")
    assert made.created_at == datetime.fromtimestamp(BEGAN, UTC)
    assert made.active_at == datetime.fromtimestamp(BEGAN + 60, UTC)
    assert await tree(ann) == [("user", "Why?", None), ("assistant", "Because.", 0)]
    assert made.leaf is not None
    assert (made.leaf.alias_name, made.leaf.status) == ("gpt-4o", "done")
    assert made.leaf.created_at == datetime.fromtimestamp(BEGAN + 5, UTC)


async def test_edited_questions_and_second_answers_are_branches(ann: User, bring_in: BringIn) -> None:
    told = chat(
        *opening(),
        node("q1", "system", "user", "First"),
        node("a1", "q1", "assistant", "One"),
        node("a2", "q1", "assistant", "Two"),
        node("q2", "system", "user", "First, in other words"),
        node("a3", "q2", "assistant", "Three"),
        current="a1",
    )
    await bring_in(ann, file_of(told))
    assert await tree(ann) == [
        ("user", "First", None),
        ("assistant", "One", 0),
        ("assistant", "Two", 0),
        ("user", "First, in other words", None),
        ("assistant", "Three", 3),
    ]
    made = await Conversation.objects.select_related("leaf").aget(owner=ann)
    assert made.leaf is not None
    assert made.leaf.text == "One"


async def test_a_chain_of_nodes_is_one_answer(ann: User, bring_in: BringIn) -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Counting", "content": "I count."}]}
    recap = {"content_type": "reasoning_recap", "content": "Thought for 8 seconds"}
    program = {"content_type": "code", "language": "python", "text": "print(1)  # ```"}
    output = {"content_type": "execution_output", "text": "1"}
    told = chat(
        *opening(),
        node("q", "system", "user", "Count"),
        node("t", "q", "assistant", thoughts, metadata={"model_slug": "o3"}),
        node("r", "t", "assistant", recap, metadata={"finished_duration_sec": 8}),
        node("c", "r", "assistant", program, recipient="python"),
        node("o", "c", "tool", output, name="python"),
        node("s", "o", "assistant", {"content_type": "code", "text": '{"q": 1}'}, recipient="web"),
        node("w", "s", "tool", {"content_type": "tether_browsing_display", "result": "…"}, name="web"),
        node("a", "w", "assistant", f"It is one {CITE}, see【4†source】.", metadata={"model_slug": "o3"}),
    )
    job = await bring_in(ann, file_of(told))
    answer = await Message.objects.aget(role="assistant")
    assert answer.text == "````python\nprint(1)  # ```\n````\n\n```text\n1\n```\n\nIt is one, see."
    assert answer.reasoning == "**Counting**\n\nI count."
    assert (answer.reasoning_seconds, answer.alias_name) == (8, "o3")
    assert job.left_out == {"calls of tools": 1, "results of tools": 1}


async def test_where_a_chain_branches_each_branch_has_its_beginning(ann: User, bring_in: BringIn) -> None:
    told = chat(
        node("q", None, "user", "Go"),
        node("a", "q", "assistant", "Begin."),
        node("b", "a", "assistant", "This end."),
        node("c", "a", "assistant", "That end."),
        node("n", "a", "user", "And?"),
    )
    await bring_in(ann, file_of(told))
    assert sorted(await tree(ann)) == sorted(
        [
            ("user", "Go", None),
            ("assistant", "Begin.\n\nThis end.", 0),
            ("assistant", "Begin.\n\nThat end.", 0),
            ("assistant", "Begin.", 0),
            ("user", "And?", 3),
        ]
    )


@pytest.mark.parametrize(
    "pointer", ["sediment://file_00ab12", "file-service://file-00ab12", "sediment://file_00ab12?x=1"]
)
async def test_images_of_questions_are_found_in_the_zip(ann: User, bring_in: BringIn, pointer: str) -> None:
    name = f"{pointer.split('//')[1].partition('?')[0]}-corners.png"
    parts = [
        {"content_type": "image_asset_pointer", "asset_pointer": pointer, "width": 64, "height": 48},
        "What is this?",
        {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_ffff"},
    ]
    key = name.removesuffix("-corners.png")
    attachments = [{"id": key, "name": "corners 四.png"}, {"id": "file-77", "name": "notes.pdf"}]
    question = {"content_type": "multimodal_text", "parts": parts}
    told = chat(node("q", None, "user", question, metadata={"attachments": attachments}))
    files = {"conversations.json": file_of(told), f"user-1/{name}": corners_as("PNG"), "user.json": b'{"email": "x"}'}
    job = await bring_in(ann, zip_of(files))
    assert (job.imported, job.images) == (1, 1)
    message = await Message.objects.prefetch_related("attachments__image").aget()
    assert [one.image.name for one in message.attachments.all()] == ["corners 四.png"]
    assert message.text == "What is this?\n\n[Image not taken]\n\n[File not taken: notes.pdf]"
    assert job.left_out == {"images that are not in the file": 1, "files that are no images": 1}


@pytest.mark.parametrize("kind", ["wrapped", "several"])
async def test_other_layouts_of_the_export(ann: User, bring_in: BringIn, kind: str) -> None:
    told = chat(node("q", None, "user", "Hello"))
    other = chat(node("q", None, "user", "Hello again"), conversation_id="other")
    if kind == "wrapped":
        content = b'{"conversations": ' + file_of(told, other) + b"}"
    else:
        content = zip_of({"x/conversations-000.json": file_of(told), "x/conversations-001.json": file_of(other)})
    assert (await bring_in(ann, content)).imported == 2


async def test_unknown_contents_are_shown_as_their_text_or_counted(ann: User, bring_in: BringIn) -> None:
    spoken = {"content_type": "multimodal_text", "parts": [{"content_type": "audio_asset_pointer"}, "Hm"]}
    told = chat(
        node("q", None, "user", spoken),
        node("a", "q", "assistant", {"content_type": "of_tomorrow", "text": "In words."}),
        node("b", "a", "assistant", {"content_type": "of_tomorrow", "blob": {}}),
        node("d", "b", "tool", {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}]}),
    )
    job = await bring_in(ann, file_of(told))
    assert await tree(ann) == [("user", "Hm", None), ("assistant", "In words.\n\n[Image not taken]", 0)]
    counted = {"sounds and videos": 1, "contents of unknown kinds": 1, "images that a model made": 1}
    assert job.left_out == counted


async def test_the_same_export_twice_makes_nothing_twice(ann: User, bob: User, bring_in: BringIn) -> None:
    told = chat(node("q", None, "user", "Hi"))
    grown = chat(node("q", None, "user", "Hi"), node("a", "q", "assistant", "Ho"))
    assert (await bring_in(ann, file_of(told))).imported == 1
    again: Import = await bring_in(ann, file_of(told, grown))
    assert (again.imported, again.already) == (1, 1)
    assert (await bring_in(bob, file_of(told))).imported == 1
