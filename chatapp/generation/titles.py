"""A conversation's own title, made from its first exchange by a cheap request without thinking."""

from __future__ import annotations

import logging

from django.db import transaction

from chatapp.conversations.models import Conversation
from chatapp.conversations.words import first_words
from chatapp.database import written
from chatapp.generation import rate
from chatapp.generation.pictures import text_of
from chatapp.generation.plans import Plan, Way
from chatapp.generation.telling import Change, tell
from chatapp.search import index
from chatapp.upstream.client import ChatRequest, Limits, Sampling, complete
from chatapp.upstream.errors import UpstreamError

logger = logging.getLogger("parley.titles")

ASK = (
    "Write a title of at most six words for a conversation that starts with the question below, "
    "in the question's language. Reply with the title alone.\n\n"
)
QUESTION_CHARACTERS = 2000
TITLE_TOKENS = 40
# What such a request takes of a provider's tokens a minute, more or less.
TOKENS = 300
LIMITS = Limits(silence=20, total=40)


async def improve(plan: Plan, way: Way) -> None:
    """After the first exchange, replace the first words by a title unless a member gave one.

    Asked by the way that gave the answer, behind everybody who waits for one; once where several answers are compared.
    """
    conversation = plan.message.conversation
    questions = [turn for turn in plan.request.messages if turn["role"] == "user"]
    question = text_of(questions[0])
    asked = conversation.titled_by == Conversation.TitledBy.QUESTION and not plan.message.lane
    # A chat that is in no list needs no better title than its first words.
    if not asked or conversation.temporary or len(questions) > 1 or not question:
        return
    request = ChatRequest(
        messages=[{"role": "user", "content": ASK + question[:QUESTION_CHARACTERS]}],
        think=None if plan.request.think is None else False,
        sampling=Sampling(max_tokens=TITLE_TOKENS),
    )
    try:
        async with rate.place(way.provider_id, way.rates, plan.payer_id, TOKENS, patient=True):
            answer = await complete(way.target, request, LIMITS)
    except UpstreamError as error:
        logger.info("no title for %s: %s", conversation.pk, error.code)
        return
    title = first_words(answer.strip().strip("\"'“”「」《》#*").strip())
    renamed = bool(title) and await written(_rename, conversation, title)
    if renamed:
        await tell(Change(conversation))


@transaction.atomic
def _rename(conversation: Conversation, title: str) -> bool:
    renamed = Conversation.objects.filter(pk=conversation.pk, titled_by=Conversation.TitledBy.QUESTION).update(
        title=title, titled_by=Conversation.TitledBy.MODEL
    )
    if renamed:
        conversation.refresh_from_db()
        index.put_title(conversation)
    return bool(renamed)
