"""At the end the page equals a full render, for every text and every way of cutting it into deltas."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp.rendering.limits import MAX_TEXT_CHARS, MAX_TEXT_LINES
from chatapp.rendering.live import Live
from chatapp.rendering.markdown import render
from tests.rendering.texts import CUTS, NASTY, Cuts, cuts, texts
from tests.rendering.watching import Viewer, watch, watched_to_the_end

many = settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def assert_equal_in_the_end(live: Live, viewer: Viewer, text: str) -> None:
    assert live.text == text
    assert viewer.closed == live.closed
    assert viewer.tail == live.tail() == ""
    assert live.html() == render(text)
    if not live.needs_render:
        assert viewer.closed == render(text)


@many
@given(texts, cuts)
def test_any_text_cut_anywhere_ends_as_its_full_render(text: str, cuts: Cuts) -> None:
    live, viewer = watched_to_the_end(text, cuts)
    assert_equal_in_the_end(live, viewer, text)


@many
@given(texts, cuts)
def test_a_viewer_has_what_the_server_thinks_it_has_at_every_moment(text: str, cuts: Cuts) -> None:
    for live, viewer in watch(text, cuts):
        assert viewer.closed == live.closed
        assert viewer.tail == live.tail()


@settings(many, max_examples=300)
@given(texts, texts, cuts)
def test_an_interrupted_text_goes_on_from_what_was_stored(stored: str, more: str, cuts: Cuts) -> None:
    live, viewer = watched_to_the_end(more, cuts, already=stored)
    assert_equal_in_the_end(live, viewer, stored + more)


@settings(many, max_examples=300)
@given(texts, st.lists(st.integers(0, 30), max_size=30))
def test_a_busy_server_that_renders_seldom_ends_the_same(text: str, steps: list[int]) -> None:
    seconds = iter(range(1_000_000))
    live = Live(clock=lambda: next(seconds))
    viewer = Viewer()
    at = 0
    for step in steps:
        live.feed(text[at : at + step])
        at += step
        viewer.get(live.flush())
    live.feed(text[at:])
    viewer.get(live.finish())
    assert_equal_in_the_end(live, viewer, text)


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("cuts", CUTS)
def test_nasty_texts_end_as_their_full_render(text: str, cuts: Cuts) -> None:
    live, viewer = watched_to_the_end(text, cuts)
    assert_equal_in_the_end(live, viewer, text)


@pytest.mark.parametrize("text", NASTY)
def test_every_prefix_of_a_nasty_text_would_end_as_its_full_render(text: str) -> None:
    for end in range(len(text)):
        live, viewer = watched_to_the_end(text[:end], [(3, True)])
        assert_equal_in_the_end(live, viewer, text[:end])


@pytest.mark.parametrize("text", ["word " * (MAX_TEXT_CHARS // 5 + 1), "a\n" * (MAX_TEXT_LINES + 1)])
def test_a_text_beyond_the_limits_is_shown_as_it_is(text: str) -> None:
    live, viewer = watched_to_the_end(text, [(50_000, True)])
    assert live.needs_render
    assert live.html() == render(text) == viewer.closed
    assert live.html().startswith('<p dir="auto" class="plain">')


def test_a_text_at_the_limit_is_still_markdown() -> None:
    text = "*a*" + "\n" * MAX_TEXT_LINES
    live, viewer = watched_to_the_end(text, [(5_000, True)])
    assert_equal_in_the_end(live, viewer, text)
    assert viewer.closed == '<p dir="auto"><em>a</em></p>\n'


def test_definitions_reach_backwards_so_that_the_viewer_must_take_the_full_render() -> None:
    live, viewer = watched_to_the_end("see [it]\n\nmore\n\n[it]: https://example.org\n", [(4, True)])
    assert live.needs_render
    assert "<a" not in viewer.closed
    assert '<a href="https://example.org"' in live.html()
