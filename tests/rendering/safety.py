"""What safe HTML is, said a second time and independently of the cleaner."""

from __future__ import annotations

from html.parser import HTMLParser

TAGS = """
a blockquote br button code div em figcaption figure h3 h4 h5 h6 hr input li ol p pre s section span strong sup table
tbody td th thead tr ul
"""
VOID = {"br", "hr", "input"}
ATTRIBUTES = """
aria-hidden aria-label checked class data-copy data-math data-open data-wrap dir disabled href rel role scope start
tabindex target type
"""
OWN_CLASSES = "block btn caret ctr eq footnotes ghost grow math num pending plain row scroll sm table"


class Reader(HTMLParser):
    """Reads HTML and complains about all that is not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS.split(), f"<{tag}>"
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert name in ATTRIBUTES.split(), f"{tag} {name}"
            self.check(tag, name, value or "")

    def check(self, tag: str, name: str, value: str) -> None:
        if name == "href":
            assert value.lower().startswith(("http://", "https://", "mailto:", "tel:")), value
        if name == "class":
            for word in value.split():
                ours = word in OWN_CLASSES.split() or word.startswith("language-")
                assert ours or (tag == "span" and len(word) <= len("abc")), value
        if tag == "input":
            assert (name, value) != ("type", "password")
            assert name in ("type", "disabled", "checked")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"declaration {decl}")


def assert_safe(html: str) -> None:
    """Only our tags, attributes, classes and schemes; every tag closed in order; all links leave without a trace."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    assert html.count("<a ") == html.count('target="_blank" rel="noopener noreferrer nofollow ugc"')
