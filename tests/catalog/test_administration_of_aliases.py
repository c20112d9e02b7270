"""Administrators say what each alias is called, where it leads, in which order, and which one is the default."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias, Provider, Route
from chatapp.conversations.models import Conversation

NO_ROUTES = {f"{inline}-{count}_FORMS": "0" for inline in ("routes", "former_names") for count in ("TOTAL", "INITIAL")}


@pytest.fixture
def office(admin: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(admin)


@pytest.fixture
def intern(db: None) -> Provider:
    return Provider.objects.create(name="Intern", base_url="https://intern.example/v1")


def form(name: str, **changes: str) -> dict[str, str]:
    sent = {"name": name, "order": "10", "hue": "teal", "thinking": "optional", "enabled": "on"}
    return sent | {"images": "10", "image_pixels": "1600000"} | NO_ROUTES | changes


def page(what: str, *args: object) -> str:
    return reverse(f"admin:catalog_alias_{what}", args=args)


def test_an_alias_is_made_with_its_routes(office: Client, intern: Provider) -> None:
    route = {"provider": str(intern.pk), "upstream_model": "intern-s1", "priority": "1", "weight": "1", "enabled": "on"}
    routes = {"routes-TOTAL_FORMS": "1"} | {f"routes-0-{field}": value for field, value in route.items()}
    assert office.post(page("add"), form("intern-science") | routes).status_code == 302
    made = Route.objects.get()
    assert (made.alias.name, made.provider, made.upstream_model) == ("intern-science", intern, "intern-s1")
    assert "Intern: intern-s1" in office.get(page("changelist")).content.decode()


def test_there_is_one_default(office: Client) -> None:
    for name in ("first", "second"):
        assert office.post(page("add"), form(name, default="on")).status_code == 302
        assert Alias.objects.get(default=True).name == name
    first = Alias.objects.get(name="first")
    office.post(page("change", first.pk), form("first", default="on"))
    assert Alias.objects.get(default=True) == first


def test_saving_another_alias_keeps_the_default(office: Client) -> None:
    office.post(page("add"), form("first", default="on"))
    office.post(page("add"), form("second"))
    assert Alias.objects.get(default=True).name == "first"


def test_the_order_is_edited_in_the_list(office: Client) -> None:
    first, second = Alias.objects.create(name="a", order=1), Alias.objects.create(name="b", order=2)
    rows = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "_save": "Save"}
    rows |= {"form-0-id": str(first.pk), "form-0-order": "9", "form-1-id": str(second.pk), "form-1-order": "2"}
    assert office.post(page("changelist"), rows).status_code == 302
    assert list(Alias.objects.all()) == [second, first]


def test_the_list_costs_the_same_however_long(
    office: Client, intern: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for i in range(20):
        Route.objects.create(alias=Alias.objects.create(name=f"a{i}"), provider=intern, upstream_model=f"m{i}")
    with django_assert_max_num_queries(12):
        office.get(page("changelist"))


@pytest.mark.parametrize("name", ["", "two words", "<b>", "x" * 65])
def test_a_name_is_something_that_can_be_typed(office: Client, name: str) -> None:
    assert office.post(page("add"), form(name)).status_code == 200
    assert not Alias.objects.exists()


def test_deleting_an_alias_shows_nobodys_conversations(office: Client, ann: User) -> None:
    alias = Alias.objects.create(name="a")
    Conversation.objects.create(owner=ann, title="Ann's secret plan", alias=alias, active_at=timezone.now())
    assert "secret plan" not in office.get(page("delete", alias.pk)).content.decode()
    assert office.post(page("delete", alias.pk), {"post": "yes"}).status_code == 302
    assert Conversation.objects.get().alias is None


def test_conversations_are_not_in_the_administration(office: Client) -> None:
    html = office.get(reverse("admin:index")).content.decode()
    assert "Aliases" in html
    assert "onversation" not in html
    assert office.get("/admin/conversations/conversation/").status_code == 404
