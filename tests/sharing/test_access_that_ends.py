"""Access that ends while somebody is in the middle of something: nothing more is told, and nothing is said for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import Group
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.models import User
from chatapp.asgi import sockets
from chatapp.audit.models import Entry
from chatapp.conversations.models import Conversation, Message, Participation
from chatapp.database import in_order
from chatapp.generation import hub, viewers
from chatapp.sharing import onlookers
from chatapp.sharing.links import Wish, make
from chatapp.sharing.models import Link
from tests.live.server import Server
from tests.live.test_messages_that_wait import add
from tests.live.test_shared_conversations import both
from tests.sharing.talk import allow, talk

Browser = Callable[[User], Client]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tasks_end")]

RESUME = {"t": "resume", "rev": 0, "live": {}}
RESUME_LINK = {"t": "resume", "keys": [], "before": [0, 0], "live": {}}
AT_MOST = 10.0


@pytest.fixture
def chat(transactional_db: None, ann: User, bob: User) -> Conversation:
    """Ann's; Bob takes part alone, and Cleo with her group."""
    allow()
    made = talk(ann)
    made.participations.create(member=bob, may_write=True)
    team = Group.objects.create(name="Team")
    team.user_set.add(User.objects.create(email="cleo@example.org", name="Cleo", password="!"))
    made.participations.create(group=team, may_write=True)
    return made


class Tab:
    """A socket of somebody's page, or of a link's."""

    def __init__(self, path: str, session: str = "") -> None:
        self._socket = WebsocketCommunicator(sockets, path, headers=[(b"cookie", f"parley={session}".encode())])

    async def connect(self) -> Tab:
        assert (await self._socket.connect(timeout=AT_MOST))[0]
        return self

    async def say(self, word: dict[str, Any]) -> None:
        await self._socket.send_to(text_data=json.dumps(word))

    async def hears(self) -> dict[str, Any]:
        """The next frame, or {"code": …} where the socket is closed."""
        told = await self._socket.receive_output(timeout=AT_MOST)
        return {"code": told["code"]} if told["type"] == "websocket.close" else dict(json.loads(told["text"]))

    async def hears_nothing(self) -> bool:
        return bool(await self._socket.receive_nothing(timeout=0.05))

    async def until_told(self) -> None:
        """All that a page gets at first; the messages that wait come last."""
        await self.say(RESUME)
        while (await self.hears()).get("t") != "queue":
            continue


async def tab_of(person: User, chat: Conversation) -> Tab:
    browser = AsyncClient()
    await browser.aforce_login(person)
    return await Tab(f"/ws/c/{chat.pk}/", browser.cookies["parley"].value).connect()


def out_of_the_group(chat: Conversation) -> None:
    Group.objects.get().user_set.clear()


def the_group_is_deleted(chat: Conversation) -> None:
    Group.objects.get().delete()


def the_group_is_removed(chat: Conversation) -> None:
    chat.participations.exclude(group=None).delete()


def left(chat: Conversation) -> None:
    chat.participations.create(member=User.objects.get(name="Cleo"), left=True)


def disabled(chat: Conversation) -> None:
    User.objects.filter(name="Cleo").update(is_active=False)


def account_deleted(chat: Conversation) -> None:
    User.objects.get(name="Cleo").delete()


def chat_deleted(chat: Conversation) -> None:
    Conversation.objects.update(deleted_at=timezone.now())


def chat_gone_for_good(chat: Conversation) -> None:
    Conversation.objects.all().delete()


ENDINGS = [
    (out_of_the_group, 4403),
    (the_group_is_deleted, 4403),
    (the_group_is_removed, 4403),
    (left, 4403),
    (disabled, 4401),
    (account_deleted, 4401),
    (chat_deleted, 4404),
    (chat_gone_for_good, 4404),
]


@pytest.mark.parametrize(("end", "code"), ENDINGS)
async def test_an_open_socket_is_closed_whatever_ended_the_access(
    chat: Conversation, end: Callable[[Conversation], None], code: int
) -> None:
    tab = await tab_of(await User.objects.aget(name="Cleo"), chat)
    await tab.until_told()
    await in_order(end, chat)
    # What the watch of a server does every three seconds.
    await viewers.close_unwelcome()
    assert await tab.hears() == {"code": code}
    hub.publish(hub.conversation_topic(chat.pk), {"t": "row", "html": "secret"})
    assert await tab.hears_nothing()


@pytest.mark.parametrize(("end", "code"), [(end, code) for end, code in ENDINGS if code != 4401])
async def test_who_asks_for_what_was_missed_before_the_socket_is_closed_gets_nothing(
    chat: Conversation, end: Callable[[Conversation], None], code: int
) -> None:
    tab = await tab_of(await User.objects.aget(name="Cleo"), chat)
    # The watch has looked by then, and looks again three seconds later.
    await tab.until_told()
    await in_order(end, chat)
    await tab.say(RESUME)
    assert await tab.hears() == {"code": code}


async def test_an_owner_who_deletes_a_chat_may_take_that_back_on_the_page_that_is_open(
    chat: Conversation, ann: User
) -> None:
    tab = await tab_of(ann, chat)
    await in_order(chat_deleted, chat)
    await tab.say(RESUME)
    assert (await tab.hears())["t"] == "branch"


async def test_who_may_only_read_by_now_is_not_shown_as_writing(chat: Conversation, ann: User, bob: User) -> None:
    mine, his = await tab_of(ann, chat), await tab_of(bob, chat)
    await mine.until_told()
    await his.until_told()
    while not await mine.hears_nothing():
        await mine.hears()
    await his.say({"t": "writes"})
    assert await mine.hears() == {"t": "writes", "who": [bob.pk, "Bob"]}
    while not await his.hears_nothing():
        await his.hears()
    await chat.participations.filter(member=bob).aupdate(may_write=False)
    await his.say({"t": "writes"})
    assert await mine.hears_nothing()
    # The socket stays: only this was refused.
    await his.say(RESUME)
    assert (await his.hears())["t"] == "branch"


@pytest.mark.parametrize("change", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}])
async def test_a_link_that_ends_while_somebody_joins_tells_nothing(
    chat: Conversation, ann: User, change: dict[str, Any]
) -> None:
    wish = Wish("live", "", 30, "", True, True, False, leaf=chat.leaf_id, turns=9)
    _, token = await make(ann, chat.pk, wish)
    tab = await Tab(f"/ws/s/{token}/").connect()
    await Link.objects.aupdate(**change)
    await tab.say(RESUME_LINK)
    await onlookers.close_unwelcome()
    assert await tab.hears() == {"code": 4410}
    assert await tab.hears_nothing()


async def at_once(person: User, *posts: tuple[str, dict[str, Any]]) -> list[int]:
    """The statuses of these forms, sent from as many tabs at the same moment."""
    browser = AsyncClient()
    await browser.aforce_login(person)
    responses = await asyncio.gather(*[browser.post(path, form) for path, form in posts])
    return [response.status_code for response in responses]


async def test_the_same_invitation_from_two_tabs_is_one(chat: Conversation, ann: User, eve: User) -> None:
    form = {"member": eve.pk, "may_write": "1"}
    assert await at_once(ann, *[(f"/c/{chat.pk}/members/", form)] * 5) == [303] * 5
    assert await chat.participations.filter(member=eve).acount() == 1
    assert await Entry.objects.filter(what=Entry.What.SHARED).acount() == 1


async def test_a_chat_is_passed_on_to_one_of_two(chat: Conversation, ann: User, bob: User) -> None:
    cleo = await User.objects.aget(name="Cleo")
    posts = [(f"/c/{chat.pk}/pass-on/", {"member": heir.pk}) for heir in (bob, cleo)]
    assert sorted(await at_once(ann, *posts)) == [303, 404]
    await chat.arefresh_from_db()
    assert chat.owner_id in (bob.pk, cleo.pk)
    assert await Entry.objects.filter(what=Entry.What.PASSED_ON).acount() == 1


async def test_nobody_inherits_who_is_disabled(chat: Conversation, ann: User, bob: User) -> None:
    await User.objects.filter(pk=bob.pk).aupdate(is_active=False)
    assert await at_once(ann, (f"/c/{chat.pk}/pass-on/", {"member": bob.pk})) == [422]
    await chat.arefresh_from_db()
    assert chat.owner_id == ann.pk


async def test_links_follow_the_chat_to_its_new_owner_and_end_with_that_one(
    chat: Conversation, ann: User, bob: User
) -> None:
    wish = Wish("live", "", 30, "", True, True, False, leaf=chat.leaf_id, turns=9)
    link, token = await make(ann, chat.pk, wish)
    assert await at_once(ann, (f"/c/{chat.pk}/pass-on/", {"member": bob.pk})) == [303]
    assert await at_once(ann, (f"/links/{link.pk}/revoke/", {})) == [404]
    await User.objects.filter(pk=ann.pk).aupdate(is_active=False)
    assert (await AsyncClient().get(f"/s/{token}/")).status_code == 200
    await User.objects.filter(pk=bob.pk).aupdate(is_active=False)
    assert (await AsyncClient().get(f"/s/{token}/")).status_code == 404
    await User.objects.filter(pk=bob.pk).aupdate(is_active=True)
    assert await at_once(bob, (f"/links/{link.pk}/revoke/", {})) == [303]
    assert (await AsyncClient().get(f"/s/{token}/")).status_code == 404


async def test_what_a_guest_has_said_stays_when_the_account_is_deleted(
    chat: Conversation, ann: User, bob: User
) -> None:
    await Message.objects.filter(conversation=chat, text="question 3").aupdate(author=bob)
    await bob.adelete()
    browser = AsyncClient()
    await browser.aforce_login(ann)
    for path in (f"/c/{chat.pk}/", f"/c/{chat.pk}/members/", "/shares/"):
        response = await browser.get(path)
        assert response.status_code == 200
        assert "Bob" not in response.content.decode()
    assert "question 3" in (await browser.get(f"/c/{chat.pk}/print/")).content.decode()
    assert not await Participation.objects.filter(member=None, group=None).aexists()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM conversations_participation",
        "UPDATE conversations_participation SET may_write = 0",
        "UPDATE accounts_user SET is_active = 0 WHERE name = 'Bob'",
    ],
)
async def test_what_waits_of_somebody_who_may_not_write_any_more_does_not_go_out(
    own_server: Server, change: str
) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=900 demo:rate=60")
    assert await add(bob, "demo:fast of Bob") == 200
    assert await add(ann, "demo:numbers=3 demo:fast of Ann") == 200
    own_server.write(change)
    assert (await ann.post(f"/m/{answer}/stop/")).status == 204
    async with asyncio.timeout(30):
        while ann.queue or len(ann.articles) < 4:
            await asyncio.sleep(0.05)
    assert not own_server.rows("SELECT 1 FROM conversations_message WHERE text LIKE '%of Bob'")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_user SET is_active = 0 WHERE name = 'Bob'",
        # What becomes of the messages of an account that is deleted.
        "UPDATE conversations_message SET author_id = NULL"
        " WHERE author_id = (SELECT id FROM accounts_user WHERE name = 'Bob')",
    ],
    ids=["disabled", "deleted"],
)
async def test_what_is_being_answered_to_somebody_who_is_disabled_or_deleted_stops(
    own_server: Server, change: str
) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=900 demo:rate=60")
    assert (await ann.post(f"/m/{answer}/stop/")).status == 204
    await ann.settled(answer, AT_MOST)
    his = await bob.send("demo:numbers=900 demo:rate=60")
    await ann.shows(his, 5)
    own_server.write(change)
    # The chat is Ann's: she keeps what was written.
    article = await ann.settled(his, AT_MOST)
    assert article.status == "stopped"
    assert article.text.startswith("0 1 ")


async def test_nothing_is_said_after_the_removal_by_whoever_is_just_sending(own_server: Server) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=900 demo:rate=60")
    (pk,) = own_server.rows("SELECT max(id) FROM conversations_participation")[0]
    sends = [asyncio.create_task(add(bob, f"{n} of Bob")) for n in range(15)]
    removed = await ann.post(f"/c/{ann.conversation}/members/remove/", participation=str(pk))
    assert removed.status == 200
    count = "SELECT count(*) FROM conversations_message WHERE text LIKE '%of Bob'"
    before = own_server.rows(count)
    assert set(await asyncio.gather(*sends)) <= {200, 404}
    assert await add(bob, "16 of Bob") == 404
    assert own_server.rows(count) == before
    assert "Traceback" not in own_server.output.read_text()
    await ann.post(f"/m/{answer}/stop/")
