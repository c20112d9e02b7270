"""Signing out ends the session for good."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User


def test_the_old_cookie_opens_nothing(client: Client, ann: User) -> None:
    client.force_login(ann)
    old = client.cookies["parley"].value
    assert client.get("/account/").status_code == 200
    response = client.post("/sign-out/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/")
    client.cookies["parley"] = old
    assert client.get("/account/").status_code == 302
    assert not Session.objects.filter(session_key=old).exists()


def test_asking_for_the_address_ends_nothing(client: Client, ann: User) -> None:
    client.force_login(ann)
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/account/").status_code == 200


def test_signing_out_twice_is_harmless(client: Client, db: None) -> None:
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
