"""A person's name is one line of text that leaves its neighbours alone."""

from __future__ import annotations

import pytest

from accounts.models import User, tidy_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Mei   Lin ", "Mei Lin"),
        ("Ann\r\nSet-Cookie: x", "Ann Set-Cookie: x"),
        ("Eve\u202egnp.exe", "Evegnp.exe"),
        ("\u2066Eve\u2069", "Eve"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("林美", "林美"),
        ("نرگس\u200cها", "نرگس\u200cها"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_names_become_one_plain_line(typed: str, kept: str) -> None:
    assert tidy_name(typed) == kept


def test_they_are_tidied_whoever_writes_them(db: None) -> None:
    made = User.objects.create_user("eve@example.org", name="Eve\u202e\nX")
    made.refresh_from_db()
    assert made.name == "Eve X"


@pytest.mark.parametrize(
    ("name", "short", "initials"),
    [("Mei Lin", "Mei", "ML"), ("Ann", "Ann", "A"), ("Ann Marie van Dyk", "Ann", "AD"), ("林美", "林美", "林")],
)
def test_short_name_and_initials(name: str, short: str, initials: str) -> None:
    person = User(email="x@example.org", name=name)
    assert (person.short_name, person.initials) == (short, initials)


def test_somebody_without_a_name_is_called_by_the_address(db: None) -> None:
    person = User(email="mei@example.org", name="")
    assert (str(person), person.short_name, person.initials) == ("mei@example.org", "mei", "M")
