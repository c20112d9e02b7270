"""Each request word makes its trouble, with the parts before it intact."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from chatapp.demo import FAKE_SECRET, HOSTILE_MARK, numbers, serving
from chatapp.demo.answer import prepare
from chatapp.demo.asks import read_ask
from chatapp.demo.dialogue import reply_to
from chatapp.demo.trouble import wishes_of
from tests.demo.talking import Heard, ask, ask_whole, user


async def streamed(word: str, **parameters: object) -> Heard:
    async with serving(rate=0) as demo:
        return await ask(demo, f"{word} demo:numbers=80", **parameters)


async def test_cut_resets_the_connection_after_40_deltas() -> None:
    heard = await streamed("demo:cut")
    assert (heard.text, heard.error, heard.finishes) == (numbers(40), httpx.ReadError, [])


async def test_reasoning_is_not_counted_before_trouble() -> None:
    heard = await streamed("demo:cut", thinking_mode=True)
    assert heard.reasoning
    assert heard.text == numbers(40)


async def test_eof_ends_without_a_finish() -> None:
    heard = await streamed("demo:eof")
    assert (heard.text, heard.error, heard.finishes, heard.is_done) == (numbers(40), None, [], False)


async def test_midfail_sends_an_error_event() -> None:
    heard = await streamed("demo:midfail")
    assert (heard.text, heard.finishes) == (numbers(40), [])
    assert heard.events[-1]["error"]["code"] == 500


async def test_length_stops_after_60_deltas() -> None:
    heard = await streamed("demo:length")
    assert (heard.text, heard.finishes, heard.is_done) == (numbers(60), ["length"], True)


async def test_empty_says_nothing() -> None:
    heard = await streamed("demo:empty")
    assert (heard.text, heard.finishes, heard.is_done) == ("", ["stop"], True)


async def test_refuse_is_a_content_filter() -> None:
    heard = await streamed("demo:refuse")
    assert (heard.text, heard.finishes) == ("", ["content_filter"])


async def test_garbage_leaves_the_good_deltas_whole() -> None:
    good: list[str] = []
    bad = 0
    async with serving(rate=0) as demo, httpx.AsyncClient(trust_env=False) as client:
        body = {"model": "demo", "stream": True, "messages": [user("demo:garbage demo:numbers=80")]}
        answer = (await client.post(f"{demo.base_url}/chat/completions", json=body)).content
    for event in answer.split(b"\n\n"):
        try:
            piece = json.loads(event.removeprefix(b"data: "))["choices"][0]["delta"]["content"]
            good += [piece] if isinstance(piece, str) else []
        except (ValueError, KeyError, IndexError, TypeError):
            bad += 1
    assert "".join(good) == numbers(80)
    assert bad >= 10


async def test_rubbish_has_no_good_delta() -> None:
    async with serving(rate=0) as demo, httpx.AsyncClient(trust_env=False) as client:
        body = {"model": "demo", "stream": True, "messages": [user("demo:rubbish")]}
        answer = await client.post(f"{demo.base_url}/chat/completions", json=body)
    assert answer.status_code == 200
    assert b"finish_reason" not in answer.content
    assert b"[DONE]" not in answer.content


@pytest.mark.parametrize("ask_it", [ask, ask_whole])
@pytest.mark.parametrize(("word", "status"), [("busy", 503), ("limit", 429), ("key", 401), ("fail", 500)])
async def test_http_errors_come_before_the_answer(ask_it: object, word: str, status: int) -> None:
    async with serving(rate=0) as demo:
        response = await (ask if ask_it is ask else ask_whole)(demo, f"Please demo:{word}.")
        assert demo.record.asked[0].outcome == "refused"
    assert (response.status if isinstance(response, Heard) else response.status_code) == status


async def test_limit_says_when_to_come_back() -> None:
    assert (await streamed("demo:limit")).headers["retry-after"] == "7"


async def test_fail_is_a_page_with_a_secret_in_it() -> None:
    heard = await streamed("demo:fail")
    assert heard.headers["content-type"] == "text/html"
    assert FAKE_SECRET in "\n".join(heard.lines)


async def test_html_is_hostile_in_many_ways() -> None:
    async with serving(rate=0) as demo:
        text = (await ask(demo, "demo:html")).text
    for payload in (
        "<script>",
        "onerror=",
        "](javascript:",
        "![secret](https://",
        "<iframe",
        "&#106;avascript:",
    ):
        assert payload in text
    assert text.count(HOSTILE_MARK) >= 20


@pytest.mark.parametrize(("word", "deltas"), [("stall", 10), ("silent", 0), ("headers", 0)])
@pytest.mark.parametrize("streams", [True, False])
async def test_silence_lasts_until_the_client_hangs_up(word: str, deltas: int, streams: bool) -> None:
    async with serving(rate=0) as demo:
        asking = (ask if streams else ask_whole)(demo, f"demo:{word} demo:numbers=80")
        task = asyncio.ensure_future(asking)
        await demo.record.until(lambda: len(demo.record.asked) == 1)
        asked = demo.record.asked[0]
        await demo.record.until(lambda: asked.deltas == deltas or not streams)
        await asyncio.sleep(0.01)
        assert (asked.outcome, task.done()) == ("answering", False)
        task.cancel()
        await demo.record.until(lambda: bool(demo.record.hang_ups))
        assert (asked.outcome, asked.hung_up_at) == ("hung up", demo.record.hang_ups[0])


@pytest.mark.parametrize("word", ["cut", "eof"])
async def test_without_streaming_the_body_breaks_in_the_middle(word: str) -> None:
    async with serving(rate=0) as demo:
        with pytest.raises(httpx.TransportError):
            await ask_whole(demo, f"demo:{word} demo:numbers=80")
        assert demo.record.asked[0].outcome == "broken"


@pytest.mark.parametrize("word", ["garbage", "rubbish"])
async def test_without_streaming_garbage_is_no_json(word: str) -> None:
    async with serving(rate=0) as demo:
        response = await ask_whole(demo, f"demo:{word}")
    assert response.status_code == 200
    with pytest.raises(ValueError, match="."):
        response.json()


async def test_trouble_is_made_only_by_the_last_message() -> None:
    async with serving(rate=0) as demo:
        heard = await ask(demo, "demo:cut demo:busy", {"role": "assistant", "content": "…"}, "demo:numbers=80")
    assert heard.text == numbers(80)


@pytest.mark.parametrize(
    ("words", "rate"),
    [
        ("hello", 50.0),
        ("demo:slow", 2.0),
        ("demo:fast", 0.0),
        ("demo:rate=200", 200.0),
        ("用demo:rate=0.5。", 0.5),
    ],
)
async def test_the_speed_is_what_the_message_wishes(words: str, rate: float) -> None:
    ask_ = read_ask(json.dumps({"model": "demo", "messages": [user(words)]}).encode())
    reply = await reply_to(ask_, asyncio.Semaphore())
    assert prepare(ask_, reply, reply.wishes.words, rate=50.0).rate == rate


def test_words_are_read_in_any_case_and_company() -> None:
    assert wishes_of("请 DEMO:Cut, and demo:slow.").words == {"cut", "slow"}
    assert wishes_of("a demo:cutlery or mydemo:cut").words == frozenset()
