"""The pages of providers: what they show, what they take, and what they say when they do not take it."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chatapp.catalog.models import Alias, Change, Provider, UpstreamModel
from chatapp.catalog.presets import PRESETS
from tests.catalog.desk import ADDRESS, KEY, at, form, history, lead, text
from tests.conftest import PASSWORD

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def intern(office: Client) -> Provider:
    assert office.post(at("new_provider"), form(new_key=KEY, requests_per_minute="30")).status_code == 302
    return Provider.objects.get()


@pytest.fixture
def second(signed_in: Callable[[User], Client]) -> Client:
    other = User.objects.create_superuser(email="second@example.org", name="Second", password=PASSWORD)
    return signed_in(other)


def test_the_list_tells_what_each_provider_is(office: Client, intern: Provider) -> None:
    Provider.objects.create(name="Cluster", dialect="vllm", base_url="http://10.0.0.7/v1", concurrent=8, enabled=False)
    Provider.objects.filter(pk=intern.pk).update(synced_at=timezone.now())
    UpstreamModel.objects.create(provider=intern, model_id="intern-s1")
    UpstreamModel.objects.create(provider=intern, model_id="old", gone_at=timezone.now())
    for name in ("a", "b", "c", "d"):
        lead(name, intern)
    shown = text(office.get(at("providers")))
    assert f"Intern Intern API {ADDRESS} sk-c… 30 a minute 1 " in shown
    assert "a , b , c and 1 more On" in shown
    assert "Cluster vLLM http://10.0.0.7/v1 None 8 at once – Never No alias Off" in shown


def test_a_key_that_no_longer_opens_is_named(office: Client, intern: Provider) -> None:
    Provider.objects.update(sealed_key="damaged")
    assert "Unreadable" in text(office.get(at("providers")))
    assert "key unreadable, enter it again" in text(office.get(at("provider", intern.pk)))


def test_without_a_provider_the_list_offers_the_presets(office: Client) -> None:
    html = office.get(at("providers")).content.decode()
    assert "No provider yet" in html
    for slug in PRESETS:
        assert f"{at('new_provider')}?preset={slug}" in html


def test_the_list_costs_the_same_however_long(
    office: Client, intern: Provider, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lead("a", intern)
    for more in (0, 20):
        for i in range(more):
            provider = Provider.objects.create(name=f"p{i}", base_url="http://10.0.0.7/v1")
            lead(f"a{i}", provider)
            UpstreamModel.objects.create(provider=provider, model_id="m")
        # Session, member, providers, routes.
        with django_assert_num_queries(4):
            office.get(at("providers"))


@pytest.mark.parametrize("slug", PRESETS)
def test_a_preset_is_filled_in_by_the_server(office: Client, slug: str) -> None:
    preset = PRESETS[slug]
    page = office.get(at("new_provider"), {"preset": slug})
    shown = page.context["form"]
    assert shown["dialect"].value() == preset.dialect
    assert shown["address"].value() == preset.base_url
    assert shown["requests_per_minute"].value() == preset.requests_per_minute
    assert f'value="{preset.base_url}"' in page.content.decode() or not preset.base_url


def test_a_preset_is_saved_as_it_was_filled_in(office: Client) -> None:
    shown = office.get(at("new_provider"), {"preset": "intern"}).context["form"]
    sent = {field.html_name: str(field.value() or "") for field in shown if field.value()}
    assert office.post(at("new_provider"), sent).status_code == 302
    made = Provider.objects.get()
    assert (made.name, made.dialect, made.requests_per_minute) == ("Intern", "intern", 30)
    assert made.base_url == "https://chat.intern-ai.org.cn/api/v1"
    assert made.streams
    assert made.enabled


def test_a_second_one_of_a_kind_is_offered_a_name_of_its_own(office: Client, intern: Provider) -> None:
    page = office.get(at("new_provider"), {"preset": "intern"})
    assert page.context["form"]["name"].value() == "Intern 2"


def test_a_link_may_choose_a_port_of_this_machine_and_no_other_address(office: Client) -> None:
    page = office.get(at("new_provider"), {"preset": "ollama", "port": "11435", "address": "https://evil.example"})
    assert page.context["form"]["address"].value() == "http://127.0.0.1:11435/v1"
    assert "evil.example" not in page.content.decode()
    for port in ("0", "65536", "80@evil.example", "x", "٣"):
        page = office.get(at("new_provider"), {"preset": "ollama", "port": port})
        assert page.context["form"]["address"].value() == PRESETS["ollama"].base_url
    assert office.get(at("new_provider"), {"preset": "nothing"}).status_code == 404


def test_the_demo_cannot_be_made_by_hand(office: Client) -> None:
    assert office.post(at("new_provider"), form(dialect="demo")).status_code == 422
    demo = Provider.objects.create(name="Demo", dialect="demo", base_url="http://127.0.0.1:9/v1")
    changed = form(name="Show", dialect="demo", address=demo.base_url)
    assert office.post(at("provider", demo.pk), changed).status_code == 302


def test_a_new_provider_is_kept_with_its_history(office: Client, admin: User, intern: Provider) -> None:
    assert (intern.name, intern.key, intern.requests_per_minute, intern.tokens_per_minute) == ("Intern", KEY, 30, None)
    assert history(intern) == [f"added it at {ADDRESS}"]
    assert intern.changes.get().by == admin


def test_a_form_that_is_sent_twice_makes_one_provider(office: Client, intern: Provider) -> None:
    again = office.post(at("new_provider"), form(new_key=KEY, requests_per_minute="30"))
    assert again["Location"] == at("provider", intern.pk)
    assert Provider.objects.count() == Change.objects.count() == 1
    taken = office.post(at("new_provider"), form(new_key="sk-another-0123456789"))
    assert taken.status_code == 422
    assert "already exists" in text(taken)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"address": "http://169.254.169.254/v1"}, "not to a provider"),
        ({"address": "ftp://host/v1"}, "starts with https://"),
        ({"address": "https://user:pass@host/v1"}, "No user name or password here"),
        ({"requests_per_minute": "0"}, "greater than or equal to 1"),
        ({"requests_per_minute": "many"}, "whole number"),
        ({"new_key": "two words"}, "without blanks"),
        ({"dialect": "morse"}, "valid choice"),
        ({"name": ""}, "required"),
        ({"name": "x" * 65}, "at most 64"),
    ],
)
def test_bad_input_keeps_what_was_typed_except_the_key(office: Client, wrong: dict[str, str], sentence: str) -> None:
    refused = office.post(at("new_provider"), form(**{"new_key": KEY, "tokens_per_minute": "777"} | wrong))
    assert refused.status_code == 422
    assert sentence in text(refused)
    html = refused.content.decode()
    assert 'aria-invalid="true"' in html
    assert 'value="777"' in html
    assert KEY not in html
    assert not Provider.objects.exists()
    assert not Change.objects.exists()


def test_every_field_can_be_changed_and_is_told(office: Client, intern: Provider) -> None:
    changed = {
        "name": "书生",
        "dialect": "lmdeploy",
        "address": "https://intern.example/v2",
        "new_key": "sk-second-9876543210",
        "streams": "",
        "requests_per_minute": "",
        "tokens_per_minute": "1000000",
        "concurrent": "4",
        "enabled": "",
    }
    assert office.post(at("provider", intern.pk), form(**changed)).status_code == 302
    intern.refresh_from_db()
    assert (intern.name, intern.dialect, intern.base_url) == ("书生", "lmdeploy", "https://intern.example/v2")
    assert (intern.key, intern.streams, intern.enabled) == ("sk-second-9876543210", False, False)
    assert (intern.requests_per_minute, intern.tokens_per_minute, intern.concurrent) == (None, 1_000_000, 4)
    assert set(history(intern)[1:]) == {
        "renamed it from Intern to 书生",
        "made it LMDeploy 0.12 or newer",
        "moved it to https://intern.example/v2",
        "replaced the key",
        "told it not to stream",
        "took the limit of requests a minute away",
        "limited tokens a minute to 1,000,000",
        "limited answers at once to 4",
        "switched it off",
    }


def test_saving_the_same_again_is_no_change(office: Client, intern: Provider) -> None:
    for _ in range(2):
        assert office.post(at("provider", intern.pk), form(new_key=KEY, requests_per_minute="30")).status_code == 302
    assert history(intern) == [f"added it at {ADDRESS}"]


def test_a_key_is_removed_on_request(office: Client, intern: Provider) -> None:
    assert office.post(at("provider", intern.pk), form(remove_key="on")).status_code == 302
    intern.refresh_from_db()
    assert intern.key == ""
    assert "removed the key" in history(intern)


def test_another_server_needs_the_key_again(office: Client, intern: Provider) -> None:
    refused = office.post(at("provider", intern.pk), form(address="https://evil.example/v1"))
    assert refused.status_code == 422
    assert "enter the key for it" in text(refused)
    intern.refresh_from_db()
    assert intern.base_url == ADDRESS


def test_no_page_and_no_history_holds_the_key(office: Client, intern: Provider) -> None:
    office.post(at("provider", intern.pk), form(new_key="sk-second-9876543210", name="Other"))
    refused = office.post(at("provider", intern.pk), form(new_key="sk-third-9876543210", name=""))
    pages = [office.get(at("providers")), office.get(at("provider", intern.pk)), refused]
    pages += [office.get(at("delete_provider", intern.pk)), office.get(at("new_provider"))]
    told = " ".join(history(intern))
    for secret in (KEY, "sk-second-9876543210", "sk-third-9876543210", intern.sealed_key):
        assert secret not in told
        assert not [page for page in pages if secret in page.content.decode()]


def test_a_title_is_the_saved_name_while_another_one_is_typed(office: Client, intern: Provider) -> None:
    refused = office.post(at("provider", intern.pk), form(name="Typed", address="nowhere")).content.decode()
    assert "<title>Intern · Providers" in refused
    assert 'value="Typed"' in refused


def test_whoever_saves_second_is_told_what_the_first_changed(
    office: Client, second: Client, admin: User, intern: Provider
) -> None:
    seen = str(second.get(at("provider", intern.pk)).context["seen"])
    office.post(at("provider", intern.pk), form(requests_per_minute="20"))
    theirs = form(requests_per_minute="10", seen=seen)
    refused = second.post(at("provider", intern.pk), theirs)
    assert refused.status_code == 422
    assert f"While you were editing, {admin} limited requests a minute to 20" in text(refused)
    assert Provider.objects.get().requests_per_minute == 20
    again = theirs | {"seen": str(refused.context["seen"])}
    assert second.post(at("provider", intern.pk), again).status_code == 302
    assert Provider.objects.get().requests_per_minute == 10


def test_ones_own_earlier_change_is_no_conflict(office: Client, intern: Provider) -> None:
    seen = str(office.get(at("provider", intern.pk)).context["seen"])
    for limit in ("20", "10"):
        saved = office.post(at("provider", intern.pk), form(requests_per_minute=limit, seen=seen))
        assert saved.status_code == 302


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "٣"])
def test_a_mark_that_is_none_is_no_conflict(office: Client, second: Client, intern: Provider, seen: str) -> None:
    second.post(at("provider", intern.pk), form(requests_per_minute="20"))
    assert office.post(at("provider", intern.pk), form(seen=seen)).status_code == 302


def test_deleting_asks_first_and_says_who_loses_a_route(office: Client, intern: Provider) -> None:
    other = Provider.objects.create(name="Other", base_url="http://10.0.0.7/v1")
    lead("alone", intern, "intern-s1")
    lead("both", intern, "intern-s1")
    lead("both", other, "m")
    page = office.get(at("delete_provider", intern.pk))
    assert "2 aliases lose a route: alone to intern-s1 Then leads nowhere both to intern-s1 Its key" in text(page)
    assert Provider.objects.count() == 2
    assert office.post(at("delete_provider", intern.pk))["Location"] == at("providers")
    assert list(Provider.objects.all()) == [other]
    assert list(Change.objects.values_list("alias__name", "what")) == [
        ("both", "deleted the provider Intern, and with it the route to intern-s1"),
        ("alone", "deleted the provider Intern, and with it the route to intern-s1"),
    ]


@pytest.mark.parametrize("name", ["provider", "test_provider", "sync_provider", "delete_provider"])
def test_a_provider_that_somebody_deleted_meanwhile_is_not_found(office: Client, intern: Provider, name: str) -> None:
    office.post(at("delete_provider", intern.pk))
    for pk in (intern.pk, 2**63, 10**30):
        assert office.post(at(name, pk), form()).status_code == 404


def test_names_of_any_kind_are_shown_as_text(office: Client) -> None:
    provider = Provider.objects.create(name=HOSTILE, base_url="http://10.0.0.7/v1", synced_at=timezone.now())
    UpstreamModel.objects.create(provider=provider, model_id=f"m{HOSTILE}", ref_model=HOSTILE)
    lead("a", provider, f"r{HOSTILE}")
    pages = ["providers", "provider", "delete_provider"]
    for page in (office.get(at(name, *[provider.pk] * (name != "providers"))) for name in pages):
        assert page.status_code == 200
        assert "<img" not in page.content.decode()
        assert HOSTILE in text(page) or HOSTILE in unescape(page.content.decode())


def test_a_long_list_of_models_costs_as_much_as_a_short_one(
    office: Client, intern: Provider, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    UpstreamModel.objects.bulk_create(UpstreamModel(provider=intern, model_id=f"m{i}") for i in range(500))
    for i in range(20):
        lead(f"a{i}", intern, f"m{i}")
    # Session, member, provider, history, models, routes.
    with django_assert_num_queries(6):
        page = office.get(at("provider", intern.pk))
    assert page.content.decode().count("Make an alias") == 500


def test_a_model_leads_to_the_making_of_an_alias(office: Client, intern: Provider) -> None:
    UpstreamModel.objects.create(provider=intern, model_id="org/模型 1&x")
    html = office.get(at("provider", intern.pk)).content.decode()
    assert f"?provider={intern.pk}&amp;model=org%2F%E6%A8%A1%E5%9E%8B%201%26x" in html


def test_the_start_page_leads_an_administrator_to_the_providers(
    office: Client, ann: User, alias: Alias, signed_in: Callable[[User], Client]
) -> None:
    Provider.objects.update(dialect=Provider.Dialect.DEMO)
    html = office.get("/").content.decode()
    assert f'href="{at("providers")}"' in html
    assert f'href="{at("aliases")}"' in html
    for_members = signed_in(ann).get("/").content.decode()
    assert "/manage/" not in for_members
    assert "An admin of your team" in for_members
