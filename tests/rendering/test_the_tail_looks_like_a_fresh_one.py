"""Appending and replacing pieces shows what rendering the tail from nothing would show."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp.rendering.limits import MAX_INLINE_CHARS
from chatapp.rendering.live import Live
from tests.rendering.texts import INLINE, Cuts, cuts
from tests.rendering.watching import watch

many = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None)

prose = st.lists(
    st.one_of(st.sampled_from(INLINE), st.sampled_from(["\nword", "\n12, x", " \nx", "  \nx", "\\\nx", "\n"])),
    max_size=12,
).map(lambda pieces: "word " + " ".join(pieces).replace(" \n", "\n"))

# Well-formed blocks, as models write them.
BLOCKS = [
    "# A heading",
    "Words **bold** and `code` and $x_1$, 12:34.",
    "Two lines\nof *prose* (and [a link](http://a.b) there)",
    "- one\n- **two** words\n- three $y$ here",
    "- one\n  - deeper `x`\n  - deepest\n- two",
    "1. first\n\n   second paragraph\n\n2. third\n\n   fourth",
    "- [ ] task\n- [x] done",
    "1. code:\n\n   ```py\n   x = 1\n\n   if y:\n       z\n   ```\n\n   after\n2. end",
    "- a\n\n      indented\n\n- b",
    "```py\nx = [1]\n\n    y\n```",
    "~~~\n```\nx\n```\n~~~",
    "    code\n      deeper\n\n    more",
    "> quote **bold**\n> goes on\n>\n> - item\n> - item",
    "> lazy\nline",
    "| a | b |\n|---|--:|\n| `1` | **2** |\n| 3 | 4 |",
    "$$\na &= b \\\\\n  c &= \\frac{d}{e}\n$$",
    "\\[\nx^2\n\\]",
    "Text before\n$$\nx\n$$\nand after",
    "---",
    "中文段落，没有空格。**粗体**，$E$是能量。",
]
documents = st.lists(st.sampled_from(BLOCKS), max_size=5).map("\n\n".join)


def essence(html: str) -> str:
    """Without what only the making of the tail needs, and without the blanks around tags."""
    html = re.sub(r'<tr data-open></tr>| data-open=""|</?div>|<span class="caret"[^>]*></span>', "", html)
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", html))


def fresh(text: str) -> str:
    live = Live(text)
    return essence(live.closed + live.tail())


@many
@given(prose, cuts)
def test_prose_of_any_kind(text: str, cuts: Cuts) -> None:
    *moments, _ = ((live.text, viewer.closed + viewer.tail) for live, viewer in watch(text, cuts))
    for so_far, html in moments:
        # A backslash in a formula may be half of its end.
        assert essence(html) == fresh(so_far) or so_far.endswith("\\")


@settings(many, max_examples=150)
@given(documents, cuts)
def test_documents_as_models_write_them(text: str, cuts: Cuts) -> None:
    *moments, _ = ((live.text, viewer.closed + viewer.tail) for live, viewer in watch(text, cuts))
    for so_far, html in moments:
        # A line that is held back, or code that waits for its closing line, may come a delta later.
        assert essence(html) in {fresh(so_far), fresh(so_far.rpartition("\n")[0] + "\n"), fresh(so_far[:-1])}


@pytest.mark.parametrize(
    ("shown", "more"),
    [
        ('x [l](http://a.b "t', '")'),
        ("x [l](http://a.b", ")"),
        ("a _b_", "c"),
        ("a $x$", "5"),
        ("a \\", "*b*"),
        ("a http:", "//b.c"),
        ("a http://b", ".c"),
        ("a &am", "p;"),
        ("- a\n\n[b]: http://x.y/", "z"),
        ("# a #", " b"),
        ("\\[ z \\", "]\n"),
        ("$$\n", "\na"),
        ("~~~" + "word" * 20, "word\nx"),
        ("- [x]", " done"),
        ("para\n", "===\n"),
        ("a | b\n", "--|--\n"),
    ],
)
def test_what_changes_the_text_before_it_is_not_just_appended(shown: str, more: str) -> None:
    *moments, _ = (
        (live.text, viewer.closed + viewer.tail) for live, viewer in watch(shown + more, [(len(shown), True)])
    )
    so_far, html = moments[-1]
    assert essence(html) == fresh(so_far)


def test_words_that_are_only_appended_keep_their_distance() -> None:
    for text in ("word " * 20, "$$\n" + "a b \\\\\n c " * 20, "*a* " * MAX_INLINE_CHARS):
        *moments, _ = ((live.text, viewer.tail) for live, viewer in watch(text, [(len(text) // 7 + 1, True)]))
        for so_far, html in moments:
            assert essence(html) == fresh(so_far)
