"""While a text arrives, what is shown is safe at every moment, and is the text so far: nothing lost, nothing twice."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp.rendering.markdown import render
from tests.rendering.safety import assert_safe
from tests.rendering.texts import ENDS, INLINE, NASTY, STARTS, Cuts, cuts, texts
from tests.rendering.watching import watch, watched_to_the_end

many = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), database=None)

# Without addresses, notes and labels of code, all words of the source are words on the page.
HIDES_WORDS = re.compile(r"[\[\]|`~<&;]|http|://|\\\(")
plain_lines = st.builds(
    lambda start, words, end: start + " ".join(words) + end,
    st.sampled_from([start for start in STARTS if not HIDES_WORDS.search(start)]),
    st.lists(st.sampled_from([words for words in INLINE if not HIDES_WORDS.search(words)]), max_size=4),
    st.sampled_from(ENDS),
)
fences = st.sampled_from(["```\n", "~~~\n", "```py\n", "  ```\n", "- ```\n"])
tables = st.sampled_from(["| word | word |\n|---|---|\n| word | word |\n", "| word |\n|--|\n", "| word | word |\n"])
plain_texts = st.lists(st.one_of(plain_lines, plain_lines, fences, tables), max_size=14).map("".join)


def numbered(text: str) -> str:
    """The text with each of some words replaced by a number of its own."""
    count = iter(range(1, 10_000))
    return re.sub(r"word|two|a\b|b\b", lambda _: f"w{next(count)}z", text)


def words_of(html: str) -> list[str]:
    return re.findall(r"w\d+z", unescape(re.sub(r"<figcaption.*?</figcaption>|<[^>]*>", "", html)))


@many
@given(plain_texts, cuts)
def test_the_words_on_the_page_are_always_the_first_words_of_the_text(text: str, cuts: Cuts) -> None:
    text = numbered(text)
    words = re.findall(r"w\d+z", text)
    *moments, (last, _) = ((live, viewer.closed + viewer.tail) for live, viewer in watch(text, cuts))
    for _, html in moments:
        shown = words_of(html)
        assert shown == words[: len(shown)]
    assert words_of(last.html()) == words


@many
@given(texts, cuts)
def test_no_word_comes_twice_or_out_of_order_in_any_text(text: str, cuts: Cuts) -> None:
    for _, viewer in watch(numbered(text), cuts):
        shown = [int(word[1:-1]) for word in words_of(viewer.closed + viewer.tail)]
        assert shown == sorted(set(shown))


@many
@given(texts, cuts)
def test_whatever_is_shown_at_any_moment_is_safe(text: str, cuts: Cuts) -> None:
    for _, viewer in watch(text, cuts):
        assert_safe(viewer.closed + viewer.tail)


@pytest.mark.parametrize("text", NASTY)
def test_every_prefix_of_a_nasty_text_is_shown_safely(text: str) -> None:
    for end in range(len(text)):
        assert_safe(render(text[:end]))
    for _, viewer in watch(text, [(1, True)]):
        assert_safe(viewer.closed + viewer.tail)


def test_all_of_a_plain_text_is_on_the_page_before_it_ends() -> None:
    tails = [viewer.tail for _, viewer in watch("First words. And then more, up to the last one.", [(5, True)])]
    assert "up to the last one." in tails[-2]
    assert tails[-1] == ""


def test_the_end_leaves_no_caret() -> None:
    for text in NASTY:
        _, viewer = watched_to_the_end(text, [(2, True)])
        assert "caret" not in viewer.closed
