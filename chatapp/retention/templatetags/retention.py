"""What members are told about how long their chats are kept."""

from __future__ import annotations

from django import template

from accounts.models import User
from chatapp.retention.models import Rule
from chatapp.retention.rules import rules_for

register = template.Library()


@register.simple_tag
def retention_rules(user: User) -> list[Rule]:
    """The rules that concern this member; one query."""
    return rules_for(user)
