"""The scripts: chosen by words in two languages, complete, honest, not alive with the question's words."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from chatapp.demo import script, script_for, trouble
from chatapp.demo.prose import FOLDER
from chatapp.demo.script import TOPICS

MARKS = {
    "scherrer": "Scherrer's equation",
    "arrhenius": "**Arrhenius**",
    "code": "A moving average",
    "table": "X-ray tubes",
    "maths": "One integral",
    "long": "A pocket book",
    "list": "diffractometer",
    "chinese": "静夜思",
    "help": "Or make trouble",
    "memory": "earlier turn",
}
CHINESE_MARKS = {
    "scherrer": "谢乐（Scherrer）公式",
    "arrhenius": "**阿伦尼乌斯**公式",
    "code": "滑动平均",
    "table": "靶材对照",
    "maths": "一个积分",
    "long": "小册子",
    "list": "离开衍射仪之前",
    "chinese": "静夜思",
    "help": "也可以制造麻烦",
    "memory": "轮对话",
}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_word_of_a_topic_calls_its_script(topic: script.Topic) -> None:
    for word in topic.english:
        assert MARKS[topic.name] in script_for(f"Say it: {word.title()}!", False).text
    for word in topic.chinese:
        assert CHINESE_MARKS[topic.name] in script_for(f"请给我看{word}好吗", False).text


def test_the_table_in_the_documentation_is_the_truth() -> None:
    rows = [line.strip().split("|") for line in (script.__doc__ or "").splitlines() if line.count("|") == 3][1:]
    written = [
        (row[0].strip(), tuple(re.sub(r"\(.*\)", "", row[1]).strip().split(", ")), tuple(row[2].split()))
        for row in rows
    ]
    assert written == [(topic.name, topic.english, topic.chinese) for topic in TOPICS]


def test_every_request_word_is_documented_and_told_by_help() -> None:
    documented = set(re.findall(r"^    demo:([a-z-]+)", trouble.__doc__ or "", re.MULTILINE))
    assert documented == trouble.WORDS | {"rate", "numbers", "think"}
    for question in ("help", "帮助"):
        assert set(re.findall(r"`demo:([a-z-]+)", script_for(question, False).text)) == documented


@pytest.mark.parametrize("question", ["Tell me something.", "随便说点什么", "Arrhenius", "活化能"])
def test_the_default_answers_show_every_kind_of_block(question: str) -> None:
    text = script_for(question, False).text
    for mark in ("\n### ", "**", "```python\n", "\n$$", " $", "--:|", "的"):
        assert mark in text, mark
    assert re.search(r"^(-|1\.) ", text, re.MULTILINE)
    assert re.search(r"(?<!`)`[^`\n]+`(?!`)", text)


def test_without_a_topic_the_two_examples_take_turns() -> None:
    assert MARKS["scherrer"] in script_for("Hm.", False).text
    assert MARKS["arrhenius"] in script_for("Hm.", False, earlier=["a"]).text
    assert MARKS["scherrer"] in script_for("Hm.", False, earlier=["a", "b"]).text


def test_how_long_is_no_call_for_a_long_answer() -> None:
    assert MARKS["long"] not in script_for("How long does it take?", False).text


def test_request_words_choose_no_topic() -> None:
    assert MARKS["scherrer"] in script_for("demo:rate=200", False).text
    assert MARKS["scherrer"] in script_for("demo:length", False).text


@pytest.mark.parametrize("question", ["A long answer, please", "请写长文"])
def test_the_long_answer_has_about_20_kilobytes(question: str) -> None:
    assert 17_000 < len(script_for(question, False).text.encode()) < 23_000


@pytest.mark.parametrize(
    ("question", "says_so"), [("Hello", "its replies are scripted"), ("你好", "回复都是预先写好的")]
)
def test_the_first_answer_says_that_it_is_scripted_and_echoes_the_question(question: str, says_so: str) -> None:
    first, later = (script_for(question, False, earlier=earlier).text for earlier in ([], ["before"]))
    assert says_so in first
    assert f"“{question}”" in first
    assert says_so not in later
    assert f"“{question}”" in later


def test_the_echo_has_no_mark_up_of_the_question() -> None:
    question = "![x](https://e.example/p.png) <script>alert(1)</script> $\\href{}$ `code` | **b** {{asked}} \u2028"
    opening = script_for(question, False).text.partition("\n\n")[0]
    assert not set(opening.replace("`help`", "")) & set("<>[]*$`|\\\u2028")


def test_a_long_question_is_shortened() -> None:
    assert len(script_for("word " * 10_000, False).text) < 4000


def test_thinking_changes_nothing_in_the_text() -> None:
    for question in (*MARKS, "随便", "demo:numbers=30"):
        assert script_for(question, True).text == script_for(question, False).text
        assert script_for(question, True).reasoning
        assert not script_for(question, False).reasoning


def test_memory_counts_and_quotes_the_earlier_turns() -> None:
    text = script_for("What did I say?", False, earlier=["Hello", "demo:cut"], instructions="Be kind.").text
    assert "**2 earlier turns**" in text
    assert "1. Hello\n2. (no words)" in text
    assert "8 characters" in text


def test_memory_lists_only_the_last_of_many_turns() -> None:
    text = script_for("记得我说过什么吗", False, earlier=[f"turn {n}" for n in range(30)]).text
    assert "**30 轮**" in text
    assert "1. turn 10\n" in text
    assert "turn 9\n" not in text


def test_unknown_request_words_are_named() -> None:
    text = script_for("demo:numbers=5 shape=heap demo:cot demo:rate=0", False).text
    assert text.startswith("I do not know `demo:cot`, `demo:rate=0`, `shape=heap`.")


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.md")))
def test_python_in_the_texts_runs_and_prints_what_the_text_says(name: str) -> None:
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    if name.startswith("pocketbook"):
        text = script_for("long" if name.endswith("en") else "长文", False).text
    for code in re.findall(r"```python\n(.*?)\n```", text, re.DOTALL)[:2]:
        ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
        for line in ran.stdout.splitlines():
            assert line.rstrip("0") in text.replace(code, "")
