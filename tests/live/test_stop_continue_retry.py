"""INV-04, INV-05 and what a member does about an answer that did not end well."""

from __future__ import annotations

import asyncio
import time

import pytest

from chatapp.demo import Demo, numbers, script_for
from tests.live.server import Server


@pytest.mark.parametrize(
    ("question", "words"),
    [("demo:numbers=900 demo:rate=50", 20), ("demo:silent", 0), ("demo:stall hello", 2)],
)
async def test_stop_closes_the_upstream_within_a_second_also_while_it_is_silent(
    server: Server, demo: Demo, question: str, words: int
) -> None:
    page, answer = await server.ask(question)
    asked = demo.record.asked[-1]
    if words:
        await page.shows(answer, words)
    else:
        await demo.record.until(lambda: demo.record.asked[-1] is not asked or asked.outcome == "answering")
        await asyncio.sleep(0.3)
    asked = demo.record.asked[-1]
    stopped = time.monotonic()
    response = await page.post(f"/m/{answer}/stop/")
    assert response.status == 204
    await demo.record.until(lambda: asked.hung_up_at is not None)
    assert asked.hung_up_at is not None
    assert asked.hung_up_at - stopped <= 1.0
    article = await page.settled(answer)
    assert article.status == "stopped"
    assert server.stored(answer)[2].strip() == article.text or words


async def test_stopping_three_times_at_once_is_one_stop_and_the_next_answer_is_exact(server: Server) -> None:
    page, answer = await server.ask("demo:numbers=900 demo:rate=50")
    await page.shows(answer, 10)
    responses = await asyncio.gather(*(page.post(f"/m/{answer}/stop/") for _ in range(3)))
    assert [response.status for response in responses] == [204, 204, 204]
    assert (await page.settled(answer)).status == "stopped"
    following = await page.send("demo:numbers=50 demo:fast")
    assert (await page.settled(following)).text == numbers(50)


async def test_a_stop_before_the_first_word_leaves_a_stopped_answer(server: Server) -> None:
    page, answer = await server.ask("demo:headers hello")
    await page.post(f"/m/{answer}/stop/")
    article = await page.settled(answer)
    assert (article.status, article.text) == ("stopped", "")


async def test_the_same_send_eight_times_at_once_makes_one_message_and_one_upstream_call(
    server: Server, demo: Demo
) -> None:
    page, first = await server.ask("demo:numbers=5 demo:fast")
    await page.settled(first)
    mark = "once only " + str(time.monotonic_ns())
    fields = {
        "client_id": "9b2ff1a2-0d5c-4d7c-a1f5-8a9f3c1b7e11",
        "text": f"demo:fast {mark}",
        "alias": "demo",
    }
    path = f"/c/{page.conversation}/send/"
    responses = await asyncio.gather(*(page.post(path, **fields) for _ in range(8)))
    assert {response.status for response in responses} == {200}
    found = server.rows("SELECT count(*) FROM conversations_message WHERE text LIKE ?", f"%{mark}")
    assert found == [(1,)]
    await asyncio.sleep(0.5)
    calls = [a for a in demo.record.asked if a.messages and mark in str(a.messages[-1]["content"])]
    assert len(calls) == 1


async def test_a_first_send_repeated_makes_one_conversation(server: Server) -> None:
    page = await server.page(connect=False)
    fields = {"client_id": "1f2ff1a2-0d5c-4d7c-a1f5-8a9f3c1b7e22", "text": "demo:fast twice", "alias": "demo"}
    responses = await asyncio.gather(*(page.post("/new/", **fields) for _ in range(4)))
    assert len({response.headers["HX-Redirect"] for response in responses}) == 1


async def test_continue_joins_the_rest_to_the_same_answer(server: Server) -> None:
    question = "Tell me about Arrhenius demo:once-cut demo:fast"
    page, answer = await server.ask(question)
    article = await page.settled(answer)
    assert article.status == "interrupted"
    response = await page.post(f"/m/{answer}/continue/")
    assert response.status == 200
    page._upsert(await response.text())
    assert (await page.settled(answer)).status == "done"
    assert server.stored(answer)[2] == script_for(question, False).text


async def test_answer_again_keeps_the_cut_text_as_another_version(server: Server) -> None:
    page, answer = await server.ask("demo:once-cut demo:fast Tell me about Arrhenius")
    await page.settled(answer)
    response = await page.post(f"/m/{answer}/retry/")
    assert response.status == 200
    again = answer + 1
    assert (await page.settled(again)).status == "done"
    assert answer not in page.articles
    assert server.stored(answer)[0] == "interrupted"
    assert (await page.post(f"/m/{answer}/show/")).status == 200
    for _ in range(50):
        if answer in page.articles and again not in page.articles:
            break
        await asyncio.sleep(0.05)
    assert answer in page.articles
    assert again not in page.articles


async def test_retry_after_an_error_without_text_makes_the_same_row_anew(server: Server) -> None:
    page, answer = await server.ask("demo:busy please")
    article = await page.settled(answer)
    assert article.status == "failed"
    assert "busy" in article.notice
    assert (await page.post(f"/m/{answer}/retry/")).status == 200
    await page.shows(answer, 0)
    assert (await page.settled(answer)).status == "failed"
