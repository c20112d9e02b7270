"""An administrator makes, changes and deletes rules, and sees what each would delete before it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.retention.models import Rule
from tests.catalog.desk import text
from tests.conftest import make_member
from tests.retention.chats import chat, picture, rule

LIST, NEW = "/manage/retention/", "/manage/retention/new/"
HTMX = {"HX-Request": "true"}
THIRTY = {"days": "30", "spares_pinned": "on", "spares_filed": "on"}
ON = THIRTY | {"enabled": "on"}
SEEN = {"seen": "30-0-110"}


def test_without_rules_the_page_says_so_and_offers_one(office: Client) -> None:
    shown = text(office.get(LIST))
    assert "No rule yet" in shown
    assert "chats stay until their owners delete them" in shown


def test_a_rule_that_deletes_nothing_yet_is_saved_at_once(office: Client) -> None:
    assert office.post(NEW, ON).status_code == 302
    saved = Rule.objects.get()
    assert (saved.days, saved.group, saved.enabled) == (30, None, True)
    assert saved.spares_pinned
    assert saved.spares_filed
    assert not saved.archived_only
    assert "Saved." in text(office.get(LIST))


def test_a_rule_that_would_delete_chats_is_looked_at_before_it_is_saved(office: Client, ann: User) -> None:
    picture(chat(ann, 40), bytes=2_000_000)
    response = office.post(NEW, ON)
    shown = text(response)
    assert response.status_code == 422
    assert "Nothing is saved yet. Look at what this rule would delete, then save again." in shown
    assert "Now it would delete 1 chat with 2 messages and 1 image (1.9\xa0MB)" in response.content.decode().replace(
        "<b>", ""
    ).replace("</b>", "")
    assert 'name="seen" value="30-0-110"' in response.content.decode()
    assert not Rule.objects.exists()
    assert office.post(NEW, ON | SEEN).status_code == 302
    assert Rule.objects.get().enabled


def test_what_was_looked_at_counts_for_these_values_alone(office: Client, ann: User) -> None:
    chat(ann, 40)
    assert office.post(NEW, ON | SEEN | {"days": "20"}).status_code == 422
    assert office.post(NEW, {"days": "30", "enabled": "on"} | SEEN).status_code == 422
    assert not Rule.objects.exists()


def test_a_rule_that_is_off_is_saved_without_a_look(office: Client, ann: User) -> None:
    chat(ann, 40)
    assert office.post(NEW, THIRTY).status_code == 302
    shown = text(office.get(LIST))
    assert "Chats that were not used for 30 days are deleted" in shown
    assert "No rule is on: it deletes nothing." in shown


def test_the_look_alone_saves_nothing(office: Client, ann: User, bob: User) -> None:
    for owner in (ann, ann, bob):
        chat(owner, 40)
    for response in (office.post(NEW, ON | {"look": "1"}, headers=HTMX), office.post(NEW, ON | {"look": "1"})):
        shown = text(response)
        assert response.status_code == 200
        assert "3 chats with 6 messages." in shown
        assert "Ann 2" in shown
        assert "Bob 1" in shown
        assert 'value="30-0-110"' in response.content.decode()
    assert not Rule.objects.exists()


def test_a_look_at_a_wrong_form_says_so_and_is_no_look(office: Client) -> None:
    response = office.post(NEW, ON | {"days": "x", "look": "1"}, headers=HTMX)
    assert response.status_code == 200
    assert "not right yet" in text(response)
    assert b'name="seen"' not in response.content


def test_administrators_see_counts_and_not_a_word_of_the_chats(office: Client, ann: User) -> None:
    chat(ann, 40)
    saved = rule()
    for address in (LIST, NEW, f"{LIST}{saved.pk}/"):
        assert "secret" not in office.get(address).content.decode()


def test_the_list_says_what_each_rule_names_and_what_all_delete_together(office: Client, ann: User, bob: User) -> None:
    group = Group.objects.create(name="Guests")
    bob.groups.add(group)
    rule(30)
    rule(10, group=group)
    rule(1, enabled=False)
    for owner, days in ((ann, 40), (ann, 20), (bob, 40), (bob, 20)):
        chat(owner, days)
    shown = text(office.get(LIST))
    assert "10 days are deleted, except those that are pinned or in a folder. Guests 2 On" in shown
    assert "30 days are deleted, except those that are pinned or in a folder. Everyone's 2 On" in shown
    assert "a day are deleted, except those that are pinned or in a folder. Everyone's 4 Off" in shown
    assert "All rules together would delete 3 chats" in shown


def test_a_rule_is_changed_and_deleted(office: Client) -> None:
    saved = rule()
    assert office.get(f"{LIST}{saved.pk}/").status_code == 200
    assert office.post(f"{LIST}{saved.pk}/", {"days": "1,000"}).status_code == 302
    saved.refresh_from_db()
    assert (saved.days, saved.enabled, saved.spares_pinned) == (1000, False, False)
    assert office.get(f"{LIST}{saved.pk}/delete/").status_code == 405
    assert office.post(f"{LIST}{saved.pk}/delete/").status_code == 302
    assert not Rule.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"days": ""}, {"days": "0"}, {"days": "3651"}, {"days": "9" * 4000}, {"days": "x"}, {"group": "77"}]
)
def test_a_bad_value_is_named_and_nothing_is_saved(office: Client, wrong: dict[str, str]) -> None:
    response = office.post(NEW, ON | wrong)
    assert response.status_code == 422
    assert f'id="id_{next(iter(wrong))}_error"' in response.content.decode()
    assert not Rule.objects.exists()


def test_a_rule_for_a_group(office: Client, bob: User) -> None:
    group = Group.objects.create(name="<Guests>")
    assert office.post(NEW, ON | {"group": str(group.pk)}).status_code == 302
    assert Rule.objects.get().group == group
    assert b"&lt;Guests&gt;" in office.get(LIST).content


def test_the_number_of_queries_does_not_grow(
    office: Client, ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    saved = rule()
    chat(ann, 40)

    def look() -> None:
        for address in (LIST, f"{LIST}{saved.pk}/"):
            with django_assert_num_queries(7):
                office.get(address)

    look()
    for number in range(60):
        picture(chat(make_member(f"Member{number}"), 40 + number))
    for days in range(31, 36):
        rule(days)
    look()
    assert "and 11 more members" in text(office.get(LIST))


@pytest.mark.parametrize("address", [LIST, NEW, f"{LIST}1/", f"{LIST}1/delete/"])
@pytest.mark.parametrize("staff", [False, True])
def test_members_and_half_administrators_get_404(
    eve: User, signed_in: Callable[[User], Client], address: str, staff: bool
) -> None:
    User.objects.filter(pk=eve.pk).update(is_staff=staff)
    saved = rule(pk=1)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        assert signed_in(eve).generic(method, address).status_code == 404
    assert Rule.objects.get() == saved


@pytest.mark.parametrize("address", [LIST, NEW, f"{LIST}1/", f"{LIST}1/delete/"])
def test_a_form_of_another_site_is_refused(admin: User, address: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    assert browser.post(address).status_code == 403


@pytest.mark.parametrize("pk", ["9223372036854775807", "9223372036854775808", "9" * 4000, "0", "-1", "%00", "x"])
def test_impossible_ids_are_404_never_500(office: Client, pk: str) -> None:
    for address in (f"{LIST}{pk}/", f"{LIST}{pk}/delete/"):
        assert office.post(address).status_code == 404


def test_members_read_on_their_account_what_concerns_them(
    ann: User, bob: User, signed_in: Callable[[User], Client]
) -> None:
    group = Group.objects.create(name="Guests")
    bob.groups.add(group)
    assert "Until you delete them." in text(signed_in(ann).get("/account/"))
    rule(90, group=group)
    assert "Until you delete them." in text(signed_in(ann).get("/account/"))
    assert "Chats that were not used for 90 days are deleted" in text(signed_in(bob).get("/account/"))
