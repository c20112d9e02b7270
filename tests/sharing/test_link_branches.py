"""A link shows the branch that it was made of, as that goes on, and never another one; an update is looked at first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from chatapp.audit.models import Entry
from chatapp.conversations.models import Conversation, Message
from chatapp.sharing.models import Link
from tests.sharing.talk import branch, go_on, make_link, picture, read, say, seen, update

Browser = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def edit(chat: Conversation, text: str, answer: str) -> Message:
    """The first question in other words: another branch, which is the newest now."""
    return branch(chat, None, text, answer)


def shown(token: str) -> str:
    return str(read(token).content.decode())


def asked(owner: Client, link: Link | None = None) -> str:
    page = owner.get(f"/links/{(link or Link.objects.get()).pk}/update/").content.decode()
    return " ".join(page[page.index("data-asked") :].partition("</form>")[0].split())


def test_an_update_of_a_frozen_link_goes_on_along_its_branch(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, turns=2)
    go_on(chat)
    picture(chat.messages.get(text="question 5"))
    elsewhere = edit(chat, "another question", "another answer")
    assert owner.post(f"/m/{elsewhere.pk}/show/").status_code == 303
    before = shown(token)
    assert "Now 6 messages, 1 image, no thinking. 2 were shared." in asked(owner)
    assert shown(token) == before
    assert update(owner, Link.objects.get()).status_code == 303
    assert "answer 6" in shown(token)
    assert "another" not in shown(token)


def test_nothing_is_new_until_something_is(chat: Conversation, owner: Client) -> None:
    make_link(owner, chat)
    edit(chat, "another question", "another answer")
    assert "Nothing is new" in asked(owner)
    assert "Update link" not in asked(owner)
    taken = Link.objects.get().snapshot.taken_at
    assert update(owner, Link.objects.get()).status_code == 303
    assert Link.objects.get().snapshot.taken_at == taken
    assert [entry.what for entry in Entry.objects.all()] == ["link-made"]
    say(chat, chat.messages.get(text="answer 4"), 5)
    assert "Now 5 messages, no images, no thinking. 4 were shared." in asked(owner)


def test_another_title_is_told(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat)
    Conversation.objects.update(title="A <b>new</b> one")
    assert "4 were shared. The title is another one: “<bdi>A &lt;b&gt;new&lt;/b&gt; one</bdi>”." in asked(owner)
    assert "Our talk" in shown(token)
    update(owner, Link.objects.get())
    assert "Our talk" not in shown(token)


@pytest.mark.parametrize("kind", ["snapshot", "live"])
def test_only_what_was_looked_at_goes_out(chat: Conversation, owner: Client, kind: str) -> None:
    token = make_link(owner, chat, kind=kind, turns=2)
    link = Link.objects.get()
    if kind == "live":
        edit(chat, "another question", "another answer")
    looked_at, before = seen(owner, link), shown(token)
    end = Conversation.objects.get(pk=chat.pk).leaf if kind == "live" else chat.leaf
    branch(chat, end, "question 5", "SECRET")
    for sent in ({}, {"seen": ""}, {"seen": "\x00ü"}, {"seen": looked_at}):
        response = owner.post(f"/links/{link.pk}/update/", sent)
        assert response.status_code == 409
        assert "It has changed since you looked." in response.content.decode()
    assert shown(token) == before
    part = owner.post(f"/links/{link.pk}/update/", {"at": "shares"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert part.content.decode().strip().startswith('<section class="stack tight" id="shares"')
    assert update(owner, link).status_code == 303
    assert "SECRET" in shown(token)
    # Sent twice: the second time nothing is new.
    assert update(owner, link).status_code == 303
    assert Entry.objects.filter(what="link-updated").count() == 1


def test_a_live_link_goes_on_along_its_branch(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, kind="live")
    again = say(chat, chat.messages.get(text="question 3"), 4, text="made again")
    Conversation.objects.update(leaf=again)
    assert "made again" in shown(token)
    assert "answer 4" not in shown(token)
    branch(chat, again, "question 5", "answer 6")
    picture(chat.messages.get(text="question 5"))
    edit(chat, "another question", "another answer")
    say(chat, chat.messages.get(text="question 1"), 2, text="another answer, too")
    assert "answer 6" in shown(token)
    assert f"/s/{token}/image/1/" in shown(token)
    assert "another" not in shown(token)


def test_a_live_link_stays_where_the_chat_goes_on_from_an_older_answer(chat: Conversation, owner: Client) -> None:
    first = chat.messages.get(text="answer 4")
    token = make_link(owner, chat, kind="live")
    say(chat, chat.messages.get(text="question 3"), 4, text="made again")
    branch(chat, first, "question 5", "answer 6")
    edit(chat, "another question", "another answer")
    assert "answer 6" in shown(token)
    assert "made again" not in shown(token)


def test_a_live_link_shows_the_answer_that_was_kept(chat: Conversation, owner: Client) -> None:
    question = say(chat, chat.leaf, 5, compared=True)
    kept, other = say(chat, question, 6, text="kept"), say(chat, question, 6, text="left aside")
    Conversation.objects.update(leaf=kept)
    frozen, live = make_link(owner, chat), make_link(owner, chat, kind="live")
    for token in (frozen, live):
        assert "kept" in shown(token)
        assert "left aside" in shown(token)
    Message.objects.update(compared=False)
    assert update(owner, Link.objects.get(kind="snapshot")).status_code == 303
    for token in (frozen, live):
        assert "kept" in shown(token)
        assert "left aside" not in shown(token)
    assert other.pk > kept.pk


def test_of_an_older_answer_a_live_link_shows_that_one_alone(chat: Conversation, owner: Client) -> None:
    first = chat.messages.get(text="answer 4")
    again = say(chat, chat.messages.get(text="question 3"), 4, text="made again")
    branch(chat, again, "SECRET question", "SECRET answer")
    owner.post(f"/m/{first.pk}/show/")
    token = make_link(owner, chat, kind="live")
    assert "answer 4" in shown(token)
    assert "SECRET" not in shown(token)


def test_the_dialog_says_which_branch_it_is(chat: Conversation, owner: Client) -> None:
    first = chat.messages.get(text="question 1")
    other = say(chat, first, 2, text="short")
    owner.post(f"/m/{other.pk}/show/")
    page = owner.get(f"/c/{chat.pk}/share/").content.decode()
    assert "This branch, as it grows" in page
    sent = {"kind": "live", "days": "30", "with_images": "on", "with_names": "on"}
    says = owner.post(f"/c/{chat.pk}/share/look/", sent).content.decode()
    assert says.startswith("2 messages,")


def test_a_live_link_is_bound_to_the_open_branch_after_a_question(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, kind="live")
    assert "Nothing is new: the link shows the branch that you have open." in asked(owner)
    elsewhere = edit(chat, "another question", "another answer")
    owner.post(f"/m/{elsewhere.pk}/show/")
    told = asked(owner)
    assert "Now 2 messages, no images, no thinking, and whatever is added later. 4 were shared." in told
    assert "The branch that you have open." in told
    assert "another" not in shown(token)
    assert update(owner, Link.objects.get()).status_code == 303
    assert "another answer" in shown(token)
    assert "question 1" not in shown(token)
    assert Entry.objects.filter(what="link-updated").count() == 1


def test_a_member_continues_from_the_branch_of_the_link(
    chat: Conversation, owner: Client, bob: User, signed_in: Browser
) -> None:
    token = make_link(owner, chat, kind="live")
    edit(chat, "another question", "another answer")
    assert signed_in(bob).post(f"/s/{token}/continue/").status_code == 303
    copied = Message.objects.filter(conversation__owner=bob).order_by("pk")
    assert [message.text for message in copied] == ["question 1", "answer 2", "question 3", "answer 4"]


def test_a_link_without_its_branch_shows_nothing(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, kind="live")
    Link.objects.update(through=None)
    assert "question" not in shown(token)
    assert "Nothing is written here yet." in shown(token)
