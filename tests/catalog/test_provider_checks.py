"""Testing a provider gives a named verdict, of what stands in the form, and never the upstream's own text."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from chatapp.catalog.models import Change, Provider
from chatapp.catalog.pages.provider_checks import offers_of
from chatapp.upstream.probe import Found
from tests.catalog.desk import KEY, form, text
from tests.catalog.model_server import ModelServer

NEW = "/manage/providers/new/test/"
HTMX = {"HX-Request": "true"}


def verdict(office: Client, path: str = NEW, **values: str) -> str:
    response = office.post(path, form(**values), headers=HTMX)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    return text(response)


@pytest.fixture
def saved(upstream: ModelServer, office: Client) -> Provider:
    provider = Provider(name="Intern", dialect="plain", base_url=upstream.base_url)
    provider.set_key(KEY)
    provider.save()
    return provider


def test_a_server_that_works_is_told_with_its_time_and_models(office: Client, upstream: ModelServer) -> None:
    upstream.lists("a", "b")
    told = verdict(office, dialect="plain", address=upstream.base_url, new_key=KEY)
    assert told.startswith("It works. It answered in ")
    assert told.endswith("ms and lists 2 models.")
    assert upstream.authorizations == [f"Bearer {KEY}"]


def test_testing_saves_nothing(office: Client, upstream: ModelServer, saved: Provider) -> None:
    upstream.lists("a")
    verdict(office, address=upstream.base_url, new_key=KEY, name="New")
    verdict(office, f"/manage/providers/{saved.pk}/test/", address=upstream.base_url, name="Other", new_key="sk-other")
    assert list(Provider.objects.values_list("name", "key_prefix")) == [("Intern", "sk-c…")]
    assert not Change.objects.exists()


def test_a_form_without_a_name_can_be_tested(office: Client, upstream: ModelServer) -> None:
    upstream.lists("a")
    assert "lists 1 model." in verdict(office, dialect="plain", address=upstream.base_url, name="")


@pytest.mark.parametrize("status", [401, 404, 500, 502, 302])
def test_what_is_wrong_is_named_and_the_upstreams_words_are_not_shown(
    office: Client, upstream: ModelServer, status: int
) -> None:
    upstream.status, upstream.page = status, f"CANARY Traceback in /srv/secret.py {KEY}"
    told = verdict(office, dialect="plain", address=upstream.base_url, new_key=KEY)
    assert told.startswith("It does not work. ")
    assert len(told) > len("It does not work. ")
    for hidden in ("CANARY", "Traceback", KEY, "{alias}"):
        assert hidden not in told


def test_a_web_page_is_told_from_an_api(office: Client, upstream: ModelServer) -> None:
    upstream.page = "<!doctype html><title>Welcome</title>"
    assert "/v1" in verdict(office, dialect="plain", address=upstream.base_url)


def test_an_address_where_nothing_listens_is_told(office: Client) -> None:
    assert verdict(office, address="http://127.0.0.1:9/v1").startswith("It does not work. ")


def test_a_refused_address_is_never_asked(office: Client) -> None:
    told = verdict(office, address="http://169.254.169.254/v1")
    assert told.startswith("Nothing was asked yet.")
    assert "not to a provider" in told


def test_the_stored_key_is_used_where_no_other_one_was_typed(
    office: Client, upstream: ModelServer, saved: Provider
) -> None:
    upstream.lists("a")
    page = f"/manage/providers/{saved.pk}/test/"
    verdict(office, page, dialect="plain", address=upstream.base_url)
    verdict(office, page, dialect="plain", address=upstream.base_url, new_key="sk-typed")
    verdict(office, page, dialect="plain", address=upstream.base_url, remove_key="on")
    assert upstream.authorizations == [f"Bearer {KEY}", "Bearer sk-typed", ""]


def test_the_stored_key_never_goes_to_another_server(office: Client, upstream: ModelServer, saved: Provider) -> None:
    Provider.objects.update(base_url="https://intern.example/v1")
    told = verdict(office, f"/manage/providers/{saved.pk}/test/", address=upstream.base_url)
    assert "enter the key for it" in told
    assert upstream.authorizations == []


def test_a_lost_key_is_told_and_nothing_is_asked(office: Client, upstream: ModelServer, saved: Provider) -> None:
    Provider.objects.update(sealed_key="damaged")
    told = verdict(office, f"/manage/providers/{saved.pk}/test/", address=upstream.base_url)
    assert "Enter it again" in told
    assert upstream.authorizations == []


def test_without_javascript_the_page_comes_back_with_what_was_typed(office: Client, upstream: ModelServer) -> None:
    upstream.lists("a")
    page = office.post(NEW, form(dialect="plain", address=upstream.base_url, new_key=KEY, name="Typed"))
    assert "It works." in text(page)
    assert 'value="Typed"' in page.content.decode()
    assert KEY not in page.content.decode()


def test_a_saved_provider_is_tested_without_javascript(office: Client, upstream: ModelServer, saved: Provider) -> None:
    upstream.lists("a")
    page = office.post(f"/manage/providers/{saved.pk}/test/", form(dialect="plain", address=upstream.base_url))
    assert "It works." in text(page)
    assert office.post(f"/manage/providers/{saved.pk}/test/", {"model": "a"}).status_code == 200


def test_looking_for_servers_works_with_and_without_javascript(office: Client) -> None:
    fragment = office.get(reverse("catalog:local_servers"), headers=HTMX)
    assert "On this machine" in text(fragment)
    assert "<html" not in fragment.content.decode()
    assert "hx-trigger" not in fragment.content.decode()
    page = office.get(reverse("catalog:local_servers"))
    assert "Add a provider" in text(page)
    assert "Look again" in text(page)


def test_a_first_start_page_says_nothing_where_nothing_is_found(office: Client) -> None:
    assert f'hx-get="{reverse("catalog:local_servers")}?found"' in office.get("/").content.decode()
    assert "No model server answers" not in text(office.get(reverse("catalog:local_servers") + "?found", headers=HTMX))


def test_a_found_server_is_offered_unless_it_is_connected(office: Client) -> None:
    connected = Provider.objects.create(name="Mine", dialect="ollama", base_url="http://localhost:11434/v1")
    Provider.objects.create(name="Far", dialect="vllm", base_url="http://10.0.0.7:8000/v1")
    found = [
        Found("ollama", "Ollama", "http://127.0.0.1:11434/v1", ("qwen3:8b",)),
        Found("vllm", "vLLM", "http://127.0.0.1:8000/v1", ()),
    ]
    first, second = offers_of(found)
    assert (first.provider, first.port, first.preset.slug) == (connected, 11434, "ollama")
    assert (second.provider, second.port, second.preset.slug) == (None, 8000, "vllm")
