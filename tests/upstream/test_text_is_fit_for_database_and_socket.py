from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.upstream.cleaning import Cleaner

ANY = st.text(st.characters(categories=None) | st.sampled_from("\ud83d\udc3c\0\ufeffa"))


def clean(pieces: list[str]) -> str:
    cleaner = Cleaner()
    return "".join([cleaner.clean(piece) for piece in pieces] + [cleaner.close()])


def test_two_halves_of_a_character_join_over_pieces() -> None:
    assert clean(["a\ud83d", "\udc3cb"]) == "a🐼b"


def test_halves_that_stay_alone_are_marked() -> None:
    assert clean(["\ud83d"]) == "\ufffd"
    assert clean(["\ud83d", "x"]) == "\ufffdx"
    assert clean(["\udc3c\ud83d", "\ud83d", "\udc3c"]) == "\ufffd\ufffd🐼"


def test_nul_goes() -> None:
    assert clean(["a\0b", "\0"]) == "ab"


@given(ANY)
def test_everything_can_be_encoded_and_good_text_is_untouched(text: str) -> None:
    cleaned = clean([text])
    cleaned.encode()
    assert "\0" not in cleaned
    assert clean([cleaned]) == cleaned


@given(st.lists(ANY, max_size=6))
def test_no_cut_changes_what_comes_out(pieces: list[str]) -> None:
    assert clean(pieces) == clean(["".join(pieces)])
