"""PERM-01: every person × every address, image and word on a socket; tests/sharing/permission_table.py is the table."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, URLResolver, get_resolver, resolve
from pytest_django import DjangoDbBlocker

from tests.sharing.permission_table import NO_OBJECT, PAGES, PEOPLE, Line, lines_of
from tests.sharing.permission_world import INSTRUCTIONS, SECRET, UPSTREAM, World, kept, make_world, put_files

pytestmark = pytest.mark.django_db

LINES = lines_of(PAGES)
NAMED_IN_FORMS = [
    ("c/CHAT/members/", "member"),
    ("c/CHAT/members/remove/", "participation"),
    ("c/CHAT/pass-on/", "member"),
    ("chats/", "id"),
    ("archive/", "back"),
    ("chats/undo/", "was"),
]
READERS = ("owner", "write", "read")
HEADERS = {"hx": {"HX-Request": "true"}, "json": {"Accept": "application/json"}}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One for all the lines, as each of them leaves it as it was."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    put_files(folder)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_who_gets_what(world: World, line: Line) -> None:
    before, got = kept(), {}
    for person, wanted in line.expected.items():
        # What one person does is undone before the next one comes.
        with transaction.atomic():
            browser = world.browser(person)
            world.disable(person)
            got[person] = given(world, line, person, browser)
            if refused(wanted):
                assert kept() == before, f"{person} has changed something"
            transaction.set_rollback(True)
    assert got == line.expected


def given(world: World, line: Line, person: str, browser: Client) -> str:
    """The word of the table for what this person gets."""
    kind, _, method = line.ask.rpartition("-")
    path, headers = "/" + world.put(line.path, person).removeprefix("."), HEADERS.get(kind, {})
    if person == "lock" and "TOKEN" in line.path:
        browser.post(world.put("/s/TOKEN/open/", person), {"password": "a guess"})
    if method == "POST":
        response: Any = browser.post(path, world.form(line.path, line.form), headers=headers)
    else:
        response = browser.generic(method, path, headers=headers)
    told = (async_to_sync(streamed)(response) if response.streaming else response.content).decode(errors="replace")
    wanted = line.expected[person]
    if wanted == "no" or (refused(wanted) and (person not in READERS or wanted == "404")):
        assert SECRET not in told, person
    assert person == "owner" or INSTRUCTIONS not in told, person
    # PERM-14: addresses of people, and what stands behind a model.
    assert person == "admin" or "@example.org" not in told, person
    assert UPSTREAM not in told, person
    return word_for(response, told, wanted)


async def streamed(response: Any) -> bytes:
    return b"".join([piece async for piece in response])


def word_for(response: Any, told: str, wanted: str) -> str:
    if response.get("Location", "").startswith("/sign-in/"):
        return "login"
    if response.status_code == 422 and "No model is connected" in told:
        return "asks"
    if response.status_code != 200 or wanted == "200":
        return str(response.status_code)
    if "This link has a password" in told:
        return "pass"
    return "see" if SECRET in told else "no"


def refused(wanted: str) -> bool:
    return wanted in ("login", "pass") or (wanted.isdecimal() and int(wanted) >= 400)


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one, route)
        else:
            yield route


def object_addresses() -> set[str]:
    return {route for route in addresses(get_resolver()) if route not in NO_OBJECT and not route.startswith("admin/")}


def methods_in_table(world: World) -> dict[str, dict[str, str]]:
    """For each address of the resolver: the methods in the table, and for each a path."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in LINES:
        path = "/" + world.put(line.path, "owner").removeprefix(".").partition("?")[0]
        try:
            found[resolve(path).route][line.ask.rpartition("-")[2]] = path
        except Resolver404:
            continue
    return found


def test_every_address_that_names_something_is_in_the_table_with_every_method_that_it_takes(world: World) -> None:
    there, missing = methods_in_table(world), []
    for route in sorted(object_addresses()):
        paths = there[route]
        if not paths:
            missing.append(route)
            continue
        # A method that nothing takes is answered with those that are.
        response = world.browser("admin" if route.startswith("manage/") else "owner").put(next(iter(paths.values())))
        assert response.status_code == 405, route
        taken = {method.strip() for method in response["Allow"].split(",")}
        missing += [f"{method} {route}" for method in taken - {"HEAD", "OPTIONS", *paths}]
    assert not missing


@pytest.mark.parametrize(
    "wrong", [2**63 - 1, 2**63, 10**30, "-1", "1e9", "%00", "%ff", "..%2f", "'", "%e2%80%ae1", "x" * 4000]
)
def test_ids_that_cannot_be_are_404_at_every_address_and_never_an_error(world: World, wrong: int | str) -> None:
    """PERM-11."""
    for route in sorted(object_addresses()):
        for kind in re.findall(r"<(\w+):", route):
            value = uuid.UUID(int=7) if kind == "uuid" and isinstance(wrong, int) else wrong
            path = "/" + re.sub(rf"<{kind}:\w+>", str(value), re.sub(rf"<(?!{kind})\w+:\w+>", "1", route))
            browser = world.browser("admin" if route.startswith("manage/") else "owner")
            for response in (browser.get(path), browser.post(path)):
                # 301: an address without a slash at its end is looked for with one. Or the form is refused before.
                assert response.status_code in (301, 400, 404, 405, 422), path


@pytest.mark.parametrize("wrong", ["", "-1", str(2**63), "1e9", "\x00", "\u202e1", "'", "9" * 4000])
def test_ids_in_forms_that_cannot_be_change_nothing(world: World, wrong: str) -> None:
    before = kept()
    for path, field in NAMED_IN_FORMS:
        with transaction.atomic():
            response = world.browser("owner").post(
                "/" + world.put(path, "owner"), world.form(path, "") | {field: wrong}
            )
            assert response.status_code in (404, 409, 422), (path, response.status_code)
            assert kept() == before, path
            transaction.set_rollback(True)


def test_who_has_read_for_a_reason_finds_no_other_door_open(world: World) -> None:
    """The administrator once more, after reading."""
    with transaction.atomic():
        browser = world.browser("admin")
        form = world.form("manage/log/read/", "")
        assert SECRET in browser.post("/manage/log/read/", form).content.decode()
        for line in LINES:
            if line.ask.endswith("GET"):
                assert given(world, line, "admin", browser) == line.expected["admin"], line
        transaction.set_rollback(True)


def test_what_is_in_no_table_is_there_and_has_a_reason() -> None:
    assert set(NO_OBJECT) <= set(addresses(get_resolver()))
    assert all(NO_OBJECT.values())


@pytest.mark.parametrize("route", sorted(route for route in NO_OBJECT if route.startswith("manage/")))
def test_of_the_instance_nobody_finds_anything_but_administrators(world: World, route: str) -> None:
    path = "/" + re.sub(r"<.*?>", "1", route)
    for person in PEOPLE:
        if person == "admin":
            continue
        with transaction.atomic():
            browser = world.browser(person)
            world.disable(person)
            for response in (browser.get(path), browser.post(path)):
                signed_in = person in world.members
                assert response.status_code == (404 if signed_in else 302), person
                assert signed_in or response["Location"].startswith("/sign-in/"), person
            transaction.set_rollback(True)
