"""One function decides who may use an alias; an alias that leads nowhere is nobody's."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.access import aliases_for, default_alias, may_use, only_demo, routes_of
from chatapp.catalog.models import Alias, Provider, Route


@pytest.fixture
def intern(db: None) -> Provider:
    return Provider.objects.create(name="Intern", base_url="https://intern.example/v1")


def make(name: str, provider: Provider, **fields: object) -> Alias:
    alias = Alias.objects.create(name=name, **fields)
    Route.objects.create(alias=alias, provider=provider, upstream_model=name)
    return alias


def test_members_may_use_what_leads_somewhere_in_the_teams_order(ann: User, intern: Provider) -> None:
    second, first = make("b", intern, order=2), make("a", intern, order=1)
    third = make("c", intern, order=2)
    assert list(aliases_for(ann)) == [first, second, third]
    assert may_use(ann, second)


def test_two_routes_make_no_second_alias(ann: User, intern: Provider) -> None:
    alias = make("a", intern)
    Route.objects.create(alias=alias, provider=intern, upstream_model="other")
    assert list(aliases_for(ann)) == [alias]


@pytest.mark.parametrize("broken", ["alias", "route", "provider", "no route"])
def test_what_is_switched_off_anywhere_on_its_way_is_nobodys(ann: User, intern: Provider, broken: str) -> None:
    alias = make("a", intern)
    assert may_use(ann, alias)
    if broken == "alias":
        Alias.objects.update(enabled=False)
    elif broken == "route":
        Route.objects.update(enabled=False)
    elif broken == "provider":
        Provider.objects.update(enabled=False)
    else:
        Route.objects.all().delete()
    assert list(aliases_for(ann)) == []
    assert not may_use(ann, alias)
    assert default_alias(ann) is None


def test_one_open_way_is_enough(ann: User, intern: Provider) -> None:
    alias = make("a", intern)
    closed = Provider.objects.create(name="Closed", base_url="https://closed.example/v1", enabled=False)
    Route.objects.create(alias=alias, provider=closed, upstream_model="x", priority=0)
    assert may_use(ann, alias)
    assert [route.provider for route in routes_of(alias)] == [intern]


def test_strangers_and_deactivated_members_may_use_nothing(ann: User, intern: Provider) -> None:
    alias = make("a", intern)
    ann.is_active = False
    assert not may_use(ann, alias)
    assert not may_use(AnonymousUser(), alias)
    assert default_alias(AnonymousUser()) is None


def test_the_default_comes_first_and_else_the_first(ann: User, intern: Provider) -> None:
    first, chosen = make("a", intern, order=1), make("b", intern, order=2, default=True)
    assert default_alias(ann) == chosen
    Alias.objects.filter(pk=chosen.pk).update(enabled=False)
    assert default_alias(ann) == first


def test_the_lowest_priority_goes_first_and_then_the_heaviest(intern: Provider) -> None:
    alias = make("a", intern)
    Route.objects.create(alias=alias, provider=intern, upstream_model="heavy", weight=9)
    assert routes_of(alias)[0] == Route.objects.get(upstream_model="heavy")
    Route.objects.create(alias=alias, provider=intern, upstream_model="urgent", priority=0)
    assert routes_of(alias)[0] == Route.objects.get(upstream_model="urgent")


def test_each_question_is_one_query_however_many_aliases(
    ann: User, intern: Provider, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    aliases = [make(f"a{i}", intern) for i in range(20)]
    with django_assert_num_queries(1):
        assert len(aliases_for(ann)) == 20
    with django_assert_num_queries(1):
        assert may_use(ann, aliases[7])
    with django_assert_num_queries(1):
        assert default_alias(ann) == aliases[0]
    with django_assert_num_queries(1):
        assert routes_of(aliases[7])[0].provider.name == "Intern"


def test_only_the_demo_is_there_until_an_alias_leads_to_a_model(intern: Provider) -> None:
    demo = Provider.objects.create(name="Demo", base_url="http://127.0.0.1:9/v1", dialect=Provider.Dialect.DEMO)
    make("demo", demo)
    assert only_demo()
    make("intern", intern)
    assert not only_demo()
    Provider.objects.filter(pk=intern.pk).update(enabled=False)
    assert only_demo()
