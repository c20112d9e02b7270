"""TeX is found where people and models write it, and nowhere else."""

from __future__ import annotations

import pytest

from chatapp.rendering.limits import MAX_TEX_CHARS
from chatapp.rendering.markdown import render


def inline(tex: str) -> str:
    return f'<span class="math" data-math="inline">{tex}</span>'


def display(tex: str) -> str:
    return f'<span class="math" data-math="display">{tex}</span>'


def block(tex: str) -> str:
    return (
        f'<div class="eq"><div tabindex="0" role="group" aria-label="Equation" data-math="display">{tex}</div></div>\n'
    )


def paragraph(html: str) -> str:
    return f'<p dir="auto">{html}</p>\n'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("$x$", inline("x")),
        ("a $x_1 * y_2$ b", f"a {inline('x_1 * y_2')} b"),
        ("($x$), $y$.", f"({inline('x')}), {inline('y')}."),
        ("能量$E$是", f"能量{inline('E')}是"),
        ("，$E=mc^2$，", f"，{inline('E=mc^2')}，"),
        ("**$x$**", f"<strong>{inline('x')}</strong>"),
        ("$3$ and $10^5$", f"{inline('3')} and {inline('10^5')}"),
        (r"$5 \times 10^3$", inline(r"5 \times 10^3")),
        (r"$\$5$", inline(r"\$5")),
        ("$a<b$", inline("a&lt;b")),
        (r"\(x*y*z\)", inline("x*y*z")),
        (r"a \(x\) b", f"a {inline('x')} b"),
        (r"$\ce{H2O}$", inline(r"\ce{H2O}")),
        ("a $$x$$ b", f"a {display('x')} b"),
        (r"a \[x\] b", f"a {display('x')} b"),
        ("$$x$$ trailing", f"{display('x')} trailing"),
        ("$$\nx\n$$ trailing", f"{display(chr(10) + 'x' + chr(10))} trailing"),
        ("$a\nb$", inline("a\nb")),
    ],
)
def test_tex_in_a_paragraph(text: str, html: str) -> None:
    assert render(text) == paragraph(html)


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10",
        "it costs $5 and $6",
        "from $1,000–$2,000 a year",
        "$5 million, that is 5$",
        "$HOME to $PATH",
        "$HOME/$USER:$PATH",
        "US$5 and A$6$",
        "a$b$c",
        "$ x $",
        "$x $",
        "$x",
        "$$",
        "$$$",
        "$$ $$",
        "$$$x$$$",
        "price in $ or € or $",
        "$5 and `$`".replace("`", "'"),
    ],
)
def test_money_and_shell_variables_stay_text(text: str) -> None:
    assert render(text) == paragraph(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`$x$`", "<code>$x$</code>"),
        (r"\$x\$", "$x$"),
        (r"\\(x\\)", r"\(x\)"),
        (r"\(x", "(x"),
        ("$5 and `$`", "$5 and <code>$</code>"),
    ],
)
def test_code_and_escapes_win(text: str, html: str) -> None:
    assert render(text) == paragraph(html)


@pytest.mark.parametrize(
    "text",
    ["$$x$$", "$$\nx\n$$", "$$ x\n$$", "$$\nx $$", "\\[x\\]", "\\[\nx\n\\]", "   $$\n   x\n   $$", "\\[\nx\\]  "],
)
def test_a_display_block(text: str) -> None:
    assert render(text) == block("x")


def test_a_display_block_keeps_its_lines_and_needs_no_blank_line_around() -> None:
    text = "so:\n$$\na &= b \\\\\n\n"
    assert "eq" not in render(text)
    assert render("so:\n$$\na &= b \\\\\n&= c\n$$\nand") == (
        paragraph("so:") + block("a &amp;= b \\\\\n&amp;= c") + paragraph("and")
    )


def test_a_display_block_stands_in_items_and_quotes() -> None:
    assert block("x") in render("1. so:\n   $$\n   x\n   $$\n2. b")
    assert block("x") in render("> so:\n> \\[\n> x\n> \\]")


def test_a_blank_line_ends_what_would_have_been_a_display_block() -> None:
    assert render("$$\na\n\nb\n$$ c") == paragraph("$$\na") + paragraph("b") + paragraph("$$ c")


def test_no_block_looks_beyond_its_item() -> None:
    html = render("- $$\n  a\n- $$\n  b")
    assert html.count("<li") == 2
    assert "eq" not in html


def test_escaped_closers_close_nothing() -> None:
    assert render("$$\na \\\\]\n\\$$\nb\n$$") == block("a \\\\]\n\\$$\nb")


@pytest.mark.parametrize("text", ["$$\n{}\n$$", "$${}$$", "${}$", "\\({}\\)", "\\[\n{}\n\\]"])
def test_endless_tex_is_shown_as_text(text: str) -> None:
    html = render(text.format("x" * (MAX_TEX_CHARS + 1)))
    assert "math" not in html
    assert "xxx" in html


@pytest.mark.parametrize(
    "tex", [r"\href{javascript:alert(1)}{x}", r"\text{</mtext></math><script>alert(1)</script>}", r"\htmlId{m12}{x}"]
)
def test_tex_is_only_text_to_the_server(tex: str) -> None:
    assert render(f"${tex}$") == paragraph(inline(tex.replace("<", "&lt;").replace(">", "&gt;")))
