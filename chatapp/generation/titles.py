"""A conversation's own title, made from its first exchange by a cheap request without thinking."""

from __future__ import annotations

import logging

from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation
from chatapp.conversations.words import first_words
from chatapp.database import written
from chatapp.generation import hub
from chatapp.generation.plans import Plan
from chatapp.upstream.client import ChatRequest, Limits, complete
from chatapp.upstream.errors import UpstreamError

logger = logging.getLogger("parley.titles")

ASK = (
    "Write a title of at most six words for a conversation that starts with the question below, "
    "in the question's language. Reply with the title alone.\n\n"
)
QUESTION_CHARACTERS = 2000
TITLE_TOKENS = 40
LIMITS = Limits(silence=20, total=40)


async def improve(plan: Plan) -> None:
    """After the first exchange, replace the first words by a title unless a member gave one."""
    conversation = plan.message.conversation
    if conversation.titled_by != Conversation.TitledBy.QUESTION or len(plan.request.messages) > 1:
        return
    question = plan.request.messages[0]["content"]
    think = None if plan.request.think is None else False
    request = ChatRequest(
        messages=[{"role": "user", "content": ASK + str(question)[:QUESTION_CHARACTERS]}],
        think=think,
        max_tokens=TITLE_TOKENS,
    )
    try:
        title = first_words((await complete(plan.target, request, LIMITS)).strip().strip("\"'“”「」《》#*").strip())
    except UpstreamError as error:
        logger.info("no title for %s: %s", conversation.pk, error.code)
        return
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
