"""A chat to share, and links to it."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.images.models import Attachment, Image
from chatapp.sharing.models import Link, LinkRules


def talk(owner: User, turns: int = 4) -> Conversation:
    """Questions and answers in turn: "question 1", "answer 2", and so on; each answer after a thought."""
    conversation = Conversation.objects.create(owner=owner, title="Our talk", active_at=timezone.now(), revision=1)
    last: Message | None = None
    for number in range(1, turns + 1):
        last = say(conversation, last, number)
    conversation.leaf = last
    conversation.save(update_fields=["leaf"])
    return conversation


def say(conversation: Conversation, parent: Message | None, number: int, **fields: Any) -> Message:
    if number % 2:
        usual: dict[str, Any] = {"role": "user", "author": conversation.owner, "text": f"question {number}"}
    else:
        usual = {"role": "assistant", "text": f"answer {number}", "alias_name": "demo", "status": Status.DONE}
        usual |= {"reasoning": f"thought {number}", "reasoning_seconds": 3.0}
    return Message.objects.create(conversation=conversation, parent=parent, **(usual | fields))


def go_on(chat: Conversation) -> Message:
    """A new question and its answer at the end of the newest branch."""
    return branch(chat, chat.leaf, "question 5", "answer 6")


def branch(chat: Conversation, parent: Message | None, question: str, answer: str) -> Message:
    """A question and its answer under this message, the newest of the conversation; returns the answer."""
    chat.leaf = say(chat, say(chat, parent, 5, text=question), 6, text=answer)
    chat.revision += 1
    chat.save()
    return chat.leaf


def picture(message: Message, name: str = "holiday.png", **fields: Any) -> Image:
    """An image in this message, without a file."""
    sizes = {"width": 40, "height": 30, "thumbnail_width": 40, "thumbnail_height": 30, "bytes": 1}
    names = {"stored": "aa/full.png", "thumbnail": "aa/small.webp", "media_type": "image/png"}
    image = Image.objects.create(owner=message.conversation.owner, name=name, **(sizes | names | fields))
    Attachment.objects.create(message=message, image=image, position=message.attachments.count())
    return image


def allow(**fields: Any) -> LinkRules:
    rules, _ = LinkRules.objects.update_or_create(pk=1, defaults={"allowed": True, "reasoning": True, **fields})
    return rules


def form(**fields: Any) -> dict[str, Any]:
    """What the dialog sends; a field of None is not sent, as a box without its tick."""
    sent = {"kind": "snapshot", "days": "30", "with_names": "on", "with_images": "on"} | fields
    return {name: value for name, value in sent.items() if value is not None}


def make_link(browser: Client, conversation: Conversation, **fields: Any) -> str:
    """The token of a new link."""
    response = browser.post(f"/c/{conversation.pk}/share/", form(**fields))
    assert response.status_code == 200, response.content.decode()
    found = re.search(r"/s/([^/\"]+)/\"", response.content.decode())
    assert found, response.content.decode()
    return found[1]


def seen(browser: Client, link: Link) -> str:
    """What the question before an update stands for."""
    page = browser.get(f"/links/{link.pk}/update/").content.decode()
    return str(re.findall(r'name="seen" value="(\w+)"', page)[0])


def update(browser: Client, link: Link) -> Any:
    """Look at what would go out, and confirm it."""
    return browser.post(f"/links/{link.pk}/update/", {"seen": seen(browser, link)})


def read(token: str, browser: Client | None = None, headers: dict[str, str] | None = None) -> Any:
    return (browser or Client()).get(f"/s/{token}/", headers=headers or {})
