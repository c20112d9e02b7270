"""Everybody else finds nothing under the providers' addresses, whatever the method."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chatapp.catalog.models import Change, Provider

NAMES = [
    "providers",
    "new_provider",
    "test_new_provider",
    "local_servers",
    "provider",
    "test_provider",
    "sync_provider",
    "delete_provider",
]
OF_ALL = NAMES[:4]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
POSTS_ALONE = ["test_new_provider", "test_provider", "sync_provider"]


@pytest.fixture
def provider(db: None) -> Provider:
    return Provider.objects.create(name="Intern", base_url="http://127.0.0.1:9/v1")


def path(name: str, provider: Provider) -> str:
    return reverse(f"catalog:{name}", args=[] if name in OF_ALL else [provider.pk])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("staff", [False, True])
def test_members_and_half_administrators_get_404(
    eve: User, provider: Provider, signed_in: Callable[[User], Client], name: str, staff: bool
) -> None:
    User.objects.filter(pk=eve.pk).update(is_staff=staff)
    browser = signed_in(eve)
    for method in METHODS:
        assert browser.generic(method, path(name, provider)).status_code == 404
    assert Provider.objects.get() == provider
    assert not Change.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_sent_to_sign_in(client: Client, provider: Provider, name: str) -> None:
    for method in ("GET", "POST"):
        response = client.generic(method, path(name, provider))
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")
    assert client.generic("POST", path(name, provider), headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize("name", NAMES)
def test_a_form_of_another_site_is_refused(admin: User, provider: Provider, name: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    assert browser.post(path(name, provider)).status_code == 403
    assert Provider.objects.get() == provider


@pytest.mark.parametrize("name", POSTS_ALONE)
def test_a_link_sets_nothing_off(office: Client, provider: Provider, name: str) -> None:
    assert office.get(path(name, provider)).status_code == 405
