"""How texts are cut, the same for what is written and for what is asked."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.search.query import MOST_PHRASES, Phrase, phrases_of
from chatapp.search.tokens import (
    HOLE,
    MOST_PLACES,
    MOST_TOKENS,
    TOKEN_CHARACTERS,
    clusters,
    fold,
    pieces,
    tokens,
)

# Letters that join, marks, widths, ligatures, scripts without blanks: more of them than chance would give.
ODD = st.text(
    st.one_of(
        st.sampled_from(
            "aé\u0301\u0308ßŉİıﬁﷺ½²⁺℃①Ａｱｶﾞ\u3099がハ각\u1100\u1161\u11a8ㄱㅏ阳离子〇々\u200d\u00ad\ufeff_-. \n\"'`"
        ),
        st.characters(),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Cation mixing, in NMC811.", ["cation", "mixing", "in", "nmc811"]),
        ("阳离子混排", ["阳离", "离子", "子混", "混排", "排"]),
        ("混排", ["混排", "排"]),
        ("混", ["混"]),
        ("Ni掺杂的NMC", ["ni", "掺杂", "杂的", "的", "nmc"]),
        ("第3章", ["第", "3", "章"]),
        ("氧，气", ["氧", "气"]),
        ("カタカナー", ["カタ", "タカ", "カナ", "ナー", "ー"]),
        ("ｶﾞｽ", ["ガス", "ス"]),
        ("전해질", ["전해", "해질", "질"]),
        ("get_user_name(x)", ["get", "user", "name", "x"]),
        ("os.path.join", ["os", "path", "join"]),
        ("Élan café naïve Ångström", ["elan", "cafe", "naive", "angstrom"]),
        ("Straße ﬁne ＡＢＣ", ["strasse", "fine", "abc"]),
        ("co\u00adoperate", ["cooperate"]),
        ("Ni²⁺ 2½", ["ni2", "21", "2"]),
        ("ёлка", ["елка"]),
        ("", []),
        ("!? … 🎉", []),
    ],
)
def test_words_of_letters_and_pairs_of_characters(text: str, wanted: list[str]) -> None:
    assert tokens(text) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("cation mixing", [Phrase(("cation",)), Phrase(("mixing",))]),
        ('"cation mixing"', [Phrase(("cation", "mixing"))]),
        ("“cation mixing”", [Phrase(("cation", "mixing"))]),
        ('"cation mix', [Phrase(("cation", "mix"))]),
        ("混排", [Phrase(("混排",))]),
        ("阳离子", [Phrase(("阳离", "离子"))]),
        ("混", [Phrase(("混",), open=True)]),
        ("Ni混", [Phrase(("ni", "混"), open=True)]),
        ("混排Ni", [Phrase(("混排", "排", "ni"))]),
        ("阳离子，混排", [Phrase(("阳离", "离子")), Phrase(("混排",))]),
        ("snake_case", [Phrase(("snake", "case"))]),
        ("same same", [Phrase(("same",))]),
        ('" * NEAR( "', [Phrase(("near",))]),
        ('""\'`*^():-+\\ ', []),
    ],
)
def test_what_a_query_asks_for(query: str, wanted: list[Phrase]) -> None:
    assert phrases_of(query) == wanted


def test_a_query_has_an_end() -> None:
    assert len(phrases_of(" ".join(f"w{number}" for number in range(1000)))) == MOST_PHRASES
    assert phrases_of("x" * 5000) == [Phrase(("x" * TOKEN_CHARACTERS,))]


def test_a_text_has_an_end_in_the_index() -> None:
    many = tokens(" ".join(f"w{number}" for number in range(20_000)))
    assert len(many) == MOST_TOKENS
    assert many[-1] == "w15999"
    # A tsvector is never longer than 1 MB.
    long = tokens(" ".join("\U00010428" * TOKEN_CHARACTERS + str(number) for number in range(16_000)))
    assert sum(len(token.encode()) for token in long) < 2**20 - 8 * len(long)


def test_a_word_that_comes_too_often_leaves_holes_so_that_others_keep_their_places() -> None:
    cut = tokens("again " * (MOST_PLACES + 3) + "end")
    assert cut == ["again"] * MOST_PLACES + [HOLE] * 3 + ["end"]


@given(ODD)
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ODD)
def test_a_line_folded_in_parts_is_the_folded_line(text: str) -> None:
    line = text.replace("\n", " ")
    cuts = list(clusters(line))
    assert "".join(line[start:end] for start, end in cuts) == line
    assert "".join(fold(line[start:end]) for start, end in cuts) == fold(line)


@given(ODD)
def test_a_text_folded_by_lines_is_the_folded_text(text: str) -> None:
    assert "\n".join(fold(line) for line in text.split("\n")) == fold(text)


@given(ODD)
def test_no_token_has_what_means_something_to_a_database(text: str) -> None:
    """Blanks, quotation marks, control characters; the private use area marks owners."""
    for token in tokens(text):
        assert not [one for one in token if one.isascii() and not one.isalnum()]
        assert not {unicodedata.category(one)[0] for one in token} & {"C", "Z"} - _unassigned(token)
        assert 0 < len(token) <= TOKEN_CHARACTERS


def _unassigned(token: str) -> set[str]:
    """Characters that are newer than this Python have no category, and are known by their block."""
    return {"C"} if any(unicodedata.category(one) == "Cn" for one in token) else set()


@given(ODD, ODD, ODD)
def test_a_quotation_of_a_text_is_found_in_it(before: str, quoted: str, after: str) -> None:
    """Whatever follows and goes before on other lines: the quotation's tokens follow each other in the text."""
    quoted = quoted.replace("\n", " ").replace('"', " ")
    asked = [phrase for phrase in phrases_of(f'"{quoted}"') if '"' not in fold(quoted)]
    inside = tokens(f"{before}\n{quoted}\n{after}")
    for phrase in asked:
        size = len(phrase.tokens)
        windows = [tuple(inside[at : at + size]) for at in range(len(inside))]
        assert any(_fits(window, phrase) for window in windows)


def _fits(window: tuple[str, ...], phrase: Phrase) -> bool:
    if not phrase.open:
        return window == phrase.tokens
    return window[:-1] == phrase.tokens[:-1] and bool(window) and window[-1].startswith(phrase.tokens[-1])


@given(ODD)
def test_pieces_know_where_they_stand(text: str) -> None:
    folded = fold(text)
    for token, start, end in pieces(folded):
        assert folded[start:end].startswith(token)
