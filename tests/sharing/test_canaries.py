"""A chat full of marked secrets, shared in every way: what comes out holds what was chosen, and no mark.

Every text column of every row that has to do with the chat is marked. What a link may show says SHOWN instead; what it
shows only when that is chosen says THOUGHT, NAMED or PICTURED.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import User
from chatapp.asgi import sockets
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation, Feedback, Folder, Message, OpenBranch, Status
from chatapp.generation import hub, presence
from chatapp.images.models import Image
from chatapp.rendering.markdown import RENDERER_VERSION
from chatapp.sharing import links
from chatapp.sharing.links import Wish
from chatapp.sharing.models import Link, LinkRules
from tests.sharing.talk import allow, picture, say

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "CANARY"
PASSWORD = "open sesame"  # noqa: S105
# Nobody reads their text, or nothing works with another one.
TECHNICAL = {
    "conversations.message": {"role", "status", "html_version", "error"},
    "conversations.conversation": {"titled_by"},
    "images.image": {"media_type"},
    "sharing.link": {"kind", "digest", "password"},
    "sharing.snapshot": {"title", "messages"},
}
WALKED = ["accounts", "auth", "catalog", "conversations", "images", "sharing", "audit", "search", "prompts"]
SHOWN = ["SHOWN-title", "SHOWN-question", "SHOWN-answer", "SHOWN-alias"]


def mark_all() -> set[str]:
    """Put a mark into every text column there is; returns the columns that got one."""
    marked = set()
    for model in itertools.chain.from_iterable(apps.get_app_config(app).get_models() for app in WALKED):
        columns = [
            field for field in model._meta.concrete_fields if isinstance(field, models.CharField | models.TextField)
        ]
        names = {f.name for f in columns if not f.choices and not f.primary_key and not f.unique}
        for row in model._default_manager.all():
            changes = {name: mark(row, name) for name in names - TECHNICAL.get(model._meta.label_lower, set())}
            if changes:
                model._default_manager.filter(pk=row.pk).update(**changes)
                marked |= {f"{model._meta.label_lower}.{name}" for name in changes}
    return marked


def mark(row: models.Model, name: str) -> str:
    text = f"{CANARY}-{row.pk}-{row._meta.model_name}-{name}"
    return text[: getattr(row._meta.get_field(name), "max_length", None) or len(text)]


def furnish(ann: User, bob: User, alias: Alias) -> Conversation:
    """Two branches, images, opinions, a folder, a guest, a group and a message that waits: all marked."""
    folder = Folder.objects.create(owner=ann, name="x")
    chat = Conversation.objects.create(owner=ann, active_at=timezone.now(), folder=folder, alias=alias)
    question = say(chat, None, 1)
    route = alias.routes.first()
    fields: dict[str, Any] = {"route": route, "html_version": RENDERER_VERSION, "author": ann}
    other = say(chat, question, 2, **fields)
    answer = say(chat, question, 2, repointed=True, fallback=True, tokens_in=71717, tokens_out=72727, **fields)
    answer.unseen, answer.context_from = {"damaged": 1}, question
    answer.save()
    say(chat, answer, 3, status=Status.WAITING, author=bob)
    picture(question)
    picture(other, "secret.png")
    for message in (answer, other):
        Feedback.objects.create(message=message, member=ann, good=True, comment="x", sent=True)
    OpenBranch.objects.create(conversation=chat, member=bob, leaf=other)
    group = Group.objects.create(name="x")
    chat.participations.create(member=bob, may_write=True)
    chat.participations.create(group=group)
    marked = mark_all()
    assert {
        *("conversations.conversation.instructions", "conversations.message.text", "conversations.message.reasoning"),
        *("conversations.message.upstream_model", "conversations.message.ref_model", "images.image.name"),
        *("catalog.provider.base_url", "catalog.route.upstream_model", "accounts.user.name"),
        *("conversations.feedback.comment", "conversations.folder.name"),
    } <= marked
    show(chat, question, answer)
    return chat


def show(chat: Conversation, question: Message, answer: Message) -> None:
    """What may be seen, and the address of each person: unique columns get their marks here."""
    Conversation.objects.filter(pk=chat.pk).update(title="SHOWN-title", leaf=answer, revision=987654)
    Message.objects.filter(pk=question.pk).update(text="SHOWN-question", html="CANARY")
    shown = {"text": "SHOWN-answer", "html": "<p>SHOWN-answer</p>", "alias_name": "SHOWN-alias"}
    thought = {"reasoning": "THOUGHT", "reasoning_html": "<p>THOUGHT</p>"}
    Message.objects.filter(pk=answer.pk).update(status=Status.INTERRUPTED, error="crashed", **shown, **thought)
    User.objects.filter(pk=chat.owner_id).update(name="NAMED", email="canary-a@example.org")
    User.objects.exclude(pk=chat.owner_id).update(email="canary-b@example.org", name="CANARY-guest")
    Image.objects.filter(attachments__message=question).update(alt="PICTURED")
    chat.refresh_from_db()


@pytest.fixture
def chat(transactional_db: None, ann: User, bob: User, alias: Alias) -> Conversation:
    allow()
    return furnish(ann, bob, alias)


def check(told: str, chat: Conversation, wish: Wish | None) -> None:
    """Nothing in here that was not chosen, in whatever case, and no id of a row."""
    assert CANARY not in told.upper(), re.findall(r".{0,80}canary.{0,80}", told, re.IGNORECASE)
    for pk in (str(chat.pk), chat.pk.hex, "987654", "71717", "72727"):
        assert pk not in told
    for image in Image.objects.all():
        assert str(image.pk) not in told
        assert image.pk.hex not in told
    for link in Link.objects.all():
        assert link.digest not in told
        assert not link.password or link.password not in told
    assert "csrf" not in told.lower()
    assert ("THOUGHT" in told) == bool(wish and wish.with_reasoning)
    assert ("PICTURED" in told) == bool(wish and wish.with_images)
    assert ("NAMED" in told) == bool(wish and wish.with_names)
    for shown in SHOWN:
        assert (shown in told) == (wish is not None), shown


async def told_by(browser: AsyncClient, path: str) -> tuple[int, str]:
    """Status, and all that the answer says: its head too, without the address that was asked for."""
    response = await browser.get(path)
    head = "".join(f"{name}: {value}\n" for name, value in response.headers.items())
    return response.status_code, head + str(response.cookies) + response.content.decode()


async def body_of(response: Any) -> str:
    if not response.streaming:
        text: str = response.content.decode()
        return text
    return b"".join([piece async for piece in response]).decode()


# Where a copy is read, and taken along from.
COPY = ("/c/{}/", "/c/{}/print/", "/c/{}/export/file/?kind=md", "/c/{}/export/file/?kind=json")
WISHES = [
    Wish(kind, "CANARY-label", 30, password, names, images, reasoning, leaf=None, turns=9)
    for kind, password, names, images, reasoning in itertools.product(
        ("snapshot", "live"), ("", PASSWORD), (True, False), (True, False), (True, False)
    )
]


async def made(chat: Conversation, wish: Wish) -> str:
    owner = await User.objects.aget(pk=chat.owner_id)
    wish = Wish(**{name: getattr(wish, name) for name in Wish.__slots__} | {"leaf": chat.leaf_id})
    _, token = await links.make(owner, chat.pk, wish)
    return token


async def test_every_page_of_every_kind_of_link(chat: Conversation) -> None:
    for wish in WISHES:
        token = await made(chat, wish)
        browser = AsyncClient()
        if wish.password:
            status, told = await told_by(browser, f"/s/{token}/")
            assert status == 200
            await sync_to_async(check)(told, chat, None)
            await browser.post(f"/s/{token}/open/", {"password": PASSWORD})
        status, told = await told_by(browser, f"/s/{token}/")
        assert status == 200
        await sync_to_async(check)(told, chat, wish)
        signed_in = AsyncClient()
        await signed_in.aforce_login(await User.objects.aget(name="CANARY-guest"))
        if not wish.password:
            status, told = await told_by(signed_in, f"/s/{token}/")
            assert status == 200
            await sync_to_async(check)(told, chat, wish)
        await Link.objects.aupdate(expires_at=timezone.now())
        for path in ("", "image/1/", "image/1/small/"):
            status, told = await told_by(browser, f"/s/{token}/{path}")
            assert status == 410
            await sync_to_async(check)(told, chat, None)
        await Link.objects.aupdate(revoked_at=timezone.now())
        for path in ("", "image/1/", "image/1/small/", "image/CANARY/"):
            status, told = await told_by(browser, f"/s/{token}/{path}")
            assert status == 404
            await sync_to_async(check)(told, chat, None)


async def test_a_snapshot_that_was_taken_with_reasoning_shows_none_when_that_is_forbidden(chat: Conversation) -> None:
    for kind in ("snapshot", "live"):
        wish = Wish(kind, "", 30, "", True, True, True, leaf=None, turns=9)
        token = await made(chat, wish)
        await LinkRules.objects.aupdate(reasoning=False)
        _, told = await told_by(AsyncClient(), f"/s/{token}/")
        await LinkRules.objects.aupdate(reasoning=True)
        assert "THOUGHT" not in told


@pytest.mark.parametrize("reasoning", [True, False])
async def test_every_frame_of_a_socket(chat: Conversation, reasoning: bool) -> None:
    wish = Wish("live", "CANARY", 30, "", True, True, reasoning, leaf=None, turns=9)
    token = await made(chat, wish)
    socket = WebsocketCommunicator(sockets, f"/ws/s/{token}/")
    await socket.connect()
    await socket.send_json_to({"t": "resume", "keys": [], "before": [0, 0], "live": {"2": 5}})
    told = (await socket.receive_output())["text"]
    topic, end = hub.conversation_topic(chat.pk), chat.leaf_id or 0
    # All that members' pages are told in this conversation, and the reasoning as it comes.
    hub.publish(topic, {"t": "here", "who": [[1, "CANARY-guest"]], "count": 1})
    presence.writes(topic, 1, "CANARY-guest")
    hub.publish(topic, {"t": "queue", "html": "CANARY"})
    hub.publish(topic, {"t": "row", "m": chat.leaf_id, "rev": 1, "html": "CANARY"})
    hub.publish(topic, {"t": "side", "html": "CANARY", "title": "CANARY"})
    thinking = [["wait", [3, 71717]], ["think", "THOUGHT-live"], ["thought", "Thought for 9 s"]]
    hub.publish(topic, {"t": "live", "m": chat.leaf_id, "n": 1, "ops": [*thinking, ["text", "live words"]]})
    hub.publish(topic, {"t": "live", "m": chat.leaf_id, "n": 2, "ops": thinking})
    hub.publish(topic, {"t": "live", "m": end - 1, "n": 1, "ops": [["text", "CANARY of another branch"]]})
    await Conversation.objects.filter(pk=chat.pk).aupdate(title="SHOWN-title again")
    hub.note(topic, {"t": "changed", "rows": [chat.leaf_id, end - 1], "keep": 7})
    frames = [json.loads(told)]
    async with asyncio.timeout(10):
        while "again" not in frames[-1].get("title", ""):
            frames.append(json.loads((await socket.receive_output())["text"]))
    await socket.disconnect()
    told = json.dumps(frames)
    await sync_to_async(check)(told, chat, wish)
    assert "live words" in told
    assert ("THOUGHT-live" in told) == reasoning
    assert ("Thought for 9 s" in told) == reasoning
    assert {frame["t"] for frame in frames} == {"rows", "live"}
    assert {frame["m"] for frame in frames if "m" in frame} == {2}


async def test_what_a_member_gets_who_continues(chat: Conversation) -> None:
    reader = await User.objects.acreate(name="Reader", email="reader@example.org")
    for wish in WISHES:
        if wish.password:
            continue
        token = await made(chat, wish)
        browser = AsyncClient()
        await browser.aforce_login(reader)
        response = await browser.get(f"/s/{token}/continue/")
        assert CANARY not in response.content.decode().upper()
        response = await browser.post(f"/s/{token}/continue/")
        pk = response["Location"].split("/")[2]
        for path in COPY:
            response = await browser.get(path.format(pk))
            told = str(response.headers) + await body_of(response)
            assert response.status_code == 200
            # Models to choose from are the reader's.
            told = told.partition('<form class="composer"')[0]
            assert CANARY not in told.upper(), (path, re.findall(r".{0,80}canary.{0,80}", told, re.IGNORECASE))
            assert "SHOWN-question" in told
            assert ("PICTURED" in told) == wish.with_images, path
        rows = await sync_to_async(rows_of)(pk)
        assert CANARY not in rows.upper(), rows
        assert ("THOUGHT" in rows) == wish.with_reasoning
        assert ("PICTURED" in rows) == wish.with_images
        assert ("NAMED" in rows) == wish.with_names


def rows_of(pk: str) -> str:
    """Everything in the copy, as text."""
    copy = Conversation.objects.get(pk=pk)
    found = [copy.title, copy.instructions, str(copy.alias), str(copy.folder)]
    for message in copy.messages.select_related("author"):
        fields = [field for field in message._meta.concrete_fields if not field.is_relation]
        found += [str(getattr(message, field.name)) for field in fields]
        found += [str(message.author and message.author.name), str(message.route), str(message.context_from)]
        for one in message.attachments.select_related("image"):
            fields = [field for field in one.image._meta.concrete_fields if field.name not in ("stored", "thumbnail")]
            found += [str(getattr(one.image, field.name)) for field in fields]
    return "\n".join(found)
