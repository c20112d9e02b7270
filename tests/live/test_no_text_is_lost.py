"""INV-02, INV-03, INV-06, INV-14: whatever happens to viewers, the text is the upstream's, everywhere."""

from __future__ import annotations

import asyncio
import random

import pytest

from chatapp.demo import numbers
from tests.live.page import Page
from tests.live.server import Server

WORDS = 1200


def numbers_in(text: str) -> str:
    """What counts of a page's or a source's text, without the marks of Markdown."""
    return " ".join(word for word in text.split() if word.isdigit())


def is_prefix(shown: str, whole: str) -> bool:
    """A viewer may be in the middle of a number."""
    return numbers_in(whole).startswith(numbers_in(shown))


async def watch_steadily(page: Page, answer: int, whole: str) -> str:
    while page.articles[answer].status in ("queued", "streaming"):
        assert is_prefix(page.articles[answer].text, whole)
        await asyncio.sleep(0.05)
    return page.articles[answer].text


async def watch_with_cuts(page: Page, answer: int, whole: str, chance: random.Random) -> str:
    """Lose the socket or reload the page every 0 to 0.6 s."""
    while page.articles[answer].status in ("queued", "streaming"):
        await page.cut()
        if chance.random() < 0.5:
            await page.load()
        assert is_prefix(page.articles[answer].text, whole)
        await page.connect()
        await asyncio.sleep(chance.uniform(0, 0.6))
        assert is_prefix(page.articles[answer].text, whole)
    return page.articles[answer].text


@pytest.mark.parametrize("shape", ["paragraph", "list", "mixed", "fence"])
async def test_every_viewer_ends_with_the_upstreams_text_whatever_it_reloads(server: Server, shape: str) -> None:
    chance = random.Random(shape)
    whole = numbers(WORDS, shape)
    page, answer = await server.ask(f"demo:numbers={WORDS} demo:rate=200 shape={shape}")
    steady = [await server.page("Ann", page.conversation) for _ in range(2)]
    restless = [await server.page("Ann", page.conversation) for _ in range(3)]
    shown = await asyncio.gather(
        watch_steadily(page, answer, whole),
        *(watch_steadily(viewer, answer, whole) for viewer in steady),
        *(watch_with_cuts(viewer, answer, whole, chance) for viewer in restless),
    )
    assert server.stored(answer) == ("done", "", whole)
    for text in shown:
        assert numbers_in(text) == numbers_in(whole)


async def test_a_page_loaded_in_the_middle_shows_the_text_so_far_and_goes_on_live(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=300 demo:rate=100")
    await page.shows(answer, 100)
    second = await server.page("Ann", page.conversation, connect=False)
    assert len(second.articles[answer].text.split()) >= 90
    await second.connect()
    assert (await second.settled(answer)).text == numbers(300)


async def test_the_reasoning_is_the_same_in_every_tab(server: Server) -> None:
    page, answer = await server.ask("demo:fast Tell me about Arrhenius", think=True)
    second = await server.page("Ann", page.conversation)
    first, other = await page.settled(answer), await second.settled(answer)
    reasoning = server.rows("SELECT reasoning FROM conversations_message WHERE id = ?", answer)[0][0]
    assert reasoning
    assert " ".join(first.reasoning.split()) == " ".join(other.reasoning.split())


async def test_nobody_watching_changes_nothing(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=200 demo:rate=200")
    await page.cut()
    for _ in range(100):
        if server.stored(answer)[0] == "done":
            break
        await asyncio.sleep(0.1)
    assert server.stored(answer) == ("done", "", numbers(200))


async def test_a_connection_reset_keeps_the_text_and_says_so_everywhere(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=300 demo:rate=100 demo:cut")
    article = await page.settled(answer)
    status, error, text = server.stored(answer)
    assert (status, error) == ("interrupted", "broken")
    assert numbers(300).startswith(text)
    assert len(text.split()) >= 36
    assert article.text == text.strip()
    assert "dropped" in article.notice
    assert (await server.page("Ann", page.conversation)).articles[answer].text == text.strip()


async def test_forty_answers_at_once_stay_exact(server: Server) -> None:
    asked = await asyncio.gather(*(server.ask("demo:numbers=100 demo:rate=50") for _ in range(40)))
    for page, answer in asked:
        assert (await page.settled(answer)).text == numbers(100)
        assert server.stored(answer) == ("done", "", numbers(100))
    assert "locked" not in server.output.read_text()
