"""What one member takes along and another brings in is the same conversation: every branch, text, figure and image."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Feedback, Message, Status
from chatapp.conversations.words import clean
from chatapp.database import in_order
from chatapp.images.models import Attachment, Image
from chatapp.retention.models import Rule
from chatapp.retention.rules import due
from chatapp.search import index
from chatapp.transfer.contents import contents
from chatapp.transfer.exporting import Bundle
from tests.transfer.chats import exported, make_chat, picture, read, without_ids
from tests.transfer.conftest import BringIn

TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
# Everything that a database can hold: line ends, marks of Markdown, other planes, characters that turn text around.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(clean) | st.sampled_from(
    [
        "",
        "\n\n",
        "```",
        '"}],',
        "中文，与 English",
        "\u202e\u2066",
        "\ue200cite\ue201",
        "a" * 5000,
        "🧪\u200d🔬",
        "\\u0000",
    ]
)
OWN = ("parent", "pictures", "opinion", "created_at")
SECONDS = st.none() | st.floats(0, 1e4)
COUNTS = st.none() | st.integers(0, 2**31 - 1)
# Beyond what the database gives by itself.
FIRST_ID = 10**9


def _earlier(at: int, *, root: bool) -> st.SearchStrategy[int | None]:
    before = st.integers(0, at - 1) if at else st.nothing()
    return st.none() | before if root else before


@st.composite
def nodes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Messages in their order; each answers one before it, or begins anew."""
    made: list[dict[str, Any]] = []
    for at in range(draw(st.integers(1, 9))):
        answer = bool(made) and draw(st.booleans())
        node: dict[str, Any] = {
            "parent": draw(st.integers(0, at - 1))
            if answer
            else draw(st.none() | st.integers(0, at - 1))
            if at
            else None,
            "role": "assistant" if answer else "user",
            "text": draw(TEXTS),
            "created_at": draw(TIMES),
            "pictures": draw(st.lists(st.integers(0, 1), max_size=2)),
        }
        if answer:
            node |= {
                "reasoning": draw(TEXTS),
                "status": draw(st.sampled_from(["done", "stopped", "interrupted", "failed"])),
                "error": draw(st.sampled_from(["", "length", "busy"])),
                "alias_name": draw(st.sampled_from(["demo", "gone-by-now"])),
                "shown_model": draw(st.sampled_from(["", "a model"])),
                "unseen": draw(st.sampled_from([{}, {"text-only": 2}])),
                "lane": draw(st.integers(0, 2)),
                "opinion": draw(st.none() | st.booleans()),
                **{name: draw(SECONDS) for name in ("reasoning_seconds", "first_word_seconds", "answer_seconds")},
                **{name: draw(COUNTS) for name in ("retry_after", "tokens_in", "tokens_out")},
                **{name: draw(st.booleans()) for name in ("think", "repointed", "fallback")},
            }
        made.append(node)
    return made


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=nodes(), title=TEXTS.map(lambda text: " ".join(text.split())[:200]), data=st.data())
async def test_a_json_file_makes_an_equal_tree(
    told: list[dict[str, Any]], title: str, data: st.DataObject, ann: User, bob: User, alias: Alias, bring_in: BringIn
) -> None:
    # What the example before has left.
    await Conversation.objects.all().adelete()
    await Image.objects.all().adelete()
    chosen = data.draw(st.integers(0, len(told) - 1))
    # A question that waited is older than the answer that it stands under.
    ages = data.draw(st.permutations(range(len(told))))
    pictures = [await picture(ann, "PNG"), await picture(ann, "GIF")]
    conversation = await in_order(_make, ann, told, ages, title or "A chat", chosen, pictures)
    await in_order(_look_at_the_order, ann, conversation)
    first = await exported(ann, conversation)
    job = await bring_in(bob, json.dumps(first).encode())
    assert (job.imported, job.unread, job.left_out, job.refused) == (1, 0, {}, "")
    made = await Conversation.objects.aget(owner=bob)
    second = await exported(bob, made)
    assert without_ids(second) == without_ids(first)
    assert {one["author"] for one in second["messages"] if "author" in one} <= {"Bob"}


async def test_a_file_may_tell_its_messages_in_any_order(ann: User, bob: User, alias: Alias, bring_in: BringIn) -> None:
    value = await exported(ann, await in_order(make_chat, ann))
    await bring_in(bob, json.dumps(value | {"messages": value["messages"][::-1]}).encode())
    made = await exported(bob, await Conversation.objects.aget(owner=bob))
    texts = {told["id"]: told["text"] for told in made["messages"]}
    links = {(told["text"], texts.get(told["parent"])) for told in made["messages"]}
    before = {told["id"]: told["text"] for told in value["messages"]}
    assert links == {(told["text"], before.get(told["parent"])) for told in value["messages"]}
    assert texts[made["open"]] == before[value["open"]]


async def test_a_chat_in_which_several_messages_waited_is_imported_again(
    ann: User, bob: User, alias: Alias, bring_in: BringIn
) -> None:
    conversation = await in_order(make_chat, ann)
    leaf = conversation.leaf
    # All of them are written while the first answer is made, and go out one after the other.
    waited = [await conversation.messages.acreate(role="user", author=ann, text=f"Then {n}") for n in range(3)]
    for question in waited:
        question.parent = leaf
        await question.asave()
        leaf = await conversation.messages.acreate(
            role="assistant", parent=question, text=f"{question.text}.", alias_name="demo", status=Status.DONE
        )
    conversation.leaf = leaf
    await conversation.asave()
    value = await exported(ann, conversation)
    job = await bring_in(bob, json.dumps(value).encode())
    assert (job.imported, job.unread) == (1, 0)
    made = await Conversation.objects.aget(owner=bob)
    assert without_ids(await exported(bob, made)) == without_ids(value)


async def test_a_zip_file_makes_an_equal_tree(ann: User, bob: User, alias: Alias, bring_in: BringIn) -> None:
    conversation = await in_order(make_chat, ann, "Im/Zip: *")
    question = await conversation.messages.order_by("pk").afirst()
    assert question is not None
    await Attachment.objects.acreate(message=question, image=await picture(ann, "PNG"), position=0)
    bundle = Bundle(ann, ZoneInfo("UTC"))
    content = await read(bundle.pieces([conversation.pk], lambda done: None))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
    job = await bring_in(bob, content)
    assert (job.imported, job.images, job.left_out) == (1, 1, {})
    made = await Conversation.objects.aget(owner=bob)
    assert without_ids(await exported(bob, made)) == without_ids(await exported(ann, conversation))


async def test_what_was_imported_is_found(ann: User, bob: User, alias: Alias, bring_in: BringIn) -> None:
    conversation = await in_order(make_chat, ann)
    await bring_in(bob, json.dumps(await exported(ann, conversation)).encode())
    found = await in_order(index.find, bob, "Arrhenius law", index.Filters())
    assert [entry.conversation.owner_id for entry in found.entries] == [bob.pk]


async def test_a_rule_counts_the_days_of_an_old_chat_from_its_import(
    ann: User, bob: User, alias: Alias, bring_in: BringIn
) -> None:
    value = await exported(ann, await in_order(make_chat, ann))
    old = datetime(2021, 3, 4, tzinfo=UTC).isoformat()
    content = json.dumps(value | {"created_at": old, "active_at": old}).encode()
    rule = await Rule.objects.acreate(days=30, enabled=True)
    await bring_in(bob, content)
    made = await Conversation.objects.aget(owner=bob)
    assert made.active_at.isoformat() == old
    now = timezone.now()
    assert not await due([rule], now + timedelta(days=29)).filter(owner=bob).aexists()
    assert await due([rule], now + timedelta(days=31)).filter(owner=bob).aexists()
    # Deleted, and wanted again.
    long_ago = now - timedelta(days=31)
    await Conversation.objects.filter(pk=made.pk).aupdate(deleted_at=now, imported_at=long_ago)
    await bring_in(bob, content)
    assert not await due([rule], now).filter(owner=bob).aexists()


async def test_times_branches_and_the_open_leaf_are_kept(ann: User, bob: User, alias: Alias, bring_in: BringIn) -> None:
    conversation = await in_order(make_chat, ann)
    value = await exported(ann, conversation)
    value["created_at"] = "2021-03-04T05:06:07+08:00"
    value["messages"][0]["created_at"] = "2021-03-04T05:06:08.5+08:00"
    await bring_in(bob, json.dumps(value).encode())
    made = await Conversation.objects.select_related("leaf").aget(owner=bob)
    assert made.created_at == datetime(2021, 3, 3, 21, 6, 7, tzinfo=UTC)
    first = await made.messages.order_by("pk").afirst()
    assert first is not None
    assert first.created_at == datetime(2021, 3, 3, 21, 6, 8, 500_000, tzinfo=UTC)
    assert made.leaf is not None
    assert made.leaf.text.startswith("$k = A")
    assert made.active_at == conversation.active_at


def _look_at_the_order(member: User, conversation: Conversation) -> None:
    """Parents come first; of those that answer the same one, the oldest."""
    taken = contents(member, conversation.pk)
    assert taken is not None
    parents = dict(conversation.messages.values_list("pk", "parent"))
    assert taken.local.keys() == parents.keys()
    assert all(taken.local[parent] < taken.local[pk] for pk, parent in parents.items() if parent is not None)
    for parent in set(parents.values()):
        siblings = sorted(pk for pk, other in parents.items() if other == parent)
        assert all(taken.local[older] < taken.local[newer] for older, newer in pairwise(siblings))


def _make(
    owner: User, told: list[dict[str, Any]], ages: Sequence[int], title: str, chosen: int, pictures: list[Image]
) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title=title, active_at=datetime(2025, 1, 1, tzinfo=UTC))
    rows: list[Message] = []
    for node, age in zip(told, ages, strict=True):
        more = {
            name: value for name, value in node.items() if name not in ("parent", "pictures", "opinion", "created_at")
        }
        parent = None if node["parent"] is None else rows[node["parent"]]
        row = Message(pk=FIRST_ID + age, conversation=conversation, parent=parent, **more)
        if row.role == "user":
            row.author, row.status = owner, Status.SENT
        row.save()
        Message.objects.filter(pk=row.pk).update(created_at=node["created_at"])
        for position, number in enumerate(node["pictures"]):
            Attachment.objects.create(message=row, image=pictures[number], position=position)
        if node.get("opinion") is not None:
            Feedback.objects.create(message=row, member=owner, good=node["opinion"], comment=node["text"])
        rows.append(row)
    conversation.leaf = rows[chosen]
    conversation.save()
    return conversation
