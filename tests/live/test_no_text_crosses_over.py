"""INV-07 and PERM-10: many people with canary words, stops and reconnects; nobody ever sees another's."""

from __future__ import annotations

import asyncio
import random
import re

from chatapp.demo import Demo
from tests.live.server import Server

CLIENTS = 9
SECONDS = 20
CANARY = re.compile(r"canary-\d+-")


async def live_dangerously(server: Server, number: int, until: float) -> int:
    """Ask, cut, stop and reload for a while; every word on the way must be one's own."""
    chance = random.Random(number)
    name = ("Ann", "Bob", "Eve")[number % 3]
    own = f"canary-{number}-"
    rounds = 0
    page, answer = await server.ask(f"{own} demo:rate=300 say it back", name)
    while asyncio.get_running_loop().time() < until:
        await asyncio.sleep(chance.uniform(0, 0.3))
        match chance.randrange(4):
            case 0:
                await page.cut()
                await page.connect()
            case 1:
                await page.post(f"/m/{answer}/stop/")
            case 2:
                await page.cut()
                await page.load()
                await page.connect()
            case 3 if page.articles[answer].status not in ("queued", "streaming"):
                answer = await page.send(f"{own} demo:rate=300 and again {rounds}")
        shown = page.html + "".join(a.closed + a.tail + a.reasoning for a in page.articles.values())
        foreign = {word for word in CANARY.findall(shown) if word != own and not same_person(word, number)}
        assert not foreign
        assert not {word for frame in page.side for word in CANARY.findall(str(frame))} - owned_by(number)
        rounds += 1
    await page.close()
    return rounds


def owned_by(number: int) -> set[str]:
    """The canaries of this person, who has several tabs."""
    return {f"canary-{other}-" for other in range(CLIENTS) if other % 3 == number % 3}


def same_person(word: str, number: int) -> bool:
    return word in owned_by(number)


async def test_no_canary_ever_reaches_another_member(server: Server, demo: Demo) -> None:
    until = asyncio.get_running_loop().time() + SECONDS
    rounds = await asyncio.gather(*(live_dangerously(server, number, until) for number in range(CLIENTS)))
    assert min(rounds) > 5
    for asked in demo.record.asked:
        people = {int(word.split("-")[1]) for turn in asked.messages for word in CANARY.findall(str(turn["content"]))}
        assert len(people) <= 1
