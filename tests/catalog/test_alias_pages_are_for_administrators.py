"""Everybody else finds nothing under the aliases' addresses, whatever the method."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chatapp.catalog.models import Alias, Change
from chatapp.catalog.urls import urlpatterns

OF_ALL = ["aliases", "order_aliases", "new_alias", "models_of_provider"]
OF_ONE = ["alias", "try_alias", "test_alias", "delete_alias"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
POSTS_ALONE = ["order_aliases", "try_alias", "test_alias"]


def path(name: str, alias: Alias) -> str:
    return reverse(f"catalog:{name}", args=[alias.pk] if name in OF_ONE else [])


def test_no_address_is_forgotten_here() -> None:
    own = {one.name for one in urlpatterns if str(one.pattern).startswith("manage/aliases/")}
    assert own == {*OF_ALL, *OF_ONE}


@pytest.mark.parametrize("name", [*OF_ALL, *OF_ONE])
@pytest.mark.parametrize("staff", [False, True])
def test_members_and_half_administrators_get_404(
    eve: User, alias: Alias, signed_in: Callable[[User], Client], name: str, staff: bool
) -> None:
    User.objects.filter(pk=eve.pk).update(is_staff=staff)
    browser = signed_in(eve)
    for method in METHODS:
        assert browser.generic(method, path(name, alias)).status_code == 404
    assert Alias.objects.get() == alias
    assert not Change.objects.exists()


@pytest.mark.parametrize("name", [*OF_ALL, *OF_ONE])
def test_nobody_is_sent_to_sign_in(client: Client, alias: Alias, name: str) -> None:
    for method in ("GET", "POST"):
        response = client.generic(method, path(name, alias))
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("name", ["order_aliases", "new_alias", *OF_ONE])
def test_a_form_of_another_site_is_refused(admin: User, alias: Alias, name: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    assert browser.post(path(name, alias)).status_code == 403
    assert Alias.objects.get() == alias


@pytest.mark.parametrize("name", POSTS_ALONE)
def test_a_link_sets_nothing_off(office: Client, alias: Alias, name: str) -> None:
    assert office.get(path(name, alias)).status_code == 405


def test_who_is_no_administrator_any_more_finds_nothing_with_the_next_request(
    admin: User, office: Client, alias: Alias
) -> None:
    assert office.get(path("alias", alias)).status_code == 200
    User.objects.filter(pk=admin.pk).update(is_superuser=False)
    assert office.get(path("alias", alias)).status_code == 404
