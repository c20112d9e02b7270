"""What is sent and rendered for a delta does not grow with the text before it."""

from __future__ import annotations

import pytest

from chatapp.rendering.limits import MAX_INLINE_CHARS, REST_PER_RENDER
from chatapp.rendering.live import Live
from tests.rendering.watching import Clock, Viewer, watch, watched_to_the_end

SENTENCE = "Lithium leaves faster above this line, and the ratio falls with it"
SHAPES = {
    "numbers": lambda n: " ".join(f"{i}:{345678 + i}" for i in range(n * 5)),
    "wrapped lines": lambda n: "\n".join([SENTENCE] * n),
    "lines of figures": lambda n: "\n".join(f"{i},{i * 7},{i * 3}" for i in range(n * 4)),
    "list": lambda n: "\n".join(f"- **Point {i}**: {SENTENCE}" for i in range(n)),
    "loose list": lambda n: "\n\n".join(f"{i}. {SENTENCE}\n\n   {SENTENCE}" for i in range(1, n)),
    "code": lambda n: "```python\n" + "\n".join(f"    x_{i} = fit(y, [{i}])  # note" for i in range(n * 2)),
    "indented code": lambda n: "\n".join(f"    x_{i} = fit(y, [{i}])" for i in range(n * 2)),
    "code in an item": lambda n: "1. a\n\n   ```\n" + "\n".join(f"   x_{i} = [{i}]" for i in range(n * 3)),
    "table": lambda n: "| a | b |\n|---|--:|\n" + "\n".join(f"| {SENTENCE} | `{i}` |" for i in range(n)),
    "quote": lambda n: "\n>\n".join(f"> {SENTENCE} {i}" for i in range(n)),
    "equation": lambda n: "$$\n" + "\n".join(f"a_{i} &= b^{i} \\\\" for i in range(n * 3)),
    "chinese": lambda n: "，".join(["能量密度与循环寿命之间的关系"] * n * 3),
}


def cost(text: str) -> int:
    """Characters sent to a viewer up to the last delta."""
    sent = 0
    for _, viewer in watch(text, [(20, True)]):
        if viewer.tail or not viewer.closed:
            sent = sum(len(arg) for _, arg in viewer.sent)
    return sent


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_text_costs_twice_the_characters(shape: str) -> None:
    small, large = (SHAPES[shape](n) for n in (40, 160))
    # The start has a cost of its own, so the longer text is cheaper by the character.
    assert cost(large) / len(large) <= 1.1 * cost(small) / len(small)


@pytest.mark.parametrize(
    "shape", ["numbers", "wrapped lines", "lines of figures", "code", "indented code", "equation", "chinese"]
)
def test_text_without_marks_is_only_appended(shape: str) -> None:
    kinds = [kind for kind, _ in watched_to_the_end(SHAPES[shape](60), [(20, True)])[1].sent]
    assert kinds.count("tail") <= 2
    assert kinds.count("open") == 0
    assert kinds.count("text") > 50


def test_items_that_are_done_are_not_sent_again() -> None:
    _, viewer = watched_to_the_end(SHAPES["list"](50), [(20, True)])
    before_the_end = [(kind, arg) for kind, arg in viewer.sent if kind != "block"]
    assert sum("Point 7<" in arg for _, arg in before_the_end) <= 6
    assert [kind for kind, _ in before_the_end].count("tail") == 1


def test_a_heading_behind_a_list_does_not_send_the_list_again() -> None:
    _, viewer = watched_to_the_end(SHAPES["list"](9) + "\n## Another heading of some length\n", [(1, True)])
    assert [kind for kind, _ in viewer.sent].count("tail") == 1


def test_a_paragraph_that_is_too_long_for_markdown_is_only_appended() -> None:
    _, viewer = watched_to_the_end("*a* `b` " * MAX_INLINE_CHARS, [(400, True)])
    tails = [arg for kind, arg in viewer.sent if kind == "tail"]
    assert len(tails) < MAX_INLINE_CHARS / 400 + 3


def test_a_closed_fence_is_coloured_at_once_and_an_open_one_never() -> None:
    clock = Clock()
    live, viewer = Live(clock=clock), Viewer()
    for delta in ("```py\nx = ", "1\n", "``", "`\n"):
        live.feed(delta)
        clock.now += 1
        assert '<span class="n">' not in viewer.tail
        viewer.get(live.flush())
    assert '<span class="n">x</span>' in viewer.closed
    assert viewer.tail == ""


def test_a_row_is_shown_when_it_is_complete() -> None:
    clock = Clock()
    live, viewer = Live("| a |\n|---|\n", clock), Viewer()
    viewer.tail = live.tail()
    live.feed("| half")
    assert live.flush() == []
    live.feed(" and half |\n")
    clock.now += 1
    viewer.get(live.flush())
    assert '<td dir="auto">half and half</td>' in viewer.tail


@pytest.mark.parametrize("mark", ["#", "-", "```py", "1", "|", "$$", "==", "> ", "***"])
def test_a_line_of_marks_is_held_back_until_its_meaning_is_known(mark: str) -> None:
    live = Live("A paragraph")
    live.feed(f"\n{mark}")
    assert live.flush() == []
    assert "A paragraph<span" in live.tail()


def test_a_formula_on_its_way_stands_as_source() -> None:
    live = Live("$$\nE = m")
    assert live.tail().startswith('<div class="eq pending">')
    live.feed("c^2")
    assert live.flush() == [("text", "c^2")]


def test_the_next_rendering_waits_for_many_times_the_last_ones_time() -> None:
    clock = Clock()

    class Slow(Clock):
        """Each look at the clock takes a second, so that a rendering seems to take one."""

        def __call__(self) -> float:
            clock.now += 1
            return clock.now

    live = Live(clock=Slow())
    live.feed("*a* ")
    assert [kind for kind, _ in live.flush()] == ["tail"]
    live.feed("*b* ")
    assert live.flush() == []
    clock.now += REST_PER_RENDER
    assert [kind for kind, _ in live.flush()] == ["tail"]


def test_nothing_new_is_nothing_to_send() -> None:
    live = Live("*a*")
    assert live.flush() == []
    live.feed("")
    assert live.flush() == []


def test_the_open_source_is_counted_so_that_a_caller_can_plan() -> None:
    live = Live("# done\n\n- a\n- b")
    assert live.open_chars == len("- a\n- b")
    live.feed("c")
    assert live.open_chars == len("- a\n- bc")
    live.finish()
    assert live.open_chars == 0
