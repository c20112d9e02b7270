"""A page shows the end of a long conversation, or the part of it that an address names, and costs no more than that."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations import fragments
from chatapp.conversations.models import Conversation, Message, Status
from chatapp.conversations.stretches import MOST_CHARACTERS, MOST_MESSAGES
from chatapp.rendering.markdown import RENDERER_VERSION

pytestmark = pytest.mark.django_db

ARTICLE = re.compile(r'<article class="turn" id="m(\d+)"')
NUMBER = re.compile(r'aria-label="¶(\d+), link')
LINKS = {
    where: re.compile(rf'data-more="{where}"><a class="btn ghost sm" href="([^"]+)"') for where in ("before", "after")
}
OLD = "0"


def exchanges(owner: User, count: int, size: int = 10) -> Conversation:
    """A conversation of so many questions and answers, an hour apart, each of so many characters."""
    conversation = Conversation.objects.create(owner=owner, title="Long", active_at=timezone.now())
    go_on(conversation, count, size)
    return conversation


def go_on(conversation: Conversation, count: int, size: int = 10, parent_id: int | None = None) -> None:
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    parent_id = parent_id or conversation.leaf_id
    made = []
    for pk in range(newest + 1, newest + 1 + 2 * count):
        asked = (pk - newest) % 2 == 1
        role, status = (Message.Role.USER, Status.SENT) if asked else (Message.Role.ASSISTANT, Status.DONE)
        made.append(
            Message(
                pk=pk,
                conversation=conversation,
                parent_id=parent_id,
                author=conversation.owner,
                role=role,
                status=status,
                text=f"text {pk} ".ljust(size, "x"),
                html="" if asked else f"<p>text {pk}</p>",
                html_version=RENDERER_VERSION,
                alias_name="demo",
            )
        )
        parent_id = pk
    Message.objects.bulk_create(made)
    for at, message in enumerate(made):
        written = timezone.now() - timedelta(hours=len(made) - at // 2)
        Message.objects.filter(pk=message.pk).update(created_at=written)
    conversation.leaf_id = parent_id
    conversation.save()


@pytest.fixture
def browser(ann: User, alias: Alias, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ann)


def shown(browser: Client, conversation: Conversation, **asked: int) -> tuple[list[int], str]:
    """The ids of the messages on a page, and its HTML."""
    response = browser.get(f"/c/{conversation.pk}/", asked or None)
    assert response.status_code == 200
    html = response.content.decode()
    return [int(pk) for pk in ARTICLE.findall(html)], html


def ids_of(conversation: Conversation) -> list[int]:
    return list(conversation.messages.order_by("pk").values_list("pk", flat=True))


def test_it_opens_at_its_end(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 60)
    ids, html = shown(browser, conversation)
    assert ids == ids_of(conversation)[-MOST_MESSAGES:]
    assert NUMBER.findall(html) == [str(number) for number in range(91, 121)]
    assert "<span data-turns>120 turns</span>" in html
    assert not LINKS["after"].search(html)


def test_a_short_one_is_whole_and_offers_no_more(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 15)
    ids, html = shown(browser, conversation)
    assert ids == ids_of(conversation)
    assert not LINKS["before"].search(html)
    assert not LINKS["after"].search(html)


@pytest.mark.parametrize("size", [10, 9_000, 40_000])
def test_its_links_lead_through_all_of_it_and_back(ann: User, browser: Client, size: int) -> None:
    conversation = exchanges(ann, 40, size)
    up, first = walk(browser, f"/c/{conversation.pk}/", "before")
    down, _ = walk(browser, first, "after")
    assert [pk for page in reversed(up) for pk in page] == ids_of(conversation)
    assert [pk for page in down for pk in page] == ids_of(conversation)


def walk(browser: Client, address: str, where: str) -> tuple[list[list[int]], str]:
    """The messages of each page on the way of these links, and where the way ends."""
    pages = []
    while True:
        html = browser.get(address).content.decode()
        pages.append([int(pk) for pk in ARTICLE.findall(html)])
        link = LINKS[where].search(html)
        if link is None:
            return pages, address
        address = link[1]


def test_long_texts_make_it_shorter_but_an_exchange_is_never_torn(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 20, 20_000)
    ids, _ = shown(browser, conversation)
    assert ids == ids_of(conversation)[-6:]
    go_on(conversation, 1, 2 * MOST_CHARACTERS)
    ids, _ = shown(browser, conversation)
    assert ids == ids_of(conversation)[-2:]


def test_answers_that_are_compared_stay_together(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 20)
    go_on(conversation, 1, MOST_CHARACTERS)
    question, newest = ids_of(conversation)[-2:]
    first = Message.objects.get(pk=newest)
    Message.objects.filter(pk=question).update(compared=True)
    others = []
    for lane in (1, 2):
        first.pk, first.lane = None, lane
        first.save(force_insert=True)
        others.append(first.pk)
    ids, html = shown(browser, conversation)
    assert ids == ids_of(conversation)[-4:]
    assert 'data-beside="3/3"' in html
    assert shown(browser, conversation, near=others[0])[0][-4:] == ids


def test_many_messages_of_one_kind_in_a_row_are_shown_too(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 40)
    conversation.messages.update(role=Message.Role.ASSISTANT)
    everything = ids_of(conversation)
    ids, _ = shown(browser, conversation)
    assert ids == everything[-MOST_MESSAGES:]
    ids, _ = shown(browser, conversation, near=everything[40])
    assert everything[40] in ids
    assert shown(browser, conversation, after=everything[9])[0] == everything[10 : 10 + MOST_MESSAGES]


def test_an_address_that_names_a_message_shows_what_is_around_it(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 60)
    everything = ids_of(conversation)
    for name in ("m", "near"):
        ids, html = shown(browser, conversation, **{name: everything[61]})
        assert ids == everything[50:80]
        assert LINKS["before"].search(html)
        assert LINKS["after"].search(html)
    assert shown(browser, conversation, near=everything[0])[0] == everything[:20]
    assert shown(browser, conversation, near=everything[-1])[0] == everything[-12:]


def test_what_is_not_on_the_open_branch_opens_none(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 4)
    left = ids_of(conversation)[-1]
    go_on(conversation, 1, parent_id=ids_of(conversation)[1])
    assert left not in shown(browser, conversation, near=left)[0]
    assert conversation.open_branches.count() == 0
    for where in ("before", "after"):
        assert browser.get(f"/c/{conversation.pk}/", {where: left}).status_code == 404


@pytest.mark.parametrize("where", ["near", "before", "after"])
@pytest.mark.parametrize("wanted", ["-1", "x", "9" * 30, str(2**63), "\x00", "١", "1 "])
def test_an_odd_number_is_404(ann: User, browser: Client, where: str, wanted: str) -> None:
    conversation = exchanges(ann, 1)
    assert browser.get(f"/c/{conversation.pk}/", {where: wanted}).status_code == 404


def test_a_stranger_gets_no_page_of_it(
    ann: User, eve: User, browser: Client, signed_in: Callable[[User], Client]
) -> None:
    conversation, own = exchanges(ann, 20), exchanges(eve, 1)
    middle = ids_of(conversation)[20]
    for where in ("near", "before", "after"):
        assert signed_in(eve).get(f"/c/{conversation.pk}/", {where: middle}).status_code == 404
    assert signed_in(eve).get(f"/c/{own.pk}/", {"before": middle}).status_code == 404
    assert f"text {middle} " not in shown(signed_in(eve), own, near=middle)[1]


def test_a_script_gets_the_thread_alone(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 40)
    middle = ids_of(conversation)[50]
    response = browser.get(f"/c/{conversation.pk}/", {"before": middle}, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert [int(pk) for pk in ARTICLE.findall(html)] == ids_of(conversation)[20:50]
    assert "<html" not in html
    assert f'data-end="{conversation.leaf_id}" data-count="80"' in html
    assert "HX-Request" in response["Vary"]


def test_the_queries_do_not_grow_with_it(
    ann: User, browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    long, short = exchanges(ann, 300), exchanges(ann, 2)
    browser.get(f"/c/{short.pk}/")
    for conversation in (short, long):
        with django_assert_num_queries(18):
            shown(browser, conversation)
        middle = ids_of(conversation)[1]
        for where in ("near", "before", "after"):
            with django_assert_num_queries(18):
                shown(browser, conversation, **{where: middle})
            with django_assert_num_queries(9):
                browser.get(f"/c/{conversation.pk}/", {where: middle}, headers={"HX-Request": "true"})


def test_html_of_another_version_is_rendered_once_and_only_where_it_is_shown(ann: User, browser: Client) -> None:
    conversation = exchanges(ann, 40)
    conversation.messages.update(html_version=OLD, html="<p>old</p>", text="*new*")
    _, html = shown(browser, conversation)
    assert "<em>new</em>" in html
    assert "<p>old</p>" not in html
    answers = conversation.messages.filter(role=Message.Role.ASSISTANT)
    assert answers.filter(html_version=RENDERER_VERSION, html__contains="<em>new</em>").count() == MOST_MESSAGES / 2
    assert answers.filter(html_version=OLD).count() == 40 - MOST_MESSAGES / 2
    conversation.messages.update(text="never rendered again")
    assert "never rendered again</p>\n</div>" not in shown(browser, conversation)[1]


def test_what_was_settled_meanwhile_keeps_its_own_html(ann: User) -> None:
    conversation = exchanges(ann, 2)
    settled, running = conversation.messages.filter(role=Message.Role.ASSISTANT)
    stale = [Message(pk=one.pk, html="<p>stale</p>", html_version=RENDERER_VERSION) for one in (settled, running)]
    Message.objects.filter(pk=running.pk).update(status=Status.STREAMING, html_version=OLD)
    fragments.keep_html(stale)
    assert not conversation.messages.filter(html="<p>stale</p>").exists()


def test_a_page_that_missed_little_gets_its_rows(ann: User, alias: Alias) -> None:
    conversation = exchanges(ann, 40)
    changed = ids_of(conversation)[10:20]
    conversation.messages.filter(pk__in=changed).update(revision=5)
    frames = fragments.row_frames(conversation, ann.pk, after=4)
    assert [frame["m"] for frame in frames] == changed


def test_a_page_that_missed_much_is_told_to_load_itself_anew(ann: User, alias: Alias) -> None:
    conversation = exchanges(ann, 40)
    conversation.messages.update(revision=5)
    assert fragments.row_frames(conversation, ann.pk, after=4) == [{"t": "anew"}]


def test_of_a_long_branch_that_is_shown_the_first_and_the_newest_rows_are_sent(ann: User, alias: Alias) -> None:
    conversation = exchanges(ann, 60)
    everything = ids_of(conversation)
    frames = fragments.row_frames(conversation, ann.pk, only=everything[10:])
    assert [frame["m"] for frame in frames] == [*everything[10 : 10 + MOST_MESSAGES], *everything[-4:]]


def test_each_row_names_the_one_before_it(ann: User, alias: Alias) -> None:
    conversation = exchanges(ann, 2)
    everything = ids_of(conversation)
    rows = fragments.rows(conversation, ann.pk)
    assert [row.after for row in rows] == [None, *everything[:-1]]
    assert f'data-after="{everything[0]}"' in fragments.message_html(rows[1])
    assert 'data-after=""' in fragments.message_html(rows[0])


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("", ["Thursday 19 November 2020"]),
        ("Asia/Shanghai", ["Thursday 19 November 2020"]),
        ("America/New_York", []),
        ("not/a/zone", ["Thursday 19 November 2020"]),
    ],
)
def test_a_line_stands_where_a_day_begins_by_the_readers_clock(
    ann: User, browser: Client, zone: str, days: list[str]
) -> None:
    conversation = exchanges(ann, 2)
    hours = [datetime(2020, 11, 18, 15, tzinfo=UTC), datetime(2020, 11, 18, 15, 30, tzinfo=UTC)]
    hours += [datetime(2020, 11, 19, 1, tzinfo=UTC)] * 2
    for pk, hour in zip(ids_of(conversation), hours, strict=True):
        Message.objects.filter(pk=pk).update(created_at=hour)
    browser.cookies["zone"] = zone
    _, html = shown(browser, conversation)
    lines = re.findall(r'<p class="day"[^>]*?( hidden)?><time[^>]*>([^<]+)</time>', html)
    assert len(lines) == 3
    assert [day for hidden, day in lines if not hidden] == days
