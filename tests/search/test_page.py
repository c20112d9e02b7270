"""The page of the search: an address one can keep, filters, pages, hostile input, and a fixed number of queries."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Folder
from chatapp.search.index import PAGE
from tests.search.desk import talk

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(ann: User, alias: Alias, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ann)


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())


def test_a_passage_leads_to_its_message(ann: User, browser: Client) -> None:
    conversation = talk(ann, "Why?", "Because of **cation** mixing.", title="Cation & anion")
    message = conversation.messages.get(role="assistant")
    page = browser.get("/search/", {"q": "cation"}).content.decode()
    assert f'href="/c/{conversation.pk}/?m={message.pk}#m{message.pk}"' in page
    assert "Because of <mark>cation</mark> mixing." in page
    assert "<mark>Cation</mark> &amp; anion" in page
    assert "¶2 demo" in text_of(page)
    assert "1 passage in 1 chat" in page
    assert "<title>cation · Search · Parley</title>" in page
    assert 'value="cation"' in page


def test_a_title_leads_to_the_first_passage_or_where_there_is_none_to_the_chat(ann: User, browser: Client) -> None:
    conversation = talk(ann, "Cation?", "Cation mixing.", title="Batteries")
    other = talk(ann, "Why?", title="Cation & anion")
    message = conversation.messages.get(role="user")
    page = browser.get("/search/", {"q": "cation"}).content.decode()
    assert re.findall(r'<h2><a href="([^"]*)"', page) == [
        f"/c/{other.pk}/",
        f"/c/{conversation.pk}/?m={message.pk}#m{message.pk}",
    ]


def test_without_words_the_page_says_what_can_be_asked(browser: Client) -> None:
    assert "A chat is found by its title" in browser.get("/search/").content.decode()
    assert "There is no word in that." in browser.get("/search/", {"q": '"*!'}).content.decode()


def test_nothing_found_offers_less(ann: User, browser: Client) -> None:
    talk(ann, "cation")
    page = browser.get("/search/", {"q": "anion <b>"}).content.decode()
    assert "Nothing found for “ anion <b> ”. Try one word less." in text_of(page)
    assert "<b>" not in page.split('id="found"')[1].split("</div>")[0]
    alone = browser.get("/search/", {"q": "anion"}).content.decode()
    assert "Nothing found for “ anion ”. Try another word." in text_of(alone)
    filtered = browser.get("/search/", {"q": "cation", "images": "1"}).content.decode()
    assert "Try another word, or search without filters ." in text_of(filtered)
    assert 'href="?q=cation"' in filtered


def test_filters_are_in_the_address_and_stay_in_the_form(ann: User, browser: Client) -> None:
    folder = Folder.objects.create(owner=ann, name="Drawer <1>")
    talk(ann, "cation", "cation\n```\nx\n```", folder=folder, archived_at=timezone.now())
    talk(ann, "cation elsewhere")
    asked: dict[str, str | int] = {
        "q": "cation",
        "alias": "demo",
        "folder": folder.pk,
        "from": "2020-01-01",
        "to": "2099-12-31",
        "code": "1",
    }
    page = browser.get("/search/", asked).content.decode()
    assert "1 passage in 1 chat" in page
    assert "· Drawer <1> · Archived" in text_of(page)
    assert "1 Jan 2020 – 31 Dec 2099" in page
    assert re.search(r"<option selected>demo", page)
    assert f'<option value="{folder.pk}" selected>' in page
    assert re.search(r'name="code" value="1" checked', page)
    assert not re.search(r'name="images" value="1" checked', page)


def test_days_are_those_of_the_reader(ann: User, browser: Client) -> None:
    conversation = talk(ann, "cation")
    conversation.messages.update(created_at="2026-03-01T20:00Z")
    for zone, day in (("UTC", "2026-03-01"), ("Asia/Shanghai", "2026-03-02")):
        browser.cookies["zone"] = zone
        page = browser.get("/search/", {"q": "cation", "from": day, "to": day}).content.decode()
        assert "1 passage in 1 chat" in page


def test_older_passages_are_behind_a_link_that_keeps_the_filters(ann: User, browser: Client) -> None:
    talk(ann, *(f"cation {number}" for number in range(PAGE + 3)), title="No title")
    page = browser.get("/search/", {"q": "cation", "from": "2020-01-01"}).content.decode()
    link = html.unescape(re.search(r'href="(\?[^"]*before=[^"]*)"', page)[1])  # type: ignore[index]
    assert "from=2020-01-01" in link
    older = browser.get(f"/search/{link}").content.decode()
    assert re.findall(r"cation</mark> (\d+)<", older) == ["0", "1", "2"]
    assert "before=" not in older
    swapped = browser.get(f"/search/{link}", headers=HTMX).content.decode()
    assert swapped.lstrip().startswith("<li>")
    assert "passage" not in text_of(swapped)


def test_htmx_gets_the_results_alone(ann: User, browser: Client) -> None:
    talk(ann, "cation")
    page = browser.get("/search/", {"q": "cation", "to": "2099-01-02"}, headers=HTMX).content.decode()
    assert "<html" not in page
    assert '<span id="search-days" hx-swap-oob="true">Until 2 Jan 2099</span>' in page
    filters = browser.get("/search/?filters", headers=HTMX).content.decode()
    assert "Any model" in filters
    assert "<form" not in filters


def test_the_page_takes_as_many_queries_for_much_as_for_little(
    ann: User, browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    whole = []
    for count in (1, PAGE + 20):
        for number in range(count):
            talk(ann, "cation", "cation", "cation", title=f"Cation {number}")
        # The session, the member, the circles, the hits, their texts, the numbers of their turns.
        with django_assert_num_queries(6):
            browser.get("/search/", {"q": "cation"}, headers=HTMX)
        with CaptureQueriesContext(connection) as page:
            browser.get("/search/", {"q": "cation"})
        whole.append(len(page))
    assert whole[0] == whole[1]


HOSTILE = ["%00", "%ff", "%22", "*", "NEAR(", "'%20OR%201=1", "%e2%80%ae", "%ed%a0%80", "a" * 4000, "混" * 300, "%25s"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["q", "alias", "folder", "from", "to", "images", "code", "shared", "before"])
def test_nothing_in_an_address_breaks_the_page(ann: User, browser: Client, name: str, value: str) -> None:
    talk(ann, "cation")
    value = value if value.isascii() else quote(value)
    for headers in ({}, HTMX):
        assert browser.get(f"/search/?q=cation&{name}={value}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "filters",
    [
        "folder=-1",
        "folder=9223372036854775807",
        "folder=9223372036854775808",
        "before=9223372036854775808",
        "before=0",
        "before=%D9%A1",
        "from=0001-01-01&to=9999-12-31",
        "from=2026-02-31",
        "to=99999-01-01",
    ],
)
def test_numbers_and_days_beyond_all_bounds(ann: User, browser: Client, filters: str) -> None:
    talk(ann, "cation")
    browser.cookies["zone"] = "Pacific/Kiritimati"
    assert browser.get(f"/search/?q=cation&{filters}").status_code == 200


def test_another_members_folder_narrows_to_nothing(ann: User, eve: User, browser: Client) -> None:
    talk(ann, "cation")
    folder = Folder.objects.create(owner=eve, name="Eve's secret drawer")
    page = browser.get("/search/", {"q": "cation", "folder": str(folder.pk)}).content.decode()
    assert "Nothing found" in page
    assert "secret" not in page


def test_nobody_is_sent_to_sign_in_and_nothing_is_posted(client: Client, browser: Client) -> None:
    assert client.get("/search/?q=cation").status_code == 302
    assert browser.post("/search/").status_code == 405
