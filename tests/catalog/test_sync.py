"""A sync keeps the list of models whole: what is new, what is gone, and what a name stands for now."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from chatapp.catalog.models import Alias, Change, Provider, UpstreamModel
from chatapp.catalog.sync import MOST_MODELS, Moved, NothingListed, store
from chatapp.upstream.models import Listed
from tests.catalog.desk import KEY, lead, text
from tests.catalog.model_server import ModelServer

HTMX = {"HX-Request": "true"}


@pytest.fixture
def provider(upstream: ModelServer, office: Client) -> Provider:
    made = Provider(name="Intern", dialect="intern", base_url=upstream.base_url)
    made.set_key(KEY)
    made.save()
    return made


def fetch(office: Client, provider: Provider) -> str:
    response = office.post(f"/manage/providers/{provider.pk}/sync/", headers=HTMX)
    assert response.status_code == 200
    return text(response)


def listed() -> list[str]:
    return list(UpstreamModel.objects.filter(gone_at=None).values_list("model_id", flat=True))


def told(alias: Alias) -> list[tuple[User | None, str]]:
    return [(change.by, change.what) for change in alias.changes.all()]


def test_the_first_list_is_kept(office: Client, upstream: ModelServer, provider: Provider, admin: User) -> None:
    upstream.lists("intern-s1", "intern-s1-mini", intern_latest="intern-s1-pro")
    shown = fetch(office, provider)
    assert "3 models listed." in shown
    assert listed() == ["intern-latest", "intern-s1", "intern-s1-mini"]
    assert UpstreamModel.objects.get(model_id="intern-latest").ref_model == "intern-s1-pro"
    provider.refresh_from_db()
    assert provider.synced_at is not None
    assert " New " not in shown
    assert [(change.by, change.what) for change in provider.changes.all()] == [(admin, "fetched the list of 3 models")]
    assert upstream.authorizations == [f"Bearer {KEY}"]


def test_new_and_gone_models_are_told_with_the_aliases_that_lead_there(
    office: Client, upstream: ModelServer, provider: Provider
) -> None:
    upstream.lists("stays", "goes")
    fetch(office, provider)
    alias, other = lead("team", provider, "goes"), lead("other", provider, "stays")
    upstream.lists("stays", "comes")
    shown = fetch(office, provider)
    assert "2 models listed. 1 new: comes." in shown
    assert "Gone: goes . team leads there." in shown
    assert listed() == ["comes", "stays"]
    assert told(alias) == [(None, "saw that Intern lists goes no more")]
    assert told(other) == []
    assert provider.changes.first().what == "fetched the list of 2 models; new: comes; gone: goes"  # type: ignore[union-attr]
    upstream.lists("stays", "comes", "goes")
    assert "1 new: goes." in fetch(office, provider)
    assert listed() == ["comes", "goes", "stays"]


def test_a_name_that_stands_for_another_model_is_told_in_every_alias_that_leads_to_it(
    office: Client, upstream: ModelServer, provider: Provider
) -> None:
    upstream.lists(intern_latest="intern-s1", intern_s1="Intern-S1")
    fetch(office, provider)
    first, second = lead("first", provider, "intern-latest"), lead("second", provider, "intern-latest")
    other = lead("other", provider, "intern-s1")
    lead("first", provider, "intern-latest")
    upstream.lists(intern_latest="intern-s1-pro", intern_s1="Intern-S1")
    assert "intern-latest : intern-s1 → intern-s1-pro (first, second)" in fetch(office, provider)
    line = (None, "saw intern-latest: intern-s1 → intern-s1-pro")
    assert told(first) == told(second) == [line]
    assert told(other) == []
    assert line[1] in provider.changes.values_list("what", flat=True)
    assert "Nothing has changed." in fetch(office, provider)
    assert told(first) == [line]


def test_a_server_that_stops_telling_has_not_repointed(
    office: Client, upstream: ModelServer, provider: Provider
) -> None:
    alias = lead("team", provider, "intern-latest")
    for models in ({"intern_latest": ""}, {"intern_latest": "a"}, {"intern_latest": ""}, {"intern_latest": "a"}):
        upstream.lists(**models)
        fetch(office, provider)
    assert told(alias) == []
    upstream.lists(intern_latest="b")
    fetch(office, provider)
    assert told(alias) == [(None, "saw intern-latest: a → b")]


@pytest.mark.parametrize("trouble", ["empty", "null", "error", "page", "unreadable"])
def test_a_list_that_is_empty_or_fails_changes_nothing_and_says_so(
    office: Client, upstream: ModelServer, provider: Provider, trouble: str
) -> None:
    upstream.lists("a", "b")
    fetch(office, provider)
    before = list(UpstreamModel.objects.values()), list(Provider.objects.values()), Change.objects.count()
    if trouble == "empty":
        upstream.lists()
    elif trouble == "null":
        upstream.page = '{"object": "list", "data": null}'
    elif trouble == "error":
        upstream.status = 500
    elif trouble == "page":
        upstream.page = "<html>CANARY</html>"
    else:
        Provider.objects.update(sealed_key="damaged")
        before = before[0], list(Provider.objects.values()), before[2]
    shown = fetch(office, provider)
    assert "The list could not be fetched." in shown
    assert "CANARY" not in shown
    assert "{" not in shown
    assert (list(UpstreamModel.objects.values()), list(Provider.objects.values()), Change.objects.count()) == before


def test_without_javascript_the_whole_page_tells_it(office: Client, upstream: ModelServer, provider: Provider) -> None:
    upstream.lists("a")
    page = office.post(f"/manage/providers/{provider.pk}/sync/")
    assert "1 model listed." in text(page)
    assert "<html" in page.content.decode()


def test_the_fragment_brings_the_history_up_to_date(office: Client, upstream: ModelServer, provider: Provider) -> None:
    upstream.lists("a")
    html = office.post(f"/manage/providers/{provider.pk}/sync/", headers=HTMX).content.decode()
    assert 'id="changes" hx-swap-oob="true"' in html
    assert 'id="listed"' in html


def test_a_route_to_a_model_that_is_in_no_list_is_marked(
    office: Client, upstream: ModelServer, provider: Provider
) -> None:
    lead("team", provider, "typo")
    assert "Not in the list" not in text(office.get(f"/manage/providers/{provider.pk}/"))
    upstream.lists("a")
    assert "typo Not in the list" in fetch(office, provider)


def test_what_nobody_uses_is_shown_as_gone_once(office: Client, upstream: ModelServer, provider: Provider) -> None:
    upstream.lists("stays", "used", "unused")
    fetch(office, provider)
    lead("team", provider, "used")
    upstream.lists("stays")
    assert fetch(office, provider).count("Gone since") == 2
    shown = fetch(office, provider)
    assert shown.count("Gone since") == 1
    assert " used Gone since" in shown


def test_only_what_a_column_holds_is_kept(provider: Provider, admin: User) -> None:
    hostile = [
        Listed("a"),
        Listed("a", "twice"),
        Listed(""),
        Listed("x" * 201),
        Listed("new\nline"),
        Listed("right\u202eleft"),
        Listed("big", "r" * 500, 2**40),
        Listed("small", "r\n", -1),
        Listed("书生 <b>"),
    ]
    synced = store(provider.pk, provider.base_url, hostile, admin)
    assert (synced.listed, synced.skipped) == (4, 5)
    kept = {model.model_id: (model.ref_model, model.context_tokens) for model in UpstreamModel.objects.all()}
    assert kept == {"a": ("", None), "big": ("r" * 200, None), "small": ("", None), "书生 <b>": ("", None)}


def test_a_list_without_end_is_cut(provider: Provider, admin: User) -> None:
    synced = store(provider.pk, provider.base_url, [Listed(f"m{i}") for i in range(MOST_MODELS + 10)], admin)
    assert (synced.listed, synced.skipped, UpstreamModel.objects.count()) == (MOST_MODELS, 10, MOST_MODELS)


def test_what_fails_on_the_way_leaves_everything_as_it_was(provider: Provider, admin: User) -> None:
    store(provider.pk, provider.base_url, [Listed("a")], admin)
    with pytest.raises(NothingListed):
        store(provider.pk, provider.base_url, [Listed("x" * 300)], admin)
    with pytest.raises(Moved):
        store(provider.pk, "https://before.example/v1", [Listed("b")], admin)
    pk = provider.pk
    provider.delete()
    with pytest.raises(Provider.DoesNotExist):
        store(pk, provider.base_url, [Listed("b")], admin)
    assert not UpstreamModel.objects.exists()
