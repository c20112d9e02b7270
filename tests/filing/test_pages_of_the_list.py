"""What the sidebar and the lists show: groups, pages without a gap or a double, and a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Message, Participation, Status
from chatapp.conversations.sidebar import PAGE, Cursor, older_for, sidebar
from tests.filing.desk import HTMX, chat, chats, folder, html

Browser = Callable[[User], Client]
LINE = re.compile(r'<li id="c-([0-9a-f-]{36})"')
ROW = re.compile(r'data-row="([0-9a-f-]{36})"')
OLDER = re.compile(r'hx-get="([^"]+)"')


@pytest.fixture
def browser(ann: User, alias: Alias, signed_in: Browser) -> Client:
    return signed_in(ann)


def lines_in(text: str) -> list[UUID]:
    return [UUID(pk) for pk in LINE.findall(text)]


def all_pages(browser: Client, first: str, line: re.Pattern[str], **options: Any) -> list[str]:
    """Follow the link to older ones until there is none."""
    found: list[str] = []
    path: str | None = first
    while path:
        page = html(browser.get(path, **options))
        found += line.findall(page)
        link = OLDER.search(page)
        path = link[1].replace("&amp;", "&") if link else None
    return found


def test_pins_then_folders_then_days(ann: User, browser: Client) -> None:
    drawer = folder(ann, "Papers")
    folder(ann, "Empty", 1)
    old_pin = chat(ann, "Old pin", pinned_at=timezone.now() - timedelta(days=1))
    new_pin = chat(ann, "New pin", timedelta(days=30), pinned_at=timezone.now(), folder=drawer)
    inside = chat(ann, "Inside", folder=drawer)
    today, month = chat(ann, "Now"), chat(ann, "Then", timedelta(days=400))
    chat(ann, "Archived", archived_at=timezone.now())
    chat(ann, "Temporary", temporary=True)
    chat(ann, "Deleted", deleted_at=timezone.now())
    page = html(browser.get("/sidebar/"))
    assert lines_in(page) == [new_pin.pk, old_pin.pk, today.pk, month.pk]
    browser.cookies["folders"] = f"{drawer.pk}.99.x"
    page = html(browser.get("/sidebar/"))
    assert lines_in(page) == [new_pin.pk, old_pin.pk, inside.pk, today.pk, month.pk]
    for label, pk in (("Pinned", new_pin.pk), ("Papers", inside.pk), ("Today", today.pk)):
        assert page.index(label) < page.index(str(pk))
    counts = re.findall(r"data-count>(\d+)<", page)
    assert counts == ["1", "0"]


def test_what_is_answered_has_its_dot_in_every_group(ann: User, browser: Client) -> None:
    drawer = folder(ann)
    browser.cookies["folders"] = str(drawer.pk)
    for one in (chat(ann), chat(ann, folder=drawer), chat(ann, pinned_at=timezone.now())):
        one.messages.create(role=Message.Role.ASSISTANT, status=Status.STREAMING, heartbeat_at=timezone.now())
    chat(ann)
    assert html(browser.get("/sidebar/")).count('aria-label="answering"') == 3


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 3 * PAGE + 1])
def test_pages_are_exact_where_all_have_the_same_time(ann: User, browser: Client, count: int) -> None:
    made = {str(one.pk) for one in chats(ann, count, at=timezone.now() - timedelta(days=3))}
    found = all_pages(browser, "/sidebar/", LINE)
    assert len(found) == count
    assert set(found) == made
    rows = all_pages(browser, "/chats/", ROW, headers=HTMX)
    assert len(rows) == count
    assert set(rows) == made
    ann.conversations.update(archived_at=timezone.now())
    assert sorted(all_pages(browser, "/archive/", ROW, headers=HTMX)) == sorted(made)


def test_a_chat_that_is_used_between_two_pages_leaves_no_gap(ann: User, browser: Client) -> None:
    made = chats(ann, PAGE + 10)
    page = html(browser.get("/sidebar/"))
    made[5].active_at = timezone.now() + timedelta(seconds=5)
    made[5].save()
    link = OLDER.search(page)
    assert link
    rest = lines_in(html(browser.get(link[1])))
    assert set(lines_in(page)) | set(rest) == {one.pk for one in made}


def test_a_page_gets_as_many_lines_as_it_had_within_bounds(ann: User, browser: Client) -> None:
    chats(ann, 600)
    for asked, given in (("0", PAGE), ("120", 120), ("9223372036854775807", 500)):
        assert len(lines_in(html(browser.get(f"/sidebar/?lines={asked}")))) == given


def test_pins_and_folders_are_bounded_and_link_to_the_rest(ann: User, browser: Client) -> None:
    drawer = folder(ann)
    browser.cookies["folders"] = str(drawer.pk)
    chats(ann, 70, pinned_at=timezone.now())
    chats(ann, 60, folder=drawer)
    page = html(browser.get("/sidebar/"))
    assert len(lines_in(page)) == 2 * PAGE
    assert "All pinned chats" in page
    assert "All 60 chats" in page
    assert len(all_pages(browser, "/chats/?show=pinned", ROW, headers=HTMX)) == 70
    assert len(all_pages(browser, f"/chats/?folder={drawer.pk}", ROW, headers=HTMX)) == 60
    assert "Actions for" not in html(browser.get("/sidebar/older/?before=2020-01-01T00:00:00Z_" + "0" * 32))


@pytest.mark.parametrize(
    "before",
    [
        "",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00Z",
        "2026-13-01T00:00:00Z_" + "0" * 32,
        "2026-01-01T00:00:00_" + "0" * 32,
        "0001-01-01T00:00:00+14:00_" + "0" * 32,
        "9999-12-31T23:59:59-14:00_" + "0" * 32,
        "x" * 4_000,
        "%00_1",
    ],
)
def test_a_cursor_that_is_none_is_404(ann: User, browser: Client, before: str) -> None:
    assert browser.get("/sidebar/older/", {"before": before}).status_code == 404
    assert before == "" or browser.get("/chats/", {"before": before}).status_code == 404


def test_a_cursor_reads_what_it_wrote() -> None:
    cursor = Cursor(datetime(2026, 2, 3, 4, 5, 6, 789, UTC), UUID(int=7))
    assert Cursor.read(str(cursor)) == cursor


def test_empty_places_say_what_belongs_there(ann: User, browser: Client) -> None:
    drawer = folder(ann)
    for path, words in (
        ("/sidebar/", "Your chats will be listed here."),
        ("/chats/", "Your chats will be listed here."),
        ("/archive/", "Nothing is archived."),
        ("/chats/?show=pinned", "Nothing is pinned."),
        (f"/chats/?folder={drawer.pk}", "Nothing in this folder yet."),
    ):
        assert words in html(browser.get(path))


def grown(ann: User, count: int) -> int:
    """So many chats of every kind; returns the id of a folder."""
    drawers = [folder(ann, f"{n} of {count}", n) for n in range(min(count, 20))]
    chats(ann, count)
    chats(ann, count, pinned_at=timezone.now())
    chats(ann, count, archived_at=timezone.now())
    for drawer in drawers:
        chats(ann, count // len(drawers), folder=drawer)
    return drawers[0].pk


@pytest.mark.parametrize("count", [10, 1_000])
def test_queries_do_not_grow_with_the_data(
    ann: User, browser: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    drawer = grown(ann, count)
    one = ann.conversations.filter(folder=drawer)[0]
    browser.cookies["folders"] = ".".join(str(pk) for pk in ann.folders.values_list("pk", flat=True))
    older = f"/sidebar/older/?before={timezone.now():%Y-%m-%dT%H:%M:%SZ}_{'0' * 32}"
    # Session and member come first; then what is the sidebar's own.
    side = 6
    for path, queries in (
        ("/sidebar/", 2 + side),
        (older, 2 + 2),
        ("/chats/", 2 + side + 1),
        (f"/chats/?folder={drawer}", 2 + side + 1),
        ("/archive/", 2 + side + 1),
        ("/folders/", 2 + side),
        (f"/folders/{drawer}/delete/", 2 + 2 + side),
        (f"/c/{one.pk}/file/", 2 + 1 + side),
    ):
        with django_assert_num_queries(queries):
            assert browser.get(path).status_code == 200
    for path, queries in (("/chats/", 2 + 2), (f"/c/{one.pk}/file/", 2 + 2)):
        with django_assert_num_queries(queries):
            assert browser.get(path, headers=HTMX).status_code == 200


def test_what_others_share_is_listed_whole(ann: User, browser: Client) -> None:
    bob = User.objects.create_user("bob@example.com", name="Bob")
    drawer = folder(bob)
    theirs = chats(bob, 60, folder=drawer, pinned_at=timezone.now())
    assert "Nobody shares a chat with you yet." in html(browser.get("/chats/?show=shared"))
    Participation.objects.bulk_create(Participation(conversation=one, member=ann) for one in theirs)
    page = html(browser.get("/"))
    assert len(lines_in(page)) == 50
    assert "All that is shared with me" in page
    assert len(all_pages(browser, "/chats/?show=shared", ROW, headers=HTMX)) == 60
    page = html(browser.get("/chats/?show=shared"))
    assert page.count('<bdi class="cut">Bob</bdi>') == 50
    assert "Batteries" not in page
    assert "pinned" not in page.partition('id="chats"')[2].partition("</ul>")[0]
    assert 'name="id"' not in page
    assert not ROW.search(html(browser.get("/chats/")))
    assert browser.post("/chats/?show=shared", {"do": "delete", "id": str(theirs[0].pk)}).status_code == 404


def test_writes_have_a_fixed_number_of_queries_too(ann: User, browser: Client) -> None:
    def queries(count: int) -> int:
        some = [str(one.pk) for one in chats(ann, count)]
        with CaptureQueriesContext(connection) as captured:
            browser.post("/chats/", {"do": "archive", "id": some}, headers=HTMX)
        return len(captured)

    assert queries(3) == queries(300)


def test_the_days_come_in_the_order_of_an_index(ann: User, rf: Any) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("reads SQLite's own plan")
    request: HttpRequest = rf.get("/")
    with CaptureQueriesContext(connection) as captured:
        sidebar(ann, request)
        older_for(ann, request, Cursor(timezone.now(), UUID(int=0)))
    days = [query["sql"] for query in captured if '"folder_id" IS NULL' in query["sql"]]
    assert len(days) == 2
    for query in days:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + query)
            plan = " | ".join(str(row[-1]) for row in cursor.fetchall())
        assert plan.startswith("SEARCH conversations_conversation USING INDEX")
        # Only lines of one moment are sorted; the whole list never is.
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan
