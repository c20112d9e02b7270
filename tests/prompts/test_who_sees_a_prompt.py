"""Every address of a prompt for its owner, a group mate, a member without the group, and an administrator."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Conversation
from chatapp.prompts.models import Prompt
from tests.prompts.shelf import prompt_of, sent, shared_with, text

Browser = Callable[[User], Client]

# What a person may do with a prompt: nothing, use it, change it too, or everything.
NONE, USE, KEEP, OWN = range(4)
RIGHTS = {
    # shared with     Ann owns    Bob is in the group    Eve is not    an administrator
    "nobody": {"ann": OWN, "bob": NONE, "eve": NONE, "admin": NONE},
    "group": {"ann": OWN, "bob": USE, "eve": NONE, "admin": KEEP},
    "everyone": {"ann": OWN, "bob": USE, "eve": USE, "admin": KEEP},
}
# Address: method, what it takes to open it, and the status then.
ROUTES = {
    "read": ("GET", USE, 200),
    "use": ("GET", USE, 200),
    "chip": ("GET", USE, 200),
    "duplicate": ("POST", USE, 302),
    "instruct": ("POST", USE, 302),
    "edit": ("GET", KEEP, 200),
    "edit, saved": ("POST", KEEP, 302),
    "archive": ("POST", KEEP, 302),
    "restore": ("POST", KEEP, 302),
    "history": ("GET", OWN, 200),
    "bring-back": ("POST", OWN, 302),
    "delete": ("GET", OWN, 200),
    "delete, done": ("POST", OWN, 302),
}
CELLS = [(shared, who, route) for shared, people in RIGHTS.items() for who in people for route in ROUTES]


@pytest.fixture
def people(ann: User, bob: User, eve: User, admin: User, alias: Alias) -> dict[str, User]:
    return {"ann": ann, "bob": bob, "eve": eve, "admin": admin}


def shelved(people: dict[str, User], shared: str) -> Prompt:
    """Ann's prompt with a secret in every field."""
    group = Group.objects.create(name="Cathodes")
    people["bob"].groups.add(group)
    said = {"name": "secret", "title": "Ann's secret", "instructions": "secret", "first_message": "secret {{x}}"}
    if shared == "group":
        return shared_with(people["ann"], group, **said)
    return prompt_of(people["ann"], shared=shared, **said)


def ask(browser: Client, user: User, prompt: Prompt, route: str) -> Any:
    name, method = route.partition(",")[0], ROUTES[route][0]
    path = f"/prompts/{prompt.pk}/" + {"read": "", "bring-back": "history/1/"}.get(name, f"{name}/")
    if name == "instruct":
        path += f"{Conversation.objects.create(owner=user, active_at=timezone.now()).pk}/"
    if method == "GET":
        return browser.get(path)
    return browser.post(path, sent(name="secret", title="Changed", seen=prompt.version))


def test_the_list_of_addresses_is_complete() -> None:
    patterns = get_resolver("chatapp.prompts.urls").url_patterns
    with_id = {getattr(pattern, "name", None) for pattern in patterns if "<" in str(pattern.pattern)}
    assert with_id == {route.partition(",")[0] for route in ROUTES}


@pytest.mark.parametrize(("shared", "who", "route"), CELLS, ids=lambda value: str(value))
def test_every_address_for_everyone(
    people: dict[str, User], signed_in: Browser, shared: str, who: str, route: str
) -> None:
    prompt = shelved(people, shared)
    if route in ("restore", "delete", "delete, done"):
        Prompt.objects.update(archived_at=timezone.now())
    before = list(Prompt.objects.values())
    _, needed, status = ROUTES[route]
    entitled = RIGHTS[shared][who] >= needed
    response = ask(signed_in(people[who]), people[who], prompt, route)
    assert response.status_code == (status if entitled else 404)
    assert b"example.org" not in response.content
    if not entitled:
        assert b"secret" not in response.content
        assert list(Prompt.objects.values()) == before


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_is_sent_to_sign_in(people: dict[str, User], client: Client, route: str) -> None:
    response = ask(client, people["eve"], shelved(people, "everyone"), route)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(("shared", "who"), [(shared, who) for shared in RIGHTS for who in RIGHTS[shared]])
def test_lists_hold_what_can_be_used(people: dict[str, User], signed_in: Browser, shared: str, who: str) -> None:
    shelved(people, shared)
    browser = signed_in(people[who])
    for path in ("/prompts/", "/prompts/menu/", "/prompts/?q=secret", "/prompts/menu/?q=secret"):
        page = browser.get(path).content.decode()
        assert ('data-chip-url="' in page or 'data-row="' in page) == (RIGHTS[shared][who] >= USE)
        assert "example.org" not in page
    Prompt.objects.update(archived_at=timezone.now())
    for path in ("/prompts/", "/prompts/menu/"):
        assert b"/secret" not in browser.get(path).content
    assert (b"/secret" in browser.get("/prompts/?show=archived").content) == (who == "ann")


def test_who_leaves_the_group_has_it_no_more(people: dict[str, User], signed_in: Browser) -> None:
    prompt, browser = shelved(people, "group"), signed_in(people["bob"])
    assert browser.get(f"/prompts/{prompt.pk}/").status_code == 200
    people["bob"].groups.clear()
    assert browser.get(f"/prompts/{prompt.pk}/").status_code == 404
    people["bob"].groups.add(prompt.groups.get())
    prompt.groups.clear()
    assert browser.get(f"/prompts/{prompt.pk}/").status_code == 404


def test_groups_are_named_to_those_who_keep_it_alone(people: dict[str, User], signed_in: Browser) -> None:
    prompt = shelved(people, "group")
    prompt.groups.add(Group.objects.create(name="Board"))
    assert "Board" in text(signed_in(people["ann"]).get("/prompts/"))
    assert "for Board, Cathodes" in text(signed_in(people["admin"]).get("/prompts/"))
    for path in ("/prompts/", f"/prompts/{prompt.pk}/"):
        assert "Board" not in text(signed_in(people["bob"]).get(path))


def test_a_member_shares_with_their_own_groups_and_an_administrator_with_any(
    people: dict[str, User], signed_in: Browser
) -> None:
    prompt = shelved(people, "group")
    board = Group.objects.create(name="Board")
    shared = {"shared": "groups", "name": "secret", "seen": prompt.version}
    path = f"/prompts/{prompt.pk}/edit/"
    form = sent(groups=[board.pk], **shared)
    assert signed_in(people["ann"]).post(path, form).status_code == 422
    assert signed_in(people["admin"]).post(path, form).status_code == 302
    assert [group.name for group in prompt.groups.all()] == ["Board"]
    assert "Tick the groups" in text(signed_in(people["ann"]).post(path, sent(**shared | {"seen": 2})))


def test_a_person_without_a_name_is_not_called_by_the_address(people: dict[str, User], signed_in: Browser) -> None:
    prompt = shelved(people, "everyone")
    User.objects.filter(pk=people["ann"].pk).update(name="")
    for path in ("/prompts/", "/prompts/menu/", f"/prompts/{prompt.pk}/"):
        page = signed_in(people["bob"]).get(path).content.decode()
        assert "A member" in page
        assert "example.org" not in page


@pytest.mark.parametrize("pk", ["0", "-1", "9223372036854775808", "9" * 4000, "1e9", "%00", "x", "１"])
def test_hostile_ids_are_not_found(ann: User, signed_in: Browser, pk: str) -> None:
    browser = signed_in(ann)
    for path in ("", "edit/", "history/", "use/", "chip/", "delete/"):
        assert browser.get(f"/prompts/{pk}/{path}").status_code == 404
    for path in ("edit/", "archive/", "restore/", "duplicate/", "delete/", f"instruct/{uuid.uuid4()}/", "history/1/"):
        assert browser.post(f"/prompts/{pk}/{path}", sent()).status_code == 404


@pytest.mark.parametrize("page", ["9" * 4000, "-1", "x", "%00"])
def test_hostile_pages_are_not_found(ann: User, signed_in: Browser, page: str) -> None:
    prompt = prompt_of(ann)
    browser = signed_in(ann)
    assert browser.get(f"/prompts/?page={page}").status_code == 404
    assert browser.get(f"/prompts/{prompt.pk}/history/?before={page}").status_code == 404
    assert browser.post(f"/prompts/{prompt.pk}/history/{2**40}/").status_code == 404
    assert browser.get(f"/prompts/{prompt.pk}/chip/?c={page}").status_code == 404
