"""INV-24 and US cases: each ends in a settled message that keeps its text and says what happened in plain words."""

from __future__ import annotations

import pytest

from chatapp.demo import FAKE_SECRET, numbers
from tests.live.server import Server

# Question, status, error, a word of the notice. The neighbour's answer must stay exact beside each.
CASES = [
    ("demo:cut demo:fast tell me", "interrupted", "broken", "dropped"),
    ("demo:eof demo:fast tell me", "interrupted", "broken", "dropped"),
    ("demo:midfail demo:fast tell me", "interrupted", "upstream-failed", "failed on its side"),
    ("demo:rubbish demo:fast", "failed", "not-an-answer", "not an answer"),
    ("demo:busy", "failed", "busy", "busy"),
    ("demo:limit", "failed", "rate-limited", "wait"),
    ("demo:key", "failed", "key-wrong", "out of service"),
    ("demo:fail", "failed", "upstream-failed", "failed on its side"),
    ("demo:empty", "failed", "empty", "empty answer"),
    ("demo:refuse", "failed", "refused", "filter"),
    ("demo:length demo:fast tell me", "done", "length", "length limit"),
]


@pytest.mark.parametrize(("question", "status", "error", "words"), CASES, ids=lambda case: str(case)[:16])
async def test_trouble_settles_the_answer_and_says_what_happened(
    server: Server, question: str, status: str, error: str, words: str
) -> None:
    neighbour, theirs = await server.ask("demo:numbers=60 demo:rate=200", "Bob")
    page, answer = await server.ask(question)
    article = await page.settled(answer)
    stored = server.stored(answer)
    assert stored[:2] == (status, error)
    assert words in article.notice
    if status != "failed":
        assert stored[2]
        assert article.text
    assert (await neighbour.settled(theirs)).text == numbers(60)


async def test_garbage_among_good_deltas_leaves_the_good_ones(server: Server) -> None:
    page, answer = await server.ask("demo:garbage demo:numbers=100 demo:fast")
    await page.settled(answer)
    assert server.stored(answer) == ("done", "", numbers(100))


async def test_slow_headers_are_waited_for(server: Server) -> None:
    page, answer = await server.ask("demo:headers demo:numbers=5 demo:fast")
    assert (await page.settled(answer)).text == numbers(5)


async def test_the_upstreams_own_words_and_secrets_reach_no_page_and_no_log(server: Server) -> None:
    page, answer = await server.ask("demo:fail secretly")
    await page.settled(answer)
    await page.load()
    assert FAKE_SECRET not in page.html
    assert "Internal Server Error" not in page.html
    assert FAKE_SECRET not in server.output.read_text()


async def test_a_rate_limit_tells_the_page_how_long_to_wait(server: Server) -> None:
    page, answer = await server.ask("demo:limit")
    await page.settled(answer)
    await page.load()
    assert 'data-retry-after="7"' in page.html


async def test_a_title_that_cannot_be_had_leaves_the_first_words(server: Server) -> None:
    page, answer = await server.ask("demo:untitled demo:fast Why is the plateau flat?")
    await page.settled(answer)
    title = server.rows("SELECT title, titled_by FROM conversations_conversation ORDER BY created_at DESC LIMIT 1")
    assert title == [("demo:untitled demo:fast Why is the plateau flat?", "question")]


@pytest.mark.parametrize(("question", "status"), [("demo:stall tell me", "interrupted"), ("demo:silent", "failed")])
async def test_a_silent_upstream_ends_at_the_configured_limit(own_server: Server, question: str, status: str) -> None:
    own_server.environment["PARLEY_SILENCE_SECONDS"] = "2"
    await own_server.start()
    page, answer = await own_server.ask(question)
    article = await page.settled(answer, 15)
    assert own_server.stored(answer)[:2] == (status, "timed-out")
    assert "went silent" in article.notice
    assert bool(article.text) == (status == "interrupted")
