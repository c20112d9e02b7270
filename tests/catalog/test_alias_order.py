"""The order of aliases: by steps, by dragging, and by two administrators at once."""

from __future__ import annotations

import pytest
from django.test import Client

from chatapp.catalog.models import Alias
from tests.catalog.alias_desk import story
from tests.catalog.desk import at

HTMX = {"HX-Request": "true"}


@pytest.fixture
def aliases(db: None) -> dict[str, Alias]:
    return {name: Alias.objects.create(name=name, order=10) for name in "abcd"}


def order() -> str:
    return "".join(alias.name for alias in Alias.objects.all())


def move(office: Client, **form: object) -> None:
    assert office.post(at("order_aliases"), form)["Location"] == at("aliases")


def test_a_step_up_and_a_step_down(office: Client, aliases: dict[str, Alias]) -> None:
    move(office, up=aliases["c"].pk)
    assert order() == "acbd"
    move(office, down=aliases["a"].pk)
    assert order() == "cabd"
    assert story(aliases["c"]) == ["moved it to place 2 of 4"]


def test_the_ends_are_ends(office: Client, aliases: dict[str, Alias]) -> None:
    move(office, up=aliases["a"].pk)
    move(office, down=aliases["d"].pk)
    assert order() == "abcd"
    assert not story(aliases["a"])


@pytest.mark.parametrize(("before", "after"), [("a", "dabc"), ("c", "abdc"), ("", "abcd")])
def test_a_row_is_dropped_in_front_of_another(
    office: Client, aliases: dict[str, Alias], before: str, after: str
) -> None:
    move(office, alias=aliases["d"].pk, before=aliases[before].pk if before else "")
    assert order() == after


def test_a_row_is_dropped_at_the_end(office: Client, aliases: dict[str, Alias]) -> None:
    move(office, alias=aliases["a"].pk, before="")
    assert order() == "bcda"


def test_the_button_that_was_pressed_before_does_not_move_what_is_dragged(
    office: Client, aliases: dict[str, Alias]
) -> None:
    move(office, alias=aliases["d"].pk, before=aliases["a"].pk, down=aliases["a"].pk)
    assert order() == "dabc"


def test_two_moves_from_the_same_page_both_hold(office: Client, aliases: dict[str, Alias]) -> None:
    # The second page was loaded before the first move.
    move(office, alias=aliases["d"].pk, before=aliases["a"].pk)
    move(office, alias=aliases["c"].pk, before=aliases["b"].pk)
    assert order() == "dacb"


def test_a_place_in_front_of_a_deleted_alias_is_the_end(office: Client, aliases: dict[str, Alias]) -> None:
    gone = aliases["b"].pk
    aliases["b"].delete()
    move(office, alias=aliases["a"].pk, before=gone)
    assert order() == "cda"


@pytest.mark.parametrize("nonsense", [{}, {"up": "x"}, {"up": "999"}, {"alias": "-1"}, {"down": "9" * 40}])
def test_nonsense_moves_nothing(office: Client, aliases: dict[str, Alias], nonsense: dict[str, str]) -> None:
    move(office, **nonsense)
    assert order() == "abcd"


def test_htmx_gets_the_list_and_the_words_for_those_who_do_not_see_it(
    office: Client, aliases: dict[str, Alias]
) -> None:
    html = office.post(at("order_aliases"), {"down": aliases["a"].pk}, headers=HTMX).content.decode()
    assert "<html" not in html
    assert "a is number 2 of 4 now" in html
