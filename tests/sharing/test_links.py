"""Links: off until they are allowed, made by owners alone, frozen or live, for a time, and gone at once."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatapp.audit.models import Entry
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.sharing.links import MOST_LINKS, UNDO
from chatapp.sharing.models import Link, LinkRules
from tests.sharing.talk import allow, form, go_on, make_link, picture, read, say, talk, update

Browser = Callable[[User], Client]
Open = Callable[..., Any]

pytestmark = pytest.mark.django_db

PARTS = ["", "image/1/", "image/1/small/"]


def test_links_are_off_until_an_administrator_allows_them(
    ann: User, owner: Client, admin: User, signed_in: Browser
) -> None:
    chat = talk(ann)
    page = owner.get(f"/c/{chat.pk}/share/")
    assert "Links are switched off here" in page.content.decode()
    assert "Make link" not in page.content.decode()
    assert owner.post(f"/c/{chat.pk}/share/", form()).status_code == 422
    assert not Link.objects.exists()
    office = signed_in(admin)
    assert office.post("/manage/shares/", {"allowed": "on", "most_days": "30"}).status_code == 302
    token = make_link(owner, chat)
    assert read(token).status_code == 200
    assert office.post("/manage/shares/", {"most_days": "30"}).status_code == 302
    assert read(token).status_code == 404


def test_a_link_has_192_random_bits_and_only_their_digest_is_kept(chat: Conversation, owner: Client) -> None:
    tokens = [make_link(owner, chat) for _ in range(20)]
    assert all(len(token) == 32 for token in tokens)
    assert len(set(tokens)) == 20
    # Of 640 characters out of 64, each is expected ten times: together they are close to 6 bits each.
    counts = Counter("".join(tokens))
    assert sum(n / 640 * math.log2(640 / n) for n in counts.values()) > 5.8
    kept = [str(row) for row in Link.objects.values_list()]
    assert not [token for token in tokens if any(token in row for row in kept)]
    assert {link.digest for link in Link.objects.all()} == {hashlib.sha256(t.encode()).hexdigest() for t in tokens}
    again = owner.get(f"/c/{chat.pk}/share/").content.decode()
    assert not [token for token in tokens if token in again]


def test_only_the_owner_makes_and_changes_links(
    chat: Conversation, owner: Client, bob: User, signed_in: Browser
) -> None:
    make_link(owner, chat)
    link = Link.objects.get()
    chat.participations.create(member=bob, may_write=True)
    guest = signed_in(bob)
    assert guest.get(f"/c/{chat.pk}/share/").status_code == 404
    assert guest.post(f"/c/{chat.pk}/share/", form()).status_code == 404
    assert guest.post(f"/c/{chat.pk}/share/look/", form()).status_code == 404
    for what in ("change", "update", "revoke", "restore"):
        assert guest.post(f"/links/{link.pk}/{what}/").status_code == 404, what
        assert owner.post(f"/links/{2**63}/{what}/").status_code == 404, what
        assert Client().post(f"/links/{link.pk}/{what}/").status_code == 302, what
        if what != "update":
            assert owner.get(f"/links/{link.pk}/{what}/").status_code == 405, what
    for browser, status in ((owner, 200), (guest, 404), (Client(), 302)):
        assert browser.get(f"/links/{link.pk}/update/").status_code == status
    link.refresh_from_db()
    assert link.revoked_at is None


def test_a_snapshot_stays_as_it_was_until_it_is_taken_anew(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat)
    before = read(token).content
    chat.messages.filter(text="answer 2").update(text="edited", html="edited", revision=9)
    Conversation.objects.update(title="Another title")
    go_on(Conversation.objects.get())
    assert read(token).content == before
    assert update(owner, Link.objects.get()).status_code == 303
    after = read(token).content.decode()
    assert "edited" in after
    assert "answer 6" in after
    assert "Another title" in after


def test_a_snapshot_goes_up_to_the_chosen_turn_of_the_open_branch(chat: Conversation, owner: Client) -> None:
    first = chat.messages.get(text="question 1")
    other = say(chat, first, 2, text="another answer")
    assert owner.post(f"/m/{other.pk}/show/").status_code == 303
    shown = read(make_link(owner, chat)).content.decode()
    assert "another answer" in shown
    assert "question 3" not in shown
    newest = chat.leaf_id
    shown = read(make_link(owner, chat, leaf=newest, turns=2)).content.decode()
    assert "answer 2" in shown
    assert "question 3" not in shown
    assert "another answer" not in shown


def test_of_another_chat_nothing_can_be_shared(chat: Conversation, owner: Client, eve: User) -> None:
    theirs = talk(eve)
    response = owner.post(f"/c/{chat.pk}/share/", form(leaf=theirs.leaf_id))
    assert response.status_code == 422
    assert not Link.objects.exists()


def test_a_live_link_shows_what_is_added(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, kind="live")
    go_on(chat)
    assert "answer 6" in read(token).content.decode()


def test_what_is_being_written_is_in_no_snapshot(chat: Conversation, owner: Client) -> None:
    question = say(chat, chat.leaf, 5)
    chat.leaf = say(chat, question, 6, status=Status.STREAMING, heartbeat_at=timezone.now())
    chat.save()
    frozen, live = make_link(owner, chat), make_link(owner, chat, kind="live")
    assert "answer 6" not in read(frozen).content.decode()
    assert "question 5" in read(frozen).content.decode()
    assert "answer 6" in read(live).content.decode()


def test_the_owner_sees_what_goes_out(chat: Conversation, owner: Client) -> None:
    picture(chat.messages.get(text="question 3"))
    picture(chat.messages.get(text="question 3"))

    def says(**fields: Any) -> str:
        response = owner.post(f"/c/{chat.pk}/share/look/", form(**fields))
        return response.content.decode().strip()

    assert "4 messages, 2 images, no thinking." in owner.get(f"/c/{chat.pk}/share/").content.decode()
    assert says() == "4 messages, 2 images, no thinking."
    assert says(turns=2) == "2 messages, no images, no thinking."
    assert says(with_images=None) == "4 messages, no images, no thinking."
    assert says(with_reasoning="on") == "4 messages, 2 images, the thinking of 2 answers."
    assert says(kind="live", with_names=None).endswith("no names, and whatever is added later.")
    assert says(days="x") == "nothing yet, as something in the form is not right."


def test_reasoning_needs_the_owner_and_the_administrators(chat: Conversation, owner: Client) -> None:
    plain, chosen = make_link(owner, chat), make_link(owner, chat, with_reasoning="on")
    live = make_link(owner, chat, with_reasoning="on", kind="live")
    assert "thought 2" not in read(plain).content.decode()
    for token in (chosen, live):
        assert "thought 2" in read(token).content.decode()
        assert "Thought for 3 s" in read(token).content.decode()
    allow(reasoning=False)
    for token in (chosen, live):
        assert "hought" not in read(token).content.decode()
    late = make_link(owner, chat, with_reasoning="on")
    allow(reasoning=True)
    assert "thought 2" not in read(late).content.decode()


def test_names_and_images_are_left_out_where_the_owner_says_so(chat: Conversation, owner: Client) -> None:
    picture(chat.messages.get(text="question 3"), alt="A red square")
    for kind in ("snapshot", "live"):
        shown = read(make_link(owner, chat, kind=kind)).content.decode()
        assert "Shared by <bdi>Ann</bdi>" in shown
        assert 'alt="A red square"' in shown
        bare = make_link(owner, chat, kind=kind, with_names=None, with_images=None)
        shown = read(bare).content.decode()
        assert "Ann" not in shown
        assert "<img src=" not in shown
        assert "With images that are not shared." in shown
        assert Client().get(f"/s/{bare}/image/1/").status_code == 404


def test_it_ends_when_it_was_said_to(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat, days="7")
    link = Link.objects.get()
    assert abs(link.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    for left, status in ((timedelta(seconds=30), 200), (timedelta(0), 410), (timedelta(days=-30), 410)):
        Link.objects.update(expires_at=timezone.now() + left)
        assert [Client().get(f"/s/{token}/{part}").status_code for part in PARTS] == [
            status,
            *[status if status == 410 else 404] * 2,
        ]
    assert "This link has ended. Ask the person who sent it for a new one." in read(token).content.decode()


def test_it_lasts_no_longer_than_is_allowed(chat: Conversation, owner: Client, admin: User, signed_in: Browser) -> None:
    assert owner.post(f"/c/{chat.pk}/share/", form(days="90")).status_code == 422
    make_link(owner, chat, days="30")
    assert signed_in(admin).post("/manage/shares/", {"allowed": "on", "most_days": "3"}).status_code == 302
    link = Link.objects.get()
    assert link.expires_at < timezone.now() + timedelta(days=3, minutes=1)
    assert owner.post(f"/links/{link.pk}/change/", {f"link-{link.pk}-days": "30"}).status_code == 422
    assert owner.post(f"/links/{link.pk}/change/", {f"link-{link.pk}-days": "1"}).status_code == 303
    assert Link.objects.get().expires_at < timezone.now() + timedelta(days=1, minutes=1)


def test_all_that_is_not_there_is_the_same_404(chat: Conversation, owner: Client, ann: User) -> None:
    def same(path: str) -> tuple[int, bytes, list[tuple[str, str]]]:
        response = Client().get(path)
        return response.status_code, response.content, sorted(response.headers.items())

    def fresh() -> str:
        return make_link(owner, chat, kind="live")

    unknown = same("/s/" + "A" * 32 + "/")
    assert unknown[0] == 404
    revoked = fresh()
    owner.post(f"/links/{Link.objects.latest('pk').pk}/revoke/")
    assert same(f"/s/{revoked}/") == unknown
    token = fresh()
    for part in (
        "image/1/",
        "image/0/",
        "image/x/",
        f"image/{9 * 10**18}/",
        "image/" + "9" * 4000 + "/",
        "image/1/small/",
    ):
        assert same(f"/s/{token}/{part}") == unknown, part
    for shape in (
        token.upper(),
        token.lower(),
        token + "A",
        "x",
        "%00",
        "A" * 4000,
        "%ff",
        "'",
        "٣" * 32,
        token + ".json",
    ):
        assert same(f"/s/{shape}/") == unknown, shape
    assert same(f"/s/{token}") != unknown
    LinkRules.objects.update(allowed=False)
    assert same(f"/s/{token}/") == unknown
    LinkRules.objects.update(allowed=True)
    User.objects.update(is_active=False)
    assert same(f"/s/{token}/") == unknown
    User.objects.update(is_active=True)
    Conversation.objects.update(deleted_at=timezone.now())
    assert same(f"/s/{token}/") == unknown
    assert same(f"/s/{token}") == unknown
    Conversation.objects.all().delete()
    assert same(f"/s/{token}/") == unknown


def test_a_revoked_link_refuses_in_every_way(chat: Conversation, owner: Client) -> None:
    token = make_link(owner, chat)
    assert Client().head(f"/s/{token}/").status_code == 200
    owner.post(f"/links/{Link.objects.get().pk}/revoke/")
    assert Client().head(f"/s/{token}/").status_code == 404
    for headers in ({"HX-Request": "true"}, {"Accept": "application/json"}, {"Cookie": "a=b"}):
        assert read(token, headers=headers).status_code == 404
    assert Client().post(f"/s/{token}/").status_code == 405
    assert Client().post(f"/s/{token}/open/", {"password": "x"}).status_code == 404


def test_revoking_twice_is_revoking_once_and_can_be_undone_for_a_while(
    chat: Conversation, owner: Client, admin: User, signed_in: Browser
) -> None:
    token = make_link(owner, chat, label="For Jo")
    pk = Link.objects.get().pk
    assert [owner.post(f"/links/{pk}/revoke/").status_code for _ in range(2)] == [303, 303]
    first = Link.objects.get().revoked_at
    assert "Undo" in owner.get(f"/c/{chat.pk}/share/").content.decode()
    assert owner.post(f"/links/{pk}/restore/").status_code == 303
    assert read(token).status_code == 200
    noted = [(entry.what, entry.about) for entry in Entry.objects.order_by("pk")]
    assert noted == [
        ("link-made", "For Jo, frozen"),
        ("link-revoked", "For Jo, frozen"),
        ("link-changed", "For Jo, frozen, brought back"),
    ]
    owner.post(f"/links/{pk}/revoke/")
    assert first is not None
    Link.objects.update(revoked_at=timezone.now() - UNDO)
    assert owner.post(f"/links/{pk}/restore/").status_code == 404
    assert "For Jo" not in owner.get(f"/c/{chat.pk}/share/").content.decode()
    # What an administrator has ended stays ended.
    make_link(owner, chat)
    assert signed_in(admin).post(f"/manage/shares/{chat.owner_id}/revoke/").status_code == 302
    ended = Link.objects.latest("pk")
    assert ended.revoked_at is not None
    assert owner.post(f"/links/{ended.pk}/restore/").status_code == 404


def test_a_chat_has_only_so_many_links(chat: Conversation, owner: Client) -> None:
    make_link(owner, chat)
    link = Link.objects.get()
    for number in range(MOST_LINKS - 1):
        link.pk, link.digest = None, f"{number}"
        link.save(force_insert=True)
    response = owner.post(f"/c/{chat.pk}/share/", form())
    assert response.status_code == 422
    assert f"at most {MOST_LINKS} links" in response.content.decode()
    assert owner.post(f"/links/{Link.objects.latest('pk').pk}/revoke/").status_code == 303
    make_link(owner, chat)


def test_an_empty_chat_has_nothing_to_share(ann: User, owner: Client) -> None:
    allow()
    empty = Conversation.objects.create(owner=ann, title="Empty", active_at=timezone.now())
    assert "nothing in this chat to share" in owner.get(f"/c/{empty.pk}/share/").content.decode()
    assert owner.post(f"/c/{empty.pk}/share/", form()).status_code == 422


def test_labels_and_titles_are_text(chat: Conversation, owner: Client) -> None:
    hostile = "</title><script>alert(1)</script>\u202e"
    Conversation.objects.update(title=hostile)
    token = make_link(owner, chat, label=hostile)
    for page in (read(token), owner.get("/shares/"), owner.get(f"/c/{chat.pk}/share/")):
        assert "<script>alert" not in page.content.decode()
    assert "\u202e" not in Link.objects.get().label


def test_the_list_of_all_shares(chat: Conversation, owner: Client, ann: User, bob: User, signed_in: Browser) -> None:
    make_link(owner, chat, label="For Jo")
    chat.participations.create(member=bob)
    theirs = talk(bob)
    make_link(signed_in(bob), theirs, label="Of Bob")
    page = owner.get("/shares/").content.decode()
    assert "For Jo" in page
    assert "Remove Bob from" in page
    assert "Of Bob" not in page
    pk = Link.objects.get(label="For Jo").pk
    response = owner.post(f"/links/{pk}/revoke/", {"at": "shares"})
    assert response["Location"] == "/shares/"
    part = owner.post(f"/links/{pk}/restore/", {"at": "shares"}, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<section class="stack tight" id="shares"')


def test_lists_say_what_a_link_includes(chat: Conversation, owner: Client) -> None:
    picture(chat.messages.get(text="question 1"))

    def says(**fields: Any) -> str:
        make_link(owner, chat, **fields)
        link = Link.objects.latest("pk")
        pages = [owner.get(path).content.decode() for path in ("/shares/", f"/c/{chat.pk}/share/")]
        rows = [page[page.index(f'id="link-{link.pk}"') :].partition("</li>")[0] for page in pages]
        found = [re.findall(r'<span class="small dim">([^<]*)</span>', row)[0] for row in rows]
        assert found[0] == found[1]
        return str(found[0])

    assert says() == "4 turns, 1 image, no thinking, names"
    assert says(turns=1, with_names=None) == "1 turn, 1 image, no thinking, no names"
    assert says(with_images=None, with_reasoning="on") == "4 turns, no images, thinking, names"
    assert says(kind="live", with_reasoning="on") == "images, thinking, names"
    assert says(kind="live", with_images=None) == "no images, no thinking, names"
    allow(reasoning=False)
    assert says(with_reasoning="on") == "4 turns, 1 image, no thinking, names"
    go_on(chat)
    update(owner, Link.objects.latest("pk"))
    assert "6 turns, 1 image, no thinking, names" in owner.get("/shares/").content.decode()


def test_what_changes_nothing_is_not_logged(chat: Conversation, owner: Client) -> None:
    make_link(owner, chat, label="For Jo")
    link = Link.objects.get()
    for _ in range(2):
        assert owner.post(f"/links/{link.pk}/change/", {f"link-{link.pk}-label": "For Jo"}).status_code == 303
    assert [entry.what for entry in Entry.objects.all()] == ["link-made"]
    owner.post(f"/links/{link.pk}/change/", {f"link-{link.pk}-label": "For Bo"})
    assert [entry.what for entry in Entry.objects.all()] == ["link-changed", "link-made"]


def test_the_rules_are_logged_where_they_change(admin: User, signed_in: Browser) -> None:
    office = signed_in(admin)

    def save(**fields: str) -> None:
        assert office.post("/manage/shares/", {"most_days": "30"} | fields).status_code == 302

    save()
    assert not Entry.objects.exists()
    save(allowed="on")
    save(allowed="on")
    save(allowed="on", reasoning="on")
    save(most_days="7")
    assert office.post("/manage/shares/", {"allowed": "on", "most_days": "0"}).status_code == 422
    noted = [(entry.by, entry.conversation, entry.what, entry.about) for entry in Entry.objects.order_by("pk")]
    assert noted == [
        (admin, None, "link-rules", "links on"),
        (admin, None, "link-rules", "with the thinking"),
        (admin, None, "link-rules", "links off, at most 7 days, without the thinking"),
    ]
    page = office.get("/manage/log/").content.decode()
    assert "changed what is allowed of links: <bdi>links on</bdi>" in page
    assert "<bdi>everybody</bdi>" in page
    assert "somebody who is gone" not in page


def test_administrators_see_counts_and_never_what_is_shared(
    chat: Conversation, owner: Client, admin: User, bob: User, signed_in: Browser
) -> None:
    make_link(owner, chat, label="SECRET-label")
    Conversation.objects.update(title="SECRET-title")
    read(make_link(owner, chat, kind="live"))
    office = signed_in(admin)
    page = office.get("/manage/shares/").content.decode()
    assert "<bdi>Ann</bdi>" in page
    assert "SECRET" not in page
    assert office.get(f"/c/{chat.pk}/share/").status_code == 404
    assert office.post(f"/links/{Link.objects.latest('pk').pk}/revoke/").status_code == 404
    for person in (owner, signed_in(bob)):
        assert person.get("/manage/shares/").status_code == 404
        assert person.post("/manage/shares/", {"allowed": "on", "most_days": "1"}).status_code == 404
        assert person.post(f"/manage/shares/{chat.owner_id}/revoke/").status_code == 404
    assert office.post("/manage/shares/", {"allowed": "on", "most_days": "0"}).status_code == 422


def test_pages_take_the_same_queries_for_little_and_for_much(
    ann: User, owner: Client, django_assert_num_queries: Open
) -> None:
    allow()
    small, large = talk(ann, 2), talk(ann, 60)
    for chat in (small, large):
        for question in chat.messages.filter(role="user"):
            picture(question)
    frozen = [make_link(owner, chat, with_reasoning="on") for chat in (small, large)]
    live = [make_link(owner, chat, kind="live", with_reasoning="on") for chat in (small, large)]
    for token in (*frozen, *live):
        read(token)
    for chat in (small, large):
        Message.objects.filter(conversation=chat).update(html="")
    for token in frozen:
        with django_assert_num_queries(2):
            read(token)
    for token in live:
        with django_assert_num_queries(8):
            read(token)
    for _ in range(5):
        make_link(owner, large)
    for chat in (small, large):
        with django_assert_num_queries(18):
            owner.get(f"/c/{chat.pk}/share/")
    with django_assert_num_queries(11):
        owner.get("/shares/")
