"""Pages lead a stranger to the sign-in page; fragments say in place that the session is over."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/c/abc/?page=2"}


def test_a_page_leads_to_the_sign_in_page_and_back(client: Client, db: None) -> None:
    response = client.get("/account/?tab=1")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/account/%3Ftab%3D1"


def test_a_plain_post_leads_to_the_start_page_as_its_address_takes_no_get(client: Client, db: None) -> None:
    response = client.post("/account/password/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_fragment_gets_401_with_a_link_back_to_its_page(client: Client, db: None, method: str) -> None:
    response = getattr(client, method)("/account/", headers=HTMX)
    assert response.status_code == 401
    html = response.content.decode()
    assert "You are signed out." in html
    assert "Your text is kept." in html
    assert 'href="/sign-in/?next=%2Fc%2Fabc%2F%3Fpage%3D2"' in html
    assert "<html" not in html


@pytest.mark.parametrize("page", ["https://evil.example/x", "http://[::1", "javascript:alert(1)", '"><script>'])
def test_the_link_back_stays_on_the_site(client: Client, db: None, page: str) -> None:
    response = client.get("/account/", headers=HTMX | {"HX-Current-URL": page})
    assert response.status_code == 401
    assert 'href="/sign-in/?next=%2F"' in response.content.decode()


def test_a_member_gets_the_fragment_itself(client: Client, ann: User) -> None:
    client.force_login(ann)
    assert client.get("/account/", headers=HTMX).status_code == 200


@pytest.mark.parametrize("name", ["Remote-User", "X-Forwarded-User", "X-Email", "X-Remote-User"])
def test_nobody_is_signed_in_by_a_header(client: Client, admin: User, name: str) -> None:
    assert client.get("/account/", headers={name: admin.email}).status_code == 302
    assert client.get("/account/", REMOTE_USER=admin.email).status_code == 302


@pytest.mark.parametrize("path", ["/sign-up/", "/signup/", "/register/", "/accounts/signup/", "/setup/", "/setup/x/"])
def test_nobody_can_make_an_account_of_their_own(client: Client, admin: User, path: str) -> None:
    form = {"email": "eve@example.org", "name": "Eve", "password": "correct horse battery"}
    assert client.post(path, form).status_code == 404
    assert User.objects.count() == 1
