"""Every address of filing with an id: for a stranger, for nobody, with ids that cannot be, and by the wrong method."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.conversations.models import Folder
from tests.filing.desk import chat, folder, html, listening, state

Browser = Callable[[User], Client]
OF_CHATS = ["pin", "unpin", "archive", "unarchive", "move"]
OF_FOLDERS = ["rename", "up", "down", "delete"]


def addresses(ann: User) -> list[tuple[str, str]]:
    """Each with the method that does something."""
    drawer = folder(ann)
    one = chat(ann, "Ann's secret", folder=drawer)
    found = [("GET", f"/c/{one.pk}/file/"), ("GET", f"/chats/?folder={drawer.pk}")]
    found += [("GET", f"/folders/{drawer.pk}/delete/")]
    found += [("POST", f"/c/{one.pk}/{name}/") for name in OF_CHATS]
    return found + [("POST", f"/folders/{drawer.pk}/{name}/") for name in OF_FOLDERS]


def test_the_list_of_addresses_is_complete(ann: User) -> None:
    patterns = get_resolver("chatapp.filing.urls").url_patterns
    assert sum("<" in str(pattern.pattern) for pattern in patterns) == len([*OF_CHATS, "file", *OF_FOLDERS])


def test_a_stranger_gets_404_and_changes_nothing(ann: User, eve: User, alias: Alias, signed_in: Browser) -> None:
    browser = signed_in(eve)
    found = addresses(ann)
    one, drawer = ann.conversations.get(), ann.folders.get()
    with listening(ann) as ears:
        for method, path in found:
            response = browser.post(path, {"name": "Eve"}) if method == "POST" else browser.get(path)
            assert response.status_code == 404, path
            assert "secret" not in html(response)
    assert state(one) == (False, False, False, drawer.pk)
    assert Folder.objects.get().name == "Batteries"
    assert not ears.frames


def test_nobody_is_sent_to_sign_in(ann: User, client: Client) -> None:
    for method, path in [*addresses(ann), ("GET", "/chats/"), ("GET", "/archive/"), ("POST", "/chats/undo/")]:
        response = client.generic(method, path)
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


def test_a_post_without_a_token_is_refused_and_a_get_changes_nothing(ann: User, alias: Alias) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    for method, path in addresses(ann):
        assert browser.post(path).status_code in (403, 405)
        if method == "POST" and not path.endswith("delete/"):
            assert browser.get(path).status_code == 405
    assert browser.post("/chats/", {"do": "delete"}).status_code == 403
    assert state(ann.conversations.get())[:3] == (False, False, False)


@pytest.mark.parametrize(
    "path",
    [
        "/folders/0/up/",
        "/folders/-1/up/",
        "/folders/9223372036854775808/up/",
        f"/folders/{'9' * 4_000}/rename/",
        "/folders/%00/delete/",
        "/folders/1e9/down/",
        "/c/00000000-0000-0000-0000-000000000000/pin/",
        "/c/not-a-uuid/pin/",
        "/c/00000000-0000-0000-0000-000000000000/file/",
        "/chats/?folder=1",
        "/chats/?folder=9223372036854775808",
        "/chats/?folder=%00",
        "/chats/?show=everything",
        "/chats/?before=yesterday",
        "/chats/?lines=many",
        f"/chats/?lines={'9' * 30}",
        "/archive/?before=2026-01-01T00:00:00Z_1",
        "/sidebar/?lines=-1",
    ],
)
def test_what_cannot_be_is_404_never_500(ann: User, alias: Alias, signed_in: Browser, path: str) -> None:
    browser = signed_in(ann)
    assert browser.get(path).status_code in (404, 405)
    assert "?" in path or browser.post(path).status_code in (404, 405)
