"""Text that attacks: it is shown, and does nothing."""

from __future__ import annotations

import re
from html import unescape

import pytest

from chatapp.rendering.limits import MAX_BLOCK_DEPTH, MAX_INLINE_CHARS, MAX_INLINE_DEPTH
from chatapp.rendering.markdown import render
from tests.rendering.safety import assert_safe

ACTIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    '<form action="//evil.example"><input name=csrfmiddlewaretoken><button>x</button></form>',
    '<meta http-equiv=refresh content="0;url=//evil.example">',
    '<base href="//evil.example/">',
    "<object data=x></object><embed src=x>",
    "<style>*{display:none}</style>",
    '<link rel=stylesheet href="//evil.example">',
    '<div class="menu btn" id="main" style="position:fixed;inset:0">x</div>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<a href=javascript:alert(1)>x</a>",
    "<details open ontoggle=alert(1)>",
    "<p hx-get=/admin hx-trigger=load data-hx-on=x ws-send>x</p>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</p></div></article><h1>x</h1>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<span class=caret data-open data-math=display>x</span>",
]
FRAMES = [
    "{}", "a {} b", "# {}", "- {}", "> {}", "`{}`", "```\n{}\n```", "```html\n{}\n```", "    {}",
    "|a|\n|-|\n|{}|", "**{}**", "[{}](http://a.b)", '[a](http://a.b "{}")', "![{}](http://a.b)",
    "[a](<http://a.b/{}>)", "${}$", "$$\n{}\n$$", "\\({}\\)", "x[^1]\n\n[^1]: {}", "```{}\nx\n```",
    "[a]\n\n[a]: http://a.b '{}'", "<http://a.b/{}>", "http://a.b/{}", "~~~ py {}\n~~~",
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("attack", ACTIVE)
def test_active_html_is_never_alive(attack: str, frame: str) -> None:
    assert_safe(render(frame.format(attack)))


@pytest.mark.parametrize("attack", ACTIVE[:-2])
def test_html_stays_readable(attack: str) -> None:
    assert unescape(re.sub(r"<[^>]*>", "", render(f"`` {attack} ``"))).strip() == attack


@pytest.mark.parametrize("language", ["mermaid", "svg", "html"])
def test_drawings_are_shown_as_code(language: str) -> None:
    html = render(f"```{language}\n<svg onload=alert(1)>\n```")
    assert_safe(html)
    assert "<pre" in html


def repeated(piece: str, length: int = 50_000) -> str:
    return (piece * (length // len(piece) + 1))[:length]


MONSTERS = {
    "10,000 nested quotes": ">" * 10_000 + "x",
    "quotes with lazy lines": "> " * 17 + "a\n" + repeated("b\n", 20_000),
    "300 nested lists": "".join("  " * depth + "- a\n" for depth in range(300)),
    "lists on one line": "- " * 10_000 + "a",
    "nested lists in many lines": repeated("- - - - - - - - a\n"),
    "emphases": repeated("*a **b "),
    "nested emphases": repeated("*a **b ", 25_000) + repeated("c** d* ", 25_000),
    "brackets": repeated("["),
    "brackets of pictures": repeated("![[["),
    "links within links": repeated("[a", 25_000) + repeated("](b)", 25_000),
    "half links": repeated("[a](<b"),
    "backticks": repeated("`"),
    "runs of backticks": "".join("`" * run + " " for run in range(1, 300)),
    "tags": repeated("<div>"),
    "dollars": repeated("$"),
    "double dollars": repeated("$$a$ "),
    "brackets of TeX": repeated("\\(") + "\\)",
    "lines of dollars": repeated("$$\n", 20_000),
    "entities": repeated("&amp"),
    "schemes": repeated("http://"),
    "a table of 3,000 columns": "|" + "a|" * 3_000 + "\n|" + "-|" * 3_000 + "\n" + ("|" + "b|" * 3_000 + "\n") * 3,
    "definitions": repeated("[a]: b\n"),
    "an endless definition": "[" + repeated("\\\n"),
    "notes within notes": repeated("[^a]: ", 20_000),
    "fences": repeated("```\n", 20_000),
    "fences in items": repeated("- ```\n", 20_000),
    "blank lines": "\n" * 20_000,
    "blanks": " " * 50_000 + "a",
    "one word": "a" * 5_000_000,
    "1,000 paragraphs": ("word " * 60 + "\n\n") * 1_000,
    "directions": repeated("\u202e\u2066\u200f\u200b"),
}


@pytest.mark.parametrize("name", MONSTERS)
def test_monsters_are_shown_safely_and_do_not_grow_without_bound(name: str) -> None:
    text = MONSTERS[name]
    html = render(text)
    assert_safe(html)
    assert len(html) <= 60 * len(text) + 1_000


@pytest.mark.parametrize("name", MONSTERS)
def test_monsters_that_fit_one_paragraph_are_parsed_safely(name: str) -> None:
    assert_safe(render(MONSTERS[name][:MAX_INLINE_CHARS]))


@pytest.mark.parametrize("name", MONSTERS)
def test_html_is_never_nested_without_bound(name: str) -> None:
    depth = deepest = 0
    for tag in re.finditer(r"<(/?)(?!br|hr|input)\w", render(MONSTERS[name][: 2 * MAX_INLINE_CHARS])):
        depth += -1 if tag[1] else 1
        deepest = max(deepest, depth)
    assert deepest <= MAX_BLOCK_DEPTH + MAX_INLINE_DEPTH
