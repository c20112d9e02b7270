"""Twenty writers on one conversation, through two servers of one database: no message is lost, the tree stays whole."""

from __future__ import annotations

import asyncio
import random
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.live.page import Page
from tests.live.scripted import scripted
from tests.live.server import ROOT, Server
from tests.live.tree import Node, complaints, nodes, questions
from tests.postgres import needs_postgres, running

WRITERS = 20
ACTIONS = 12
TRIES = 8
QUIET_SECONDS = 120
# What the upstream does for each answer in turn; whoever is left hanging must be stopped.
MANNERS = ["ok"] * 12 + ["reason"] * 2 + ["cut", "500", "hang", "hang"]
SECOND_ALIAS = (
    "from chatapp.catalog.models import Alias; alias = Alias.objects.get(); route = alias.routes.get();"
    " alias.pk = route.pk = None; alias.name, alias.default = 'second', False; alias.save();"
    " route.alias = alias; route.save()"
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database; none for SQLite."""
    with ExitStack() as ending:
        yield ending.enter_context(running()).make("parley") if request.param == "postgresql" else ""


@pytest.fixture
async def servers(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Server, Server]]:
    chance = random.Random(20)
    script = [chance.choice(MANNERS) for _ in range(WRITERS * ACTIONS)]
    async with scripted("P1", *script) as upstream, AsyncExitStack() as ending:
        environment = {"PARLEY_DATABASE_URL": database_url} if database_url else {}
        first = Server(tmp_path, upstream.base_url, **environment)
        ending.push_async_callback(first.close)
        await first.start()
        await shell(first, SECOND_ALIAS)
        second = first.twin()
        ending.push_async_callback(second.close)
        await second.start()
        yield first, second


async def shell(server: Server, code: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", "shell", "-v0", "-c", code, cwd=ROOT, env=server.environment
    )
    assert await process.wait() == 0


@dataclass
class Told:
    """What the servers said: how each action ended, which questions they have taken, and which are not to be there."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def done(self, action: str) -> int:
        return sum(times for (act, status), times in self.statuses.items() if act == action and status < 300)


class Writer:
    """One tab that does whatever comes to its mind."""

    def __init__(self, number: int, page: Page, server: Server, told: Told) -> None:
        self.page, self.server, self.told = page, server, told
        self.chance, self.name = random.Random(number), f"writer {number}"
        self.said = 0

    async def write(self) -> None:
        acts = {self.send: 4, self.edit: 4, self.retry: 4, self.rename: 2, self.move: 2, self.show: 2, self.stop: 2}
        acts |= {self.go_on: 1, self.send_on: 1, self.compare: 1, self.fork: 1, self.reword: 2, self.remove: 1}
        for act in self.chance.choices(list(acts), list(acts.values()), k=ACTIONS):
            await act()

    async def send(self) -> str:
        return await self._say("send", self._chat("send"))

    async def compare(self) -> None:
        await self._say("compare", self._chat("send"), ("beside", "second"))
        await self.keep()

    async def edit(self) -> None:
        if question := self._pick("user", "sent"):
            await self._say("edit", f"/m/{question.pk}/edit/")

    async def reword(self) -> None:
        """As long as the question waits it changes itself, and then it gets a sibling."""
        before = await self.send()
        if question := self._pick("user", text=before):
            await self._say("reword", f"/m/{question.pk}/edit/")
            self.told.taken.discard(before)

    async def remove(self) -> None:
        text = await self.send()
        question = self._pick("user", text=text)
        if question and await self._do("remove", f"/m/{question.pk}/remove/") == 200:
            self.told.taken.discard(text)
            self.told.gone.add(text)

    async def retry(self) -> None:
        if answer := self._pick("assistant"):
            await self._insist("retry", f"/m/{answer.pk}/retry/")

    async def go_on(self) -> None:
        if answer := self._pick("assistant", "stopped", "interrupted"):
            await self._insist("continue", f"/m/{answer.pk}/continue/")

    async def show(self) -> None:
        if answer := self._pick("assistant"):
            await self._do("show", f"/m/{answer.pk}/show/")

    async def keep(self) -> None:
        found = self._nodes()
        beside = [one for one in found.values() if one.parent and found[one.parent].compared]
        if beside:
            await self._do("keep", f"/m/{self.chance.choice(beside).pk}/keep/")

    async def fork(self) -> None:
        if answer := self._pick("assistant", "done"):
            await self._do("fork", f"/m/{answer.pk}/fork/")

    async def stop(self) -> None:
        await self._do("stop", self._chat("stop"))

    async def send_on(self) -> None:
        await self._do("send on", self._chat("send-on"))

    async def rename(self) -> None:
        await self._do("rename", self._chat("rename"), title=f"By {self.name}")

    async def move(self) -> None:
        await self._do("move", self._chat("move"), name=f"Folder {self.chance.randrange(3)}")

    async def _say(self, action: str, path: str, *more: tuple[str, str]) -> str:
        self.said += 1
        text = f"{self.name} says {self.said}"
        taken = await self._insist(action, path, *more, text=text) == 200
        (self.told.taken if taken else self.told.gone).add(text)
        return text

    async def _insist(self, action: str, path: str, *more: tuple[str, str], **form: str) -> int:
        """Do it; as long as an answer is in the way, stop that and try again."""
        for _ in range(TRIES - 1):
            status = await self._do(action, path, *more, **form)
            if status != 409:
                return status
            await self.stop()
            await self.keep()
            await asyncio.sleep(self.chance.random())
        return await self._do(action, path, *more, **form)

    async def _do(self, action: str, path: str, *more: tuple[str, str], **form: str) -> int:
        fields = {"client_id": str(uuid.uuid4()), "alias": "demo", **form}
        async with await self.page.post(path, *more, **fields) as response:
            self.told.statuses[action, response.status] += 1
            return response.status

    def _chat(self, action: str) -> str:
        return f"/c/{self.page.conversation}/{action}/"

    def _nodes(self) -> dict[int, Node]:
        return {pk: one for pk, one in nodes(self.server).items() if one.conversation == self.page.conversation}

    def _pick(self, role: str, *statuses: str, text: str = "") -> Node | None:
        own = [one for one in self._nodes().values() if one.role == role and one.text == (text or one.text)]
        fit = [one for one in own if not statuses or one.status in statuses]
        return self.chance.choice(fit) if fit else None


async def test_twenty_writers_lose_no_message_and_the_tree_stays_whole(servers: tuple[Server, Server]) -> None:
    opening, _ = await servers[0].ask("The first question")
    told, writers = Told(taken={"The first question"}), []
    for number in range(WRITERS):
        server = servers[number % 2]
        page = await server.page("Ann", opening.conversation, connect=number < 4)
        writers.append(Writer(number, page, server, told))
    await asyncio.gather(*(writer.write() for writer in writers))
    await quiet(writers)
    unexpected = {status for _, status in told.statuses} - {200, 204, 404, 409}
    assert not unexpected, servers[0].output.read_text()[-5000:]
    assert "Traceback" not in servers[0].output.read_text()
    stored = questions(servers[0], opening.conversation)
    assert {text: stored[text] for text in told.taken if stored[text] != 1} == {}
    assert told.gone & stored.keys() == set()
    assert complaints(servers[0]) == []
    for action in ("send", "edit", "retry", "rename", "move", "stop", "reword", "compare", "keep", "show", "fork"):
        assert told.done(action), action


async def quiet(writers: list[Writer]) -> None:
    """Keep what stands beside others, let go out what waits and stop what hangs, until nothing is left to end."""
    async with asyncio.timeout(QUIET_SECONDS):
        while any(node.running or node.status == "waiting" for node in nodes(writers[0].server).values()):
            for writer in writers[:2]:
                await writer.stop()
                await writer.keep()
                await writer.send_on()
            await asyncio.sleep(0.2)
