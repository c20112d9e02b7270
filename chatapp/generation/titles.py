"""A conversation's own title, made from its first exchange by a cheap request without thinking."""

from __future__ import annotations

import logging

from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.conversations.words import first_words
from chatapp.database import written
from chatapp.generation import hub, rate
from chatapp.generation.pictures import text_of
from chatapp.generation.plans import Plan, Way
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

    Asked by the way that gave the answer, behind everybody who waits for one.
    """
    conversation = plan.message.conversation
    questions = [turn for turn in plan.request.messages if turn["role"] == "user"]
    question = text_of(questions[0])
    if conversation.titled_by != Conversation.TitledBy.QUESTION or len(questions) > 1 or not question:
        return
    request = ChatRequest(
        messages=[{"role": "user", "content": ASK + question[:QUESTION_CHARACTERS]}],
        think=None if plan.request.think is None else False,
        sampling=Sampling(max_tokens=TITLE_TOKENS),
    )
    try:
        async with rate.place(way.provider_id, way.rates, conversation.owner_id, TOKENS, patient=True):
            answer = await complete(way.target, request, LIMITS)
    except UpstreamError as error:
        logger.info("no title for %s: %s", conversation.pk, error.code)
        return
    title = first_words(answer.strip().strip("\"'“”「」《》#*").strip())
    if title:
        frame = await written(_rename, conversation, title)
        if frame is not None:
            hub.publish(hub.member_topic(conversation.owner_id), frame)


def _rename(conversation: Conversation, title: str) -> dict[str, object] | None:
    renamed = Conversation.objects.filter(pk=conversation.pk, titled_by=Conversation.TitledBy.QUESTION).update(
        title=title, titled_by=Conversation.TitledBy.MODEL
    )
    conversation.refresh_from_db()
    return fragments.side_frame(conversation, answering=False) if renamed else None
