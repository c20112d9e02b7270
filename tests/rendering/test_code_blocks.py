"""Code has a label, buttons and colours, as long as that is cheap."""

from __future__ import annotations

import pytest

from chatapp.rendering.limits import CACHED_CODE_CHARS, MAX_HIGHLIGHT_CHARS, MAX_LINE_CHARS, MAX_RUN_CHARS
from chatapp.rendering.markdown import render

PYTHON = (
    '<figure class="block" aria-label="Python code"><figcaption class="row"><span class="grow">Python</span>'
    '<button type="button" class="btn ghost sm" data-wrap="">Wrap</button>'
    '<button type="button" class="btn ghost sm" data-copy="">Copy</button></figcaption>'
    '<pre tabindex="0"><code class="language-python">'
)


def fenced(info: str, code: str) -> str:
    return render(f"```{info}\n{code}\n```")


def test_a_known_language_has_its_name_and_colours() -> None:
    assert fenced("py", "x = '<b>'") == (
        PYTHON + '<span class="n">x</span> <span class="o">=</span> <span class="s1">\'&lt;b&gt;\'</span>'
        "</code></pre></figure>\n"
    )


@pytest.mark.parametrize("info", ["python", "Python", " py  ", "python title=x.py", "python:x.py", "python{1,3}"])
def test_the_first_word_names_the_language(info: str) -> None:
    assert fenced(info, "x").startswith(PYTHON)


@pytest.mark.parametrize("info", ["", "text", "mermaid", "nonsense", "<script>", '"onclick="x', "{}", "../x"])
def test_other_languages_are_text_and_never_guessed(info: str) -> None:
    html = fenced(info, "import os")
    assert 'aria-label="Text"' in html
    assert '<pre tabindex="0"><code>import os</code></pre>' in html


@pytest.mark.parametrize("text", ["    a <b>", "~~~\na <b>\n~~~", "```\na <b>", "- \n  ```\n  a <b>\n  ```"])
def test_all_kinds_of_code_come_out_alike(text: str) -> None:
    assert "<code>a &lt;b&gt;</code></pre></figure>" in render(text)


def test_code_keeps_its_blank_lines_and_blanks() -> None:
    assert "<code>\n  a\n\n\nb  \n</code>" in fenced("", "\n  a\n\n\nb  \n")


def test_the_same_code_looks_the_same_from_the_cache() -> None:
    short, long = "x = 1\n", "x = 1;\n" * (CACHED_CODE_CHARS // 6)
    assert fenced("py", short) == fenced("py", short)
    assert fenced("py", long) == fenced("py", long)
    assert '<span class="n">' in fenced("py", long)


@pytest.mark.parametrize(
    "code",
    ["x = 1;\n" * (MAX_HIGHLIGHT_CHARS // 6), "x." * MAX_LINE_CHARS, "word " * MAX_RUN_CHARS, "\n" * MAX_RUN_CHARS * 2],
)
def test_code_that_is_slow_to_colour_stays_plain(code: str) -> None:
    html = fenced("py", code + "end")
    assert 'class="language-python"' in html
    assert "end</code>" in html


def test_a_lexer_that_breaks_costs_only_the_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> str:
        raise EOFError

    monkeypatch.setattr("chatapp.rendering.code.highlight", breaks)
    assert '<code class="language-python">y &lt; 2</code>' in fenced("python", "y < 2")
