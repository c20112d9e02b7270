"""A new server: the link from the terminal makes one administrator, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import SetupToken, User
from accounts.setup import make_first_administrator, setup_link

FORM = {"name": "Mei Lin", "email": "Mei.Lin@example.org", "password": "a long phrase here"}


def open_link() -> str:
    link = setup_link("http://127.0.0.1:8000/")
    assert link is not None
    assert link.startswith("http://127.0.0.1:8000/setup/")
    return link.removeprefix("http://127.0.0.1:8000")


def test_the_link_makes_the_administrator_and_signs_in(client: Client, db: None) -> None:
    address = open_link()
    assert client.get(address).status_code == 200
    response = client.post(address, FORM)
    assert (response.status_code, response["Location"]) == (302, "/")
    made = User.objects.get()
    assert (made.email, made.name, made.is_staff, made.is_superuser) == ("mei.lin@example.org", "Mei Lin", True, True)
    assert made.check_password(FORM["password"])
    assert client.get("/account/").status_code == 200


def test_the_link_works_once(client: Client, db: None) -> None:
    address = open_link()
    client.post(address, FORM)
    stranger = Client()
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, FORM | {"email": "eve@example.org"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "é" * 9, "x" * 4000])
def test_a_wrong_token_finds_nothing(client: Client, db: None, token: str) -> None:
    open_link()
    address = reverse("accounts:setup", args=[token])
    assert client.get(address).status_code == 404
    assert client.post(address, FORM).status_code == 404
    assert not User.objects.exists()


def test_a_new_start_ends_the_old_link(client: Client, db: None) -> None:
    old, new = open_link(), open_link()
    assert old != new
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    assert SetupToken.objects.count() == 1


def test_the_token_is_long_random_and_kept_only_as_a_digest(db: None) -> None:
    token = open_link().split("/")[2]
    assert len(token) >= 43
    assert token not in str(list(SetupToken.objects.values()))


def test_there_is_no_link_once_there_is_an_administrator(client: Client, db: None) -> None:
    address = open_link()
    User.objects.create_superuser("root@example.org", "correct horse battery", name="Root")
    assert client.get(address).status_code == 404
    assert client.post(address, FORM).status_code == 404
    token = address.split("/")[2]
    assert make_first_administrator(token, email="eve@example.org", name="Eve", password=FORM["password"]) is None
    assert setup_link("http://127.0.0.1:8000") is None
    assert not SetupToken.objects.exists()


def test_members_alone_are_no_administrator(ann: User) -> None:
    assert setup_link("http://127.0.0.1:8000") is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "too short"},
        {"password": "password1234"},
        {"password": "mei.lin@example.org"},
        {"password": "x" * 1001},
        {"email": "not an address"},
        {"name": "\u202e"},
    ],
)
def test_an_invalid_form_spends_nothing(client: Client, db: None, wrong: dict[str, str]) -> None:
    address = open_link()
    response = client.post(address, FORM | wrong)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not User.objects.exists()
    assert client.post(address, FORM).status_code == 302


def test_more_fields_than_the_form_has_are_ignored(client: Client, db: None) -> None:
    client.post(open_link(), FORM | {"id": "77", "sessions_ended": "9", "theme": "dark"})
    made = User.objects.get()
    assert (made.pk == 77, made.sessions_ended, made.theme) == (False, 0, "system")


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_make_exactly_one_administrator() -> None:
    address = open_link()

    def one(i: int) -> int:
        try:
            return Client().post(address, FORM | {"email": f"user{i}@example.org"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(30) as pool:
        statuses = sorted(pool.map(one, range(30)))
    assert statuses == [302] + [404] * 29
    assert User.objects.count() == 1
