"""A sealed key opens with the installation's sealing key alone."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from chatapp.catalog.models import Provider
from chatapp.catalog.secrets import SecretLost, seal, unseal

KEY = "sk-canary-0123456789abcdef"


@pytest.mark.parametrize("text", ["", "x", KEY, "密钥 🔑", "a" * 10_000])
def test_what_was_sealed_opens_again(text: str) -> None:
    assert unseal(seal(text)) == text


def test_the_sealed_value_shows_nothing_not_even_that_two_are_equal() -> None:
    assert KEY not in seal(KEY)
    assert seal(KEY) != seal(KEY)


def test_another_sealing_key_opens_nothing(settings: Settings) -> None:
    sealed = seal(KEY)
    settings.PARLEY_SEALING_KEY = "another sealing key of more than 32 characters"
    with pytest.raises(SecretLost):
        unseal(sealed)


@pytest.mark.parametrize("place", [0, 20, 60, -1])
def test_a_damaged_value_does_not_open(place: int) -> None:
    sealed = bytearray(seal(KEY).encode())
    sealed[place] ^= 1
    with pytest.raises(SecretLost):
        unseal(sealed.decode("latin1"))


@pytest.mark.parametrize("value", ["", "not sealed at all", KEY, "密钥"])
def test_a_value_that_was_never_sealed_does_not_open(value: str) -> None:
    with pytest.raises(SecretLost):
        unseal(value)


def test_a_provider_gives_its_key_to_the_call_alone() -> None:
    provider = Provider(name="Intern")
    assert provider.key == ""
    provider.set_key(KEY)
    assert provider.key == KEY
    assert KEY not in str(vars(provider))
    assert provider.key_prefix == "sk-c…"
    provider.set_key("")
    assert (provider.key, provider.sealed_key, provider.key_prefix) == ("", "", "")
