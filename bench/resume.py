"""Do answers survive whatever their viewers do?

    bench/resume                 200 answers of 400 to 4,000 deltas, 20 at a time
    bench/resume --browser 10    ten of them watched by a real Chromium too, which reloads and goes offline

Each answer has a steady viewer, one whose socket is cut every 0 to 0.6 s and who resumes, one who reloads at
random moments and two who come late. In the end the database holds the upstream's bytes and every page
shows the upstream's text; at each look before that, a page shows a prefix of it and no token twice.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
from playwright.async_api import Browser, BrowserContext, Error

from bench import shapes
from bench.checks import doubled, fault_in_page
from bench.chrome import chromium, signed_in
from bench.figures import run, show_json, show_table
from bench.page import Article, Page, text_of, words
from bench.session import Member, Viewer
from bench.stack import Stack, browsers, sha, stack

DELTAS = (400, 4000)
INTERVAL_MS = (2.5, 5.0)
SHAPES = ("numbers", "numbers", "numbers", "list", "fence", "mixed", "code")
# One answer in so many thinks first, for so many deltas.
THINKS_ONE_IN = 4
REASONING = (20, 300)
UNCUT_SECONDS = 0.6
CUT_SECONDS = 0.3
READ_SECONDS = (0.2, 2.0)
LATE_VIEWERS = 2
# Added to an answer's own time before it counts as hung.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Ask:
    """One answer to be made."""

    rid: str
    shape: str
    n: int
    interval_ms: float
    reason: int
    seed: int

    @classmethod
    def draw(cls, rng: random.Random, index: int) -> Ask:
        return cls(
            rid=f"a{index}",
            shape=rng.choice(SHAPES),
            n=rng.randint(*DELTAS),
            interval_ms=round(rng.uniform(*INTERVAL_MS), 2),
            reason=rng.randint(*REASONING) if rng.randrange(THINKS_ONE_IN) == 0 else 0,
            seed=index,
        )

    @property
    def text(self) -> str:
        return (
            f"load n={self.n} interval_ms={self.interval_ms} reason={self.reason} shape={self.shape} "
            f"seed={self.seed} rid={self.rid}"
        )

    @property
    def seconds(self) -> float:
        return (self.n + self.reason) * self.interval_ms / 1000


@dataclass
class Tally:
    """What all answers came to."""

    answers: int = 0
    in_database: int = 0
    viewers: int = 0
    exact_viewers: int = 0
    looks: int = 0
    doubled: int = 0
    cuts: int = 0
    reloads: int = 0
    gaps: int = 0
    deltas: int = 0
    # Close codes that steady viewers met.
    closed: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def exact(self) -> bool:
        clean = not self.doubled and not self.faults
        return clean and self.answers == self.in_database and self.viewers == self.exact_viewers


class Watch:
    """One viewer of one answer: how it behaves, and what it saw."""

    def __init__(self, name: str, ask: Ask, rng: random.Random, tally: Tally) -> None:
        self.name, self.ask, self.tally = name, ask, tally
        self.rng = random.Random(rng.random())
        self.message = 0
        self.article: Article | None = None
        # Length and digest of each prefix that was seen.
        self.looks: list[tuple[int, str]] = []
        self.faults: list[str] = []
        self.until = time.monotonic() + ask.seconds + PATIENCE_SECONDS

    async def steady(self, member: Member, conversation: str) -> None:
        await self.follow(await self.open(member, conversation))

    async def late(self, member: Member, conversation: str) -> None:
        await asyncio.sleep(self.rng.uniform(0, self.ask.seconds))
        await self.follow(await self.open(member, conversation))

    async def follow(self, viewer: Viewer) -> None:
        await viewer.follow(self.message, self.left)
        self.tally.closed.update(viewer.closings)
        self.leave(viewer)

    async def cut(self, member: Member, conversation: str) -> None:
        viewer = await self.open(member, conversation)
        while not await viewer.settled(self.message, self.rng.uniform(0, UNCUT_SECONDS)) and self.left > 0:
            viewer.cut(hard=self.rng.random() < 0.5)
            self.tally.cuts += 1
            self.look(viewer)
            await asyncio.sleep(self.rng.uniform(0, CUT_SECONDS))
            await viewer.connect()
        self.leave(viewer)

    async def reload(self, member: Member, conversation: str) -> None:
        viewer = await self.open(member, conversation)
        while not await viewer.settled(self.message, self.rng.uniform(*READ_SECONDS)) and self.left > 0:
            self.look(viewer)
            self.collect(viewer)
            await viewer.reload()
            self.tally.reloads += 1
            self.look(viewer)
        self.leave(viewer)

    @property
    def left(self) -> float:
        return self.until - time.monotonic()

    async def open(self, member: Member, conversation: str) -> Viewer:
        viewer = await Viewer.open(member, conversation)
        self.message = viewer.page.last_answer
        self.look(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        if not viewer.has_settled(self.message):
            self.faults.append(f"did not end: {viewer.state(self.message)}")
        self.look(viewer)
        self.article = viewer.page.articles.get(self.message)
        self.collect(viewer)
        viewer.cut()

    def collect(self, viewer: Viewer) -> None:
        self.tally.gaps += viewer.page.gaps
        self.faults += viewer.page.faults

    def look(self, viewer: Viewer) -> None:
        article = viewer.page.articles.get(self.message)
        if article is None:
            self.faults.append("the answer is not on the page")
        else:
            self.seen(text_of(article.prose).text)

    def seen(self, text: str) -> None:
        self.tally.looks += 1
        numbers = [int(found[1]) for found in pattern_of(self.ask).finditer(text)]
        if numbers != list(range(len(numbers))):
            self.faults.append("a look shows tokens doubled, missing or out of order")
            self.tally.doubled += doubled(self.ask.shape, text)
        # Open Markdown looks different from closed; its numbers must do.
        if self.ask.shape in shapes.TOKEN_SHAPES:
            self.looks.append((len(words(text)), sha(words(text))))

    def check(self, sent: str, reasoning: str, fresh: Article | None) -> list[str]:
        """What is wrong with what this viewer saw, now that the upstream's text is known."""
        article = self.article
        if article is None or fresh is None:
            return [*self.faults, "no article"]
        faults = [*self.faults, fault_in_page(self.ask.shape, article, sent)]
        if words(text_of(fresh.prose).text) != words(text_of(article.prose).text):
            faults.append("differs from a fresh page")
        if words("".join(article.reasoning)) != words(reasoning):
            faults.append("reasoning differs")
        whole = words(shapes.visible(self.ask.shape, sent) or "")
        if any(sha(whole[:length]) != digest for length, digest in self.looks):
            faults.append("a look was no prefix")
        return [fault for fault in faults if fault]


class BrowserWatch(Watch):
    """A viewer in Chromium, who reloads and loses the network at random moments."""

    async def in_window(self, context: BrowserContext, conversation: str, base: str) -> None:
        page = await context.new_page()
        await page.goto(base + conversation)
        answer = page.locator('article[data-by="model"]').last
        while self.left > 0 and await answer.get_attribute("data-status") in ("queued", "streaming"):
            await asyncio.sleep(self.rng.uniform(*READ_SECONDS))
            self.seen(await answer.locator(".prose").last.inner_text())
            if self.rng.random() < 0.5:
                await page.reload()
                self.tally.reloads += 1
            else:
                await context.set_offline(True)
                await asyncio.sleep(self.rng.uniform(0, CUT_SECONDS))
                await context.set_offline(False)
                self.tally.cuts += 1
        text = await answer.locator(".prose").last.inner_text()
        self.seen(text)
        self.numbers = pattern_of(self.ask).findall(text)
        await page.close()

    def check(self, sent: str, reasoning: str, fresh: Article | None) -> list[str]:
        same = self.numbers == pattern_of(self.ask).findall(sent)
        return self.faults if same else [*self.faults, "the browser's tokens differ"]


def pattern_of(ask: Ask) -> re.Pattern[str]:
    return shapes.TOKEN if ask.shape in shapes.TOKEN_SHAPES else shapes.MARK


async def answer(
    bench: Stack, member: Member, ask: Ask, rng: random.Random, tally: Tally, window: BrowserContext | None
) -> None:
    """One answer with all its viewers, checked."""
    try:
        conversation = await member.new_conversation(ask.text, think=bool(ask.reason))
    except (aiohttp.ClientError, RuntimeError) as error:
        tally.faults[f"not sent: {error}"] += 1
        return
    names = ["steady", "cut", "reloading", *["late"] * LATE_VIEWERS]
    watches = [Watch(name, ask, rng, tally) for name in names]
    steady, cut, reloading, *late = watches
    tasks = [
        steady.steady(member, conversation),
        cut.cut(member, conversation),
        reloading.reload(member, conversation),
        *[watch.late(member, conversation) for watch in late],
    ]
    if window is not None:
        in_browser = BrowserWatch("browser", ask, rng, tally)
        watches.append(in_browser)
        tasks.append(in_browser.in_window(window, conversation, member.base))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for watch, result in zip(watches, results, strict=True):
        if isinstance(result, (aiohttp.ClientError, RuntimeError, OSError, Error)):
            watch.faults.append(f"{type(result).__name__}: {result}"[:160])
        elif isinstance(result, BaseException):
            raise result
    await check(bench, member, conversation, ask, watches, tally)


async def check(bench: Stack, member: Member, conversation: str, ask: Ask, watches: list[Watch], tally: Tally) -> None:
    fresh_page = Page(await member.get(conversation))
    message = fresh_page.last_answer
    sent, reasoning = bench.emitter.text(ask.rid), bench.emitter.reasoning(ask.rid)
    report = bench.emitter.report_of(ask.rid)
    row = bench.stored([message])[message]
    tally.answers += 1
    tally.deltas += ask.n + ask.reason
    tally.doubled += doubled(ask.shape, row.text)
    expected = ("done", report["sha"], report["reason_sha"])
    if (row.status, row.sha, row.reason_sha) == expected and report["done"] and report["requests"] == 1:
        tally.in_database += 1
    else:
        tally.faults[f"{ask.shape} in the database: {row.status}, {report['requests']} requests"] += 1
    for watch in watches:
        faults = watch.check(sent, reasoning, fresh_page.articles.get(message))
        tally.viewers += 1
        tally.exact_viewers += not faults
        tally.faults.update({f"{watch.name} viewer, {ask.shape}: {fault}" for fault in faults})


async def bench_resume(bench: Stack, answers: int, seed: int, in_browser: int) -> Tally:
    rng, tally = random.Random(seed), Tally()
    waiting = [Ask.draw(rng, index) for index in range(answers)]

    async def slot(http: aiohttp.ClientSession, key: str, browser: Browser | None) -> None:
        member = bench.member(http, key)
        while waiting:
            ask = waiting.pop()
            # The last indices are drawn first.
            watched = browser is not None and ask.seed >= answers - in_browser
            window = await signed_in(browser, member) if browser and watched else None
            await answer(bench, member, ask, rng, tally, window)
            if window is not None:
                await window.close()

    async with browsers() as http:
        if in_browser:
            async with chromium() as browser:
                await asyncio.gather(*[slot(http, key, browser) for key in bench.seed.sessions])
        else:
            await asyncio.gather(*[slot(http, key, None) for key in bench.seed.sessions])
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="of the random moments and lengths")
    parser.add_argument("--browser", type=int, default=0, help="so many answers watched by Chromium too")
    given = parser.parse_args()
    began = time.monotonic()
    with stack(given.at_once) as bench:
        tally = run(bench_resume(bench, given.answers, given.seed, given.browser))
        bench.show_complaints()
    seconds = round(time.monotonic() - began)
    show_json({**vars(tally), "faults": dict(tally.faults.most_common(10)), "seconds": seconds, "seed": given.seed})
    show_table(
        ("answers", "deltas", "looks", "cuts", "reloads", "closed by the server", "gaps", "s"),
        [
            (
                tally.answers,
                tally.deltas,
                tally.looks,
                tally.cuts,
                tally.reloads,
                sum(tally.closed.values()),
                tally.gaps,
                seconds,
            )
        ],
    )
    print(
        f"{tally.in_database} of {tally.answers} exact in the database, "
        f"{tally.exact_viewers} of {tally.viewers} viewers exact, {tally.doubled} doubled"
    )
    if not tally.exact or tally.answers != given.answers:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
