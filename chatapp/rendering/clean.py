"""The last wall: whatever the renderer writes, only this leaves the room."""

from __future__ import annotations

import nh3

from chatapp.rendering.code import CODE_CLASSES, SPAN_CLASSES

# Made by nh3 itself, so that no link can lack them.
LINK_REL = "noopener noreferrer nofollow ugc"
LINK_TARGET = "_blank"
SCHEMES = {"http", "https", "mailto", "tel"}

ATTRIBUTES = {
    "a": {"href"},
    "blockquote": {"dir"},
    "button": {"type", "data-copy", "data-wrap"},
    "div": {"aria-label", "data-math", "data-open", "dir", "role", "tabindex"},
    "figure": {"aria-label"},
    "h3": {"dir"},
    "h4": {"dir"},
    "h5": {"dir"},
    "h6": {"dir"},
    "input": {"checked", "disabled", "type"},
    "li": {"data-open", "dir"},
    "ol": {"start"},
    "p": {"dir"},
    "pre": {"tabindex"},
    "section": {"aria-label"},
    "span": {"aria-hidden", "data-math"},
    "td": {"dir"},
    "th": {"dir", "scope"},
    "tr": {"data-open"},
}
CLASSES = {
    "button": {"btn", "ghost", "sm"},
    "code": set(CODE_CLASSES),
    "div": {"eq", "pending", "scroll"},
    "figcaption": {"row"},
    "figure": {"block"},
    "p": {"plain"},
    "section": {"footnotes"},
    "span": set(SPAN_CLASSES) | {"caret", "grow", "math"},
    "table": {"table"},
    "td": {"ctr", "num"},
    "th": {"ctr", "num"},
}
BARE_TAGS = {"br", "em", "hr", "s", "strong", "sup", "tbody", "thead", "ul"}

_cleaner = nh3.Cleaner(
    tags=BARE_TAGS | set(ATTRIBUTES) | set(CLASSES),
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel=LINK_REL,
    set_tag_attribute_values={"a": {"target": LINK_TARGET}},
)

ROWS_BEFORE, ROWS_AFTER = "<table><tbody>", "</tbody></table>"


def clean(html: str) -> str:
    """Safe HTML: no script, style, form, picture, id or name; classes only from the lists above."""
    return _cleaner.clean(html)


def clean_rows(html: str) -> str:
    """Table rows that are sent without their table; a parser would drop the tags outside of one."""
    return clean(ROWS_BEFORE + html + ROWS_AFTER)[len(ROWS_BEFORE) : -len(ROWS_AFTER)]
