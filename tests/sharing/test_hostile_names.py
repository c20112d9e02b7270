"""Names of people and groups, titles and labels that are markup or turn the line around are text wherever they show."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from chatapp.conversations.models import Conversation
from chatapp.sharing.models import Link
from tests.sharing.talk import allow, make_link, talk

Browser = Callable[[User], Client]

pytestmark = pytest.mark.django_db

MARKUP = "\"><img src=x onerror=alert(1)>'{{7*7}}"
TURNED = "ab\u202egpj.exe\u2066"


@pytest.mark.parametrize("name", [MARKUP, TURNED])
def test_names_are_text_on_every_page_about_sharing(
    ann: User, bob: User, admin: User, signed_in: Browser, name: str
) -> None:
    allow()
    chat = talk(ann)
    User.objects.filter(pk=ann.pk).update(name=name)
    User.objects.filter(pk=bob.pk).update(name=name)
    Conversation.objects.update(title=name)
    browser = signed_in(User.objects.get(pk=ann.pk))
    group = Group.objects.create(name=name)
    for field, pk in (("member", bob.pk), ("group", group.pk)):
        form = {field: pk, "may_write": "0"}
        assert browser.post(f"/c/{chat.pk}/members/", form).status_code == 303
    token = make_link(browser, chat)
    Link.objects.update(label=name)
    htmx = {"HX-Request": "true"}
    pages = [
        *(browser.get(f"/c/{chat.pk}/{part}") for part in ("", "members/", "share/", "log/", "print/")),
        *(browser.get(f"/c/{chat.pk}/{part}", headers=htmx) for part in ("members/", "share/")),
        *(browser.get(path) for path in ("/shares/", "/search/?q=question")),
        browser.get(f"/c/{chat.pk}/members/find/", {"q": name[:2]}),
        *(signed_in(bob).get(path) for path in ("/", f"/c/{chat.pk}/", f"/s/{token}/continue/")),
        *(signed_in(admin).get(path) for path in ("/manage/log/", "/manage/shares/")),
        Client().get(f"/s/{token}/"),
    ]
    shown = 0
    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200
        assert "<img src=x" not in html
        assert 'x onerror=alert(1)>"' not in html
        # Whatever turns the line is alone in an element that ends its effect, or in an attribute.
        for before in re.findall(r"([^<>]*<[^<>]*>)[^<>]*\u202e", html):
            shown += 1
            assert re.search(r"<(bdi|title|option|textarea)\b|dir=\"auto\"", before), before
    assert bool(shown) == (name == TURNED)
