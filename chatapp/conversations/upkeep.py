"""What a member does to a conversation as a whole: name it, instruct it, delete it and take that back."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.http import Http404, QueryDict
from django.utils import timezone

from accounts.models import User
from chatapp.conversations import refusals
from chatapp.conversations.changes import Done, carry_out, own
from chatapp.conversations.forms import InstructionsForm
from chatapp.conversations.models import KEPT_AFTER_DELETE, Conversation
from chatapp.conversations.words import clean
from chatapp.database import written
from chatapp.generation import runs
from chatapp.generation.telling import Change
from chatapp.search import index


async def rename(user: User, conversation_id: uuid.UUID, title: str) -> Done:
    return await carry_out(user, await written(_rename, user, conversation_id, title))


async def instruct(user: User, conversation_id: uuid.UUID, sent: QueryDict) -> InstructionsForm | None:
    """Set instructions and parameters, for the next answer on; the form with what is wrong, if anything is."""
    return await written(_instruct, user, conversation_id, sent)


async def delete(user: User, conversation_id: uuid.UUID) -> Done:
    """Take the conversation away at once; `restore` brings it back for a while."""
    change, running = await written(_delete, user, conversation_id)
    for message_id in running:
        runs.stop(message_id)
    return await carry_out(user, change)


async def restore(user: User, conversation_id: uuid.UUID) -> Done:
    return await carry_out(user, await written(_restore, user, conversation_id))


def _rename(user: User, conversation_id: uuid.UUID, title: str) -> Change:
    title = " ".join(clean(title).split())
    if not 0 < len(title) <= refusals.TITLE_CHARACTERS:
        raise refusals.BadTitle
    with transaction.atomic():
        conversation = own(user, conversation_id)
        conversation.title, conversation.titled_by = title, Conversation.TitledBy.MEMBER
        conversation.save(update_fields=["title", "titled_by"])
        index.put_title(conversation)
    return Change(conversation)


@transaction.atomic
def _instruct(user: User, conversation_id: uuid.UUID, sent: QueryDict) -> InstructionsForm | None:
    conversation = own(user, conversation_id)
    form = InstructionsForm(sent, instance=conversation, alias=conversation.alias)
    if not form.is_valid():
        return form
    conversation.save(update_fields=list(form.fields))
    return None


def _delete(user: User, conversation_id: uuid.UUID) -> tuple[Change, list[int]]:
    with transaction.atomic():
        conversation = own(user, conversation_id)
        conversation.deleted_at = timezone.now()
        conversation.save(update_fields=["deleted_at"])
    running = conversation.messages.running().values_list("pk", flat=True)
    return Change(conversation), list(running)


def _restore(user: User, conversation_id: uuid.UUID) -> Change:
    since = timezone.now() - KEPT_AFTER_DELETE
    with transaction.atomic():
        conversation = Conversation.objects.filter(owner=user, deleted_at__gt=since).locked(conversation_id)
        if conversation is None:
            raise Http404
        conversation.deleted_at = None
        conversation.save(update_fields=["deleted_at"])
    return Change(conversation)
