"""The pages of aliases: what they show, what they take, and what they say when they do not take it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.health import health
from chatapp.catalog.models import Alias, FormerName, Provider, Route, UpstreamModel
from chatapp.conversations.models import Conversation
from tests.catalog.alias_desk import HOSTILE, another_route, cells, line_of, settings_of, story
from tests.catalog.desk import at, text
from tests.conftest import PASSWORD


@pytest.fixture
def intern(db: None) -> Provider:
    return Provider.objects.create(name="Intern", base_url="https://intern.example/v1")


@pytest.fixture
def science(intern: Provider) -> Alias:
    alias = Alias.objects.create(name="intern-science", description="Papers", order=1)
    Route.objects.create(alias=alias, provider=intern, upstream_model="intern-s1", weight=3)
    return alias


@pytest.fixture
def second(signed_in: Callable[[User], Client]) -> Client:
    other = User.objects.create_superuser(email="second@example.org", name="Second", password=PASSWORD)
    return signed_in(other)


def save(browser: Client, alias: Alias, status: int = 302, **changes: Any) -> str:
    """Save the alias's form with these changes; what the page says."""
    response = browser.post(at("alias", alias.pk), settings_of(alias) | changes)
    assert response.status_code == status, text(response)
    alias.refresh_from_db()
    return text(response)


def test_the_list_tells_where_each_leads_and_what_is_wrong(office: Client, intern: Provider, science: Alias) -> None:
    nowhere = Alias.objects.create(name="nowhere", order=2, enabled=False)
    off = Alias.objects.create(name="off", order=3)
    Route.objects.create(alias=off, provider=intern, upstream_model="intern-s1", enabled=False)
    Alias.objects.filter(pk=science.pk).update(thought_unasked_at=timezone.now(), default=True)
    Provider.objects.update(synced_at=timezone.now())
    group = Group.objects.create(name="Cathodes")
    nowhere.groups.add(group)
    html = office.get(at("aliases")).content
    first = cells(html, "intern-science")
    assert first[1] == "intern-science Default Papers"
    assert first[2].startswith("intern-s1 at Intern Intern does not list intern-s1. It thinks although")
    assert first[3:] == ["Everyone", "On"]
    assert cells(html, ">nowhere<")[2:] == [
        "Nowhere It leads nowhere. Nobody can choose it before it has a route.",
        "Cathodes",
        "Off",
    ]
    assert "All its routes are off" in cells(html, ">off<")[2]


def test_a_model_that_has_gone_is_told(office: Client, intern: Provider, science: Alias) -> None:
    Provider.objects.update(synced_at=timezone.now())
    UpstreamModel.objects.create(provider=intern, model_id="intern-s1", gone_at=timezone.now())
    for page in ("aliases", "alias"):
        shown = text(office.get(at(page, *([science.pk] if page == "alias" else []))))
        assert "Intern has not listed intern-s1 since" in shown


def test_an_old_unasked_thought_and_one_of_an_alias_that_always_thinks_are_no_news(
    office: Client, science: Alias
) -> None:
    Alias.objects.update(thought_unasked_at=timezone.now() - timedelta(days=30))
    assert "although" not in text(office.get(at("aliases")))
    Alias.objects.update(thought_unasked_at=timezone.now(), thinking="always")
    assert "although" not in text(office.get(at("aliases")))


def test_health_is_shown_as_it_is_known(office: Client, intern: Provider, science: Alias) -> None:
    well = science.routes.get()
    ill = Route.objects.create(alias=science, provider=intern, upstream_model="ill", priority=1)
    Route.objects.create(alias=science, provider=intern, upstream_model="spare", priority=2)
    for seconds in (0.5, 0.6, 0.7):
        health.succeeded(well.pk, seconds)
    for _ in range(2):
        health.failed(ill.pk, "network")
    html = office.get(at("alias", science.pk)).content
    assert cells(html, "intern-s1")[3:6] == ["100%", "Healthy", "0.6 s"]
    assert cells(html, ">ill<")[3:6] == ["Passed over", "Down: not reached", "–"]
    assert cells(html, ">spare<")[3:5] == ["Standby", "Not asked yet"]
    assert html.count(b"<polyline") == 1
    health.failed(well.pk, "network")
    health.failed(well.pk, "network")
    Route.objects.filter(upstream_model="spare").delete()
    assert "No healthy route" in text(office.get(at("aliases")))


def test_the_list_is_empty_with_and_without_a_provider(office: Client) -> None:
    assert "Connect a provider first" in text(office.get(at("aliases")))
    Provider.objects.create(name="Intern", base_url="https://intern.example/v1")
    assert "A provider is connected" in text(office.get(at("aliases")))


@pytest.mark.parametrize("page", ["aliases", "alias"])
def test_a_hundred_aliases_cost_no_query_more(
    office: Client,
    intern: Provider,
    science: Alias,
    page: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for i in range(100):
        alias = Alias.objects.create(name=f"a{i}", order=i)
        Route.objects.create(alias=alias, provider=intern, upstream_model=f"m{i}")
        Route.objects.create(alias=science, provider=intern, upstream_model=f"m{i}")
    with django_assert_max_num_queries(16):
        office.get(at(page, *([science.pk] if page == "alias" else [])))


def test_every_field_can_be_changed_and_is_told(office: Client, admin: User, science: Alias) -> None:
    group = Group.objects.create(name="电池组")
    other = Alias.objects.create(name="other", default=True)
    changes: dict[str, Any] = {
        "name": "书生",
        "description": "Spectra",
        "hue": "rose",
        "vision": "on",
        "tools": "on",
        "thinking": "optional",
        "think_by_default": "on",
        "images": "4",
        "image_pixels": "2,000,000",
        "context_tokens": "131,072",
        "answer_tokens": "8 192",
        "price_in": "$0.4",
        "price_out": "2",
        "temperature": "0.8",
        "top_p": "0.95",
        "top_k": "50",
        "min_p": "0",
        "groups": [group.pk],
        "shows_target": "on",
        "default": "on",
    }
    save(office, science, **changes)
    assert set(story(science)) == {
        "renamed it from intern-science to 书生",
        "wrote that it is best for Spectra",
        "coloured it rose",
        "let it read images",
        "set the images at once to 4",
        "set the size of an image to 2,000,000 pixels",
        "let it use tools",
        "said that it thinks when asked",
        "let it think by default",
        "set the context to 131,072 tokens",
        "set the answer limit to 8,192 tokens",
        "set the price in to $0.40",
        "set the price out to $2.00",
        "set the temperature to 0.8",
        "set top_p to 0.95",
        "set top_k to 50",
        "set min_p to 0",
        "gave it to 电池组 alone",
        "let members see what it points to",
        "made it the default",
    }
    assert {change.by for change in science.changes.all()} == {admin}
    assert story(other) == ["gave the default to 书生"]
    assert Alias.objects.get(default=True) == science
    shown = text(office.get(at("alias", science.pk)))
    assert "书生 Spectra Images · Thinks · Tools · 128k" in shown
    assert "It also answers to intern-science" in shown


def test_saving_the_same_again_is_no_change(office: Client, science: Alias) -> None:
    save(office, science, description="Spectra", price_in="0.40")
    for _ in range(2):
        save(office, science)
    assert len(story(science)) == 2


def test_routes_are_changed_added_and_removed_in_one_post(office: Client, intern: Provider, science: Alias) -> None:
    cluster = Provider.objects.create(name="Cluster A", base_url="http://10.0.0.7/v1")
    gone = Route.objects.create(alias=science, provider=cluster, upstream_model="old")
    kept = science.routes.get(provider=intern)
    lines = line_of(kept, weight="1", priority="2") | line_of(gone, remove="on") | another_route(cluster, "new/模型")
    save(office, science, **lines)
    assert [(route.upstream_model, route.priority, route.weight) for route in science.routes.all()] == [
        ("intern-s1", 2, 1),
        ("new/模型", 3, 1),
    ]
    assert story(science) == [
        "removed Cluster A: old",
        "moved Intern to order 2",
        "lowered Intern to weight 1",
        "added Cluster A: new/模型",
    ]
    # The same form once more: a double click.
    save(office, science, **another_route(cluster, "new/模型"))
    assert science.routes.count() == 2


def test_a_route_is_switched_off_and_two_of_one_provider_are_told_apart(
    office: Client, intern: Provider, science: Alias
) -> None:
    mini = Route.objects.create(alias=science, provider=intern, upstream_model="mini")
    form = settings_of(science)
    del form[f"route-{mini.pk}-enabled"]
    assert office.post(at("alias", science.pk), form).status_code == 302
    assert story(science) == ["switched Intern: mini off"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "two words"}, "Letters, digits"),
        ({"name": "x" * 65}, "at most 64"),
        ({"name": HOSTILE}, "Letters, digits"),
        ({"name": "taken"}, "already exists"),
        ({"name": "was-taken"}, "taken was called so once"),
        ({"description": "x" * 121}, "at most 120"),
        ({"context_tokens": "12"}, "greater than or equal to 512"),
        ({"context_tokens": "many"}, "whole number"),
        ({"context_tokens": "4096", "answer_tokens": "4096"}, "Leave room for the question"),
        ({"temperature": "2.1"}, "less than or equal to 2"),
        ({"temperature": "nan"}, "Enter a number"),
        ({"top_p": "0"}, "greater than or equal to 0.01"),
        ({"price_in": "-1"}, "greater than or equal to 0"),
        ({"price_in": "0.00001"}, "no more than 4 decimal places"),
        ({"thinking": "often"}, "valid choice"),
        ({"groups": ["999"]}, "not one of the available choices"),
        ({"new-upstream_model": "m"}, "Choose the provider"),
        ({"new-upstream_model": "m", "new-provider": "999"}, "valid choice"),
        ({"new-weight": "0"}, "greater than or equal to 1"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_saved(
    office: Client, science: Alias, wrong: dict[str, Any], sentence: str
) -> None:
    taken = Alias.objects.create(name="taken")
    FormerName.objects.create(alias=taken, name="was-taken")
    shown = save(office, science, 422, **({"description": "Typed"} | wrong))
    assert sentence in shown
    assert science.description == "Papers"
    assert not story(science)
    assert science.routes.count() == 1


def test_a_bad_number_of_a_route_is_told_above_the_table(office: Client, science: Alias) -> None:
    route = science.routes.get()
    shown = save(office, science, 422, **line_of(route, weight="heavy"))
    assert "Nothing is saved yet. intern-s1: Enter a whole number." in shown


def test_what_was_typed_is_still_there_but_the_title_is_the_saved_name(office: Client, science: Alias) -> None:
    form = settings_of(science, name="typed name", description="Typed")
    html = office.post(at("alias", science.pk), form).content.decode()
    assert "<title>intern-science · Aliases" in html
    assert 'value="typed name"' in html
    assert 'value="Typed"' in html


def test_names_are_text_and_never_markup(office: Client, intern: Provider, science: Alias) -> None:
    Provider.objects.update(name=HOSTILE)
    Route.objects.update(upstream_model=HOSTILE)
    Group.objects.create(name=HOSTILE)
    save(office, science, description=HOSTILE)
    UpstreamModel.objects.create(provider=intern, model_id=HOSTILE, ref_model=HOSTILE)
    pages = [at("aliases"), at("alias", science.pk), at("delete_alias", science.pk), at("models")]
    pages += [f"{at('new_alias')}?provider={intern.pk}&model=%3Cimg+src%3Dx%3E"]
    pages += [f"{at('models_of_provider')}?provider={intern.pk}"]
    Alias.objects.update(shows_target=True)
    for page in pages:
        html = office.get(page).content.decode()
        assert "<img" not in html, page
        assert "img" in html or page.endswith("/delete/"), page


def test_whoever_saves_second_is_told_what_the_first_changed(office: Client, second: Client, science: Alias) -> None:
    theirs = settings_of(science, description="Theirs")
    save(office, science, answer_tokens="100")
    refused = second.post(at("alias", science.pk), theirs)
    assert refused.status_code == 422
    assert "While this page was open, Admin set the answer limit to 100 tokens" in text(refused)
    science.refresh_from_db()
    assert (science.description, science.answer_tokens) == ("Papers", 100)
    again = theirs | {"seen": refused.context["seen"]}
    assert second.post(at("alias", science.pk), again).status_code == 302
    science.refresh_from_db()
    assert (science.description, science.answer_tokens) == ("Theirs", None)


def test_a_route_that_somebody_added_meanwhile_is_told_and_stays(
    office: Client, second: Client, intern: Provider, science: Alias
) -> None:
    theirs = settings_of(science, description="Theirs")
    save(office, science, **another_route(intern, "mini"))
    refused = second.post(at("alias", science.pk), theirs)
    assert "While this page was open, Admin added Intern: mini" in text(refused)
    again = theirs | {"seen": refused.context["seen"]}
    assert second.post(at("alias", science.pk), again).status_code == 302
    assert science.routes.count() == 2


def test_a_double_click_is_no_conflict(office: Client, science: Alias) -> None:
    form = settings_of(science, description="Spectra")
    for _ in range(2):
        assert office.post(at("alias", science.pk), form).status_code == 302
    assert story(science) == ["wrote that it is best for Spectra"]


def test_a_refused_save_takes_back_routes_and_former_names_too(
    office: Client, second: Client, intern: Provider, science: Alias
) -> None:
    FormerName.objects.create(alias=science, name="old")
    theirs = settings_of(science, name="theirs", kept_names=[]) | another_route(intern, "mini")
    theirs |= line_of(science.routes.get(), remove="on")
    save(office, science, answer_tokens="100")
    assert second.post(at("alias", science.pk), theirs).status_code == 422
    assert [route.upstream_model for route in science.routes.all()] == ["intern-s1"]
    assert [former.name for former in science.former_names.all()] == ["old"]


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "٣"])
def test_a_mark_that_is_none_is_no_conflict(office: Client, second: Client, science: Alias, seen: str) -> None:
    save(second, science, answer_tokens="100")
    assert office.post(at("alias", science.pk), settings_of(science, seen=seen)).status_code == 302


def test_deleting_asks_first_and_says_who_uses_it(office: Client, ann: User, intern: Provider, science: Alias) -> None:
    Conversation.objects.create(owner=ann, title="Ann's secret plan", alias=science, active_at=timezone.now())
    asked = text(office.get(at("delete_alias", science.pk)))
    assert "1 chat chose it" in asked
    assert "secret plan" not in asked
    assert "Used in 1 chat this month" in text(office.get(at("alias", science.pk)))
    assert Alias.objects.exists()
    assert office.post(at("delete_alias", science.pk)).status_code == 302
    assert office.post(at("delete_alias", science.pk)).status_code == 404
    assert Conversation.objects.get().alias is None
    assert [change.what for change in intern.changes.all()] == [
        "deleted the alias intern-science, which led to intern-s1"
    ]


def test_what_is_not_there_is_404(office: Client) -> None:
    for name in ("alias", "delete_alias"):
        assert office.get(at(name, 999)).status_code == 404
        assert office.post(at(name, 999)).status_code == 404
    assert office.post(at("try_alias", 999), {"question": "?"}).status_code == 404
    assert office.post(at("test_alias", 999)).status_code == 404
