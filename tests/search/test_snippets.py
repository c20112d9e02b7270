"""What is shown of a text: the surroundings of what was asked for, safely, with the match marked."""

from __future__ import annotations

import re

import pytest
from django.utils.html import conditional_escape
from hypothesis import given
from hypothesis import strategies as st

from chatapp.search.query import phrases_of
from chatapp.search.results import language
from chatapp.search.snippets import SHOWN_CHARACTERS, marked, matches, snippet
from tests.search.test_tokens import ODD


def shown(text: str, query: str) -> str:
    """The snippet with brackets for marks."""
    return re.sub("</?mark>", lambda tag: "]" if "/" in tag[0] else "[", snippet(text, phrases_of(query)))


@pytest.mark.parametrize(
    ("text", "query", "wanted"),
    [
        ("The cation mixing.", "cation", "The [cation] mixing."),
        ("The cation mixing.", "CATION mixing", "The [cation mixing]."),
        ("The cation mixing.", '"cation mixing"', "The [cation mixing]."),
        ("随着阳离子混排加重", "阳离子混排", "随着[阳离子混排]加重"),
        ("随着阳离子混排加重", "阳离子 混排", "随着[阳离子混排]加重"),
        ("随着阳离子混排加重", "离", "随着阳[离]子混排加重"),
        ("Crème brûlée, Straße", "creme strasse", "[Crème] brûlée, [Straße]"),
        ("Cre\u0300me", "creme", "[Cre\u0300me]"),
        ("Fe²⁺ and ﬁne ｶﾞｽ here", "fe2 fine ガス", "[Fe²]⁺ and [ﬁne ｶﾞｽ] here"),
        ("x İstanbul y", "istanbul", "x [İstanbul] y"),
        ("**Mostly `cation` mixing**", "cation", "Mostly [cation] mixing"),
        ("## Heading\n\n- one **two**\n> three", "two", "Heading one [two] three"),
        ("Before\n```python\nx = snake_case(1)\n```\nafter", "snake_case", "Before x = [snake_case](1) after"),
        ("line one\nline two", '"one line"', "line [one line] two"),
        ("nothing here", "else", "nothing here"),
    ],
)
def test_the_match_is_marked_in_the_text_as_it_was_written(text: str, query: str, wanted: str) -> None:
    assert shown(text, query) == wanted


def test_html_in_a_text_stays_text() -> None:
    text = "<script>alert(1)</script> <mark>cation</mark> & <b onclick=x>mixing"
    html = snippet(text, phrases_of("cation script"))
    assert "<script" not in html
    assert "<b" not in html
    assert html.count("<mark>") == 3
    assert "&lt;mark&gt;<mark>cation</mark>&lt;/mark&gt; &amp; &lt;b onclick=x&gt;mixing" in html


def test_a_long_text_is_cut_between_words_on_both_sides() -> None:
    text = "before " * 100 + "needle " + "after " * 100
    seen = shown(text, "needle")
    assert seen.startswith("…before ")
    assert seen.endswith("after…")
    assert "[needle]" in seen
    assert len(seen) <= SHOWN_CHARACTERS + 4


def test_a_long_chinese_text_is_cut_too() -> None:
    seen = shown("前" * 500 + "阳离子混排" + "后" * 500, "阳离子混排")
    assert "前[阳离子混排]后" in seen
    assert len(seen) <= SHOWN_CHARACTERS + 4


def test_the_place_with_the_most_words_is_shown() -> None:
    text = "The first. " * 50 + "Here the arrhenius plot of the pellets."
    assert "[the arrhenius] plot of [the pellets]" in shown(text, "the arrhenius pellets")


@given(ODD, ODD)
def test_whatever_is_asked_of_whatever_text_nothing_breaks(text: str, query: str) -> None:
    phrases = phrases_of(query)
    html = snippet(text, phrases) + marked(text, phrases)
    assert not re.search("<(?!/?mark>)", html)
    assert html.count("<mark>") == html.count("</mark>")


@given(ODD)
def test_without_its_marks_a_short_title_is_the_title(title: str) -> None:
    plain = re.sub("</?mark>", "", marked(title.replace("\0", ""), phrases_of(title)))
    assert plain.split() == conditional_escape(title.replace("\0", "")).split()


@given(ODD, st.sampled_from(["cation mixing", "阳离子混排", "Ｃafé", "snake_case"]), ODD)
def test_what_was_quoted_is_what_is_marked(before: str, needle: str, after: str) -> None:
    text = f"{before} {needle} {after}"
    places = {text[start:end] for start, end, _ in matches(text, phrases_of(f'"{needle}"'))}
    assert needle in places


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("钠电硬碳负极的首效优化", "zh-Hans"),
        ("NMC811 的混排", "zh-Hans"),
        ("Cation mixing", ""),
        ("陽イオンの混合", ""),
    ],
)
def test_chinese_is_told_from_other_languages(text: str, wanted: str) -> None:
    assert language(text) == wanted
