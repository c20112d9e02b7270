"""A prompt is written, checked, copied, put aside and brought back; what was typed is never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.prompts.models import Prompt, Version
from tests.prompts.shelf import prompt_of, sent, text

Browser = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_every_field_is_kept(ann: User, alias: Alias, signed_in: Browser) -> None:
    group = Group.objects.create(name="电池组")
    ann.groups.add(group)
    form = sent(
        name=" /Sum Up ",
        title=" Sum\u202eup ",
        instructions=" 用中文回答。\r\nBrief. ",
        first_message="{{论文}}",
        alias=alias.pk,
        think="0",
        temperature="0.2",
        top_p="0.9",
        top_k="50",
        min_p="0.1",
        answer_tokens="1,000",
        shared="groups",
        groups=[group.pk],
    )
    response = signed_in(ann).post("/prompts/new/", form)
    assert (response.status_code, response["Location"]) == (302, "/prompts/")
    made = Prompt.objects.get()
    assert (made.owner, made.name, made.title) == (ann, "sum-up", "Sumup")
    assert (made.instructions, made.first_message) == ("用中文回答。\nBrief.", "{{论文}}")
    assert (made.alias, made.think, made.shared) == (alias, False, "groups")
    assert (made.temperature, made.top_p, made.top_k, made.min_p, made.answer_tokens) == (0.2, 0.9, 50, 0.1, 1000)
    assert list(made.groups.all()) == [group]
    page = text(signed_in(ann).get(f"/prompts/{made.pk}/"))
    for shown in ("/sum-up", "用中文回答。", "{{论文}}", "demo", "Off", "0.2", "0.9", "1000 tokens", "Yours · 电池组"):
        assert shown in page
    edit = signed_in(ann).get(f"/prompts/{made.pk}/edit/").content.decode()
    assert f'<option value="{alias.pk}" selected>demo</option>' in edit
    assert '<option value="0" selected>Do not think</option>' in edit


@pytest.mark.parametrize("name", ["总结", "résumé", "サマリー", "सारांश", "a-1", "x" * 40, "／总结", "、总结", "//a"])
def test_names_have_letters_of_any_script(ann: User, signed_in: Browser, name: str) -> None:
    assert signed_in(ann).post("/prompts/new/", sent(name=name)).status_code == 302
    assert Prompt.objects.get().name == name.lstrip("/／、").lower()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "/"},
        {"name": "a/b"},
        {"name": "a_b"},
        {"name": "-"},
        {"name": HOSTILE},
        {"name": "a\u202eb"},
        {"name": "x" * 41},
        {"name": "\ufdfa" * 3},
        {"name": "a\x00"},
        {"title": "x" * 121},
        {"instructions": "x" * 100_000},
        {"instructions": "x" * 20_001},
        {"first_message": "x" * 20_001},
        {"instructions": "", "first_message": ""},
        {"temperature": "3"},
        {"top_k": "none"},
        {"answer_tokens": "0"},
        {"alias": "9999"},
        {"alias": "x"},
        {"think": "2"},
        {"shared": "groups"},
        {"shared": "x"},
        {"shared": ""},
        {"groups": ["9999"], "shared": "groups"},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_a_bad_value_is_named_and_nothing_is_lost(ann: User, signed_in: Browser, wrong: dict[str, Any]) -> None:
    response = signed_in(ann).post("/prompts/new/", sent(**{"title": "What I typed"} | wrong))
    assert response.status_code == 422
    page = response.content.decode()
    assert "Nothing is saved yet." in page
    assert "What I typed" in page or "title" in wrong
    assert not Prompt.objects.exists()


def test_a_name_is_taken_once_per_member_while_it_is_in_use(ann: User, bob: User, signed_in: Browser) -> None:
    first, browser = prompt_of(ann), signed_in(ann)
    refused = browser.post("/prompts/new/", sent(name="SUMMARY"))
    assert refused.status_code == 422
    assert "You have a prompt of this name already." in text(refused)
    assert signed_in(bob).post("/prompts/new/", sent()).status_code == 302
    browser.post(f"/prompts/{first.pk}/archive/")
    assert browser.post("/prompts/new/", sent()).status_code == 302
    browser.post(f"/prompts/{first.pk}/restore/")
    first.refresh_from_db()
    assert (first.name, first.archived_at) == ("summary-2", None)
    assert b"/summary-2" in browser.get("/prompts/?q=summary-2").content


def test_hostile_text_is_text_everywhere(ann: User, signed_in: Browser) -> None:
    prompt = prompt_of(ann, title=HOSTILE, instructions=HOSTILE, first_message=HOSTILE + "</template></textarea>")
    browser = signed_in(ann)
    browser.post(f"/prompts/{prompt.pk}/edit/", sent(title=HOSTILE * 2, instructions=HOSTILE, seen=1))
    at = f"/prompts/{prompt.pk}/"
    for path in ("/prompts/", "/prompts/menu/", at, f"{at}edit/", f"{at}history/", f"{at}chip/", f"{at}use/"):
        html = browser.get(path).content.decode()
        assert "&lt;img src=x" in html or "&lt;script&gt;" in html
        assert "<img src=x" not in html
        assert "<script>alert" not in html
        assert "</textarea></template>" not in html
    assert browser.get("/prompts/", {"q": HOSTILE}).status_code == 200


def test_a_copy_is_ones_own_and_starts_a_history_of_its_own(
    ann: User, bob: User, alias: Alias, signed_in: Browser
) -> None:
    closed = Alias.objects.create(name="closed")
    closed.groups.add(Group.objects.create(name="Board"))
    prompt = prompt_of(ann, shared="everyone", temperature="0.2", think="1", alias=alias.pk)
    browser = signed_in(bob)
    for name in ("summary", "summary-2"):
        response = browser.post(f"/prompts/{prompt.pk}/duplicate/")
        copy = Prompt.objects.get(owner=bob, name=name)
        assert response["Location"] == f"/prompts/{copy.pk}/edit/"
        assert (copy.instructions, copy.temperature, copy.think, copy.alias) == ("Be brief.", 0.2, True, alias)
        assert (copy.shared, copy.version, copy.versions.count()) == ("nobody", 1, 1)
    Prompt.objects.filter(pk=prompt.pk).update(alias=closed)
    browser.post(f"/prompts/{prompt.pk}/duplicate/")
    assert Prompt.objects.get(owner=bob, name="summary-3").alias is None


def test_long_names_find_room_for_their_number(ann: User, signed_in: Browser) -> None:
    prompt = prompt_of(ann, name="x" * 40)
    for _ in range(10):
        assert signed_in(ann).post(f"/prompts/{prompt.pk}/duplicate/").status_code == 302
    names = set(Prompt.objects.values_list("name", flat=True))
    assert {"x" * 38 + "-2", "x" * 37 + "-11"} < names


def test_archive_tells_offers_undo_and_gives_the_list_as_it_is(ann: User, signed_in: Browser) -> None:
    prompt, browser = prompt_of(ann), signed_in(ann)
    prompt_of(ann, name="other")
    html = browser.post(f"/prompts/{prompt.pk}/archive/?q=s", headers=HTMX).content.decode()
    assert "/summary is archived." in html
    assert f'hx-post="/prompts/{prompt.pk}/restore/?q=s"' in html
    assert 'id="library"' in html
    assert f'data-row="{prompt.pk}"' not in html
    html = browser.post(f"/prompts/{prompt.pk}/restore/?q=s", headers=HTMX).content.decode()
    assert f'data-row="{prompt.pk}"' in html
    assert "is archived" not in html
    assert "hx-swap-oob" not in html


def test_only_what_is_archived_is_deleted_and_for_good(ann: User, signed_in: Browser) -> None:
    prompt, browser = prompt_of(ann), signed_in(ann)
    assert browser.post(f"/prompts/{prompt.pk}/delete/").status_code == 404
    browser.post(f"/prompts/{prompt.pk}/archive/")
    assert "Delete /summary?" in text(browser.get(f"/prompts/{prompt.pk}/delete/"))
    assert browser.post(f"/prompts/{prompt.pk}/delete/").status_code == 302
    assert not Prompt.objects.exists()


def test_search_finds_all_words_in_any_case_and_width(ann: User, signed_in: Browser) -> None:
    found = prompt_of(ann, name="总结", title="Отчёт ÜBER ＰＤＦ")
    prompt_of(ann, name="other")
    browser = signed_in(ann)
    for words in ("总结", "отчёт", "über pdf", "PDF 总", "ｐｄｆ"):
        for path in ("/prompts/", "/prompts/menu/"):
            html = browser.get(path, {"q": words}).content.decode()
            assert f"/{found.name}" in html
            assert "/other" not in html
    for words in ("%", "_", "总 x", "\\", "'", '"', "x" * 10_000, "\x00", "NEAR("):
        assert b"/other" not in browser.get("/prompts/", {"q": words}).content
        assert b"/other" not in browser.get("/prompts/menu/", {"q": words}).content


def test_the_list_is_empty_at_first(ann: User, signed_in: Browser) -> None:
    assert "No prompts yet" in text(signed_in(ann).get("/prompts/"))
    assert "Nothing is archived." in text(signed_in(ann).get("/prompts/?show=archived"))
    assert "Nothing found for “zz”." in text(signed_in(ann).get("/prompts/?q=zz"))


def fill(owners: list[User], prompt: Prompt, group: Group, numbers: range) -> None:
    """More prompts for the group, and more versions of this one."""
    prompts = [
        Prompt(owner=owners[i % 2], name=f"p{i:03}", shared="groups", found_by=f"p{i:03}", instructions="x" * 20_000)
        for i in numbers
    ]
    for made in Prompt.objects.bulk_create(prompts):
        made.groups.add(group)
    fields = prompt.versions.get(number=1).fields
    Version.objects.bulk_create(Version(prompt=prompt, number=i, by=owners[0], fields=fields) for i in numbers)


def test_more_prompts_cost_no_query_more(
    ann: User, bob: User, alias: Alias, signed_in: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    group = Group.objects.create(name="Cathodes")
    bob.groups.add(group)
    prompt, browser = prompt_of(bob, name="first", alias=alias.pk), signed_in(bob)
    at = f"/prompts/{prompt.pk}/"
    fill([ann, bob], prompt, group, range(2, 6))
    pages = ("/prompts/", "/prompts/?q=p", "/prompts/new/", at, f"{at}edit/", f"{at}history/", f"{at}use/")
    costs = {}
    for path in pages:
        with CaptureQueriesContext(connection) as queries:
            browser.get(path)
        costs[path] = len(queries)
        # Prompts, their groups or versions.
        assert sum('FROM "prompts_' in query["sql"] for query in queries) <= 2
    for count in (5, 500):
        # The session, the person, the prompts.
        with django_assert_num_queries(3):
            menu = browser.get("/prompts/menu/").content
        assert menu.count(b'role="option"') == min(count, 50)
        assert (b"data-more" in menu) == (count > 50)
        assert len(menu) < 30_000
        with django_assert_num_queries(4):
            browser.get(f"{at}chip/")
        for path in pages:
            with django_assert_num_queries(costs[path]):
                assert len(browser.get(path).content) < 250_000
        if count == 5:
            fill([ann, bob], prompt, group, range(6, 501))
    assert browser.get("/prompts/").content.count(b"data-row=") == 100
    assert browser.get(f"{at}history/").content.count(b"<b>Version") == 30


def test_the_second_page_goes_on_where_the_first_one_ends(ann: User, signed_in: Browser) -> None:
    Prompt.objects.bulk_create(Prompt(owner=ann, name=f"p{i:03}", found_by=f"p{i:03}") for i in range(150))
    browser = signed_in(ann)
    first, second = browser.get("/prompts/").content, browser.get("/prompts/?page=2").content
    assert first.count(b"data-row=") == 100
    assert second.count(b"data-row=") == 50
    assert b">/p099<" in first
    assert b">/p100<" in second
    assert b"page=1" in second
    assert b"page=3" not in second
    assert browser.get("/prompts/?page=3").content.count(b"data-row=") == 0
