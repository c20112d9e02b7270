"""The chat that the table of permissions is about, and everybody who wants something of it."""

from __future__ import annotations

import itertools
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Feedback, Folder, Message, Status
from chatapp.images.models import Image
from chatapp.prompts.library import archive
from chatapp.search import index
from chatapp.sharing.links import digest_of
from chatapp.sharing.models import Link
from chatapp.sharing.taking import bound_to, branch_to, take
from chatapp.sharing.updates import prospect
from chatapp.transfer.models import Import
from tests.prompts.shelf import FIELDS, prompt_of
from tests.sharing.talk import allow, form, picture, say

# In every text of the chat and of what belongs to its owner, and in nothing that is sent.
SECRET = "okapi"
INSTRUCTIONS = "aardvark"
UPSTREAM = "narwhal"
REASON = "Its owner asked us to look at this."
WRONG = "not this one"

KEPT = ("conversations", "images", "sharing", "audit", "prompts", "transfer", "search", "retention")
MEMBERS = ("owner", "write", "read", "gone", "Eve", "admin")
UNKNOWN = "A" * 32
# Of a link as it grows, and of a frozen one, in each state.
TOKENS = {
    (kind, state): f"{kind}-{state}-".ljust(31, "a") + "Z" for kind in ("live", "taken") for state in ("good", "over")
} | {(kind, state): f"{kind}-{state}-".ljust(31, "b") + "Z" for kind in ("live", "taken") for state in ("void", "lock")}


@dataclass(frozen=True, slots=True)
class World:
    """Members by their column, and the ids that stand behind the words in capitals."""

    members: dict[str, User]
    ids: dict[str, str]
    sessions: dict[str, str]

    def browser(self, person: str) -> Client:
        """Signed in, if the person ever had an account."""
        browser = Client()
        if session := self.sessions.get(person.removeprefix("off-")):
            browser.cookies[settings.SESSION_COOKIE_NAME] = session
        return browser

    def put(self, text: str, person: str) -> str:
        """Ids for the words in capitals; a person without an account has the address of their own link, or of none."""
        state = person if person in ("over", "void", "lock") else "good"
        live = UNKNOWN if person == "anon" else TOKENS["live", state]
        taken = UNKNOWN if person == "anon" else TOKENS["taken", state]
        ids = self.ids | {"TOKEN": live, "TAKEN": taken, "UPPER": live.upper()}
        return re.sub(r"[A-Z]{3,}", lambda found: ids[found[0]], text)

    def form(self, path: str, which: str) -> dict[str, Any]:
        """What is posted there."""
        fields = FORMS.get((path, which)) or FORMS.get((path, ""), {})
        return {self.put(name, "owner"): self.put(value, "owner") for name, value in fields.items()}

    def disable(self, person: str, *, active: bool = False) -> None:
        """Who is "off" has signed in, and is disabled now."""
        if person.startswith("off-"):
            User.objects.filter(pk=self.members[person.removeprefix("off-")].pk).update(is_active=active)


MESSAGE = {"text": "Hello", "alias": "demo", "client_id": str(uuid.UUID(int=7))}
FORMS: dict[tuple[str, str], dict[str, str]] = {
    ("c/CHAT/send/", ""): MESSAGE,
    ("c/BIN/send/", ""): MESSAGE,
    ("m/QUESTION/edit/", ""): MESSAGE,
    ("m/WAITS/edit/", ""): MESSAGE,
    ("m/ANSWER/feedback/", ""): {"opinion": "bad"},
    ("m/ANSWER/feedback/comment/", ""): {"comment": "Too long", "sent": "1"},
    ("c/CHAT/rename/", ""): {"title": "Renamed"},
    ("c/CHAT/instructions/", ""): {"instructions": "Be brief."},
    ("c/CHAT/move/", ""): {"folder": "FOLDER"},
    ("c/CHAT/members/", ""): {"member": "EVE", "may_write": "1"},
    ("c/CHAT/members/change/", ""): {"participation": "GUEST", "may_write": "0"},
    ("c/CHAT/members/change/", "other"): {"participation": "ELSEWHERE", "may_write": "1"},
    ("c/CHAT/members/remove/", ""): {"participation": "GUEST"},
    ("c/CHAT/members/remove/", "other"): {"participation": "ELSEWHERE"},
    ("c/CHAT/pass-on/", ""): {"member": "WRITER"},
    ("c/CHAT/pass-on/", "reader"): {"member": "READER"},
    ("c/CHAT/share/", ""): form(),
    ("c/CHAT/share/", "other"): form(leaf="OTHERS"),
    ("c/CHAT/share/look/", ""): form(),
    ("links/FROZEN/update/", ""): {"seen": "SEEN"},
    ("links/FROZEN/update/", "unseen"): {"seen": "another one"},
    ("links/LINK/change/", ""): {"link-LINK-label": "Another label", "link-LINK-days": "7"},
    ("s/TOKEN/open/", ""): {"password": WRONG},
    ("images/IMAGE/alt/", ""): {"alt": "Described"},
    ("images/UNSENT/alt/", ""): {"alt": "Described"},
    ("chats/", ""): {"do": "delete", "id": "CHAT"},
    ("archive/", ""): {"back": "CHAT"},
    ("chats/undo/", ""): {"was": "UNDO"},
    ("folders/", ""): {"name": "New"},
    ("folders/FOLDER/rename/", ""): {"name": "Renamed"},
    ("prompts/PROMPT/edit/", ""): FIELDS | {"title": "Renamed", "seen": "1"},
    ("manage/shares/", ""): {"most_days": "3"},
    ("manage/log/read/", ""): {"conversation": "CHAT", "reason": REASON},
    ("manage/log/read/", "no-reason"): {"conversation": "CHAT"},
}


def make_world() -> World:
    """Quickly: nobody has a password."""
    members = {name: _member(name) for name in MEMBERS}
    owner = members["owner"]
    User.objects.filter(pk=members["admin"].pk).update(is_staff=True, is_superuser=True)
    allow()
    folder = Folder.objects.create(owner=owner, name=f"{SECRET} folder")
    Folder.objects.create(owner=owner, name="Other", order=1)
    chat, ids = _chat(owner, members["write"])
    guest = chat.participations.create(member=members["write"], may_write=True)
    chat.participations.create(member=members["read"])
    for member in (owner, members["write"], members["read"]):
        Feedback.objects.create(message_id=ids["ANSWER"], member=member, good=True)
    # Who was invited, and is not any more.
    chat.participations.create(member=members["gone"], may_write=True).delete()
    others = _others(members["Eve"])
    binned, its_ids = _chat(owner, members["write"], deleted_at=timezone.now())
    binned.participations.create(member=members["read"])
    elsewhere = others.participations.create(member=members["gone"])
    ids |= {
        **_links(chat, owner),
        "CHAT": chat.pk,
        "BIN": binned.pk,
        "BINNED": its_ids["ANSWER"],
        "BINPIC": its_ids["IMAGE"],
        "FOLDER": folder.pk,
        "GUEST": guest.pk,
        "ELSEWHERE": elsewhere.pk,
        "OTHERS": others.leaf_id,
        "EVE": members["Eve"].pk,
        "OWNER": owner.pk,
        "WRITER": members["write"].pk,
        "READER": members["read"].pk,
        "IMPORT": Import.objects.create(owner=owner, name=f"{SECRET}.zip", ended_at=timezone.now()).pk,
        "UNSENT": _unsent(owner).pk,
        "PROMPT": prompt_of(owner, name=f"{SECRET}-one").pk,
        "ASIDE": archive(owner, prompt_of(owner, name=f"{SECRET}-two").pk).pk,
        "UNDO": signing.dumps({chat.pk.hex: {"pinned_at": None}}, salt=f"filing.undo:{owner.pk}"),
        "LATER": f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%S.%f}Z_{uuid.UUID(int=0)}",
    }
    sessions = {column: _session(member) for column, member in members.items()}
    return World(members, {word: str(value) for word, value in ids.items()}, sessions)


def put_files(folder: Path) -> None:
    """What the images of the world are stored as."""
    for name in ("aa/full.png", "aa/small.webp"):
        (folder / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "images" / name).write_bytes(b"picture")


def kept() -> dict[str, list[Any]]:
    """Everything that is somebody's, to be compared. Asked without the models, as it is asked a thousand times."""
    models = itertools.chain.from_iterable(
        apps.get_app_config(app).get_models(include_auto_created=True) for app in KEPT
    )
    found = {}
    with connection.cursor() as cursor:
        for table in [Group._meta.db_table, *(model._meta.db_table for model in models)]:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


def _member(column: str) -> User:
    return User.objects.create(email=f"{column.lower()}@example.org", name=column.title(), password="!")


def _session(member: User) -> str:
    browser = Client()
    browser.force_login(member)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def _chat(owner: User, guest: User, **fields: Any) -> tuple[Conversation, dict[str, Any]]:
    chat = Conversation.objects.create(
        owner=owner,
        title=f"{SECRET} talk",
        instructions=INSTRUCTIONS,
        active_at=timezone.now(),
        revision=1,
        # So that nothing of what waits goes out.
        paused=True,
        **fields,
    )
    question = say(chat, None, 1, text=f"zebra and {SECRET}", revision=1)
    made_by = {"upstream_model": UPSTREAM, "ref_model": UPSTREAM}
    answer = say(chat, question, 2, text=f"{SECRET} answer", status=Status.STOPPED, revision=1, **made_by)
    chat.leaf = answer
    chat.save()
    waits = say(chat, answer, 3, text=f"{SECRET} next", status=Status.WAITING)
    guests = say(chat, answer, 3, text=f"{SECRET} of a guest", status=Status.WAITING, author=guest)
    image = picture(question, f"{SECRET}.png")
    index.put_conversation(chat)
    ids = {"QUESTION": question.pk, "ANSWER": answer.pk, "WAITS": waits.pk, "GUESTS": guests.pk, "IMAGE": image.pk}
    return chat, ids


def _others(eve: User) -> Conversation:
    chat = Conversation.objects.create(owner=eve, title="Of Eve", active_at=timezone.now())
    chat.leaf = Message.objects.create(conversation=chat, role="user", author=eve, text="Mine")
    chat.save()
    return chat


def _unsent(owner: User) -> Image:
    """An image like those of the chat, and in no message."""
    image = Image.objects.filter(owner=owner)[0]
    image.pk, image.name = uuid.uuid4(), f"{SECRET}-new.png"
    image.save(force_insert=True)
    return image


def _links(chat: Conversation, owner: User) -> dict[str, int | str]:
    now = timezone.now()
    terms: dict[str, dict[str, Any]] = {
        "good": {},
        "over": {"expires_at": now},
        "void": {"revoked_at": now, "revoked_by": owner},
        "lock": {"password": _password()},
    }
    ids = {}
    for (kind, state), token in TOKENS.items():
        usual = {"expires_at": now + timedelta(days=1), "label": f"{SECRET} link"}
        kinds = {"live": Link.Kind.LIVE, "taken": Link.Kind.SNAPSHOT}
        link = Link.objects.create(
            conversation=chat,
            made_by=owner,
            digest=digest_of(token),
            kind=kinds[kind],
            through_id=bound_to(chat, chat.leaf_id),
            **usual | terms[state],
        )
        if not link.live:
            take(link, branch_to(chat, chat.leaf_id))
        ids[kind, state] = link.pk
    frozen = Link.objects.get(pk=ids["taken", "good"])
    return {
        "LINK": ids["live", "good"],
        "FROZEN": frozen.pk,
        "VOID": ids["live", "void"],
        "SEEN": prospect(owner, frozen).seen,
    }


@cache
def _password() -> str:
    return make_password("open sesame")
