"""Run in a server's own environment: reads exchanges as JSON and writes them as a long conversation of Ann's."""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from chatapp.conversations.models import Conversation, Message, Status  # noqa: E402
from chatapp.rendering.markdown import RENDERER_VERSION, render  # noqa: E402

# One exchange an hour, so that a long conversation goes over many days.
APART = timedelta(hours=1)


def main(to: str, rendered: bool) -> None:
    texts = json.load(sys.stdin)
    now = timezone.now()
    ann = User.objects.get(email="ann@example.org")
    if to:
        conversation = Conversation.objects.get(pk=to)
    else:
        conversation = Conversation.objects.create(owner=ann, title="Long", active_at=now)
    parent = conversation.leaf
    before = list(conversation.messages.values_list("pk", flat=True))
    for at, (question, answer) in enumerate(texts):
        written_at = now - APART * (len(texts) - at)
        for role, text in ((Message.Role.USER, question), (Message.Role.ASSISTANT, answer)):
            parent = _write(conversation, parent, role, text, rendered)
            Message.objects.filter(pk=parent.pk).update(created_at=written_at)
    conversation.leaf = parent
    conversation.save()
    made = conversation.messages.exclude(pk__in=before).order_by("pk").values_list("pk", flat=True)
    print(json.dumps({"conversation": str(conversation.pk), "messages": list(made)}))


def _write(
    conversation: Conversation, parent: Message | None, role: Message.Role, text: str, rendered: bool
) -> Message:
    asked = role == Message.Role.USER
    html = render(text) if rendered and not asked else ""
    return Message.objects.create(
        conversation=conversation,
        parent=parent,
        author=conversation.owner,
        role=role,
        text=text,
        html=html,
        html_version=RENDERER_VERSION if html else "",
        status=Status.SENT if asked else Status.DONE,
        alias_name="" if asked else "demo",
        revision=conversation.revision,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "1")
