"""Ten members on one token of the Intern API with 30 requests a minute, asking for more than that (INV-13).

bench/team                  six minutes
bench/team --minutes 60     the whole hour
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from bench.figures import run, show_json, show_table
from bench.processes import run_json
from bench.session import Member, Viewer
from bench.stack import Seed, Serving, browsers, make_seed, parley_environment, serving
from tests.upstream.intern import Intern, answer_to, serving_intern

MEMBERS = 10
PER_MINUTE = 30
TOKEN = "one-token-for-the-team"
INSTRUCTIONS = "Answer in one line."
ANSWER_SECONDS = 3.0
# How long a member thinks before asking again, on average. Every fourth minute is quiet, so that the line empties.
BUSY_SECONDS, QUIET_SECONDS = 3.0, 40.0
# Of a member's doings so many ask for another answer, so many are stopped, and a conversation is so long.
AGAIN, STOPPED, TURNS = 0.1, 0.05, 8
# Beyond the longest wait that is fair.
PATIENCE_SECONDS = 300
MOST_OF_THE_MEAN = 2.0


class Person(Member):
    """A member who asks, asks again, changes the instructions and stops."""

    async def post(self, path: str, **fields: str) -> str:
        form = {"csrfmiddlewaretoken": self._token, **fields}
        headers = {**self._headers(), "HX-Request": "true", "Origin": self.base, "Referer": self.base + path}
        async with self.http.post(self.base + path, data=form, headers=headers, allow_redirects=False) as answer:
            return "" if answer.status == 303 else await self._read(answer)


@dataclass
class Sent:
    """One question on its way; `at` is the moment just before it was sent."""

    member: int
    question: str
    at: float
    stopped: bool = False
    message: int = 0


@dataclass
class Hour:
    """What the members do until `ends`."""

    intern: Intern
    began: float
    ends: float
    chance: random.Random = field(default_factory=lambda: random.Random(30))
    sent: list[Sent] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def live(self, person: Person, number: int) -> None:
        """One member's time, conversation by conversation."""
        await asyncio.sleep(self.chance.uniform(0, 20))
        while time.monotonic() < self.ends:
            await self.converse(person, number)

    async def converse(self, person: Person, number: int) -> None:
        sent = self.note(number)
        path = await person.new_conversation(sent.question, think=self.chance.random() < 0.5)
        viewer = await Viewer.open(person, path)
        await self.see(viewer, sent)
        if self.chance.random() < 0.5:
            await person.post(f"{path}instructions/", instructions=INSTRUCTIONS)
        for _ in range(TURNS - 1):
            await asyncio.sleep(self.chance.expovariate(1 / self.pause()))
            if time.monotonic() >= self.ends:
                break
            await self.see(viewer, await self.ask(viewer, person, number))
        viewer.cut()

    async def ask(self, viewer: Viewer, person: Person, number: int) -> Sent:
        last = next(sent for sent in reversed(self.sent) if sent.member == number)
        if self.chance.random() < AGAIN and not last.stopped:
            sent = self.note(number, last.question)
            viewer.page.add_rows(await person.post(f"/m/{last.message}/retry/"))
        else:
            sent = self.note(number)
            think = self.chance.random() < 0.5
            viewer.page.add_rows(await person.ask(viewer.conversation, sent.question, think))
        return sent

    async def see(self, viewer: Viewer, sent: Sent) -> None:
        """Until the answer has ended on the page; some are stopped, most of them while they wait."""
        sent.message = viewer.page.last_answer
        if self.chance.random() < STOPPED:
            await asyncio.sleep(self.chance.uniform(0, 10))
            if not viewer.has_settled(sent.message):
                sent.stopped = True
                assert isinstance(viewer.member, Person)
                await viewer.member.post(f"/m/{sent.message}/stop/")
        if not await viewer.follow(sent.message, PATIENCE_SECONDS):
            self.faults.append(f"{sent.question}: {viewer.state(sent.message)}")

    def note(self, number: int, question: str = "") -> Sent:
        question = question or f"Question {len(self.sent)} of member {number}"
        self.sent.append(Sent(number, question, time.monotonic()))
        return self.sent[-1]

    def pause(self) -> float:
        minute = int(time.monotonic() - self.began) // 60
        return QUIET_SECONDS if minute % 4 == 3 else BUSY_SECONDS

    def waits(self) -> list[tuple[Sent, float]]:
        """Each question that reached the API, with the seconds from its sending to its arrival there."""
        arrivals: dict[str, list[float]] = {}
        for asked in self.intern.chats:
            if asked.streamed:
                arrivals.setdefault(asked.question.splitlines()[-1], []).append(asked.at)
        found = []
        for sent in self.sent:
            later = [at for at in arrivals.get(sent.question, ()) if at >= sent.at]
            if later:
                arrivals[sent.question].remove(later[0])
                found.append((sent, later[0] - sent.at))
        return found


def lead_to(directory: Path, seed: Seed, intern: Intern) -> None:
    route = {
        "base_url": intern.base_url,
        "dialect": "intern",
        "key": TOKEN,
        "model": "intern-latest",
        "requests_per_minute": PER_MINUTE,
    }
    aliases = json.dumps({seed.alias: [route]})
    run_json([sys.executable, "-m", "bench.catalog", aliases], parley_environment(directory, 0))


def badly_ended(seed: Seed, hour: Hour) -> list[str]:
    """Answers whose row says anything else than what was sent: done and exact, or stopped by their member."""
    with contextlib.closing(sqlite3.connect(f"file:{seed.database}?mode=ro", uri=True)) as database:
        query = f"SELECT id, status, error, text FROM {seed.messages_table} WHERE role = 'assistant'"  # noqa: S608
        rows = {row[0]: row[1:] for row in database.execute(query)}
    bad = []
    for sent in hour.sent:
        status, error, text = rows.get(sent.message, ("missing", "", ""))
        exact = text == answer_to(sent.question)
        if not (status == "done" and exact) and not (status == "stopped" and sent.stopped):
            bad.append(f"{sent.question}: {status} {error} {text[:60]}")
    return bad


def judge(hour: Hour, bad: list[str], minutes: float) -> int:
    waits, intern = hour.waits(), hour.intern
    overall = mean(seconds for _, seconds in waits)
    own = [mean(seconds for sent, seconds in waits if sent.member == number) for number in range(MEMBERS)]
    ends = Counter("stopped" if sent.stopped else "answered" for sent in hour.sent)
    figures = {
        "minutes": minutes,
        "requests": len(intern.chats),
        "titles": sum(not asked.streamed for asked in intern.chats),
        "refused": intern.refused,
        "broken rules": len(intern.broken),
        "answered": ends["answered"],
        "stopped": ends["stopped"],
        "bad": len(bad) + len(hour.faults),
        "mean wait s": round(overall, 2),
        "worst member / mean": round(max(own) / overall, 2),
        "longest wait s": round(max(seconds for _, seconds in waits), 1),
    }
    show_table(list(figures), [list(figures.values())])
    show_json(figures)
    for complaint in [*intern.broken[:5], *bad[:5], *hour.faults[:5]]:
        print(complaint)
    fair = max(own) <= MOST_OF_THE_MEAN * overall
    return 0 if fair and not (intern.refused or intern.broken or bad or hour.faults) else 1


async def measure(directory: Path, parley: Serving, seed: Seed, minutes: float) -> int:
    async with serving_intern(PER_MINUTE, seconds=ANSWER_SECONDS) as intern, browsers() as http:
        await asyncio.to_thread(lead_to, directory, seed, intern)
        began = time.monotonic()
        hour = Hour(intern, began, began + minutes * 60)
        people = [Person(http, parley.base, seed.cookies, session, seed.alias) for session in seed.sessions]
        await asyncio.gather(*(hour.live(person, number) for number, person in enumerate(people)))
        return judge(hour, badly_ended(seed, hour), minutes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=6)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        directory = Path(folder)
        with serving(directory) as parley:
            seed = make_seed(directory, MEMBERS, "http://127.0.0.1:9")
            return run(measure(directory, parley, seed, minutes))


if __name__ == "__main__":
    sys.exit(main())
