"""After signing in a browser is led to a page of ours, whatever the link said."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

FOREIGN = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    "http:evil.example",
    "https:///evil.example/",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://testserver@evil.example/",
    "http://testserver//evil.example/",
    "http://[::1",
    "evil.example",
    "/\n/evil.example",
    "",
]


@pytest.mark.parametrize("address", FOREIGN)
def test_a_foreign_address_becomes_the_start_page(client: Client, ann: User, address: str) -> None:
    form = {"email": ann.email, "password": PASSWORD, "next": address}
    assert client.post("/sign-in/", form)["Location"] == "/"
    assert client.get("/sign-in/", {"next": address})["Location"] == "/"


@pytest.mark.parametrize("address", FOREIGN)
def test_the_form_does_not_carry_a_foreign_address(client: Client, db: None, address: str) -> None:
    assert client.get("/sign-in/", {"next": address}).context["next"] == "/"


@pytest.mark.parametrize("address", ["/account/", "/c/1/?page=2#m3", "http://testserver/account/"])
def test_an_address_of_ours_is_kept(client: Client, ann: User, address: str) -> None:
    form = {"email": ann.email, "password": PASSWORD, "next": address}
    assert client.post("/sign-in/", form)["Location"] == address.removeprefix("http://testserver")


def test_a_wrong_password_does_not_lose_the_way(client: Client, ann: User) -> None:
    response = client.post("/sign-in/", {"email": ann.email, "password": "wrong", "next": "/account/"})
    assert response.context["next"] == "/account/"
