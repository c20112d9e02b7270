"""Tables are GFM's, in a box that scrolls, with classes instead of styles."""

from __future__ import annotations

import pytest

from chatapp.rendering.limits import MAX_TABLE_CELLS, MAX_TABLE_COLUMNS
from chatapp.rendering.markdown import render


def test_a_table_scrolls_in_its_own_box_and_aligns_by_class() -> None:
    assert render("| a | b | c | d |\n|---|:--|--:|:-:|\n| 1 | 2 | 3 | *4* |") == (
        '<figure class="block"><div class="scroll" role="region" tabindex="0" aria-label="Table">'
        '<table class="table">\n<thead><tr><th dir="auto" scope="col">a</th><th dir="auto" scope="col">b</th>'
        '<th dir="auto" scope="col" class="num">c</th><th dir="auto" scope="col" class="ctr">d</th></tr>\n</thead>\n'
        '<tbody>\n<tr><td dir="auto">1</td><td dir="auto">2</td><td dir="auto" class="num">3</td>'
        '<td dir="auto" class="ctr"><em>4</em></td></tr>\n</tbody></table></div></figure>\n'
    )


@pytest.mark.parametrize("text", ["a|b\n-|-", "|a|b|\n|-|-|", " a | b\n:- | -:", "| a \\| c | b |\n|---|---|"])
def test_the_pipes_at_the_sides_are_free(text: str) -> None:
    assert render(text).count("<th ") == 2


@pytest.mark.parametrize(
    "text",
    [
        "a|b\n-",
        "a|b\n---",
        "a\n-|-",
        "a|b\n-|-|-",
        "a|b\n-||-",
        "a|b\n- |-",
        "a|b\n\n-|-",
        "a|b\n    -|-",
        "a|b\nx|-",
        "|\n|-|",
    ],
)
def test_what_is_nearly_a_table_is_none(text: str) -> None:
    assert "<table" not in render(text)


def test_a_table_follows_a_paragraph_and_ends_where_a_block_begins() -> None:
    html = render("text\na|b\n-|-\nc|d\n# head\n")
    assert html.startswith('<p dir="auto">text</p>\n<figure')
    assert html.endswith('</figure>\n<h3 dir="auto">head</h3>\n')
    assert render("a|b\n-|-\nc\n\nend").endswith('<p dir="auto">end</p>\n')


def test_short_rows_stay_short_and_long_ones_lose_nothing() -> None:
    html = render("a|b\n-|-\n1\n1|2|3|4")
    assert '<tr><td dir="auto">1</td></tr>' in html
    assert '<td dir="auto">2 | 3 | 4</td></tr>' in html


def test_a_table_stands_in_an_item_and_in_a_quote() -> None:
    assert "<table" in render("- a|b\n  -|-\n  c|d")
    assert "<table" in render("> a|b\n> -|-")


def test_few_characters_make_few_cells() -> None:
    wide = "|" + "a|" * 200 + "\n|" + "-|" * 200 + "\n" + "b\n" * 200
    assert render(wide).count("<td") == 200


def test_what_would_be_too_many_columns_or_cells_is_text() -> None:
    def table(columns: int, rows: int) -> str:
        return "\n".join(["a|" * columns, "-|" * columns, *["b|" * columns] * rows])

    assert render(table(MAX_TABLE_COLUMNS, 1)).count("<td") == MAX_TABLE_COLUMNS
    assert "<table" not in render(table(MAX_TABLE_COLUMNS + 1, 1))
    html = render(table(20, MAX_TABLE_CELLS // 20 + 30))
    assert html.count("<td") == MAX_TABLE_CELLS
    assert html.count("b|b|") == 30 * 10
