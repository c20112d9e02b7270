"""Nothing changes without the form's token or from another site; cookies are out of scripts' and strangers' reach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from accounts.setup import setup_link
from tests.conftest import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
POSTS = [
    "/sign-in/",
    "/sign-out/",
    "/account/",
    "/account/password/",
    "/account/sign-out-elsewhere/",
    "/admin/accounts/user/add/",
    "/admin/catalog/provider/add/",
    "/admin/catalog/alias/add/",
]


@pytest.fixture
def browser(admin: User) -> Client:
    """A browser of the administrator that does check tokens."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    client.get("/sign-in/")
    return client


@pytest.mark.parametrize("path", POSTS)
def test_a_post_without_the_token_is_refused(browser: Client, path: str) -> None:
    assert browser.post(path, {"email": "admin@example.org", "password": PASSWORD}).status_code == 403
    assert browser.get("/account/").status_code == 200


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_a_post_from_another_site_is_refused_even_with_the_token(browser: Client, path: str, origin: str) -> None:
    token = str(browser.get("/account/").context["csrf_token"])
    form = {"email": "admin@example.org", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post(path, form, headers={"Origin": origin}).status_code == 403


def test_a_post_with_the_token_of_the_page_is_accepted(browser: Client) -> None:
    token = str(browser.get("/account/").context["csrf_token"])
    form = {"name": "Root", "theme": "dark", "csrfmiddlewaretoken": token}
    assert browser.post("/account/", form, headers={"Origin": "http://testserver"}).status_code == 302


def test_the_set_up_form_needs_the_token_too(db: None) -> None:
    address = setup_link("") or ""
    form = {"name": "Eve", "email": "eve@example.org", "password": PASSWORD}
    assert Client(enforce_csrf_checks=True).post(address, form).status_code == 403
    assert not User.objects.exists()


def test_cookies_are_http_only_and_same_site(client: Client, ann: User) -> None:
    client.get("/sign-in/")
    client.post("/sign-in/", {"email": ann.email, "password": PASSWORD})
    assert set(client.cookies) == {"parley", "parley-csrf"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_under_https_cookies_are_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    names = [f"{kind}_COOKIE_{what}" for kind in ("SESSION", "CSRF") for what in ("NAME", "SECURE", "HTTPONLY")]
    code = f"import json; from chatapp import settings as s; print(json.dumps([getattr(s, n) for n in {names}]))"
    environment = os.environ | {"PARLEY_ORIGIN": "https://chat.example.org", "PARLEY_DATA_DIR": str(tmp_path)}
    out = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, check=True)
    assert json.loads(out.stdout) == ["__Host-parley", True, True, "__Host-parley-csrf", True, True]
