"""Two people in one conversation: the same live answer, each their own branch, and an end that comes at once."""

from __future__ import annotations

import asyncio

from tests.live.page import Page
from tests.live.server import Server
from tests.live.test_messages_that_wait import add

LOST_ACCESS = 4403


def share(server: Server, name: str = "Bob", may_write: bool = True) -> None:
    """As the owner does it in another process."""
    server.write(
        'INSERT INTO conversations_participation (conversation_id, member_id, may_write, "left", created_at)'
        " SELECT c.id, u.id, ?, 0, c.created_at FROM conversations_conversation c, accounts_user u WHERE u.name = ?",
        may_write,
        name,
    )


async def both(server: Server, text: str, may_write: bool = True) -> tuple[Page, Page, int]:
    """Ann's page and Bob's of one conversation, with its first answer."""
    ann, answer = await server.ask(text)
    share(server, may_write=may_write)
    bob = await server.page("Bob", ann.conversation)
    return ann, bob, answer


async def test_both_follow_the_same_answer(own_server: Server) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=150 demo:rate=60")
    await bob.shows(answer, 10)
    for page in (ann, bob):
        assert (await page.settled(answer)).text == " ".join(map(str, range(150)))


async def test_a_question_of_each_reaches_the_other_with_its_name(own_server: Server) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    second = await bob.send("demo:numbers=4 demo:fast")
    assert (await ann.settled(second)).text == "0 1 2 3"
    await ann.load()
    assert "<bdi>Bob</bdi>" in ann.html
    authors = own_server.rows(
        "SELECT u.name, m.role FROM conversations_message m JOIN accounts_user u ON u.id = m.author_id ORDER BY m.id"
    )
    assert authors == [("Ann", "user"), ("Ann", "assistant"), ("Bob", "user"), ("Bob", "assistant")]


async def test_who_is_removed_in_mid_answer_gets_nothing_more(own_server: Server) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=900 demo:rate=60")
    await bob.shows(answer, 10)
    own_server.write("DELETE FROM conversations_participation")
    assert await bob.closed(5) == LOST_ACCESS
    seen = bob.articles[answer].text
    await asyncio.sleep(0.5)
    assert bob.articles[answer].text == seen
    await ann.shows(answer, len(seen.split()) + 10)
    await bob.connect()
    assert await bob.closed(5) == 4404


async def test_a_reader_stops_nothing(own_server: Server) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=200 demo:rate=60", may_write=False)
    await bob.shows(answer, 5)
    for path in (f"/m/{answer}/stop/", f"/c/{ann.conversation}/stop/"):
        assert (await bob.post(path)).status == 403
    assert await add(bob, "And I?") == 403
    assert (await ann.settled(answer)).status == "done"


async def test_each_has_their_own_branch_open(own_server: Server) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=3 demo:fast")
    await bob.settled(answer)
    assert (await ann.post(f"/m/{answer}/retry/")).status == 200
    again = answer + 1
    await bob.settled(again)
    assert (await bob.post(f"/m/{answer}/show/")).status == 200
    await bob.load()
    await ann.load()
    assert answer in bob.articles
    assert again in ann.articles
    third = await ann.send("demo:numbers=4 demo:fast")
    await ann.load()
    await asyncio.sleep(0.5)
    assert third not in bob.articles
    own = await bob.send("demo:numbers=5 demo:fast")
    await bob.settled(own)
    assert own_server.rows("SELECT parent_id FROM conversations_message WHERE id = ?", own - 1) == [(answer,)]
    # Ann has chosen nothing, and still reads on where she was.
    assert list(ann.articles)[-1] == third
    await ann.load()
    assert list(ann.articles)[-1] == third


async def test_what_waits_is_seen_by_both_and_changed_by_its_author_and_the_owner(own_server: Server) -> None:
    await own_server.start()
    ann, bob, answer = await both(own_server, "demo:numbers=900 demo:rate=60")
    await ann.shows(answer, 3)
    assert await add(ann, "Ann's next") == 200
    assert await add(bob, "Bob's next") == 200
    async with asyncio.timeout(5):
        while bob.queue != ["Ann's next", "Bob's next"]:
            await asyncio.sleep(0.02)
    of_ann, of_bob = (
        row[0] for row in own_server.rows("SELECT id FROM conversations_message WHERE status = 'waiting'")
    )
    assert (await bob.post(f"/m/{of_ann}/remove/")).status == 404
    assert (await bob.post(f"/m/{of_bob}/remove/")).status == 200
    assert (await ann.post(f"/m/{of_ann}/remove/")).status == 200
    await ann.post(f"/m/{answer}/stop/")
    await ann.settled(answer)
