"""The cleaner alone would stop what the renderer must never write."""

from __future__ import annotations

import pytest

from chatapp.rendering.clean import clean, clean_rows
from tests.rendering.safety import assert_safe
from tests.rendering.test_hostile_text import ACTIVE


@pytest.mark.parametrize("attack", ACTIVE)
def test_raw_attacks_come_out_safe(attack: str) -> None:
    assert_safe(clean(attack))
    assert_safe(clean_rows(f"<tr><td>{attack}</td></tr>"))


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "data:text/html,x", "file:///x", "ftp://a.b", "/admin", "#x", "//a.b", "&#106;avascript:x"],
)
def test_a_link_elsewhere_loses_its_target(target: str) -> None:
    assert "href" not in clean(f'<a href="{target}">x</a>')


@pytest.mark.parametrize(
    "attribute", ["id=x", "name=x", "style=color:red", "onclick=x", "hx-get=/x", "data-copy", 'class="menu"']
)
def test_other_attributes_are_dropped(attribute: str) -> None:
    assert clean(f"<p {attribute}>x</p>") in ("<p>x</p>", '<p class="">x</p>')


def test_classes_are_those_of_the_list() -> None:
    assert clean('<code class="language-python menu">x</code>') == '<code class="language-python">x</code>'
