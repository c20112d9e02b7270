"""Asking an alias's routes while an administrator waits. Nothing of it is kept.

These views run on the event loop; their database work does not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from chatapp.catalog.failures import in_words
from chatapp.catalog.models import Alias
from chatapp.catalog.pages.aliases import alias_page
from chatapp.catalog.pages.door import Request, administrators_only
from chatapp.conversations.models import Conversation
from chatapp.conversations.words import clean
from chatapp.database import in_order
from chatapp.generation import rate
from chatapp.generation.context import estimate
from chatapp.generation.plans import Way, sampling_of, ways_of
from chatapp.generation.runs import LONGEST_REST_SECONDS
from chatapp.upstream.client import ChatRequest, Limits, Message, open_answer
from chatapp.upstream.errors import AliasGone, KeyWrong, TimedOut, UpstreamError
from chatapp.upstream.probe import probe

# One question goes to so many routes, the first ones; a test asks them all, so many at a time.
ROUTES_TRIED = 3
PROBES_AT_ONCE = 4
QUESTION_CHARACTERS = 4_000
ANSWER_TOKENS = 500
# Of reasoning and answer, for a server that does not count tokens as it is told to.
ANSWER_CHARACTERS = 8_000
TRIAL_SECONDS = 60.0
LIMITS = Limits(silence=TRIAL_SECONDS, total=TRIAL_SECONDS, answer_characters=ANSWER_CHARACTERS)
# Of the question that a probe asks, and its answer.
PROBE_TOKENS = 50
NO_TURN = "Others of the team are using up what this provider allows in a minute. Try it again soon."
NO_WAY = "None of its routes can be asked. Add one, switch one on, or enter its provider's key again."


@dataclass(slots=True)
class Trial:
    """What one route made of the question; `failure` names what went wrong, with what had come before it."""

    provider: str
    model: str
    answered: str = ""
    reasoning: str = ""
    text: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    first_word_seconds: float | None = None
    total_seconds: float = 0.0
    cut: bool = False
    failure: str = ""

    @property
    def other_model(self) -> bool:
        return bool(self.answered) and self.answered != self.model


@dataclass(frozen=True, slots=True)
class Tested:
    """What the test of one route showed, in the probe's words."""

    provider: str
    model: str
    works: bool
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Ways:
    """Where an alias leads today, and the providers' names by their ids."""

    alias: Alias
    ways: list[Way] = field(default_factory=list)
    names: Mapping[int, str] = field(default_factory=dict)


@administrators_only
@never_cache
@require_POST
async def try_it(request: Request, pk: int) -> HttpResponse:
    """One question through the first routes at once, thinking or not as it is ticked."""
    ways = await in_order(_ways, pk)
    question = clean(request.POST.get("question", "")).strip()[:QUESTION_CHARACTERS]
    think = bool(request.POST.get("think")) if ways.alias.thinking != Alias.Thinking.NONE else None
    member = await request.auser()
    trials: list[Trial] = []
    if question:
        first = ways.ways[:ROUTES_TRIED]
        asked = [_asked(way, ways, question, think, member.pk or 0) for way in first]
        trials = list(await asyncio.gather(*asked))
    context: dict[str, object] = {
        "trials": trials,
        "question": question,
        "thinks": bool(think),
        "no_way": "" if ways.ways else NO_WAY,
    }
    if request.htmx:
        return await in_order(render, request, "administration/_trials.html", context)
    return await alias_page(request, pk, more=context)


@administrators_only
@never_cache
@require_POST
async def test(request: Request, pk: int) -> HttpResponse:
    """The smallest question to each route that is on."""
    ways = await in_order(_ways, pk)
    member = await request.auser()
    at_once = asyncio.Semaphore(PROBES_AT_ONCE)
    tested = [_tested(way, ways.names[way.provider_id], member.pk or 0, at_once) for way in ways.ways]
    results = await asyncio.gather(*tested)
    context: dict[str, object] = {"tested": results, "no_way": "" if ways.ways else NO_WAY}
    if request.htmx:
        return await in_order(render, request, "administration/_tested.html", context)
    return await alias_page(request, pk, more=context)


async def _tested(way: Way, provider: str, member_id: int, at_once: asyncio.Semaphore) -> Tested:
    try:
        turn = rate.place(way.provider_id, way.rates, member_id, PROBE_TOKENS)
        async with at_once, asyncio.timeout(TRIAL_SECONDS), turn:
            verdict = await probe(way.target)
    except TimeoutError:
        return Tested(provider, way.target.model, False, "Not asked", NO_TURN)
    works = verdict.code == "works"
    name = f"Works in {verdict.milliseconds:,} ms" if works else in_words(verdict.code).capitalize()
    return Tested(provider, way.target.model, works, name, verdict.sentence)


async def _asked(way: Way, ways: Ways, question: str, think: bool | None, member_id: int) -> Trial:
    """It counts among the provider's requests and waits for its turn, as everything that is sent there."""
    trial = Trial(ways.names[way.provider_id], way.target.model)
    tokens = estimate(question) + ANSWER_TOKENS
    began = time.monotonic()
    try:
        place = rate.place(way.provider_id, way.rates, member_id, tokens)
        async with asyncio.timeout(TRIAL_SECONDS), place as turn:
            began = time.monotonic()
            await _read(way, _request(ways.alias, question, think), trial, began)
            turn.used((trial.tokens_in or tokens) + (trial.tokens_out or 0))
    except UpstreamError as error:
        trial.failure = in_words(error.code)
        if error.retry_after:
            rate.rest(way.provider_id, min(error.retry_after, LONGEST_REST_SECONDS))
    except TimeoutError:
        trial.failure = in_words(TimedOut.code)
    trial.total_seconds = time.monotonic() - began
    return trial


async def _read(way: Way, request: ChatRequest, trial: Trial, began: float) -> None:
    async with open_answer(way.target, request, LIMITS) as answer:
        while (batch := await answer.read()) is not None:
            if trial.first_word_seconds is None:
                trial.first_word_seconds = time.monotonic() - began
            if batch.moved:
                trial.reasoning, trial.text = trial.reasoning + trial.text, ""
            trial.reasoning += batch.reasoning
            trial.text += batch.text
        outcome = answer.outcome
    trial.answered, trial.cut = outcome.model, outcome.finish == "length"
    trial.tokens_in, trial.tokens_out = outcome.tokens_in, outcome.tokens_out


def _request(alias: Alias, question: str, think: bool | None) -> ChatRequest:
    """As a new conversation would ask it, but for a short answer."""
    sampling = sampling_of(Conversation(), alias)
    shortest = min(ANSWER_TOKENS, sampling.max_tokens or ANSWER_TOKENS)
    messages: list[Message] = [{"role": "user", "content": question}]
    return ChatRequest(messages=messages, think=think, sampling=replace(sampling, max_tokens=shortest))


def _ways(pk: int) -> Ways:
    alias = get_object_or_404(Alias, pk=pk)
    try:
        ways = ways_of(alias)
    except (AliasGone, KeyWrong):
        return Ways(alias)
    names = {route.provider_id: route.provider.name for route in alias.routes.select_related("provider")}
    return Ways(alias, ways, names)
