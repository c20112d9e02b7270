"""How many queries each page asks, fixed: as many with two hundred of everything as with two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias, Change, Provider, Route, UpstreamModel
from chatapp.conversations.models import Conversation, Feedback, Folder, Message, Participation, Status
from chatapp.images.models import Attachment, Image
from chatapp.prompts.models import Prompt
from chatapp.retention.models import Rule
from chatapp.search import index
from chatapp.unread.models import Mention

FEW, MANY = 2, 200
MOST_WAITING = 20

Browser = Callable[[User], Client]
# By a member's pages and an administrator's. The session and the member are the first two of each; with a list of
# chats, one is asked only because the member is named somewhere.
MEMBERS = {
    "/": 11,
    "/c/{chat}/": 20,
    "/c/{shared}/": 16,
    "/c/{chat}/instructions/": 10,
    "/c/{chat}/file/": 10,
    "/c/{chat}/export/": 10,
    "/c/{chat}/print/": 8,
    "/c/{chat}/members/": 11,
    "/c/{chat}/share/": 19,
    "/c/{chat}/log/": 11,
    "/m/{question}/edit/": 14,
    "/m/{question}/source/": 3,
    "/sidebar/": 9,
    "/sidebar/?c={shared}": 9,
    "/sidebar/older/?before={now}": 4,
    "/chats/": 10,
    "/archive/": 10,
    "/folders/": 9,
    "/search/?q=words": 15,
    "/prompts/": 12,
    "/prompts/menu/": 3,
    "/prompts/new/": 12,
    "/prompts/{prompt}/": 11,
    "/prompts/{prompt}/edit/": 14,
    "/prompts/{prompt}/history/": 12,
    "/mentions/": 10,
    "/c/{chat}/people/": 5,
    "/shares/": 13,
    "/models/": 11,
    "/account/": 4,
    "/export/": 12,
    "/import/": 10,
    "/images/unsent/": 2,
}
ADMINISTRATORS = {
    "/manage/providers/": 4,
    "/manage/providers/new/": 2,
    "/manage/providers/{provider}/": 6,
    "/manage/aliases/": 6,
    "/manage/aliases/new/": 3,
    "/manage/aliases/{alias}/": 15,
    "/manage/retention/": 5,
    "/manage/retention/new/": 6,
    "/manage/retention/{rule}/": 7,
    "/manage/feedback/": 4,
    "/manage/shares/": 4,
    "/manage/log/": 3,
}


@pytest.fixture(params=[FEW, MANY], ids=["few", "many"])
def places(request: pytest.FixtureRequest, ann: User, admin: User) -> dict[str, object]:
    """A team with so many of everything; what stands for the words in the addresses."""
    count: int = request.param
    others = [make_other(number) for number in range(count)]
    User.objects.bulk_create(others)
    others = list(User.objects.filter(name__startswith="Member"))
    groups = Group.objects.bulk_create(Group(name=f"Group {number}") for number in range(count))
    ann.groups.set(groups)
    make_models(count, admin)
    Rule.objects.bulk_create(Rule(days=number + 1, group=groups[number]) for number in range(count))
    folders = Folder.objects.bulk_create(Folder(owner=ann, name=f"Folder {n}", order=n) for n in range(count))
    chat = make_chats(ann, folders)
    question = make_messages(chat, ann, others, count)
    shared = make_chats(others[0], [], count)
    share(chat, others, groups)
    share_all(others[0].conversations.all(), ann)
    prompts = [Prompt(owner=ann, name=f"prompt-{number}", found_by=f"prompt {number}") for number in range(count)]
    Prompt.objects.bulk_create(prompts)
    return {
        "chat": chat.pk,
        "shared": shared.pk,
        "question": question.pk,
        "now": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}_{'0' * 32}",
        "prompt": prompts[0].pk,
        "provider": Provider.objects.latest("pk").pk,
        "alias": Alias.objects.latest("pk").pk,
        "rule": Rule.objects.latest("pk").pk,
    }


def make_other(number: int) -> User:
    return User(email=f"member{number}@example.org", name=f"Member {number}", password="!")


def make_models(count: int, by: User) -> None:
    """Providers with models, aliases with routes, and what was done to them."""
    providers = [Provider(name=f"Provider {number}", base_url="http://127.0.0.1:9/v1") for number in range(count)]
    Provider.objects.bulk_create(providers)
    UpstreamModel.objects.bulk_create(
        UpstreamModel(provider=providers[-1], model_id=f"model-{number}") for number in range(count)
    )
    aliases = [Alias(name=f"alias-{number}", order=number, default=not number) for number in range(count)]
    Alias.objects.bulk_create(aliases)
    routes = [(aliases[-1], provider) for provider in providers] + [(alias, providers[-1]) for alias in aliases[:-1]]
    Route.objects.bulk_create(Route(alias=alias, provider=provider, upstream_model="m") for alias, provider in routes)
    Change.objects.bulk_create(Change(alias=aliases[-1], by=by, what=f"change {number}") for number in range(count))
    Change.objects.bulk_create(Change(provider=providers[-1], by=by, what=f"{number}") for number in range(count))


def make_chats(owner: User, folders: Iterable[Folder], count: int = 0) -> Conversation:
    """As many as there are folders on the list, in folders, among the pins and in the archive; the last one made."""
    drawers = list(folders)
    chats: list[Conversation] = []
    for number in range(count or len(drawers)):
        at = timezone.now() - timedelta(hours=number)
        places: list[dict[str, object]] = [{}, {"pinned_at": at}, {"archived_at": at}]
        places += [{"folder": drawers[number]}] if drawers else []
        chats += [Conversation(owner=owner, title=f"Chat {number}", active_at=at, **place) for place in places]
    Conversation.objects.bulk_create(chats)
    return chats[0]


def make_messages(chat: Conversation, ann: User, others: list[User], count: int) -> Message:
    """Exchanges with images, versions and opinions, and messages that wait; the first question."""
    first, tip = None, None
    for number in range(count):
        question = write(chat, ann, tip, Message.Role.USER, f"words {number}")
        answers = [write(chat, ann, question, Message.Role.ASSISTANT, f"*words* {number}") for _ in range(2)]
        image = Image(owner=ann, width=1, height=1, bytes=1, thumbnail_width=1, thumbnail_height=1, stored=str(uuid4()))
        image.save()
        Attachment.objects.create(message=question, image=image, position=0)
        Mention.objects.create(message=question, member=ann, read_at=None if number % 2 else timezone.now())
        Feedback.objects.create(message=answers[-1], member=ann, good=not number % 2, comment="Why", sent=True)
        first, tip = first or question, answers[-1]
    chat.leaf = tip
    chat.save()
    for number in range(min(count, MOST_WAITING)):
        waiting = write(chat, ann, tip, Message.Role.USER, f"later {number}")
        Message.objects.filter(pk=waiting.pk).update(status=Status.WAITING)
    index.put_conversation(chat)
    assert first
    return first


def write(chat: Conversation, author: User, parent: Message | None, role: Message.Role, text: str) -> Message:
    status = Status.SENT if role == Message.Role.USER else Status.DONE
    return Message.objects.create(
        conversation=chat, author=author, parent=parent, role=role, text=text, status=status, alias_name="alias-0"
    )


def share(chat: Conversation, members: Iterable[User], groups: Iterable[Group]) -> None:
    invited = [Participation(conversation=chat, member=member) for member in members]
    Participation.objects.bulk_create([*invited, *(Participation(conversation=chat, group=group) for group in groups)])


def share_all(chats: Iterable[Conversation], member: User) -> None:
    Participation.objects.bulk_create(Participation(conversation=chat, member=member) for chat in chats)


def counted(browser: Client, paths: Iterable[str], places: Mapping[str, object]) -> dict[str, int]:
    found = {}
    for path in paths:
        address = path.format(**places)
        # The first visit may render or note something once.
        assert browser.get(address).status_code == 200, address
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        found[path] = len(queries)
    return found


def test_a_members_pages(ann: User, signed_in: Browser, places: dict[str, object]) -> None:
    browser = signed_in(ann)
    browser.cookies["folders"] = ".".join(str(pk) for pk in ann.folders.values_list("pk", flat=True)[:20])
    assert counted(browser, MEMBERS, places) == MEMBERS


def test_an_administrators_pages(admin: User, signed_in: Browser, places: dict[str, object]) -> None:
    assert counted(signed_in(admin), ADMINISTRATORS, places) == ADMINISTRATORS
