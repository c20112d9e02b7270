"""Tags in the content, cut anywhere, become the same pair; tags that are only quoted stay text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.upstream.reasoning import Splitter


def split(pieces: list[str], *, opened: bool = False, continues: bool = False) -> tuple[str, str]:
    splitter = Splitter(opened=opened, continues=continues)
    reasoning = text = ""
    for piece in pieces:
        was_moved = splitter.moved
        thought, said = splitter.feed(piece)
        if splitter.moved and not was_moved:
            reasoning, text = text, ""
        reasoning, text = reasoning + thought, text + said
    thought, said = splitter.close()
    return reasoning + thought, text + said


CASES = {
    "plain": ("Hello there", ("", "Hello there")),
    "tags": ("<think>I think.</think>Answer", ("I think.", "Answer")),
    "line ends around": ("\n<think>\nI think.\n</think>\n\nAnswer\n\n", ("I think.\n", "Answer\n\n")),
    "never closed": ("<think>\nI think and", ("I think and", "")),
    "nearly closed": ("<think>I think</thin", ("I think</thin", "")),
    "empty thought": ("<think>\n\n</think>\n\nAnswer", ("", "Answer")),
    "closing tag first": ("</think>\n\nAnswer", ("", "Answer")),
    "lone closing tag": ("I think.\n</think>\n\nAnswer", ("I think.\n", "Answer")),
    "lone closing tag behind words": ("I think.</think>\n\nAnswer", ("I think.", "Answer")),
    "lone closing tag and blanks": ("I think.\n</think> \t\nAnswer", ("I think.\n", "Answer")),
    "quoted in a sentence": ("Write </think> to close it.\n", ("", "Write </think> to close it.\n")),
    "quoted in code": ("Use `</think>`\nhere", ("", "Use `</think>`\nhere")),
    "half quoted in code": ("Use `</think>\n`", ("", "Use `</think>\n`")),
    "in a fence": ("```xml\n<think>\n</think>\n```\n", ("", "```xml\n<think>\n</think>\n```\n")),
    "in a tilde fence": ("~~~\n</think>\n~~~\n", ("", "~~~\n</think>\n~~~\n")),
    "after a fence": ("```\nx\n```\n</think>\nAnswer", ("```\nx\n```\n", "Answer")),
    "last of all": ("It ends with </think>", ("", "It ends with </think>")),
    "later opening tag": ("See <think>this</think> tag", ("", "See <think>this</think> tag")),
    "second thought": ("<think>a</think>b<think>c</think>\nd", ("a", "b<think>c</think>\nd")),
    "near tags": ("1 < 2 </thing> </ think>", ("", "1 < 2 </thing> </ think>")),
    "not quite a tag": ("<thinking>x", ("", "<thinking>x")),
    "blank": (" \n ", ("", " \n ")),
    "indented": ("\n\n    code()", ("", "    code()")),
    "many blanks": (" " * 500 + "x", ("", " " * 500 + "x")),
    "nothing": ("", ("", "")),
}


@pytest.mark.parametrize("name", CASES)
def test_in_one_piece(name: str) -> None:
    content, expected = CASES[name]
    assert split([content]) == expected


@pytest.mark.parametrize("name", CASES)
def test_character_by_character(name: str) -> None:
    content, expected = CASES[name]
    assert split(list(content)) == expected


@given(st.sampled_from(sorted(CASES)), st.lists(st.integers(0, 40), max_size=8))
def test_cut_anyhow(name: str, cuts: list[int]) -> None:
    content, expected = CASES[name]
    places = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    assert split([content[a:b] for a, b in zip(places, places[1:], strict=False)]) == expected


@given(st.lists(st.sampled_from(["<think>", "</think>", "\n", "`", "```", "<", "x ", "think>"]), max_size=12))
def test_no_cut_changes_what_comes_out_and_no_word_is_lost(parts: list[str]) -> None:
    content = "".join(parts)
    whole = split([content])
    assert split(list(content)) == whole
    assert "".join(whole).count("x") == content.count("x")


def test_where_the_template_opens_the_thought_it_streams_as_reasoning_at_once() -> None:
    splitter = Splitter(opened=True)
    assert splitter.feed("I think") == ("I think", "")
    assert splitter.feed(".</think>\nAnswer") == (".", "Answer")
    assert not splitter.moved


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<think>a</think>b", ("a", "b")),
        ("a</think>b", ("a", "b")),
        ("never closed", ("never closed", "")),
    ],
)
def test_where_the_template_opens_the_thought(content: str, expected: tuple[str, str]) -> None:
    assert split([content], opened=True) == expected
    assert split(list(content), opened=True) == expected


def test_an_answer_that_goes_on_keeps_its_first_line_ends() -> None:
    assert split(["\n", "\nSecond paragraph"], continues=True) == ("", "\n\nSecond paragraph")


def test_after_reasoning_in_a_field_of_its_own_a_closing_tag_is_text() -> None:
    splitter = Splitter()
    assert splitter.reason("\n\nI think") == "I think"
    assert splitter.reason("\nand on") == "\nand on"
    assert splitter.feed("\n\nThe tag\n</think>\nends it") == ("", "The tag\n</think>\nends it")
    assert not splitter.moved


def test_once_reasoning_came_in_a_field_of_its_own_the_answer_is_not_watched_any_more() -> None:
    splitter = Splitter()
    assert splitter.feed("Let me see.") == ("", "Let me see.")
    assert splitter.reason("I think") == "I think"
    assert splitter.feed("\n</think>\nmore") == ("", "\n</think>\nmore")
    assert not splitter.moved


def test_endless_blanks_are_not_held_back() -> None:
    assert Splitter().feed(" " * 500) == ("", " " * 500)


def test_reasoning_that_is_only_line_ends_is_none() -> None:
    splitter = Splitter()
    assert splitter.reason("\n") == ""
    assert splitter.reason("\nNow") == "Now"


def test_once_the_answer_has_begun_after_a_thought_nothing_is_held_back() -> None:
    splitter = Splitter()
    splitter.feed("<think>a</think>b")
    assert splitter.feed("c </thin") == ("", "c </thin")
