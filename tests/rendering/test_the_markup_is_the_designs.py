"""Each kind of block comes out in the markup of the design."""

from __future__ import annotations

import pytest

from chatapp.rendering.limits import MAX_INLINE_CHARS
from chatapp.rendering.markdown import RENDERER_VERSION, reasoning_html, render


def test_headings_begin_below_those_of_the_page() -> None:
    assert render("# a\n## b\n### c\n#### d\n##### e\n###### f") == (
        '<h3 dir="auto">a</h3>\n<h4 dir="auto">b</h4>\n<h5 dir="auto">c</h5>\n'
        '<h6 dir="auto">d</h6>\n<h6 dir="auto">e</h6>\n<h6 dir="auto">f</h6>\n'
    )


def test_paragraphs_keep_their_lines_and_find_their_own_direction() -> None:
    assert render("one\ntwo  \nthree") == '<p dir="auto">one\ntwo<br>\nthree</p>\n'


def test_emphasis_of_all_kinds() -> None:
    assert render("*a* **b** ~~c~~ `d<e`") == (
        '<p dir="auto"><em>a</em> <strong>b</strong> <s>c</s> <code>d&lt;e</code></p>\n'
    )


def test_a_tight_list_has_no_paragraphs_and_a_loose_one_has() -> None:
    assert render("- a\n- b") == '<ul>\n<li dir="auto">a\n</li>\n<li dir="auto">b\n</li>\n</ul>\n'
    assert '<li dir="auto"><p dir="auto">a</p>' in render("- a\n\n- b")


def test_a_numbered_list_begins_where_its_author_began() -> None:
    assert render("3) a").startswith('<ol start="3">')
    assert render("1. a").startswith("<ol>")


def test_tasks_have_boxes_that_cannot_be_ticked() -> None:
    html = render("- [ ] open\n- [x] done")
    assert '<li dir="auto"><input type="checkbox" disabled=""> open' in html
    assert '<li dir="auto"><input type="checkbox" disabled="" checked=""> done' in html


def test_a_quote_holds_blocks() -> None:
    assert render("> # a\n> b") == (
        '<blockquote dir="auto">\n<h3 dir="auto">a</h3>\n<p dir="auto">b</p>\n</blockquote>\n'
    )


def test_a_rule_is_a_rule() -> None:
    assert render("---") == "<hr>\n"


def test_each_block_ends_its_line() -> None:
    text = "# a\n\nb\n\n- c\n\n> d\n\n    e\n\n---\n\n|f|\n|-|\n\n$$g$$\n"
    assert render(text).count("\n\n") == 0
    assert render(text) == "".join(render(block) for block in text.split("\n\n"))


def test_a_footnote_is_a_number_and_an_entry_at_the_end_without_ids() -> None:
    html = render("a[^x] b[^y] c[^x]\n\n[^y]: second\n[^x]: first\n[^z]: for no one\n\nend")
    assert html.startswith('<p dir="auto">a<sup>1</sup> b<sup>2</sup> c<sup>1</sup></p>\n<p dir="auto">end</p>\n')
    notes = html.partition('<section class="footnotes" aria-label="Footnotes"><ol>')[2]
    assert notes.index("first") < notes.index("second") < notes.index("for no one")
    assert "id=" not in html


def test_a_footnote_that_is_not_defined_stays_text() -> None:
    assert render("a[^1]") == '<p dir="auto">a[^1]</p>\n'


@pytest.mark.parametrize("text", ["x^[2]", "^[not a note]"])
def test_notes_in_the_middle_of_a_text_are_no_notes(text: str) -> None:
    assert render(text) == f'<p dir="auto">{text}</p>\n'


def test_a_very_long_paragraph_is_shown_as_it_is() -> None:
    text = "*a*\n" * (MAX_INLINE_CHARS // 4 + 1)
    assert render(text) == f'<p dir="auto" class="plain">{text.strip()}</p>\n'


def test_lists_nested_too_deeply_show_their_source_instead_of_nothing() -> None:
    html = render("- " * 30 + "deep\n\nafter")
    assert "- - - deep" in html
    assert html.endswith('<p dir="auto">after</p>\n')


def test_the_way_back_from_too_deep_a_list_is_found() -> None:
    html = render("- " * 30 + "deep\n- back")
    assert html.endswith('<li dir="auto">back\n</li>\n</ul>\n')


def test_line_ends_nul_and_lone_surrogates_are_made_good() -> None:
    assert render("a\r\nb\rc\0\ud83d") == '<p dir="auto">a\nb\nc\ufffd\ufffd</p>\n'


def test_an_empty_text_is_nothing() -> None:
    assert render("") == render(" \n\n\t\n") == ""


def test_finished_reasoning_is_rendered_like_an_answer() -> None:
    assert reasoning_html("*so*") == render("*so*")
    assert RENDERER_VERSION
