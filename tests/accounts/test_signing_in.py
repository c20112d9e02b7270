"""Signing in: the right pair opens a new session, every other pair looks the same."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from accounts.hashers import Argon2
from accounts.limits import PASSWORD_CHARACTERS
from accounts.models import User
from accounts.views import WRONG_PAIR
from tests.conftest import PASSWORD


class CountingArgon2(Argon2):
    """Argon2 that notes how often it had to work."""

    work: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.work.append("encode")
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        self.work.append("verify")
        return super().verify(password, encoded)


@pytest.fixture
def work(settings: Settings) -> list[str]:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingArgon2"]
    CountingArgon2.work.clear()
    return CountingArgon2.work


def test_the_right_pair_leads_to_the_start_page(client: Client, ann: User) -> None:
    response = client.post("/sign-in/", {"email": ann.email, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(ann.pk)


def test_the_case_of_the_email_does_not_matter(client: Client, ann: User) -> None:
    assert client.post("/sign-in/", {"email": " ANN@Example.ORG ", "password": PASSWORD}).status_code == 302


def test_emails_are_stored_in_lower_case_whoever_writes_them(db: None) -> None:
    made = User.objects.create(email="Zoe@Example.org", name="Zoe")
    made.refresh_from_db()
    assert made.email == "zoe@example.org"
    assert User.objects.get_by_natural_key("ZOE@example.org") == made


@pytest.mark.parametrize("email", ["ann@example.org", "nobody@example.org", "not an address", ""])
def test_every_wrong_pair_gets_the_same_page(client: Client, ann: User, email: str) -> None:
    response = client.post("/sign-in/", {"email": email, "password": "wrong"})
    assert response.status_code == 422
    page = response.content.decode()
    assert WRONG_PAIR in page
    assert page.count("notice bad") == 1
    assert "wrong" not in page
    assert "_auth_user_id" not in client.session


def test_the_pages_for_a_known_and_an_unknown_name_differ_in_nothing_but_the_name(client: Client, ann: User) -> None:
    def page(email: str) -> str:
        response = client.post("/sign-in/", {"email": email, "password": "wrong"})
        token = response.context["csrf_token"]
        return response.content.decode().replace(str(token), "").replace(email, "")

    assert page("ann@example.org") == page("eve@example.org")


@pytest.mark.parametrize("email", ["ann@example.org", "nobody@example.org", "off@example.org", "sso@example.org"])
def test_every_wrong_pair_costs_one_hash(client: Client, work: list[str], ann: User, email: str) -> None:
    User.objects.create_user("off@example.org", PASSWORD, name="Off", is_active=False)
    User.objects.create_user("sso@example.org", name="Without a password")
    work.clear()
    client.post("/sign-in/", {"email": email, "password": "wrong"})
    assert len(work) == 1


def test_a_password_of_a_megabyte_is_refused_before_it_is_hashed(client: Client, work: list[str], ann: User) -> None:
    work.clear()
    response = client.post("/sign-in/", {"email": ann.email, "password": "x" * 1_000_000})
    assert response.status_code == 422
    assert WRONG_PAIR in response.content.decode()
    client.post("/sign-in/", {"email": ann.email, "password": "x" * (PASSWORD_CHARACTERS + 1)})
    assert work == []


def test_the_hash_has_the_cost_that_we_chose(ann: User) -> None:
    assert ann.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_deactivated_member_cannot_sign_in_and_has_no_session_left(client: Client, ann: User) -> None:
    client.force_login(ann)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert client.get("/account/").status_code == 302
    page = client.post("/sign-in/", {"email": ann.email, "password": PASSWORD})
    assert page.status_code == 422
    assert WRONG_PAIR in page.content.decode()


def test_signing_in_takes_a_new_session_id_and_ends_the_old_one(client: Client, ann: User) -> None:
    session = client.session
    session["planted"] = "by Eve"
    session.save()
    planted = session.session_key
    assert client.cookies["parley"].value == planted
    client.post("/sign-in/", {"email": ann.email, "password": PASSWORD})
    assert client.cookies["parley"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_signing_in_as_somebody_else_leaves_nothing_of_the_session_before(client: Client, ann: User, bob: User) -> None:
    client.force_login(ann)
    session = client.session
    session["draft"] = "Ann's"
    session.save()
    client.post("/sign-in/", {"email": bob.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(bob.pk)
    assert "draft" not in client.session


@pytest.mark.parametrize(("ticked", "lives"), [({"stay": "on"}, 30 * 24 * 3600), ({}, "")])
def test_staying_signed_in_is_a_choice(client: Client, ann: User, ticked: dict[str, str], lives: object) -> None:
    response = client.post("/sign-in/", {"email": ann.email, "password": PASSWORD, **ticked})
    assert response.cookies["parley"]["max-age"] == lives


def test_the_page_says_when_the_server_is_not_set_up(client: Client, db: None) -> None:
    assert "not set up yet" in client.get("/sign-in/").content.decode()


def test_the_page_is_silent_about_set_up_once_there_is_an_administrator(client: Client, admin: User) -> None:
    assert "not set up yet" not in client.get("/sign-in/").content.decode()


def test_whoever_is_signed_in_already_goes_on(client: Client, ann: User) -> None:
    client.force_login(ann)
    response = client.get("/sign-in/?next=/account/")
    assert (response.status_code, response["Location"]) == (302, "/account/")


def test_the_page_is_kept_by_no_cache(client: Client, db: None) -> None:
    assert "no-store" in client.get("/sign-in/")["Cache-Control"]
