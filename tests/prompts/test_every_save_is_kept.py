"""The history of a prompt: who changed what, what comes back, and nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from chatapp.catalog.models import Alias
from chatapp.prompts.models import Prompt, Version
from tests.prompts.shelf import prompt_of, sent, text

Browser = Callable[[User], Client]


@pytest.fixture
def prompt(ann: User, alias: Alias) -> Prompt:
    return prompt_of(ann, shared="everyone", instructions="One.\nTwo.\nThree.", alias=alias.pk, temperature="0.2")


def save(browser: Client, prompt: Prompt, seen: int, status: int = 302, **values: object) -> str:
    """Save the prompt from a page that showed this version; what the page says."""
    defaults = {"shared": "everyone", "alias": prompt.alias_id or "", "temperature": "0.2", "seen": seen}
    form = sent(**defaults | {"instructions": prompt.instructions} | values)
    response = browser.post(f"/prompts/{prompt.pk}/edit/", form)
    assert response.status_code == status
    return text(response)


def test_the_history_tells_who_changed_what(ann: User, admin: User, prompt: Prompt, signed_in: Browser) -> None:
    browser = signed_in(ann)
    save(browser, prompt, 1, instructions="One.\nZwei.\nThree.", temperature="0.7", alias="")
    save(signed_in(admin), prompt, 2, instructions="", think="1", alias="", temperature="", name="总结")
    page = text(browser.get(f"/prompts/{prompt.pk}/history/"))
    newest, second, first = (page.split(f"Version {number} ", 1)[1] for number in (3, 2, 1))
    assert newest.startswith("Now Admin, ")
    assert "Name Before: summary Now: 总结" in newest
    assert "Instructions Before: One. Zwei. Three. Empty now" in newest
    assert "Thinking Before: As the model does Now: On" in newest
    assert second.startswith("Ann, ")
    assert "Instructions Before: Two. Now: Zwei." in second
    assert "Temperature Before: 0.2 Now: 0.7" in second
    assert "Model Before: demo Empty now" in second
    assert "As it was written first." in first


def test_a_version_comes_back_as_a_new_one(ann: User, prompt: Prompt, signed_in: Browser) -> None:
    browser = signed_in(ann)
    save(browser, prompt, 1, instructions="Other.", name="renamed", shared="nobody", alias="", temperature="")
    response = browser.post(f"/prompts/{prompt.pk}/history/1/")
    assert (response.status_code, response["Location"]) == (302, f"/prompts/{prompt.pk}/history/")
    prompt.refresh_from_db()
    assert (prompt.instructions, prompt.temperature) == ("One.\nTwo.\nThree.", 0.2)
    assert prompt.alias is not None
    # What is decided today stays: nothing is shared again by looking back.
    assert (prompt.name, prompt.shared, prompt.version) == ("renamed", "nobody", 3)
    assert list(prompt.versions.values_list("number", "of")) == [(3, 1), (2, None), (1, None)]
    page = text(browser.get(f"/prompts/{prompt.pk}/history/"))
    assert "Version 1 is back, as the newest one." in page
    assert "version 1 brought back" in page
    browser.post(f"/prompts/{prompt.pk}/history/3/")
    assert prompt.versions.count() == 3
    assert browser.post(f"/prompts/{prompt.pk}/history/9/").status_code == 404


def test_a_version_whose_model_is_gone_comes_back_without_it(ann: User, prompt: Prompt, signed_in: Browser) -> None:
    save(signed_in(ann), prompt, 1, instructions="Other.")
    Alias.objects.all().delete()
    assert signed_in(ann).post(f"/prompts/{prompt.pk}/history/1/").status_code == 302
    prompt.refresh_from_db()
    assert (prompt.instructions, prompt.alias) == ("One.\nTwo.\nThree.", None)
    assert signed_in(ann).get(f"/prompts/{prompt.pk}/history/").status_code == 200


def test_a_model_that_the_owner_may_not_use_is_not_named(
    ann: User, admin: User, prompt: Prompt, signed_in: Browser
) -> None:
    Alias.objects.update(name="secret-model")
    board = Group.objects.create(name="Board")
    Alias.objects.get().groups.add(board)
    save(signed_in(ann), prompt, 1, instructions="Other.")
    prompt.refresh_from_db()
    assert prompt.alias is not None
    save(signed_in(ann), prompt, 2, alias="")
    for page in ("", "edit/", "history/", "chip/", "use/"):
        assert b"secret-model" not in signed_in(ann).get(f"/prompts/{prompt.pk}/{page}").content


def test_a_save_that_changes_nothing_makes_no_version(ann: User, prompt: Prompt, signed_in: Browser) -> None:
    save(signed_in(ann), prompt, 1)
    save(signed_in(ann), prompt, 99)
    assert Version.objects.count() == 1


@pytest.mark.parametrize("seen", ["1", "", "x", "9" * 4000, "-1", "\x00"])
def test_the_second_to_save_is_told_and_loses_nothing(
    ann: User, admin: User, prompt: Prompt, signed_in: Browser, seen: str
) -> None:
    save(signed_in(admin), prompt, 1, instructions="The administrator's.", title="Theirs")
    form = sent(instructions="What Ann typed.", title="Mine", shared="everyone", seen=seen)
    response = signed_in(ann).post(f"/prompts/{prompt.pk}/edit/", form)
    page = text(response)
    assert response.status_code == 422
    assert "While this page was open, Admin saved this prompt" in page
    assert ("(title, instructions)" in page) == (seen == "1")
    assert "What Ann typed." in page
    prompt.refresh_from_db()
    assert (prompt.instructions, prompt.version) == ("The administrator's.", 2)
    # The page that tells it has seen their version: saved again, it holds.
    assert 'name="seen" value="2"' in response.content.decode()
    save(signed_in(ann), prompt, 2, instructions="What Ann typed.")
    prompt.refresh_from_db()
    assert (prompt.instructions, prompt.version) == ("What Ann typed.", 3)
    assert "The administrator&#x27;s." in signed_in(ann).get(f"/prompts/{prompt.pk}/history/").content.decode()


def test_long_differences_are_cut_and_many_versions_paged(ann: User, prompt: Prompt, signed_in: Browser) -> None:
    for number in range(1, 40):
        save(signed_in(ann), prompt, number, instructions=f"{number}" + "x\n" * 9_000)
    page = signed_in(ann).get(f"/prompts/{prompt.pk}/history/").content.decode()
    assert page.count("<b>Version") == 30
    assert len(page) < 150_000
    assert "?before=11" in page
    older = signed_in(ann).get(f"/prompts/{prompt.pk}/history/?before=11").content.decode()
    assert older.count("<b>Version") == 10
    assert "As it was written first." in older
    assert "?before=" not in older
