"""What the watch of the process asks again and again never walks through all messages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Message, MessageQuerySet

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is in the table"),
]


@pytest.mark.parametrize(
    "asked",
    [
        Message.objects.running(),
        Message.objects.running().filter(heartbeat_at__lt=timezone.now() - timedelta(seconds=8)),
        Message.objects.waiting().order_by(),
    ],
    ids=["running", "dead", "waiting"],
)
def test_messages_are_found_through_their_small_index(asked: MessageQuerySet) -> None:
    assert re.search(r"(SCAN|SEARCH) conversations_message USING INDEX (running|waiting)_by", asked.all().explain())


def test_what_is_shared_with_a_member_is_found_from_the_invitations(ann: User) -> None:
    plan = Conversation.objects.shared_with(ann).explain()
    assert "SCAN" not in plan
