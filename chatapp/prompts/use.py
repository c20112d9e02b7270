"""A prompt in the composer and in a conversation; what it holds is looked up at that moment, never sent along."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404

from accounts.models import User
from chatapp.catalog.access import aliases_for
from chatapp.catalog.models import Alias
from chatapp.conversations import refusals
from chatapp.conversations.changes import own
from chatapp.conversations.forms import PARAMETERS
from chatapp.conversations.models import Conversation
from chatapp.prompts.access import prompts_for
from chatapp.prompts.models import Prompt


@dataclass(frozen=True, slots=True)
class Chosen:
    """A prompt as one person can use it. `alias` is None where it names none, or one that they may not use."""

    prompt: Prompt
    alias: Alias | None

    @property
    def alias_closed(self) -> bool:
        """It was written for a model that is not open to this person."""
        return self.prompt.alias_id is not None and self.alias is None

    @property
    def instructs(self) -> bool:
        return bool(self.prompt.instructions) or any(getattr(self.prompt, name) is not None for name in PARAMETERS)


@dataclass(frozen=True, slots=True)
class Instructed:
    """The conversation, and what the prompt took the place of, as the form of its instructions takes it back."""

    conversation: Conversation
    before: Mapping[str, Any]


def chosen(user: User, pk: int) -> Chosen | None:
    """The prompt for this person's composer; None unless they may see it."""
    prompt = prompts_for(user).filter(pk=pk).first()
    if prompt is None:
        return None
    return Chosen(prompt, aliases_for(user).filter(pk=prompt.alias_id).first() if prompt.alias_id else None)


def furnish(conversation: Conversation, user: User, pk: int) -> Conversation:
    """Give a new conversation the instructions and parameters of this prompt. Raises UnknownPrompt."""
    prompt = prompts_for(user).filter(pk=pk).first()
    if prompt is None:
        raise refusals.UnknownPrompt
    for name in ("instructions", *PARAMETERS):
        setattr(conversation, name, getattr(prompt, name))
    return conversation


@transaction.atomic
def instruct(user: User, conversation_id: uuid.UUID, pk: int) -> Instructed:
    """Set them in a conversation of the person's own; parameters of which the prompt says nothing stay.

    Raises Http404.
    """
    conversation = own(user, conversation_id)
    prompt = prompts_for(user).filter(pk=pk).first()
    if prompt is None:
        raise Http404
    said = [name for name in PARAMETERS if getattr(prompt, name) is not None]
    fields = ["instructions", *said] if prompt.instructions else said
    before = {name: getattr(conversation, name) for name in ("instructions", *PARAMETERS)}
    for name in fields:
        setattr(conversation, name, getattr(prompt, name))
    conversation.save(update_fields=fields)
    return Instructed(conversation, before)
