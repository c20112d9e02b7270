"""Ten members share one token of the Intern API: nobody breaks its rules, nobody is told that it is too much."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from dataclasses import dataclass, field

from PIL import Image

from tests.live.articles import articles_of
from tests.live.page import Page
from tests.live.server import ROOT, Server
from tests.upstream.intern import THOUGHT, Asked, Intern, answer_to, serving_intern

NAMES = ("Ada", "Ben", "Cem", "Dag", "Eli", "Fay", "Gus", "Hal", "Ida", "Jon")
TOKEN = "one-token-for-all-of-us"
PER_MINUTE = 30
INSTRUCTIONS = "Answer in one line."
# A wait of one window, and what comes before and after it.
PATIENCE = 100


@dataclass
class Member:
    """One person with one tab; which waits their page has shown."""

    server: Server
    name: str
    number: int
    page: Page = field(init=False)
    shown: list[tuple[int, int]] = field(default_factory=list)
    # Question and answer's id of each answer that was to end well; of each that was stopped.
    answers: list[tuple[str, int]] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        question = f"First of {self.name}"
        self.page, answer = await self.server.ask(question, self.name, think=self.thinks(1))
        await self.settle(question, answer)
        # Before the others ask, so that nobody's turn comes later for it.
        self.images = [await self.page.attach(picture())] if self.number % 2 else []

    async def ask(self, nth: str, turn: int) -> tuple[str, int]:
        question = f"{nth} of {self.name}"
        images = self.images if turn == 2 else []
        return question, await self.page.send(question, think=self.thinks(turn), images=images)

    async def again(self, answer: int) -> int:
        response = await self.page.post(f"/m/{answer}/retry/")
        assert response.status == 200
        return max(articles_of(await response.text())[0])

    async def settle(self, question: str, answer: int) -> None:
        await self.waits(answer)
        article = await self.page.settled(answer, PATIENCE)
        assert (article.status, article.text) == ("done", answer_to(question))
        self.answers.append((question, answer))

    async def stop(self, answer: int) -> None:
        await self.page.post(f"/m/{answer}/stop/")
        article = await self.page.settled(answer, 5)
        assert article.status == "stopped"
        self.stopped.append(answer)

    async def waits(self, answer: int) -> bool:
        """Until the page shows a place in the queue or some word; whether it was a place."""
        async with asyncio.timeout(PATIENCE):
            while True:
                article = self.page.articles.get(answer)
                if article is not None and article.wait != (0, 0):
                    self.shown.append(article.wait)
                    return True
                if article is not None and (article.text or article.status not in ("queued", "streaming")):
                    return False
                await asyncio.sleep(0.02)

    def thinks(self, turn: int) -> bool:
        return (self.number + turn) % 2 == 0


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    return file.getvalue()


async def team_of(server: Server, intern: Intern) -> list[Member]:
    command = (sys.executable, "-m", "tests.live.team", intern.base_url, TOKEN, str(PER_MINUTE), *NAMES)
    pipe = asyncio.subprocess.PIPE
    maker = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=server.environment, stdout=pipe)
    out, _ = await maker.communicate()
    server.sessions |= json.loads(out)
    return [Member(server, name, number) for number, name in enumerate(NAMES)]


async def use(member: Member) -> None:
    """A second question, the same answered again, a third one; two of the ten change their minds."""
    question, answer = await member.ask("Second", 2)
    if member.number == 1:
        await member.page.shows(answer, 1)
        await member.stop(answer)
    else:
        await member.settle(question, answer)
    again = await member.again(answer)
    if member.number == 2:
        assert await member.waits(again)
        later = await member.server.page(member.name, member.page.conversation)
        assert "first, about" in later.html or "Its turn is next" in later.html
        await member.stop(again)
    else:
        await member.settle(question, again)
    await member.settle(*await member.ask("Third", 3))


async def titled(server: Server) -> None:
    """Until a model has named every conversation."""
    async with asyncio.timeout(PATIENCE):
        while server.rows("SELECT count(*) FROM conversations_conversation WHERE titled_by != 'model'") != [(0,)]:
            await asyncio.sleep(0.1)


def is_title(asked: Asked) -> bool:
    return "Write a title" in json.dumps(asked.body)


async def test_ten_members_within_the_rate_of_one_token(own_server: Server) -> None:
    await own_server.start()
    async with serving_intern(PER_MINUTE, seconds=1.0) as intern:
        team = await team_of(own_server, intern)
        # More than this API knows or allows: it must not see that.
        own_server.write("UPDATE catalog_alias SET temperature = 1.4, top_k = 50, min_p = 0.1, answer_tokens = 500")
        await asyncio.gather(*(member.begin() for member in team))
        own_server.write("UPDATE conversations_conversation SET instructions = ?", INSTRUCTIONS)
        await asyncio.gather(*(use(member) for member in team))
        await titled(own_server)
        # What was stopped while it waited never went out; everything else did, once.
        assert len(intern.chats) == 10 + 10 + 10 + 9 + 10

    assert intern.broken == intern.noted == []
    assert intern.refused == 0
    assert {asked.token for asked in intern.asked} == {TOKEN}
    # Five have attached an image; it goes along in the turns after, too.
    assert sum("image_url" in json.dumps(asked.body) for asked in intern.chats) >= 5 + 5
    assert own_server.rows("SELECT DISTINCT error FROM conversations_message WHERE role = 'assistant'") == [("",)]
    for member in team:
        assert len(member.answers) + len(member.stopped) == 4
        for question, answer in member.answers:
            assert own_server.stored(answer) == ("done", "", answer_to(question))
    # The first minute's thirty are gone, but for a title or two, when ten ask for another answer: those who wait see
    # how many go first, and for how long.
    shown = [wait for member in team for wait in member.shown]
    assert len(shown) >= 8
    # At most once a second each: a place that is over sooner is not told.
    assert len({ahead for ahead, _ in shown}) >= 5
    assert max(ahead for ahead, _ in shown) >= 6
    assert all(0 < seconds <= 61 * 2 for _, seconds in shown)
    assert sum(asked.hung_up for asked in intern.chats) == 1


async def test_thinking_and_instructions_go_together(own_server: Server) -> None:
    await own_server.start()
    async with serving_intern() as intern:
        team = await team_of(own_server, intern)
        ada = team[0]
        await ada.begin()
        own_server.write("UPDATE conversations_conversation SET instructions = ?", INSTRUCTIONS)
        for turn in (2, 3):
            question, answer = await ada.ask("Next", turn)
            await ada.settle(question, answer)
            assert ada.page.articles[answer].reasoning.strip() == (THOUGHT if ada.thinks(turn) else "")
        asked = [asked.body for asked in intern.chats if not is_title(asked)]
        assert [body["thinking_mode"] for body in asked] == [False, True, False]
        assert [body["messages"][0]["role"] for body in asked] == ["user", "user", "system"]
        assert asked[1]["messages"][0]["content"].startswith(INSTRUCTIONS)
        assert all(not body["thinking_mode"] for body in (one.body for one in intern.chats if is_title(one)))
        assert intern.broken == []
