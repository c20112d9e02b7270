"""One's own account: name, theme, password, other sessions, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.limits import PAIR
from accounts.models import User
from accounts.sessions import user_for_session
from tests.conftest import PASSWORD

NEW = "a wholly new phrase"
Browser = Callable[[User], Client]


def key(client: Client) -> str:
    return client.cookies["parley"].value


def test_name_and_theme_are_saved_and_the_page_follows(ann: User, signed_in: Browser) -> None:
    client = signed_in(ann)
    response = client.post("/account/", {"name": "  Ann\tMarie  ", "theme": "dark"}, follow=True)
    ann.refresh_from_db()
    assert (ann.name, ann.theme) == ("Ann Marie", "dark")
    assert "Saved." in response.content.decode()
    assert 'data-theme="dark"' in response.content.decode()


def test_the_theme_switch_of_the_chat_leaves_no_notice_behind(ann: User, signed_in: Browser) -> None:
    client = signed_in(ann)
    response = client.post("/account/theme/", {"theme": "dark", "name": "Other"}, headers={"HX-Request": "true"})
    assert response.status_code == 204
    html = client.get("/account/").content.decode()
    assert 'data-theme="dark"' in html
    assert "Saved." not in html


def test_the_theme_switch_changes_the_theme_alone(ann: User, signed_in: Browser) -> None:
    client = signed_in(ann)
    assert client.post("/account/theme/", {"theme": "dark", "name": "Other"}).status_code == 302
    assert client.post("/account/theme/", {"theme": "<script>"}).status_code == 400
    assert client.get("/account/theme/").status_code == 405
    ann.refresh_from_db()
    assert (ann.name, ann.theme) == ("Ann", "dark")


def test_privileges_in_the_form_are_ignored(ann: User, eve: User, signed_in: Browser) -> None:
    rights = {"is_staff": "1", "is_superuser": "1", "is_active": "0", "role": "admin", "groups": "1"}
    others = {"id": str(eve.pk), "pk": str(eve.pk), "email": "root@example.org", "password": "x"}
    signed_in(ann).post("/account/", {"name": "Ann", "theme": "light"} | rights | others)
    before, after = ann, User.objects.get(pk=ann.pk)
    assert (after.is_staff, after.is_superuser, after.is_active) == (False, False, True)
    assert (after.email, after.password, after.groups.count()) == (before.email, before.password, 0)
    assert User.objects.get(pk=eve.pk).theme == "system"


@pytest.mark.parametrize("form", [{"name": "", "theme": "dark"}, {"name": "Ann", "theme": "<script>"}])
def test_an_invalid_form_comes_back_and_changes_nothing(ann: User, signed_in: Browser, form: dict[str, str]) -> None:
    response = signed_in(ann).post("/account/", form)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert User.objects.get(pk=ann.pk).theme == "system"


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(ann: User, signed_in: Browser) -> None:
    here, there, third = signed_in(ann), signed_in(ann), signed_in(ann)
    response = here.post("/account/password/", {"old_password": PASSWORD, "password": NEW})
    assert response.status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert user_for_session(key(here)) == ann
    assert user_for_session(key(third)) is None
    assert Client().post("/sign-in/", {"email": ann.email, "password": NEW}).status_code == 302


def test_the_old_password_must_be_right(ann: User, signed_in: Browser) -> None:
    response = signed_in(ann).post("/account/password/", {"old_password": "wrong", "password": NEW})
    assert response.status_code == 422
    assert "That is not your password." in response.content.decode()
    assert NEW not in response.content.decode()
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_guessing_the_old_password_is_throttled(ann: User, signed_in: Browser) -> None:
    client = signed_in(ann)
    form = {"old_password": "wrong", "password": NEW}
    found = [client.post("/account/password/", form).status_code for _ in range(PAIR.attempts + 1)]
    assert found == [422] * PAIR.attempts + [429]


@pytest.mark.parametrize("password", ["too short", "password1234", "ann@example.org", "x" * 1001])
def test_a_weak_password_is_refused(ann: User, signed_in: Browser, password: str) -> None:
    response = signed_in(ann).post("/account/password/", {"old_password": PASSWORD, "password": password})
    assert response.status_code == 422
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_ten_characters_are_enough_as_the_form_says(ann: User, signed_in: Browser) -> None:
    client = signed_in(ann)
    assert "At least 10 characters" in client.get("/account/").content.decode()
    response = client.post("/account/password/", {"old_password": PASSWORD, "password": "kWq7-zPn.1"})
    assert response.status_code == 302


def test_signing_out_elsewhere_ends_every_session_but_this_one(ann: User, bob: User, signed_in: Browser) -> None:
    here, there, bobs = signed_in(ann), signed_in(ann), signed_in(bob)
    assert here.post("/account/sign-out-elsewhere/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert user_for_session(key(there)) is None
    assert bobs.get("/account/").status_code == 200
