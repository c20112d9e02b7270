"""Administrators add, edit and deactivate members; nobody else sees anything, and nobody signs in there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD

NEW = "a wholly new phrase"
Browser = Callable[[User], Client]


def change(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def form_of(user: User, **changes: object) -> dict[str, object]:
    flags = ("is_active", "is_staff", "is_superuser")
    values = {"email": user.email, "name": user.name} | {flag: getattr(user, flag) for flag in flags} | changes
    return {name: value for name, value in values.items() if value is not False}


def pages() -> list[str]:
    names = ["index", "accounts_user_changelist", "accounts_user_add", "jsi18n", "password_change", "logout"]
    return [reverse(f"admin:{name}") for name in names] + ["/admin/login/", "/admin/nothing/here/"]


def test_members_find_nothing_in_the_administration(ann: User, bob: User, signed_in: Browser) -> None:
    client = signed_in(ann)
    password = reverse("admin:auth_user_password_change", args=[bob.pk])
    for page in [*pages(), change(bob), password]:
        assert client.get(page).status_code == 404, page
        assert client.post(page, {"password1": NEW, "password2": NEW}).status_code == 404, page
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_strangers_are_led_to_the_one_door(client: Client, admin: User) -> None:
    for page in [*pages(), change(admin)]:
        response = client.get(page)
        assert response.status_code == 302, page
        assert response["Location"] == f"/sign-in/?next={page}"


def test_nobody_can_guess_passwords_at_the_administration(client: Client, admin: User) -> None:
    form = {"username": admin.email, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", form)["Location"].startswith("/sign-in/")
    assert "_auth_user_id" not in client.session


def test_after_signing_in_an_administrator_arrives(client: Client, admin: User) -> None:
    response = client.post("/sign-in/", {"email": admin.email, "password": PASSWORD, "next": "/admin/"}, follow=True)
    assert response.status_code == 200
    assert "Parley administration" in response.content.decode()
    assert client.get("/admin/login/")["Location"] == "/admin/"
    assert client.get("/admin/password_change/")["Location"] == "/account/"


def test_a_member_is_added_with_a_password(admin: User, signed_in: Browser) -> None:
    form = {"email": "Zoe@example.org", "name": "Zoe", "password1": NEW, "password2": NEW, "usable_password": "true"}
    assert signed_in(admin).post(reverse("admin:accounts_user_add"), form).status_code == 302
    assert Client().post("/sign-in/", {"email": "zoe@example.org", "password": NEW}).status_code == 302


@pytest.mark.parametrize("password", ["too short", "x" * 1001])
def test_a_bad_password_is_refused_here_too(admin: User, signed_in: Browser, password: str) -> None:
    form = {"email": "zoe@example.org", "name": "Zoe", "password1": password, "password2": password}
    assert signed_in(admin).post(reverse("admin:accounts_user_add"), form).status_code == 200
    assert not User.objects.filter(email="zoe@example.org").exists()


def test_an_address_is_taken_in_any_case(admin: User, ann: User, signed_in: Browser) -> None:
    form = {"email": "ANN@example.org", "name": "Zoe", "password1": NEW, "password2": NEW}
    assert "already exists" in signed_in(admin).post(reverse("admin:accounts_user_add"), form).content.decode()


def test_no_page_shows_a_hash_and_no_entry_a_password(admin: User, ann: User, signed_in: Browser) -> None:
    client = signed_in(admin)
    password = reverse("admin:auth_user_password_change", args=[ann.pk])
    assert client.post(password, {"password1": NEW, "password2": NEW, "usable_password": "true"}).status_code == 302
    ann.refresh_from_db()
    assert ann.check_password(NEW)
    history = reverse("admin:accounts_user_history", args=[ann.pk])
    for page in [change(ann), password, history, reverse("admin:accounts_user_changelist"), reverse("admin:index")]:
        html = client.get(page).content.decode()
        assert "argon2" not in html, page
        assert ann.password[-20:] not in html, page
        assert NEW not in html, page
    assert password.removeprefix("/admin/") in client.get(change(ann)).content.decode()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (admin, str(ann.pk))
    assert NEW not in entry.change_message


def test_deactivating_a_member_ends_the_session_with_the_next_request(
    admin: User, ann: User, signed_in: Browser
) -> None:
    hers = signed_in(ann)
    assert signed_in(admin).post(change(ann), form_of(ann, is_active=False)).status_code == 302
    assert hers.get("/account/").status_code == 302


def test_a_demoted_administrator_is_out_with_the_next_request(admin: User, ann: User, signed_in: Browser) -> None:
    User.objects.filter(pk=ann.pk).update(is_staff=True, is_superuser=True)
    hers = signed_in(ann)
    assert hers.get("/admin/").status_code == 200
    ann.refresh_from_db()
    signed_in(admin).post(change(ann), form_of(ann, is_staff=False, is_superuser=False))
    assert hers.get("/admin/").status_code == 404


@pytest.mark.parametrize("flag", ["is_active", "is_staff", "is_superuser"])
def test_the_last_administrator_stays(admin: User, signed_in: Browser, flag: str) -> None:
    response = signed_in(admin).post(change(admin), form_of(admin, **{flag: False}))
    assert "This is the only administrator." in response.content.decode()
    assert User.objects.administrators().get() == admin


def test_one_of_two_administrators_may_go(admin: User, ann: User, signed_in: Browser) -> None:
    User.objects.filter(pk=ann.pk).update(is_staff=True, is_superuser=True)
    assert signed_in(admin).post(change(admin), form_of(admin, is_superuser=False)).status_code == 302
    assert User.objects.administrators().get() == ann


def test_staff_who_are_no_superusers_cannot_touch_members(admin: User, ann: User, signed_in: Browser) -> None:
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    client = signed_in(ann)
    assert client.get("/admin/").status_code == 200
    assert client.post(change(ann), form_of(ann, is_superuser=True)).status_code == 403
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403


def test_members_cannot_be_deleted_as_that_would_list_what_they_wrote(
    admin: User, ann: User, signed_in: Browser
) -> None:
    client = signed_in(admin)
    assert client.get(reverse("admin:accounts_user_delete", args=[ann.pk])).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [ann.pk]}
    client.post(reverse("admin:accounts_user_changelist"), selected)
    assert User.objects.filter(pk=ann.pk).exists()
