"""Links lead to http, https, mailto and tel, say where they lead, and nothing loads by itself."""

from __future__ import annotations

import pytest

from chatapp.rendering.limits import MAX_REFERRED_CHARS, MAX_URL_CHARS
from chatapp.rendering.markdown import render


def link(href: str, words: str) -> str:
    return f'<a href="{href}" target="_blank" rel="noopener noreferrer nofollow ugc">{words}</a>'


def paragraph(html: str) -> str:
    return f'<p dir="auto">{html}</p>\n'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](https://b.example)", link("https://b.example", "a")),
        ('[a](HTTP://b.example "title")', link("HTTP://b.example", "a")),
        ("[a](mailto:ann@b.example)", link("mailto:ann@b.example", "a")),
        ("[a](tel:+49-1)", link("tel:+49-1", "a")),
        ("<https://b.example/x>", link("https://b.example/x", "https://b.example/x")),
        ("[**a** `b`](http://c.d)", link("http://c.d", "<strong>a</strong> <code>b</code>")),
        ("[a]\n\n[a]: http://b.c", link("http://b.c", "a")),
        ("https://b.example/c_d?e=f&g", link("https://b.example/c_d?e=f&amp;g", "https://b.example/c_d?e=f&amp;g")),
        ("see http://b.c/d.", "see " + link("http://b.c/d", "http://b.c/d") + "."),
        ("(http://b.c/d_(e))", "(" + link("http://b.c/d_(e)", "http://b.c/d_(e)") + ")"),
        ("**http://b.c**", "<strong>" + link("http://b.c", "http://b.c") + "</strong>"),
        ("见http://b.c/d。好", "见" + link("http://b.c/d", "http://b.c/d") + "。好"),
        ("`http://b.c`", "<code>http://b.c</code>"),
    ],
)
def test_links_of_all_kinds(text: str, html: str) -> None:
    assert render(text) == paragraph(html)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java&Tab;script:alert(1)",
        "%6Aavascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "data:image/png;base64,x",
        "file:///etc/passwd",
        "blob:https://a.b/c",
        "filesystem:https://a.b/c",
        "intent:x",
        "ms-word:x",
        "ftp://a.b",
        "//evil.example",
        "/settings",
        "#m12",
        "?a=b",
        "x.html",
        "http:",
        "\x01javascript:alert(1)",
        "<javascript:alert(1)>",
        "https://a.b/" + "x" * MAX_URL_CHARS,
    ],
)
def test_other_targets_stay_text(target: str) -> None:
    for text in (f"[a]({target})", f"![a]({target})", f"<{target}>", f"[a]\n\n[a]: {target}", f"x {target} y"):
        html = render(text)
        assert "javascript" not in (html.partition("href=")[2]).partition(">")[0]
        assert "<a" not in html or 'href="https://a.b/c"' in html


@pytest.mark.parametrize(
    "text", ["www.a.b", "a.example", "README.md", "ann@b.example", "ahttp://b.c", "http://", "http://-a", "://b.c"]
)
def test_bare_words_are_no_links(text: str) -> None:
    assert render(text) == paragraph(text)


def test_a_picture_is_a_link_with_its_description() -> None:
    assert render("![a *b*](https://evil.example/?q=secret)") == paragraph(
        link("https://evil.example/?q=secret", "Image: a b")
    )
    assert "Image: no description" in render("![](https://evil.example)")


@pytest.mark.parametrize("text", ["[![a](http://b.c)](http://d.e)", "[x <http://b.c> y](http://d.e)"])
def test_no_link_stands_inside_a_link(text: str) -> None:
    html = render(text)
    assert html.count("<a ") == html.count("</a>") == 1
    assert 'href="http://d.e"' in html


def test_addresses_from_definitions_have_a_bound() -> None:
    address = "http://a.b/" + "x" * (MAX_URL_CHARS - 20)
    html = render(f"[a]: {address}\n\n" + ("[a] " * 1_000 + "\n\n") * 5)
    assert len(html) < 3 * MAX_REFERRED_CHARS
    assert html.count("<a ") > 10


@pytest.mark.parametrize(
    "text", ["http://a" + ")" * 7_000, "http://" * 1_000, "http://" + "é" * 7_000, "[a](http://é.b)"]
)
def test_hostile_addresses_are_harmless(text: str) -> None:
    assert render(text).startswith('<p dir="auto">')
