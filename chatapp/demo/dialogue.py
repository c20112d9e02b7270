"""From a conversation to what is to be said next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from chatapp.demo.asks import Ask, Turn
from chatapp.demo.script import Script, rest_of, script_for
from chatapp.demo.sights import look_at
from chatapp.demo.titles import is_title_request, quoted_question, title_for
from chatapp.demo.trouble import Wishes, wishes_of

CONTINUE_OPENING = "Continue exactly where your last answer stopped"


@dataclass(frozen=True)
class Reply:
    """What is to be said, and how the last message wishes it to be said."""

    script: Script
    wishes: Wishes


async def reply_to(ask: Ask, seats: asyncio.Semaphore) -> Reply:
    """The whole reply; pictures of the question are looked at on the way, each on one of the seats."""
    asking = max(place for place, turn in enumerate(ask.turns) if turn.role == "user")
    question, before = ask.turns[asking], ask.turns[:asking]
    if is_title_request(question.text):
        words = wishes_of(quoted_question(question.text)).words & {"untitled"}
        return Reply(Script("", title_for(question.text)), Wishes(words=words))
    if question.text.startswith(CONTINUE_OPENING) and any(turn.role == "user" for turn in before):
        return await _continuation(ask, before, seats)
    wishes = wishes_of(question.text)
    think = ask.thinks or ("anyway" in wishes.think and ask.model == "demo")
    return Reply(await _script(ask, question, before, think, seats), wishes)


async def _continuation(ask: Ask, turns: tuple[Turn, ...], seats: asyncio.Semaphore) -> Reply:
    """The rest of an answer that broke off; it thinks only if nothing had been said, and breaks no more."""
    asked = max(place for place, turn in enumerate(turns) if turn.role == "user")
    question, said = (
        turns[asked],
        "".join(turn.text for turn in turns[asked + 1 :] if turn.role == "assistant"),
    )
    script = await _script(ask, question, turns[:asked], ask.thinks and not said, seats)
    rest = replace(script, text=rest_of(question.text, script.text, said))
    return Reply(rest, wishes_of(question.text).without_trouble())


async def _script(ask: Ask, question: Turn, before: tuple[Turn, ...], think: bool, seats: asyncio.Semaphore) -> Script:
    return script_for(
        question.text,
        think,
        earlier=[turn.text for turn in before if turn.role == "user"],
        instructions=ask.instructions,
        pictures=await look_at(question.pictures, seats),
    )
