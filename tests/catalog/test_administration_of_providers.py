"""A provider's key goes in and never comes out: not on a page, not in the history, not in the database's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from chatapp.catalog.models import Alias, Provider, Route

KEY = "sk-canary-0123456789abcdef"
NEW_KEY = "sk-second-9876543210fedcba"
ADDRESS = "https://intern.example/api/v1"


def form(**changes: str) -> dict[str, str]:
    values = {"name": "Intern", "dialect": "intern", "address": ADDRESS, "new_key": "", "enabled": "on"} | changes
    return {name: value for name, value in values.items() if value or name == "new_key"}


def page(what: str, *args: object) -> str:
    return reverse(f"admin:catalog_provider_{what}", args=args)


@pytest.fixture
def intern(office: Client) -> Provider:
    assert office.post(page("add"), form(new_key=KEY)).status_code == 302
    return Provider.objects.get()


def test_a_key_that_was_entered_reaches_the_call(intern: Provider) -> None:
    assert (intern.base_url, intern.key, intern.key_prefix) == (ADDRESS, KEY, "sk-c…")


def test_no_page_shows_the_key(office: Client, intern: Provider) -> None:
    assert office.post(page("change", intern.pk), form(new_key=NEW_KEY)).status_code == 302
    assert Provider.objects.get().key == NEW_KEY
    refused = office.post(page("change", intern.pk), form(address="file:///etc/passwd", new_key=NEW_KEY))
    assert refused.status_code == 200
    alias = Alias.objects.create(name="a")
    Route.objects.create(alias=alias, provider=intern, upstream_model="m")
    shown = [refused.content.decode()]
    for address in [
        page("changelist"),
        page("add"),
        page("change", intern.pk),
        page("history", intern.pk),
        page("delete", intern.pk),
        reverse("admin:index"),
        reverse("admin:catalog_alias_change", args=[alias.pk]),
        reverse("admin:catalog_alias_changelist"),
    ]:
        response = office.get(address)
        assert response.status_code == 200
        shown.append(response.content.decode())
    for html in shown:
        assert KEY not in html
        assert NEW_KEY not in html
        assert intern.sealed_key not in html
        assert Provider.objects.get().sealed_key not in html
    assert any("sk-s…" in html for html in shown)


def test_the_history_says_who_changed_the_key_but_not_to_what(office: Client, admin: User, intern: Provider) -> None:
    office.post(page("change", intern.pk), form(new_key=NEW_KEY))
    added, changed = LogEntry.objects.order_by("pk")
    assert (changed.user, changed.object_id) == (admin, str(intern.pk))
    assert "Replace key" in changed.change_message
    for entry in (added, changed):
        assert "canary" not in f"{entry.change_message} {entry.object_repr}"
        assert "second" not in f"{entry.change_message} {entry.object_repr}"


@pytest.mark.django_db(transaction=True)
def test_the_key_is_nowhere_in_the_files_of_the_database(office: Client, intern: Provider) -> None:
    office.post(page("change", intern.pk), form(new_key=NEW_KEY))
    name = Path(str(connection.settings_dict["NAME"]))
    stored = b"".join(file.read_bytes() for file in name.parent.glob(f"{name.name}*"))
    assert ADDRESS.encode() in stored
    assert intern.sealed_key.encode() in stored
    for key in (KEY, NEW_KEY):
        assert key.encode() not in stored
        assert key[5:].encode() not in stored


def test_an_empty_field_keeps_the_key(office: Client, intern: Provider) -> None:
    assert office.post(page("change", intern.pk), form(name="Intern 2")).status_code == 302
    intern.refresh_from_db()
    assert (intern.name, intern.key) == ("Intern 2", KEY)


def test_a_key_can_be_removed(office: Client, intern: Provider) -> None:
    assert office.post(page("change", intern.pk), form(remove_key="on")).status_code == 302
    intern.refresh_from_db()
    assert (intern.key, intern.sealed_key, intern.key_prefix) == ("", "", "")
    html = office.get(page("change", intern.pk)).content.decode()
    assert "Stored" not in html
    assert "remove_key" not in html


def test_a_lost_key_says_so_and_can_be_entered_again(office: Client, intern: Provider, settings: Settings) -> None:
    settings.PARLEY_SEALING_KEY = "another sealing key of more than 32 characters"
    for address in (page("changelist"), page("change", intern.pk)):
        assert "key unreadable, enter it again" in office.get(address).content.decode()
    assert office.post(page("change", intern.pk), form(new_key=NEW_KEY)).status_code == 302
    assert Provider.objects.get().key == NEW_KEY
    assert "unreadable" not in office.get(page("changelist")).content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/api/v1", "http://intern.example/api/v1", "https://intern.example:8443/api/v1"]
)
def test_a_stored_key_never_goes_to_another_server(office: Client, intern: Provider, elsewhere: str) -> None:
    response = office.post(page("change", intern.pk), form(address=elsewhere))
    assert "enter the key for it" in response.content.decode()
    assert Provider.objects.get().base_url == ADDRESS
    assert office.post(page("change", intern.pk), form(address=elsewhere, new_key=NEW_KEY)).status_code == 302
    moved = Provider.objects.get()
    assert (moved.base_url, moved.key) == (elsewhere, NEW_KEY)


def test_another_path_of_the_same_server_keeps_the_key(office: Client, intern: Provider) -> None:
    assert office.post(page("change", intern.pk), form(address="https://intern.example/v2")).status_code == 302
    assert Provider.objects.get().key == KEY


@pytest.mark.parametrize("address", ["http://169.254.169.254/v1", "localhost:6379", "https://u:p@host/v1"])
def test_a_forbidden_address_is_refused_with_a_sentence(office: Client, address: str) -> None:
    response = office.post(page("add"), form(address=address))
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Provider.objects.exists()


def test_a_host_of_one_word_is_a_server_too(office: Client) -> None:
    assert office.post(page("add"), form(address="http://ollama:11434/v1")).status_code == 302
    assert Provider.objects.get().base_url == "http://ollama:11434/v1"


@pytest.mark.parametrize("key", ["two words", "line\nend", "sk-密钥", "x" * 1001])
def test_what_cannot_be_a_header_is_no_key(office: Client, key: str) -> None:
    response = office.post(page("add"), form(new_key=key))
    assert response.status_code == 200
    assert key not in response.content.decode()
    assert not Provider.objects.exists()


def test_members_see_none_of_it(ann: User, intern: Provider, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(ann)
    for what, args in [("changelist", ()), ("add", ()), ("change", (intern.pk,)), ("delete", (intern.pk,))]:
        assert client.get(page(what, *args)).status_code == 404
        assert client.post(page(what, *args), form(new_key=NEW_KEY)).status_code == 404
    intern.refresh_from_db()
    assert intern.key == KEY


def test_changes_made_here_are_in_the_providers_history_too(office: Client, admin: User, intern: Provider) -> None:
    office.post(page("change", intern.pk), form(new_key=NEW_KEY, requests_per_minute="30", streams="on"))
    lines = intern.changes.order_by("pk").values_list("by", "what")
    assert list(lines) == [
        (admin.pk, f"added it at {ADDRESS}"),
        (admin.pk, "replaced the key"),
        (admin.pk, "let it stream again"),
        (admin.pk, "limited requests a minute to 30"),
    ]


@pytest.mark.parametrize("how", ["one", "many"])
def test_deleting_it_here_is_told_in_the_history_of_its_aliases(office: Client, intern: Provider, how: str) -> None:
    alias = Alias.objects.create(name="a")
    Route.objects.create(alias=alias, provider=intern, upstream_model="m")
    if how == "one":
        office.post(page("delete", intern.pk), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": str(intern.pk), "post": "yes"}
        office.post(page("changelist"), chosen)
    assert not Provider.objects.exists()
    assert alias.changes.get().what == "deleted the provider Intern, and with it the route to m"
